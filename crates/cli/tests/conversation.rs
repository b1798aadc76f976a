//! Mail goes in, mail comes out: the verbs one after the other, in both technologies.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails its test")]

mod common;

use std::fs;

use common::{Sandbox, failed, stderr, stdout};
use serde_json::Value;

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))
}

const SIGNERS: [(&str, &str, &str); 2] = [
    ("openpgp", "--key alice.key.asc", "--cert alice.cert.asc"),
    ("smime", "--key alice.key.pem --cert alice.crt.pem", "--anchor root.crt.pem --intermediate intermediate.crt.pem"),
];

/// R60, R62
#[test]
fn sign_and_verify() {
    let sandbox = Sandbox::new();
    for (protocol, key, trust) in SIGNERS {
        sandbox.run(&format!("sign {key} -o {protocol}.eml draft.eml")).success();
        let verdict = json(&stdout(&sandbox.run(&format!("verify --json {trust} {protocol}.eml")).success()));
        assert_eq!(verdict["schema"], "mailseal.verdict/1");
        assert_eq!(verdict["path"], format!("{protocol}.eml"));
        assert_eq!(verdict["summary"], "signed", "{verdict}");
        assert_eq!(verdict["sender"]["status"], "verified");
        assert_eq!(verdict["sender"]["address"], "alice@example.org");
        assert_eq!(verdict["signatures"][0]["protocol"], protocol);
        let words = stdout(&sandbox.run(&format!("verify {trust} {protocol}.eml")).success());
        assert!(words.starts_with("signed  Alice <alice@example.org>  "), "{words}");

        let changed = sandbox.read(&format!("{protocol}.eml")).replace("noon", "five");
        let run = sandbox.run_with(&format!("verify --json {trust}"), changed).code(3);
        let verdict = json(&stdout(&run));
        assert_eq!((&verdict["summary"], &verdict["path"]), (&"unprotected".into(), &"-".into()));
        assert_eq!(verdict["sender"]["status"], "broken");
    }
}

/// R40, R45
#[test]
fn opaque_is_for_smime() {
    let sandbox = Sandbox::new();
    sandbox.run("sign --smime --opaque --key alice.key.pem --cert alice.crt.pem -o out.eml draft.eml").success();
    assert!(sandbox.read("out.eml").contains("signed-data"));
    let run = sandbox.run("verify --json --anchor root.crt.pem --intermediate intermediate.crt.pem out.eml");
    assert_eq!(json(&stdout(&run.success()))["summary"], "signed");

    let refused = stderr(&sandbox.run("sign --opaque --key alice.key.asc draft.eml").code(79));
    assert!(refused.contains("with smime"), "{refused}");
}

/// R56, RFC 2634 §1.1: signed, encrypted and signed again is opened down to the text, and every layer is told.
#[test]
fn triple_wrapping() {
    let sandbox = Sandbox::new();
    let alice = "--smime --key alice.key.pem --cert alice.crt.pem";
    sandbox.write("to-dave.eml", sandbox.read("draft.eml").replace("To: Carol <carol@", "To: Dave <dave@"));
    sandbox
        .run(&format!("encrypt {alice} --cert dave.crt.pem -r dave@example.org -o sealed.eml to-dave.eml"))
        .success();
    sandbox.run(&format!("sign {alice} -o triple.eml sealed.eml")).success();
    let dave = "--key dave.key.pem --cert dave.crt.pem --cert alice.crt.pem";
    let opened = stdout(&sandbox.run(&format!("open --require-signed {dave} --report r.json triple.eml")).success());
    assert!(opened.contains("noon"), "{opened}");
    let verdict = json(&sandbox.read("r.json"));
    assert_eq!((&verdict["summary"], &verdict["sender"]["status"]), (&"signed+encrypted".into(), &"verified".into()));
    let layers: Vec<_> = verdict["layers"].as_array().unwrap().iter().map(|layer| layer["kind"].clone()).collect();
    assert_eq!(layers, ["signed", "encrypted", "signed"]);
    sandbox.run(&format!("verify {dave} triple.eml")).success();
}

