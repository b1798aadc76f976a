//! gpg 2.2 and PGP/MIME (RFC 3156).

use std::fs;

use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas::{ALICE, BOB, CAROL, Persona};
use mailseal_testkit::program::Program;

use crate::ours::{DRAFTS, Ours};
use crate::reader::openpgp_fingerprint;
use crate::table;
use crate::wire::{armor, changed, encrypted_part, find, mail, pgp_encrypted, pgp_signed, signed_parts};

/// gpg looks at our mail a minute after it was made.
const AFTER: [&str; 2] = ["--faked-system-time", "20260601T000100"];
/// gpg makes its mail an hour before we look at it.
const BEFORE: [&str; 2] = ["--faked-system-time", "20260531T230000"];

/// A v4 key on Curve25519, and one with RSA.
const KINDS: [(Persona, &str); 2] = [(ALICE, "Curve25519"), (BOB, "RSA")];

const ENTITY: &[u8] =
    b"Content-Type: text/plain; charset=us-ascii\r\n\r\nHello Bob,\r\n- dashes and a space \r\n\r\nAlice\r\n";

pub(crate) fn home() -> Option<Home> {
    let home = Home::new()?;
    for persona in [ALICE, BOB, CAROL] {
        drop(home.gpg().arg("--import").arg(persona.openpgp_key()).succeed());
    }
    Some(home)
}

/// What gpg makes of [`ENTITY`].
fn made(home: &Home, words: &[&str]) -> Vec<u8> {
    gpg_before(home).args(words).stdin(ENTITY).succeed()
}

pub(crate) fn gpg_before(home: &Home) -> Program {
    home.gpg().args(BEFORE)
}

/// What gpg writes, and its status lines.
pub(crate) fn look(home: &Home, words: &[&str], stdin: &[u8]) -> (Vec<u8>, String) {
    let output = home.gpg().args(AFTER).args(["--status-fd", "2"]).args(words).stdin(stdin).run();
    assert!(output.status.success(), "{}", output.stderr);
    (output.stdout, output.stderr)
}

/// One good signature, by the primary key of `by`.
#[track_caller]
pub(crate) fn assert_signed(status: &str, home: &Home, by: Persona) {
    let lines = |word: &str| -> Vec<String> {
        let start = format!("[GNUPG:] {word} ");
        status.lines().filter(|line| line.starts_with(&start)).map(str::to_owned).collect()
    };
    assert_eq!(lines("GOODSIG").len(), 1, "{status}");
    assert!(lines("GOODSIG")[0].contains(by.address), "{status}");
    let valid = lines("VALIDSIG");
    assert_eq!(valid.len(), 1, "{status}");
    assert!(valid[0].ends_with(&openpgp_fingerprint(home, by)), "{status}");
}

/// R2, R17 to R19, R21, R30 to R34
#[test]
fn gpg_verifies_our_mail() {
    let Some(home) = home() else { return };
    let ours = Ours::new();
    let (content_file, signature_file) = (home.path().join("content"), home.path().join("content.asc"));
    let files = [signature_file.to_str().unwrap(), content_file.to_str().unwrap()];
    for (from, kind) in KINDS {
        for name in DRAFTS {
            let draft = ours.draft(name, from);
            let (content, signature) = signed_parts(&ours.protect(&format!("sign --key {}.key.asc", from.name)));
            fs::write(&content_file, &content).unwrap();
            fs::write(&signature_file, signature).unwrap();
            let (_, status) = look(&home, &["--verify", files[0], files[1]], b"");
            assert_signed(&status, &home, from);
            draft.assert_is(&content);
        }
        table::reads("gpg", &format!("multipart/signed, {kind}"));
    }
}

