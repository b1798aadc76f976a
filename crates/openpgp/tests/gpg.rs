//! gpg 2.2 reads what we write, and we read what it writes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Store, checks, encrypt, persona, personas, shape, sign, signatures};
use mailseal_core::{Check, Integrity, Layer, Passphrase, Recipients};
use mailseal_openpgp::{Container, OpenPgp};
use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas::{ALICE, BOB, CAROL, LOCKED, LOCKED_PASSPHRASE, Persona};
use mailseal_testkit::program::Program;
use std::fs;

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello from here\r\n";
/// A minute after everything was made.
const CLOCK: [&str; 2] = ["--faked-system-time", "20260601T000100"];

fn home() -> Option<Home> {
    let home = Home::new()?;
    for persona in [ALICE, BOB, CAROL] {
        drop(gpg(&home).arg("--import").arg(persona.openpgp_key()).succeed());
    }
    Some(home)
}

fn gpg(home: &Home) -> Program {
    home.gpg().args(CLOCK)
}

/// gpg's status lines, which say what it found.
fn status(home: &Home, arguments: &[&str], input: &[u8]) -> (Vec<u8>, String) {
    let output = gpg(home).args(["--status-fd", "2"]).args(arguments).stdin(input).run();
    assert!(output.status.success(), "{}", output.stderr);
    (output.stdout, output.stderr)
}

fn sender_and_recipient() -> [(Persona, Persona); 3] {
    [(ALICE, CAROL), (BOB, ALICE), (CAROL, BOB)]
}

/// R30 to R34
#[test]
fn gpg_verifies_our_signatures() {
    let Some(home) = home() else { return };
    let (_, signature) = sign(TEXT, &[persona(ALICE), persona(BOB)]);
    let (signature_file, content_file) = (home.path().join("s.asc"), home.path().join("s"));
    fs::write(&signature_file, signature).unwrap();
    fs::write(&content_file, TEXT).unwrap();
    let files = [signature_file.to_str().unwrap(), content_file.to_str().unwrap()];
    let (_, said) = status(&home, &["--verify", files[0], files[1]], b"");
    assert!(said.contains("GOODSIG") && said.contains(ALICE.address) && said.contains(BOB.address), "{said}");
    assert!(said.contains("VALIDSIG") && said.contains(" 8 00 "), "SHA-256 over a binary document: {said}");
}

/// R34: binary and text signatures, armored and not.
#[test]
fn we_verify_the_signatures_of_gpg() {
    let Some(home) = home() else { return };
    let store = personas(&[ALICE, BOB, CAROL]);
    for persona in [ALICE, BOB, CAROL] {
        for form in [&["--armor"][..], &["--textmode"], &["--digest-algo", "SHA512"]] {
            let signature = gpg(&home).args(["--detach-sign", "-u", persona.address]).args(form).stdin(TEXT).succeed();
            let peeled = store.verify(TEXT, &signature);
            assert_eq!(checks(&peeled), [Check::Valid], "{form:?} {peeled:?}");
            assert_eq!(signatures(&peeled)[0].addresses()[0].as_str(), persona.address);
            assert_eq!(checks(&store.verify(b"other", &signature)), [Check::DigestMismatch]);
        }
    }
    let weak = gpg(&home).args(["--detach-sign", "-u", BOB.address, "--digest-algo", "SHA1"]).stdin(TEXT).succeed();
    assert_eq!(checks(&store.verify(TEXT, &weak)), [Check::WeakAlgorithm]);
}

/// R35: signed and encrypted in one message; gpg finds an authentic message and a good signature.
#[test]
fn gpg_opens_our_messages() {
    let Some(home) = home() else { return };
    for (from, to) in sender_and_recipient() {
        let both = [persona(from), persona(to)];
        let recipients = [both[0].cert.clone(), both[1].cert.clone()];
        let blob = encrypt(TEXT, &recipients, &both[..1]);
        let (text, said) = status(&home, &["--decrypt"], &blob);
        assert_eq!(text, TEXT);
        for word in ["DECRYPTION_OKAY", "GOODMDC", "GOODSIG", from.address] {
            assert!(said.contains(word), "{word}: {said}");
        }
        assert!(!said.contains("NOMDC"), "{said}");

        let blob = encrypt(TEXT, &recipients[1..], &[]);
        let (text, said) = status(&home, &["--decrypt"], &blob);
        assert_eq!(text, TEXT);
        assert!(!said.contains("GOODSIG"), "{said}");
    }
}