/// R64: `encrypt` signs too; encrypted alone is what --no-sign asks for, and is never what a missing key leads to.
#[test]
fn encrypting_signs_unless_told_otherwise() {
    let sandbox = Sandbox::new();
    for (key, to, open) in [
        (
            "--key alice.key.asc",
            "--cert carol.cert.asc -r carol@example.org",
            "--key carol.key.asc --cert alice.cert.asc",
        ),
        (
            "--key alice.key.pem --cert alice.crt.pem",
            "--smime --cert dave.crt.pem -r dave@example.org",
            "--key dave.key.pem --cert dave.crt.pem --cert alice.crt.pem",
        ),
    ] {
        let summary = |line: &str, code| {
            let sealed = stdout(&sandbox.run(&format!("{line} draft.eml")).success());
            json(&stdout(&sandbox.run_with(&format!("verify --json {open}"), sealed).code(code)))["summary"].clone()
        };
        assert_eq!(summary(&format!("encrypt {key} {to}"), 0), "signed+encrypted");
        assert_eq!(summary(&format!("encrypt --no-sign {key} {to}"), 3), "encrypted");
        let run = sandbox.run(&format!("encrypt {to} draft.eml"));
        assert_eq!(stdout(&run), "");
        run.failure();
    }
}

#[test]
fn one_draft_to_both_worlds() {
    let sandbox = Sandbox::new();
    let encrypt = "encrypt --key alice.key.asc --key alice.key.pem --cert alice.crt.pem --cert carol.cert.asc \
                   --cert dave.crt.pem draft.eml";
    failed(sandbox.run(encrypt), 2);

    let told = stderr(&sandbox.run(&format!("{encrypt} -o out.eml")).success());
    assert!(told.contains("out.openpgp.eml") && told.contains("carol@example.org"), "{told}");
    assert!(told.contains("out.smime.eml") && told.contains("dave@example.org"), "{told}");
    assert!(!sandbox.path("out.eml").exists());

    for (file, reader) in [
        ("out.openpgp.eml", "--key carol.key.asc --cert alice.cert.asc"),
        (
            "out.smime.eml",
            "--key dave.key.pem --cert dave.crt.pem --anchor root.crt.pem --intermediate intermediate.crt.pem",
        ),
    ] {
        assert!(!sandbox.read(file).contains("Thursday"), "the Subject is hidden (R82)");
        let run = sandbox.run(&format!("open --require-signed --json {reader} {file}")).success();
        assert!(stdout(&run).contains("Subject: The plan for Thursday") && stdout(&run).contains("at noon"));
        let verdict = json(&stderr(&run));
        assert_eq!(verdict["summary"], "signed+encrypted", "{verdict}");
        assert_eq!(verdict["sender"]["address"], "alice@example.org");
    }
}

/// R79, R106: for readers that know no RFC 9788, on request only
#[test]
fn compatibility_on_request() {
    let sandbox = Sandbox::new();
    let encrypt = "encrypt --key alice.key.asc --cert carol.cert.asc -r carol@example.org";
    let open = "open --payload --key carol.key.asc --cert alice.cert.asc";
    let payload = |options: &str| {
        let sealed = stdout(&sandbox.run(&format!("{encrypt} {options} draft.eml")).success());
        stdout(&sandbox.run_with(open, sealed).success())
    };
    let plain = payload("");
    assert!(!plain.contains("legacy-display") && !plain.contains("protected-headers"), "{plain}");
    let element = "\r\n\r\nSubject: The plan for Thursday\r\n\r\nHello Carol";
    let shown = payload("--legacy-display");
    assert!(shown.contains("hp-legacy-display=\"1\"") && shown.contains(element), "{shown}");
    assert!(payload("--protected-headers-v1").contains("protected-headers=\"v1\""));
    let signed = stdout(&sandbox.run("sign --protected-headers-v1 --key alice.key.asc draft.eml").success());
    assert!(signed.contains("protected-headers=\"v1\"; hp=\"clear\""), "{signed}");
}

#[test]
fn all_files_are_written_or_none() {
    let sandbox = Sandbox::new();
    let encrypt = "encrypt --key alice.key.asc --key alice.key.pem --cert alice.crt.pem --cert carol.cert.asc \
                   --cert dave.crt.pem -o out.eml draft.eml";
    sandbox.write("out.smime.eml", "in the way");
    failed(sandbox.run(encrypt), 59);
    assert!(!sandbox.path("out.openpgp.eml").exists());
    assert_eq!(sandbox.read("out.smime.eml"), "in the way");
    sandbox.run(&format!("{encrypt} --overwrite")).success();
    assert!(sandbox.read("out.smime.eml").contains("application/pkcs7-mime"));
}

