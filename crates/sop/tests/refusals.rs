//! Every refusal with its exit code, as the draft numbers them.

mod common;

use common::{Folder, Sop};

const TEXT: &[u8] = b"Hello, world!\n";

/// A folder with a key `alice.key`, one that only signs `signs.key`, one that is locked with `open sesame`, `locked.key`,
/// and their certificates.
fn folder() -> Folder {
    let folder = Folder::new();
    let sop = Sop::ours();
    folder.write("password", b"open sesame\n");
    for (name, words) in [
        ("alice", "generate-key alice"),
        ("signs", "generate-key --signing-only signs"),
        ("locked", "generate-key --with-key-password=password locked"),
    ] {
        let key = sop.ok(&folder, words, b"");
        folder.write(&format!("{name}.key"), &key);
        folder.write(&format!("{name}.cert"), &sop.ok(&folder, "extract-cert", &key));
    }
    folder.write("text", TEXT);
    folder
}

#[test]
fn refusals_have_their_codes() {
    let folder = folder();
    let sop = Sop::ours();
    let message = sop.ok(&folder, "encrypt alice.cert", TEXT);
    let binary = sop.ok(&folder, "dearmor", &message);
    let to_locked = sop.ok(&folder, "encrypt locked.cert", TEXT);
    let inline = sop.ok(&folder, "inline-sign alice.key", TEXT);
    folder.write("sig", &sop.ok(&folder, "sign alice.key", TEXT));
    folder.write("session", b"9:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
    folder.write("empty-session", b"9:");
    folder.write("wrong", b"another\n");
    folder.write("unreadable", b" begins with a space");
    folder.write("nothing", b"\n");
    let key = sop.ok(&folder, "generate-key", b"");
    let cert = sop.ok(&folder, "extract-cert", &key);

    let cases: &[(&str, &[u8], i32)] = &[
        // Nothing verified
        ("verify sig locked.cert", TEXT, 3),
        ("verify sig alice.cert", b"another text", 3),
        ("verify --not-before=2999-01-01T00:00:00Z sig alice.cert", TEXT, 3),
        ("verify --not-after=2000-01-01T00:00:00Z sig alice.cert", TEXT, 3),
        ("inline-verify locked.cert", &inline, 3),
        ("inline-verify --not-after=2000-01-01T00:00:00Z alice.cert", &inline, 3),
        // Certificates and keys that do not serve
        ("encrypt signs.cert", TEXT, 17),
        ("encrypt alice.cert signs.cert", TEXT, 17),
        ("encrypt --profile=rfc9580 alice.cert", TEXT, 17),
        // Nobody given
        ("encrypt", TEXT, 19),
        ("sign", TEXT, 19),
        ("inline-sign", TEXT, 19),
        ("verify sig", TEXT, 19),
        ("inline-verify", &inline, 19),
        ("certify-userid --userid=alice", &cert, 19),
        // Half of an instruction
        ("decrypt --verify-with=alice.cert alice.key", &message, 23),
        ("decrypt --verifications-out=told alice.key", &message, 23),
        // Closed messages
        ("decrypt signs.key", &message, 29),
        ("decrypt locked.key", &message, 29),
        ("decrypt --with-session-key=session", &message, 29),
        ("decrypt --with-session-key=empty-session", &message, 29),
        // Passwords
        ("generate-key --with-key-password=unreadable", b"", 31),
        ("encrypt --with-password=unreadable", TEXT, 31),
        ("generate-key --with-key-password=nothing", b"", 31),
        ("change-key-password --new-key-password=nothing", &key, 31),
        ("encrypt --with-password=nothing", TEXT, 31),
        // Options and verbs
        ("sign --no-such-option alice.key", TEXT, 37),
        ("armor --label=sig", &binary, 37),
        ("no-such-verb", b"", 69),
        // Data of another kind
        ("verify sig text", TEXT, 41),
        ("verify text alice.cert", TEXT, 41),
        ("verify sig alice.key", TEXT, 41),
        ("sign alice.cert", TEXT, 41),
        ("extract-cert", TEXT, 41),
        ("encrypt text", TEXT, 41),
        ("decrypt alice.key", TEXT, 41),
        ("decrypt alice.key", &binary[..binary.len() - 10], 29),
        ("inline-verify alice.cert", TEXT, 41),
        ("inline-verify alice.cert", &message, 41),
        ("inline-detach --signatures-out=out", TEXT, 41),
        // No text
        ("sign --as=text alice.key", b"\xff\xfe", 53),
        ("encrypt --as=text alice.cert", b"\xff\xfe", 53),
        ("inline-sign --as=text alice.key", b"\xff\xfe", 53),
        ("inline-sign --as=clearsigned alice.key", b"\xff\xfe", 53),
        // Files
        ("sign --micalg-out=text alice.key", TEXT, 59),
        ("sign no.key", TEXT, 61),
        // Locked keys
        ("sign locked.key", TEXT, 67),
        ("sign --with-key-password=wrong locked.key", TEXT, 67),
        ("encrypt --sign-with=locked.key alice.cert", TEXT, 67),
        ("decrypt locked.key", &to_locked, 67),
        ("decrypt --with-key-password=wrong locked.key", &to_locked, 67),
        // Designators
        ("sign @NONE:such", TEXT, 71),
        ("sign @ENV:MAILSEAL_SOP_NO_SUCH_VARIABLE", TEXT, 71),
        // Options against each other
        ("inline-sign --as=clearsigned --no-armor alice.key", TEXT, 83),
        // Profiles
        ("generate-key --profile=no-such-profile", b"", 89),
        ("list-profiles sign", b"", 89),
        ("encrypt --profile=no-such-profile alice.cert", TEXT, 89),
    ];
    let seen = |words: &str, input: &[u8]| sop.code(&folder, words, input);
    let wrong: Vec<_> = cases
        .iter()
        .map(|(words, input, code)| (words, seen(words, input), code))
        .filter(|(_, seen, code)| seen != *code)
        .collect();
    assert!(wrong.is_empty(), "words, code seen, code expected: {wrong:#?}");
    folder.write("@ENV:HOME", b"");
    assert_eq!(sop.code(&folder, "sign @ENV:HOME", TEXT), 73);
}

/// The passwords open what they are for.
#[test]
fn locked_keys_are_opened() {
    let folder = folder();
    let sop = Sop::ours();
    folder.write("exact", b"open sesame");
    for password in ["password", "exact"] {
        let signature = sop.ok(&folder, &format!("sign --with-key-password={password} locked.key"), TEXT);
        folder.write("sig", &signature);
        assert!(!sop.ok(&folder, "verify sig locked.cert", TEXT).is_empty());
        let message = sop.ok(&folder, "encrypt locked.cert", TEXT);
        let words = format!("decrypt --with-key-password={password} locked.key");
        assert_eq!(sop.ok(&folder, &words, &message), TEXT);
    }
}

/// Named `mailseal-sopv`, it has the verbs that verify and no other.
#[cfg(unix)]
#[test]
fn the_subset_verifies_alone() {
    let folder = folder();
    folder.write("sig", &Sop::ours().ok(&folder, "sign alice.key", TEXT));
    let link = folder.path().join("mailseal-sopv");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_mailseal-sop"), &link).unwrap();
    let subset = Sop::at("mailseal-sopv", &link);
    assert!(!subset.ok(&folder, "verify sig alice.cert", TEXT).is_empty());
    assert_eq!(subset.ok(&folder, "version --sopv", b""), b"1.0\n");
    assert_ne!(subset.code(&folder, "sign alice.key", TEXT), 0);
}