/// With and without compression, signature and hidden recipients.
#[test]
fn we_open_the_messages_of_gpg() {
    let Some(home) = home() else { return };
    let store = personas(&[ALICE, BOB, CAROL]);
    for (from, to) in sender_and_recipient() {
        let base = ["--encrypt", "-r", to.address];
        for (form, shapes) in [
            (vec!["--armor", "--compress-algo", "none"], vec!["encrypted Done"]),
            (vec!["--compress-algo", "zlib"], vec!["encrypted Done", "compressed zlib"]),
            (
                vec!["--compress-algo", "bzip2", "--hidden-recipient", CAROL.address],
                vec!["encrypted Done", "compressed bzip2"],
            ),
            (
                vec!["--armor", "--sign", "-u", from.address, "--compress-algo", "zip"],
                vec!["encrypted Done", "compressed zip", "signed 1"],
            ),
            (vec!["--sign", "-u", from.address, "-z", "0"], vec!["encrypted Done", "signed 1"]),
        ] {
            let blob = gpg(&home).args(base).args(&form).stdin(TEXT).succeed();
            let (peeled, text) = store.open(&blob);
            assert_eq!(text.as_deref(), Some(TEXT), "{form:?} {peeled:?}");
            assert_eq!(shape(&peeled), shapes, "{form:?}");
            let Layer::Encrypted(encryption) = &peeled.layers[0] else { panic!("{peeled:?}") };
            assert_eq!(encryption.integrity, Some(Integrity::Mdc));
            if shapes.last().is_some_and(|last| last.starts_with("signed")) {
                assert_eq!(checks(&peeled), [Check::Valid]);
            }
        }
    }
}

/// A hidden recipient is found among all keys; somebody else learns nothing but that there is no key of theirs.
#[test]
fn hidden_recipients_of_gpg() {
    let Some(home) = home() else { return };
    let blob = gpg(&home).args(["--encrypt", "--hidden-recipient", CAROL.address]).stdin(TEXT).succeed();
    let (peeled, text) = personas(&[ALICE, BOB, CAROL]).open(&blob);
    assert_eq!(text.as_deref(), Some(TEXT), "{peeled:?}");
    let (peeled, text) = personas(&[ALICE, BOB]).open(&blob);
    assert_eq!((shape(&peeled), text), (vec!["encrypted NoKey".to_owned()], None));
    assert!(peeled.wanted.is_empty());
}

/// Attack 18: a message that is only signed is never called encrypted.
#[test]
fn signed_only_is_not_encrypted() {
    let Some(home) = home() else { return };
    let store = personas(&[ALICE]);
    let blob = gpg(&home).args(["--sign", "-z", "0", "-u", ALICE.address]).stdin(TEXT).succeed();
    let (peeled, text) = store.open(&blob);
    assert_eq!(text.as_deref(), Some(TEXT));
    assert_eq!(shape(&peeled), ["signed 1"]);
    assert_eq!(checks(&peeled), [Check::Valid]);

    // R39: the cleartext framework is no layer.
    let blob = gpg(&home).args(["--clearsign", "-u", ALICE.address]).stdin(TEXT).succeed();
    let (peeled, text) = store.open(&blob);
    assert_eq!((shape(&peeled), text), (Vec::<String>::new(), None));
    // A literal packet alone is neither.
    let blob = gpg(&home).args(["--store", "-z", "0"]).stdin(TEXT).succeed();
    let (peeled, text) = store.open(&blob);
    assert_eq!((shape(&peeled), text), (Vec::<String>::new(), None), "{peeled:?}");
}