#[test]
fn files_are_told_as_json() {
    let sandbox = Sandbox::new();
    let encrypt = "encrypt --key alice.key.asc --cert carol.cert.asc -r carol@example.org --json draft.eml";
    failed(sandbox.run(encrypt), 83);
    let told = json(&stdout(&sandbox.run(&format!("{encrypt} -o out.eml")).success()));
    assert_eq!(told["file"], "out.eml");
    assert_eq!((&told["protocol"], &told["bcc"]), (&"openpgp".into(), &false.into()));
    assert_eq!(told["recipients"], serde_json::json!(["carol@example.org"]));
}

/// R124, R125
#[test]
fn bcc_has_a_message_of_its_own() {
    let sandbox = Sandbox::new();
    let draft = sandbox.read("draft.eml");
    let (_, rest) = draft.split_once("Subject:").unwrap();
    sandbox.write(
        "bcc.eml",
        format!("From: Alice <alice@example.org>\nTo: carol@example.org\nBcc: bob@example.org\nSubject:{rest}"),
    );
    let run = sandbox.run("encrypt --key alice.key.asc --cert carol.cert.asc --cert bob.cert.asc -o out.eml bcc.eml");
    let told = stderr(&run.success());
    assert!(told.contains("out.bcc-1.eml") && told.contains("bob@example.org"), "{told}");
    let to_carol = stdout(&sandbox.run("open --key carol.key.asc out.openpgp.eml").success());
    assert!(!to_carol.contains("bob@") && to_carol.contains("at noon"), "{to_carol}");
    sandbox.run("open --key bob.key.asc out.bcc-1.eml").success();
    sandbox.run("open --key bob.key.asc out.openpgp.eml").code(29);
}

#[test]
fn a_recipient_without_certificate() {
    let sandbox = Sandbox::new();
    let encrypt = "encrypt --key alice.key.asc --cert carol.cert.asc draft.eml";
    let said = failed(sandbox.run(&format!("{encrypt} -o out.eml")), 17);
    assert!(said.contains("dave@example.org"), "{said}");
    assert!(!sandbox.path("out.eml").exists());
    assert_eq!(stdout(&sandbox.run(encrypt).code(17)), "");
    let run = sandbox.run(&format!("{encrypt} -o out.eml --missing skip")).success();
    assert!(stderr(&run).contains("dave@example.org"), "who gets nothing is told");
    sandbox.run("open --key carol.key.asc out.eml").success();
}

#[test]
fn nobody_signs_without_a_key() {
    let sandbox = Sandbox::new();
    failed(sandbox.run("sign --key carol.key.asc -o out.eml draft.eml"), 79);
    failed(sandbox.run("sign -o out.eml draft.eml"), 79);
    failed(sandbox.run("encrypt --cert carol.cert.asc -r carol@example.org -o out.eml draft.eml"), 79);
    assert!(!sandbox.path("out.eml").exists());
}

/// Whoever has a secret key knows whose it is: what I wrote myself is mine, and I can write to myself.
#[test]
fn a_secret_key_speaks_for_its_certificate() {
    let sandbox = Sandbox::new();
    sandbox.run("encrypt --key alice.key.asc -r alice@example.org -o out.eml draft.eml").success();
    sandbox.run("verify --key alice.key.asc out.eml").success();
    sandbox.run("open --require-signed --key alice.key.asc out.eml").success();
}

/// What lies in the keyring needs no name: the own key signs, and its certificate is known and one's own.
#[test]
fn a_keyring_knows_its_owner() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.path("ring/keys")).unwrap();
    sandbox.write("ring/keys/alice.asc", sandbox.read("alice.key.asc"));
    let run = |line: &str| {
        let words = line.split(' ').chain(["--keyring", "ring", "--batch", "--at", mailseal_testkit::personas::NOW]);
        sandbox.command().args(words).assert()
    };
    run("encrypt -r alice@example.org draft.eml -o sealed.eml").success();
    let words = stdout(&run("verify sealed.eml").success());
    assert!(words.starts_with("signed+encrypted  Alice <alice@example.org>  OpenPGP, trusted as pinned\n"), "{words}");
    sandbox.run("sign --key eve.key.asc -u eve@example.org -o eve.eml draft.eml").success();
    run("verify eve.eml").code(3);
}

