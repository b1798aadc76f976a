//! All verbs with one another, for each profile of keys.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use common::{Folder, Sop};

const TEXT: &[u8] = b"Hello, world!\nA second line, with a dash:\n- one\nand UTF-8: \xc3\xa4\n";

/// The profiles that `list-profiles` names, the default first.
fn profiles(folder: &Folder, verb: &str) -> Vec<String> {
    let listed = Sop::ours().ok(folder, &format!("list-profiles {verb}"), b"");
    let listed = String::from_utf8(listed).unwrap();
    listed.lines().map(|line| line.split_once(':').unwrap().0.to_owned()).collect()
}

/// Keys and certificates of Alice and Bob, as files of these names.
fn people(folder: &Folder, profile: &str) {
    let sop = Sop::ours();
    for name in ["alice", "bob"] {
        let user_id = format!("{name} <{name}@example.org>");
        let key = sop.call(folder, &["generate-key", "--profile", profile, &user_id], b"");
        assert!(key.status.success(), "{}", key.stderr);
        folder.write(&format!("{name}.key"), &key.stdout);
        folder.write(&format!("{name}.cert"), &sop.ok(folder, "extract-cert", &key.stdout));
    }
}

#[test]
fn the_program_says_what_it_is() {
    let folder = Folder::new();
    let sop = Sop::ours();
    let said = |words: &str| String::from_utf8(sop.ok(&folder, words, b"")).unwrap();
    assert_eq!(said("version"), format!("mailseal-sop {}\n", env!("CARGO_PKG_VERSION")));
    assert!(said("version --backend").starts_with("sequoia-openpgp 2."));
    assert!(said("version --extended").lines().count() >= 3);
    assert_eq!(said("version --sopv"), "1.0\n");
    assert!(said("version --sop-spec").contains("draft-dkg-openpgp-stateless-cli-"));
    assert_eq!(profiles(&folder, "generate-key")[..2], ["default", "rfc9580"]);
}

/// The example in README runs as it stands there.
#[test]
fn the_example_of_the_readme_runs() {
    let readme = std::fs::read_to_string(mailseal_testkit::workspace().join("README.md")).unwrap();
    let (_, after) = readme.split_once("## The Stateless OpenPGP program").unwrap();
    let example = after.split_once("```sh\n").unwrap().1.split_once("```").unwrap().0;
    let folder = Folder::new();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_mailseal-sop")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let shell = mailseal_testkit::program::Program::find("sh").unwrap();
    let shown = shell.arg("-ec").arg(example).dir(folder.path()).env("PATH", path).succeed();
    assert_eq!(shown, b"Hello, world!\n");
    assert!(folder.take("who.txt").contains(" mode:binary "));
}

/// R34: over octets and over lines; the verification names time, key, certificate and mode.
#[test]
fn signatures_are_verified() {
    let folder = Folder::new();
    let sop = Sop::ours();
    for profile in profiles(&folder, "generate-key") {
        people(&folder, &profile);
        for mode in ["binary", "text"] {
            for armor in ["", "--no-armor"] {
                let words = format!("sign {armor} --as={mode} --micalg-out=micalg alice.key bob.key");
                let signature = sop.ok(&folder, &words, TEXT);
                assert_eq!(signature.starts_with(b"-----BEGIN PGP SIGNATURE-----\n"), armor.is_empty());
                assert!(folder.take("micalg").starts_with("pgp-sha"));
                folder.write("sig", &signature);

                let told = String::from_utf8(sop.ok(&folder, "verify sig alice.cert", TEXT)).unwrap();
                let told: Vec<&str> = told.lines().collect();
                assert_eq!(told.len(), 1, "{told:?}");
                let fields: Vec<&str> = told[0].splitn(5, ' ').collect();
                assert_eq!(fields[1], fields[2], "the primary key signs");
                assert_eq!(fields[3], format!("mode:{mode}"));
                assert!(fields[4].contains("alice.cert"), "{told:?}");

                let told = sop.ok(&folder, "verify sig alice.cert bob.cert", TEXT);
                assert_eq!(String::from_utf8(told).unwrap().lines().count(), 2);
                assert_eq!(sop.code(&folder, "verify sig alice.cert", b"another text\n"), 3);
            }
        }
        let crlf = String::from_utf8(TEXT.to_vec()).unwrap().replace('\n', "\r\n");
        assert!(!sop.ok(&folder, "verify sig alice.cert", crlf.as_bytes()).is_empty(), "lines, whatever ends them");
    }
}