/// Old ciphers are read and named (R67); without integrity protection nothing is released (attack 4).
#[test]
fn old_messages_of_gpg() {
    let Some(home) = home() else { return };
    let store = personas(&[BOB]);
    let base = ["--encrypt", "-r", BOB.address, "-z", "0"];
    let blob = gpg(&home).args(base).args(["--cipher-algo", "3DES"]).stdin(TEXT).succeed();
    let (peeled, text) = store.open(&blob);
    assert_eq!(text.as_deref(), Some(TEXT), "{peeled:?}");
    assert!(peeled.defects.iter().any(|defect| defect.contains("weak")), "{peeled:?}");

    let blob = gpg(&home).args(base).args(["--rfc2440", "--cipher-algo", "AES256"]).stdin(TEXT).succeed();
    let (peeled, text) = store.open(&blob);
    assert_eq!((shape(&peeled), text), (vec!["encrypted Failed".to_owned()], None));
    let Layer::Encrypted(encryption) = &peeled.layers[0] else { panic!("{peeled:?}") };
    assert_eq!(encryption.integrity, Some(Integrity::None));
}

/// A key that gpg locked: its passphrase opens both the signing and the encryption key.
#[test]
fn keys_that_gpg_locked() {
    use mailseal_core::{Locked, Passphrase, Prompt, Protocol};
    use mailseal_openpgp::OpenPgp;
    use std::sync::Arc;

    struct Answer(&'static str);
    impl Prompt for Answer {
        fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
            (attempt == 0).then(|| Passphrase::new(self.0.to_owned()))
        }
    }

    let Some(home) = home() else { return };
    let encoded = fs::read(LOCKED.openpgp_key()).unwrap();
    drop(gpg(&home).arg("--import").arg(LOCKED.openpgp_cert()).succeed());
    let blob = gpg(&home).args(["--encrypt", "-r", LOCKED.address]).stdin(TEXT).succeed();
    for (passphrase, outcome, opened) in
        [(LOCKED_PASSPHRASE, "encrypted Done", true), ("wrong", "encrypted Locked", false)]
    {
        let keys = OpenPgp.parse_keys(&encoded, "locked", &[], Arc::new(Answer(passphrase))).unwrap();
        let store = Store { certs: vec![keys[0].cert.clone()], keys, ..Store::default() };
        let (peeled, text) = store.open(&blob);
        assert_eq!((shape(&peeled)[0].as_str(), text.is_some()), (outcome, opened));
    }
}

/// Passwords and hidden recipients, both ways; gpg sees nobody's name.
#[test]
fn passwords_and_hidden_recipients() {
    let Some(home) = home() else { return };
    let passphrase = "correct horse";
    let passwords = [Passphrase::new(passphrase.to_owned())];
    let asked = ["--batch", "--pinentry-mode", "loopback", "--passphrase", passphrase];
    let bob = [persona(BOB).cert];
    let write = |to: &Recipients<'_>| {
        let (mut out, rules) = (Vec::new(), common::policy());
        OpenPgp.encrypt_to(&TEXT.to_vec(), to, Container::Fitting, &[], &rules, &mut out).unwrap();
        out
    };

    let blob = write(&Recipients { passwords: &passwords, ..Recipients::default() });
    let (text, said) = status(&home, &[&asked[..], &["--decrypt"]].concat(), &blob);
    assert_eq!(text, TEXT);
    assert!(said.contains("DECRYPTION_OKAY") && said.contains("GOODMDC"), "{said}");

    let blob = write(&Recipients { hidden: &bob, ..Recipients::default() });
    let (text, said) = status(&home, &["--decrypt"], &blob);
    assert_eq!(text, TEXT);
    assert!(said.contains("ENC_TO 0000000000000000") && said.contains("GOODMDC"), "{said}");

    let store = Store { passphrases: passwords.to_vec(), ..Store::default() };
    for form in [&["--armor"][..], &["--s2k-digest-algo", "SHA512"], &["--s2k-mode", "1"], &["--cipher-algo", "AES"]] {
        let symmetric = [&asked[..], form, &["--symmetric"]].concat();
        let blob = gpg(&home).args(symmetric).stdin(TEXT).succeed();
        let (peeled, text) = store.open(&blob);
        assert_eq!(text.as_deref(), Some(TEXT), "{form:?} {peeled:?}");
    }
    let both = [&asked[..], &["--symmetric", "--encrypt", "-R", BOB.address]].concat();
    let blob = gpg(&home).args(both).stdin(TEXT).succeed();
    assert_eq!(store.open(&blob).1.as_deref(), Some(TEXT));
    assert_eq!(personas(&[BOB]).open(&blob).1.as_deref(), Some(TEXT));
}