/// R29, R35, R71
#[test]
fn gpg_opens_our_mail() {
    let Some(home) = home() else { return };
    let ours = Ours::new();
    for (from, to, kind) in [(BOB, CAROL, "Curve25519"), (CAROL, BOB, "RSA")] {
        for name in DRAFTS {
            let draft = ours.draft(name, from);
            let to_him = format!("--cert {}.cert.asc -r {}", to.name, to.address);
            let sealed = ours.protect(&format!("encrypt --key {}.key.asc {to_him}", from.name));
            let (entity, status) = look(&home, &["--decrypt"], &encrypted_part(&sealed));
            assert!(status.contains("DECRYPTION_OKAY") && status.contains("GOODMDC"), "{status}");
            assert_signed(&status, &home, from);
            draft.assert_is(&entity);

            let sealed = ours.protect(&format!("encrypt --no-sign --cert {}.cert.asc {to_him}", from.name));
            let (entity, status) = look(&home, &["--decrypt"], &encrypted_part(&sealed));
            assert!(status.contains("DECRYPTION_OKAY") && status.contains("GOODMDC"), "{status}");
            assert!(!status.contains("SIG"), "{status}");
            draft.assert_is(&entity);
        }
        table::reads("gpg", &format!("multipart/encrypted, {kind}"));
        table::reads("gpg", &format!("multipart/encrypted, {kind}, signed inside"));
    }
}

/// R2, R30, R34: signatures over binary and text documents, whatever micalg says (R31)
#[test]
fn we_verify_the_mail_of_gpg() {
    let Some(home) = home() else { return };
    let ours = Ours::new();
    for (by, form, feature) in [
        (ALICE, &[][..], "Curve25519"),
        (ALICE, &["--textmode"], "text document"),
        (ALICE, &["--digest-algo", "SHA512"], "SHA-512"),
        (BOB, &[], "RSA"),
    ] {
        let signature = made(&home, &[&["--detach-sign", "--armor", "-u", by.address], form].concat());
        let message = mail(by, &pgp_signed(ENTITY, &signature, "pgp-sha512"));
        ours.verdict("", &message).assert_good("signed", &["signed valid"]);
        let lf: Vec<u8> = message.iter().copied().filter(|&octet| octet != b'\r').collect();
        ours.verdict("", &lf).assert_good("signed", &["signed valid"]);
        assert_eq!(ours.payload("", &message), ENTITY);
        let at = find(&message, b"dashes").unwrap();
        ours.verdict("", &changed(&message, at)).assert_changed("unprotected");
        table::writes("gpg", &format!("multipart/signed, {feature}"));
    }
}

/// R125; gpg finds its key among all it has, and nobody's name in the message
#[test]
fn gpg_opens_mail_to_hidden_recipients() {
    let Some(home) = home() else { return };
    let ours = Ours::new();
    let draft = ours.draft(DRAFTS[0], ALICE);
    let certs = "--cert bob.cert.asc --cert carol.cert.asc";
    let sealed = ours.protect(&format!("encrypt --key alice.key.asc {certs} -r {} -R {}", CAROL.address, BOB.address));
    let (entity, status) = look(&home, &["--decrypt", "--try-secret-key", BOB.address], &encrypted_part(&sealed));
    assert!(status.contains("ENC_TO 0000000000000000") && status.contains("GOODMDC"), "{status}");
    assert_signed(&status, &home, ALICE);
    draft.assert_is(&entity);
    table::reads("gpg", "multipart/encrypted, hidden recipient beside another");
}

/// R29: three recipients, each with nothing but a key of their own
#[test]
fn gpg_opens_mail_to_several() {
    let ours = Ours::new();
    let draft = ours.draft_to(ALICE, &[BOB, CAROL]);
    let certs = "--cert bob.cert.asc --cert carol.cert.asc";
    let sealed = ours.protect(&format!("encrypt --no-sign --cert alice.cert.asc {certs}"));
    let signed = ours.protect(&format!("encrypt --key alice.key.asc {certs}"));
    for reader in [ALICE, BOB, CAROL] {
        let Some(home) = Home::new() else { return };
        drop(home.gpg().arg("--import").arg(reader.openpgp_key()).arg(ALICE.openpgp_cert()).succeed());
        draft.assert_is(&look(&home, &["--decrypt"], &encrypted_part(&sealed)).0);
        let (entity, status) = look(&home, &["--decrypt"], &encrypted_part(&signed));
        assert_signed(&status, &home, ALICE);
        draft.assert_is(&entity);
    }
    table::reads("gpg", "multipart/encrypted, three recipients");
    table::reads("gpg", "multipart/encrypted, three recipients, signed inside");
}