/// Several recipients, signers inside, both forms.
#[test]
fn messages_are_opened() {
    let folder = Folder::new();
    let sop = Sop::ours();
    for profile in profiles(&folder, "generate-key") {
        people(&folder, &profile);
        for armor in ["", "--no-armor"] {
            let words = format!("encrypt {armor} --sign-with=alice.key alice.cert bob.cert");
            let message = sop.ok(&folder, &words, TEXT);
            assert_eq!(message.starts_with(b"-----BEGIN PGP MESSAGE-----\n"), armor.is_empty());
            for reader in ["alice", "bob"] {
                let words = format!("decrypt --verify-with=alice.cert --verifications-out=told {reader}.key");
                assert_eq!(sop.ok(&folder, &words, &message), TEXT);
                assert_eq!(folder.take("told").lines().count(), 1);
            }
            sop.ok(&folder, "decrypt --session-key-out=session alice.key", &message);
            folder.write("session", folder.take("session").as_bytes());
            assert_eq!(sop.ok(&folder, "decrypt --with-session-key=session", &message), TEXT);
            folder.take("session");
            let words = "decrypt --verify-with=bob.cert --verifications-out=told bob.key";
            assert_eq!(sop.ok(&folder, words, &message), TEXT, "plaintext without a verification");
            assert_eq!(folder.take("told"), "");
        }
    }
}

/// Passwords alone and beside a certificate, in every profile of messages; the session key is the one that opens it.
#[test]
fn messages_to_passwords_are_opened() {
    let folder = Folder::new();
    let sop = Sop::ours();
    people(&folder, "rfc9580");
    folder.write("password", b"open sesame\n");
    folder.write("exact", b"open sesame");
    folder.write("another", b"another");
    for profile in profiles(&folder, "encrypt") {
        for to in ["", "alice.cert"] {
            let words = format!(
                "encrypt --profile={profile} --with-password=password --with-password=another --session-key-out=session {to}"
            );
            let message = sop.ok(&folder, &words, TEXT);
            for password in ["password", "exact", "another"] {
                assert_eq!(sop.ok(&folder, &format!("decrypt --with-password={password}"), &message), TEXT);
                assert_eq!(sop.ok(&folder, &format!("decrypt --with-password={password} bob.key"), &message), TEXT);
            }
            let session = folder.take("session");
            folder.write("known", session.as_bytes());
            assert_eq!(sop.ok(&folder, "decrypt --with-session-key=known", &message), TEXT);
            sop.ok(&folder, "decrypt --with-password=exact --session-key-out=session", &message);
            assert_eq!(folder.take("session"), session);
            if !to.is_empty() {
                assert_eq!(sop.ok(&folder, "decrypt alice.key", &message), TEXT);
            }
            folder.write("wrong", b"open says me");
            assert_eq!(sop.code(&folder, "decrypt --with-password=wrong", &message), 29);
            assert_eq!(sop.code(&folder, "decrypt bob.key", &message), 29);
        }
    }
}

/// Signatures inside over lines.
#[test]
fn texts_are_signed_as_texts() {
    let folder = Folder::new();
    let sop = Sop::ours();
    people(&folder, "default");
    let message = sop.ok(&folder, "encrypt --as=text --sign-with=alice.key bob.cert", TEXT);
    let words = "decrypt --verify-with=alice.cert --verifications-out=told bob.key";
    assert_eq!(sop.ok(&folder, words, &message), TEXT);
    assert!(folder.take("told").contains(" mode:text "));
}