/// R66, R135
#[test]
fn another_key_opens_nothing() {
    let sandbox = Sandbox::with_mail();
    let before = sandbox.names();
    let said = failed(sandbox.run("open --key eve.key.asc -o out.eml sealed.eml"), 29);
    assert!(said.contains("cannot decrypt"), "{said}");
    assert!(
        stderr(&sandbox.run("open --key eve.key.asc sealed.eml")).contains("hint: the message is damaged, or no --key")
    );
    assert_eq!(stdout(&sandbox.run("open --key eve.key.asc sealed.eml").code(29)), "");
    assert_eq!(sandbox.names(), before);
    let run = sandbox.run("open --key eve.key.asc --report r.json sealed.eml").code(29);
    assert_eq!(stdout(&run), "");
    assert_eq!(json(&sandbox.read("r.json"))["layers"][0]["decryption"], "no-key");
}

/// Attack 4: no octet of a changed ciphertext comes out
#[test]
fn a_changed_ciphertext_gives_nothing() {
    let sandbox = Sandbox::with_mail();
    let sealed = sandbox.read("sealed.eml");
    let start = sealed.find("-----BEGIN PGP MESSAGE-----").unwrap();
    for back in [3, 5, 8] {
        let at = start + (sealed.len() - start) / 10 * back;
        let mut changed = sealed.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let run = sandbox.run_with("open --key carol.key.asc", &changed);
        let code = run.get_output().status.code();
        assert!(code == Some(29) || code == Some(41), "{code:?}");
        assert_eq!(stdout(&run), "");
    }
}

#[test]
fn unsigned_mail_is_opened_unless_a_signature_is_required() {
    let sandbox = Sandbox::new();
    assert_eq!(
        stdout(&sandbox.run("open draft.eml").success()).replace("\r\n", "\n"),
        sandbox.read("draft.eml").replace("\r\n", "\n")
    );
    let run = sandbox.run("open --require-signed draft.eml").code(3);
    assert_eq!(stdout(&run), "");
    sandbox.run("open --require-signed -o out.eml draft.eml").code(3);
    assert!(!sandbox.path("out.eml").exists());
}

#[test]
fn outputs_of_every_kind() {
    let sandbox = Sandbox::with_mail();
    let open = "open --key carol.key.asc sealed.eml";
    let plain = stdout(&sandbox.run(open).success());
    assert!(plain.contains("at noon"));
    assert_eq!(stdout(&sandbox.run(&format!("{open} -o -")).success()), plain);
    assert_eq!(stdout(&sandbox.run(&format!("{open} -o /dev/stdout")).success()), plain);
    sandbox.run(&format!("{open} -o /dev/null")).success();
    sandbox.run(&format!("{open} -o out.eml")).success();
    assert_eq!(sandbox.read("out.eml"), plain);
    failed(sandbox.run(&format!("{open} -o out.eml")), 59);
    sandbox.run(&format!("{open} -o out.eml --overwrite")).success();
    failed(sandbox.run(&format!("{open} -o gone/out.eml")), 1);
}