/// R29: whoever knows the password opens it, beside a recipient or without any; another password does not
#[test]
fn gpg_unlocks_our_mail() {
    let Some(home) = Home::new() else { return };
    drop(home.gpg().arg("--import").arg(ALICE.openpgp_cert()).succeed());
    let ours = Ours::new();
    ours.file("right.pass", b"correct horse\n");
    let draft = ours.draft_to(ALICE, &[CAROL]);
    let locked = encrypted_part(&ours.protect("encrypt --no-sign --with-password right.pass"));
    let certs = "--key alice.key.asc --cert carol.cert.asc";
    let either = encrypted_part(&ours.protect(&format!("encrypt {certs} --with-password right.pass")));
    for sealed in [&locked, &either] {
        let (entity, status) = look(&home, &["--passphrase", "correct horse", "--decrypt"], sealed);
        assert!(status.contains("GOODMDC"), "{status}");
        draft.assert_is(&entity);
        let wrong = home.gpg().args(["--passphrase", "correct hearse", "--decrypt"]).stdin(sealed.clone()).run();
        assert!(!wrong.status.success() && wrong.stdout.is_empty(), "{}", wrong.stderr);
    }
    table::reads("gpg", "multipart/encrypted, password");
    let (_, status) = look(&home, &["--passphrase", "correct horse", "--decrypt"], &either);
    assert_signed(&status, &home, ALICE);
    drop(home.gpg().arg("--import").arg(CAROL.openpgp_key()).succeed());
    let (entity, status) = look(&home, &["--decrypt"], &either);
    assert_signed(&status, &home, ALICE);
    draft.assert_is(&entity);
    table::reads("gpg", "multipart/encrypted, password or Curve25519, signed inside");
}

const MDC: &str = "encrypted aes-256-cfb mdc done";

/// R37; a recipient may be hidden, and any compression is undone
#[test]
fn we_open_what_gpg_encrypts() {
    let Some(home) = home() else { return };
    let ours = Ours::new();
    let (alice, bob, carol) = (ALICE.address, BOB.address, CAROL.address);
    for (words, layers, feature) in [
        (&["-r", carol, "-z", "0"][..], &[MDC][..], "Curve25519"),
        (&["-r", bob, "-z", "0"], &[MDC], "RSA"),
        (&["-r", carol, "--compress-algo", "zip"], &[MDC, "compressed zip"], "zip"),
        (&["-r", carol, "--compress-algo", "zlib"], &[MDC, "compressed zlib"], "zlib"),
        (&["-r", carol, "--compress-algo", "bzip2"], &[MDC, "compressed bzip2"], "bzip2"),
        (&["-r", alice, "-r", bob, "-r", carol, "-z", "0"], &[MDC], "three recipients"),
        (&["-R", carol, "-z", "0"], &[MDC], "hidden recipient (-R)"),
        (&["-r", alice, "-R", bob, "-R", carol, "-z", "0"], &[MDC], "hidden recipients beside another"),
        (&["-r", bob, "-r", carol, "--throw-keyids", "-z", "0"], &[MDC], "--throw-keyids"),
        (&["-r", carol, "-z", "0", "--textmode"], &[MDC], "text literal"),
    ] {
        let reader = if words.contains(&carol) { CAROL } else { BOB };
        let key = format!("--key {}.key.asc", reader.name);
        let encrypted = made(&home, &[&["--encrypt", "--armor"], words].concat());
        let message = mail(ALICE, &pgp_encrypted(&encrypted));
        ours.verdict(&key, &message).assert_good("encrypted", layers);
        assert_eq!(ours.payload(&key, &message), ENTITY, "{feature}");

        let signed = made(&home, &[&["--encrypt", "--sign", "--armor", "-u", alice], words].concat());
        let message = mail(ALICE, &pgp_encrypted(&signed));
        ours.verdict(&key, &message).assert_good("signed+encrypted", &[layers, &["signed valid"]].concat());
        assert_eq!(ours.payload(&key, &message), ENTITY, "{feature}");
        table::writes("gpg", &format!("multipart/encrypted, {feature}"));
        table::writes("gpg", &format!("multipart/encrypted, {feature}, signed inside"));
    }
}