#[test]
fn armor_comes_off_and_on() {
    let folder = Folder::new();
    let sop = Sop::ours();
    for profile in profiles(&folder, "generate-key") {
        people(&folder, &profile);
        let key = std::fs::read(folder.path().join("alice.key")).unwrap();
        let cert = std::fs::read(folder.path().join("alice.cert")).unwrap();
        let signature = sop.ok(&folder, "sign alice.key", TEXT);
        let message = sop.ok(&folder, "encrypt alice.cert", TEXT);
        for armored in [key, cert, signature, message] {
            let binary = sop.ok(&folder, "dearmor", &armored);
            assert_ne!(binary[0] & 0x80, 0);
            assert_eq!(sop.ok(&folder, "dearmor", &binary), binary);
            assert_eq!(sop.ok(&folder, "armor", &armored), armored);
            assert_eq!(sop.ok(&folder, "dearmor", &sop.ok(&folder, "armor", &binary)), binary);
            let header = armored.split(|octet| *octet == b'\n').next();
            assert_eq!(sop.ok(&folder, "armor", &binary).split(|octet| *octet == b'\n').next(), header);
        }
    }
    for verb in ["armor", "dearmor"] {
        assert_eq!(sop.code(&folder, verb, b"no packet"), 41);
        assert_eq!(sop.code(&folder, verb, b""), 41);
    }
}

/// R34: messages that carry what is signed, in every mode, and taken apart.
#[test]
fn inline_messages_are_verified() {
    let folder = Folder::new();
    let sop = Sop::ours();
    for profile in profiles(&folder, "generate-key") {
        people(&folder, &profile);
        for (words, begin, mode) in [
            ("--as=binary", "-----BEGIN PGP MESSAGE-----\n", "binary"),
            ("--as=binary --no-armor", "", "binary"),
            ("--as=text", "-----BEGIN PGP MESSAGE-----\n", "text"),
            ("--as=text --no-armor", "", "text"),
            ("--as=clearsigned", "-----BEGIN PGP SIGNED MESSAGE-----\n", "text"),
        ] {
            let message = sop.ok(&folder, &format!("inline-sign {words} alice.key bob.key"), TEXT);
            assert!(message.starts_with(begin.as_bytes()), "{words}");

            let verify = "inline-verify --verifications-out=told alice.cert bob.cert";
            assert_eq!(sop.ok(&folder, verify, &message), TEXT, "{words}");
            let told = folder.take("told");
            assert_eq!(told.lines().count(), 2, "{words}: {told}");
            assert!(told.lines().all(|line| line.contains(&format!(" mode:{mode} "))), "{words}: {told}");

            assert_eq!(sop.ok(&folder, "inline-detach --signatures-out=sig", &message), TEXT, "{words}");
            let told = String::from_utf8(sop.ok(&folder, "verify sig alice.cert bob.cert", TEXT)).unwrap();
            assert_eq!(told.lines().count(), 2, "{words}: {told}");
            folder.take("sig");

            folder.write("other.key", &sop.ok(&folder, "generate-key other", b""));
            folder.write("other.cert", &sop.ok(&folder, "extract-cert", &sop.ok(&folder, "generate-key", b"")));
            assert_eq!(sop.code(&folder, "inline-verify other.cert", &message), 3, "{words}");
        }
    }
}

/// What is around or inside a cleartext message and not signed is never shown as if it were.
#[test]
fn cleartext_that_was_changed_is_refused() {
    let folder = Folder::new();
    let sop = Sop::ours();
    people(&folder, "default");
    let signed = String::from_utf8(sop.ok(&folder, "inline-sign --as=clearsigned alice.key", TEXT)).unwrap();
    assert!(signed.contains("\n- - one\n"), "dashes are escaped: {signed}");
    for (changed, code) in [
        (signed.replace("Hello", "Hallo"), 3),
        (signed.replace("\nHello", "\nHash: SHA256\n\nHello"), 3),
        (signed.replace("\nHash: ", "\nComment: not signed\nHash: "), 41),
        (signed.replace("-----BEGIN PGP SIGNED", "text before\n-----BEGIN PGP SIGNED"), 41),
        (signed.clone() + "text after\n", 41),
        (signed.clone() + &signed, 41),
        (signed.replace("-----END PGP SIGNATURE-----", ""), 41),
    ] {
        assert_eq!(sop.code(&folder, "inline-verify alice.cert", changed.as_bytes()), code, "{changed}");
    }
    let with_blanks = signed.replace("world!\n", "world! \t\n").replace('\n', "\r\n");
    let shown = sop.ok(&folder, "inline-verify alice.cert", with_blanks.as_bytes());
    assert_eq!(String::from_utf8(shown).unwrap().replace("\r\n", "\n").as_bytes(), TEXT);
}