#[cfg(unix)]
#[test]
fn a_fifo_is_written_to() {
    let sandbox = Sandbox::with_mail();
    let fifo = sandbox.path("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let reader = std::thread::spawn(move || fs::read_to_string(fifo).unwrap());
    sandbox.run("open --key carol.key.asc -o fifo sealed.eml").success();
    assert!(reader.join().unwrap().contains("at noon"));
}

#[test]
fn archives() {
    let sandbox = Sandbox::with_mail();
    let signed = sandbox.read("signed.eml");
    for name in ["box/cur", "box/new", "box/tmp"] {
        fs::create_dir_all(sandbox.path(name)).unwrap();
    }
    sandbox.write("box/cur/1:2,S", &signed);
    sandbox.write("box/new/2", &signed);
    sandbox.write("box/tmp/3", &signed);
    let mbox: String = (0..3).map(|_| format!("From alice@example.org Mon Jun  1 10:00:00 2026\n{signed}\n")).collect();
    sandbox.write("mbox", mbox);
    sandbox.write("list", "signed.eml\n\nbox/new/2\n");
    let run = sandbox.run("verify --json --cert alice.cert.asc --maildir box --mbox mbox --files-from list").success();
    let paths: Vec<_> = stdout(&run).lines().map(|line| json(line)["path"].as_str().unwrap().to_owned()).collect();
    assert_eq!(paths, ["box/cur/1:2,S", "box/new/2", "mbox#1", "mbox#2", "mbox#3", "signed.eml", "box/new/2"]);
    for line in stdout(&run).lines() {
        assert_eq!(json(line)["summary"], "signed", "{line}");
    }
}

/// R137, attacks 3 and 17: nothing in a message speaks for us
#[test]
fn attackers_text_is_escaped() {
    let sandbox = Sandbox::new();
    let name = "=?utf-8?B?G1syShtbMzJtc2lnbmVk4oCu4qCACg==?="; // ESC[2J ESC[32m signed RLO Braille-blank LF
    sandbox.write(
        "evil.eml",
        format!("From: {name} <eve@example.org>\nTo: alice@example.org\nSubject: {name}\nDate: Mon, 01 Jun 2026 10:00:00 +0000\n\nhi\n"),
    );
    sandbox.run("sign --key eve.key.asc -o signed.eml evil.eml").success();
    for line in [
        "verify evil.eml",
        "verify --cert eve.cert.asc signed.eml",
        "open signed.eml",
        "inspect signed.eml",
        "verify --json signed.eml",
        "inspect --json signed.eml",
    ] {
        let run = sandbox.run(line);
        let shown = if line.starts_with("open") { stderr(&run) } else { stdout(&run) + &stderr(&run) };
        let bad = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{2800}');
        if line.contains("--json") {
            assert!(!shown.contains('\x1b') && shown.lines().count() == 1, "{line}: {shown:?}");
        } else {
            assert!(!shown.contains(bad), "{line}: {shown:?}");
        }
    }
}

#[test]
fn inspect_needs_no_key() {
    let sandbox = Sandbox::with_mail();
    let seen = json(&stdout(&sandbox.run("inspect --json sealed.eml").success()));
    assert_eq!(seen["layers"][0]["kind"], "encrypted");
    assert_eq!(seen["layers"][0]["decryption"], "not-tried");
    let words = stdout(&sandbox.run("inspect sealed.eml").success());
    assert!(words.contains("encrypted") && !words.contains("at noon"), "{words}");
}

#[test]
fn check_says_who_can_be_reached() {
    let sandbox = Sandbox::new();
    let check = "check --cert carol.cert.asc --cert dave.crt.pem";
    let words = stdout(&sandbox.run(&format!("{check} carol@example.org dave@example.org")).success());
    assert_eq!(words.lines().count(), 2, "{words}");
    let run = sandbox.run(&format!("{check} carol@example.org bob@example.org")).code(17);
    assert!(stdout(&run).contains("bob@example.org"));
    failed(sandbox.run(&format!("{check} nobody")), 2);
    let told = json(&stdout(&sandbox.run(&format!("{check} --json carol@example.org")).success()));
    assert_eq!((&told["address"], &told["reachable"]), (&"carol@example.org".into(), &true.into()));
}

#[test]
fn schema_is_json() {
    let sandbox = Sandbox::new();
    let schema = json(&stdout(&sandbox.run("schema").success()));
    assert!(schema["properties"]["summary"].is_object(), "{schema}");
}

#[test]
fn generated_files() {
    let sandbox = Sandbox::new();
    sandbox.run("man man1").success();
    for verb in ["", "-sign", "-encrypt", "-open", "-verify", "-inspect", "-check", "-completions", "-man", "-schema"] {
        assert!(sandbox.read(&format!("man1/mailseal{verb}.1")).contains(".SH EXAMPLES") || verb.is_empty(), "{verb}");
    }
    assert!(sandbox.read("man1/mailseal-check.1").contains("nobody is asked"), "options without words");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(stdout(&sandbox.run(&format!("completions {shell}")).success()).contains("mailseal"), "{shell}");
    }
}

/// The authorities given with --intermediate travel with the signature, so that a reader needs the anchor alone.
#[test]
fn a_signature_carries_the_chain() {
    let sandbox = Sandbox::new();
    let key = "--smime --key alice.key.pem --cert alice.crt.pem";
    sandbox.run(&format!("sign {key} --intermediate intermediate.crt.pem -o chain.eml draft.eml")).success();
    sandbox.run("verify --anchor root.crt.pem chain.eml").success();
    sandbox.run(&format!("sign {key} -o alone.eml draft.eml")).success();
    sandbox.run("verify --anchor root.crt.pem alone.eml").code(3);
    sandbox.run("verify --anchor root.crt.pem --intermediate intermediate.crt.pem alone.eml").success();
}