/// R37, R66, R135: whoever knows the password opens it; a wrong one is a failure, none is no key
#[test]
fn we_open_what_gpg_locks() {
    let Some(home) = home() else { return };
    let ours = Ours::new();
    ours.file("right.pass", b"correct horse\n");
    ours.file("wrong.pass", b"correct hearse\n");
    for (words, reader, feature) in [
        (&["--symmetric"][..], "--passphrase-file right.pass", "password"),
        (&["--symmetric", "--encrypt", "-r", CAROL.address], "--passphrase-file right.pass", "password or Curve25519"),
        (&["--symmetric", "--encrypt", "-r", CAROL.address], "--key carol.key.asc", "password or Curve25519"),
    ] {
        let common = ["--armor", "-z", "0", "--passphrase", "correct horse"];
        let message = mail(ALICE, &pgp_encrypted(&made(&home, &[&common, words].concat())));
        ours.verdict(reader, &message).assert_good("encrypted", &[MDC]);
        assert_eq!(ours.payload(reader, &message), ENTITY, "{feature}");
        ours.verdict("--passphrase-file wrong.pass", &message).assert_failed();
        ours.gives_nothing("--passphrase-file wrong.pass", &message);
        ours.gives_nothing("", &message);
        table::writes("gpg", &format!("multipart/encrypted, {feature}"));
    }
}

/// R66, R135: no octet comes out of a changed message
#[test]
fn we_refuse_what_is_not_as_gpg_made_it() {
    let Some(home) = home() else { return };
    let ours = Ours::new();
    let packets = made(&home, &["--encrypt", "--sign", "-u", ALICE.address, "-r", CAROL.address, "-z", "0"]);
    let key = "--key carol.key.asc";
    let whole = mail(ALICE, &pgp_encrypted(&armor(&packets)));
    ours.verdict(key, &whole).assert_good("signed+encrypted", &[MDC, "signed valid"]);
    for at in [packets.len() / 2, packets.len() - 30, packets.len() - 1] {
        let message = mail(ALICE, &pgp_encrypted(&armor(&changed(&packets, at))));
        ours.verdict(key, &message).assert_failed();
        ours.gives_nothing(key, &message);
    }
    ours.gives_nothing("--key bob.key.asc", &whole);
}

/// R35: the encapsulation of RFC 1847, a multipart/signed inside
#[test]
fn we_open_a_signed_entity_that_gpg_encrypted() {
    let Some(home) = home() else { return };
    let ours = Ours::new();
    let signature = made(&home, &["--detach-sign", "--armor", "--textmode", "-u", ALICE.address]);
    let inside = pgp_signed(ENTITY, &signature, "pgp-sha256");
    let encrypt = ["--encrypt", "--armor", "-z", "0", "-r", CAROL.address];
    let encrypted = gpg_before(&home).args(encrypt).stdin(inside.clone()).succeed();
    let message = mail(ALICE, &pgp_encrypted(&encrypted));
    let key = "--key carol.key.asc";
    ours.verdict(key, &message).assert_good("signed+encrypted", &[MDC, "signed valid"]);
    assert_eq!(ours.payload(key, &message), ENTITY);

    let other = changed(&inside, find(&inside, b"dashes").unwrap());
    let encrypted = gpg_before(&home).args(encrypt).stdin(other).succeed();
    ours.verdict(key, &mail(ALICE, &pgp_encrypted(&encrypted))).assert_changed("encrypted");
    table::writes("gpg", "multipart/signed inside multipart/encrypted");
}
