//! Recipients who share a key or a password with the sender, and all kinds of recipients together.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

mod support;

use std::io::Write;
use std::process::Command;

use mailseal_cms::Error;
use mailseal_cms::algorithm::{ContentCipher, Integrity, RsaPadding};
use mailseal_cms::engine::{DecryptionKey, Hash, KeyEncryptionKey, Passwords};
use mailseal_cms::enveloped_data::{Decrypted, EnvelopedDataBuilder};
use mailseal_cms::recipient::{Recipient, RecipientId, RecipientKind};
use proptest::prelude::*;
use support::envelopes::{CIPHERS, Person, open, open_with};
use support::tree::Node;

const TEXT: &[u8] = b"the plaintext";
const PASSWORD: &str = "wintergr\u{fc}n";
const NAME: &[u8] = b"our key";

fn seal(cipher: ContentCipher, recipients: &[Recipient], plaintext: &[u8]) -> Vec<u8> {
    let builder = recipients.iter().cloned().fold(EnvelopedDataBuilder::new(cipher), EnvelopedDataBuilder::recipient);
    let mut writer = builder.encrypt(Vec::new()).unwrap();
    writer.write_all(plaintext).unwrap();
    writer.finish().unwrap()
}

fn kek(len: usize) -> KeyEncryptionKey {
    KeyEncryptionKey::new(&(0..len as u8).collect::<Vec<_>>()).unwrap()
}

/// A few rounds: what is tested is not their number.
fn by_password() -> Recipient {
    Recipient::password(PASSWORD.as_bytes()).password_rounds(100)
}

fn open_by_name(message: &[u8], name: &[u8], key: &KeyEncryptionKey) -> Result<(Decrypted, Vec<u8>), Error> {
    let name = RecipientId::KeyEncryptionKey(name.to_vec());
    open_with(message, &|id: &RecipientId| (*id == name).then_some(key as &dyn DecryptionKey))
}

fn open_by_password(message: &[u8], passwords: &[&str]) -> Result<(Decrypted, Vec<u8>), Error> {
    let passwords = Passwords::new(passwords);
    open_with(message, &|id: &RecipientId| (*id == RecipientId::Password).then_some(&passwords as &dyn DecryptionKey))
}

#[test]
fn shared_keys_of_every_length() {
    for len in [16, 24, 32] {
        let sealed = seal(ContentCipher::Aes256Gcm, &[Recipient::key_encryption_key(NAME, &kek(len))], TEXT);
        let (facts, plaintext) = open_by_name(&sealed, NAME, &kek(len)).unwrap();
        assert_eq!(plaintext, TEXT);
        assert_eq!(facts.recipients[0].kind, RecipientKind::KeyEncryptionKey);
        assert!(matches!(open_by_name(&sealed, b"their key", &kek(len)), Err(Error::NoKey)));
        let other = KeyEncryptionKey::new(&vec![9; len]).unwrap();
        assert!(matches!(open_by_name(&sealed, NAME, &other), Err(Error::Decrypt)));
        assert!(matches!(open_by_name(&sealed, NAME, &kek(if len == 16 { 32 } else { 16 })), Err(Error::Key { .. })));
    }
    for len in [0, 8, 15, 33] {
        assert!(matches!(KeyEncryptionKey::new(&vec![0; len]), Err(Error::Key { .. })));
    }
}

#[test]
fn a_password_among_several() {
    let sealed = seal(ContentCipher::Aes256Gcm, &[by_password()], TEXT);
    let (facts, plaintext) = open_by_password(&sealed, &["summer", PASSWORD, "autumn"]).unwrap();
    assert_eq!((plaintext.as_slice(), facts.recipients[0].kind), (TEXT, RecipientKind::Password));
    for wrong in [&[][..], &[""], &["summer", "autumn"]] {
        assert!(matches!(open_by_password(&sealed, wrong), Err(Error::Decrypt)), "{wrong:?}");
    }
    let too_many =
        EnvelopedDataBuilder::new(ContentCipher::Aes256Gcm).recipient(by_password().password_rounds(2_000_001));
    assert!(matches!(too_many.encrypt(Vec::new()), Err(Error::Limit { .. })));
}

/// Attack 25: neither a shared key nor a password is shown.
#[test]
fn debug_shows_no_secret() {
    let shown = format!(
        "{:?}",
        (kek(16), Passwords::new([PASSWORD]), by_password(), Recipient::key_encryption_key(NAME, &kek(16)))
    );
    assert!(!shown.contains(PASSWORD) && !shown.contains("0, 1, 2, 3"), "{shown}");
}

/// Attack 10, 11: every ASN.1 node of a password recipient dropped, doubled, emptied, retyped or moved: no panic, no
/// other plaintext, and no endless derivation.
#[test]
fn no_structural_change_gives_other_plaintext() {
    let sealed = seal(ContentCipher::Aes256Gcm, &[by_password(), Recipient::key_encryption_key(NAME, &kek(32))], TEXT);
    let (passwords, key) = (Passwords::new([PASSWORD]), kek(32));
    for mutation in Node::parse(&sealed).mutations() {
        let opened = open_with(&mutation.encode(), &|id: &RecipientId| match id {
            RecipientId::Password => Some(&passwords as &dyn DecryptionKey),
            RecipientId::KeyEncryptionKey(_) => Some(&key),
            _ => None,
        });
        if let Ok((_, plaintext)) = opened {
            assert_eq!(plaintext, TEXT);
        }
    }
}

/// Attack 7, 10: an altered encrypted key of either kind is the same error as a wrong one.
#[test]
fn altered_encrypted_keys_are_one_error() {
    let shared = Recipient::key_encryption_key(NAME, &kek(32));
    for (recipient, len) in [(shared, 40), (by_password(), 48)] {
        let sealed = seal(ContentCipher::Aes256Gcm, &[recipient], TEXT);
        let at = sealed.windows(2).position(|window| window == [4, len]).unwrap() + 2;
        for octet in at..at + usize::from(len) {
            let mut altered = sealed.clone();
            altered[octet] ^= 0x40;
            let refused = if len == 40 {
                open_by_name(&altered, NAME, &kek(32))
            } else {
                open_by_password(&altered, &[PASSWORD])
            };
            assert!(matches!(refused, Err(Error::Decrypt)), "{octet}: {refused:?}");
        }
    }
}

/// Everybody who can be encrypted to here.
const EVERYBODY: [&str; 6] = ["alice", "bob", "dave", "frank", "grace", "heidi-reads"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the kinds of recipients, their number and order, the cipher, the hash and the size: each of them opens it.
    #[test]
    fn everybody_opens_what_is_for_everybody(
        people in proptest::sample::subsequence(EVERYBODY.to_vec(), 0..=6).prop_shuffle(),
        shared: bool,
        password: bool,
        cipher in proptest::sample::select(CIPHERS.to_vec()),
        hash in proptest::sample::select(vec![Hash::Sha256, Hash::Sha384, Hash::Sha512]),
        oaep: bool,
        plaintext in proptest::collection::vec(any::<u8>(), 0..70_000),
    ) {
        let people: Vec<Person> = people.into_iter().map(Person::named).collect();
        let padding = if oaep { RsaPadding::oaep(hash) } else { RsaPadding::Pkcs1v15 };
        let mut recipients: Vec<Recipient> = people.iter().map(|person| {
            Recipient::from_certificate(&person.cert).unwrap().rsa_padding(padding.clone()).key_derivation(hash)
        }).collect();
        recipients.extend(shared.then(|| Recipient::key_encryption_key(NAME, &kek(32))));
        recipients.extend(password.then(by_password));
        prop_assume!(!recipients.is_empty());

        let sealed = seal(cipher, &recipients, &plaintext);
        for person in &people {
            prop_assert!(open(&sealed, &[person]).unwrap().1 == plaintext);
        }
        if shared {
            prop_assert!(open_by_name(&sealed, NAME, &kek(32)).unwrap().1 == plaintext);
        }
        if password {
            prop_assert!(open_by_password(&sealed, &[PASSWORD]).unwrap().1 == plaintext);
        }
        let eve = Person::named("eve");
        prop_assert!(matches!(open(&sealed, &[&eve]), Err(Error::NoKey)));
    }
}

/// `openssl cms` in a directory; `None`, said plainly, without it.
fn openssl(directory: &tempfile::TempDir, words: &[&str]) -> Option<()> {
    let Ok(output) = Command::new("openssl").arg("cms").args(words).current_dir(directory.path()).output() else {
        eprintln!("skipped: openssl is not installed");
        return None;
    };
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(())
}

/// Words of openssl for a shared key, and for a password with a cipher of its own to wrap with.
const SHARED: [&str; 4] = ["-secretkey", "000102030405060708090a0b0c0d0e0f", "-secretkeyid", "6f7572206b6579"];

#[test]
fn openssl_reads_ours_and_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    std::fs::write(path("content"), TEXT).unwrap();
    for cipher in ["-aes-128-cbc", "-aes-192-cbc", "-aes-256-cbc", "-aes-256-gcm", "-des3"] {
        let encrypt = ["-encrypt", "-binary", "-in", "content", "-outform", "DER", "-out", "sealed", cipher];
        let Some(()) = openssl(&directory, &[&encrypt[..], &SHARED].concat()) else { return };
        assert_eq!(open_by_name(&std::fs::read(path("sealed")).unwrap(), NAME, &kek(16)).unwrap().1, TEXT, "{cipher}");
        if cipher == "-aes-256-gcm" {
            continue; // openssl wraps with the content cipher, and GCM is none to wrap with
        }
        openssl(&directory, &[&encrypt[..], &["-pwri_password", PASSWORD]].concat()).unwrap();
        let sealed = std::fs::read(path("sealed")).unwrap();
        assert_eq!(open_by_password(&sealed, &[PASSWORD]).unwrap().1, TEXT, "{cipher}");
    }
    for cipher in CIPHERS.into_iter().filter(|cipher| *cipher != ContentCipher::ChaCha20Poly1305) {
        for password in [false, true] {
            let recipient = if password { by_password() } else { Recipient::key_encryption_key(NAME, &kek(16)) };
            let alice = Recipient::from_certificate(&Person::named("alice").cert).unwrap();
            std::fs::write(path("ours"), seal(cipher, &[alice, recipient], TEXT)).unwrap();
            let with = if password { &["-pwri_password", PASSWORD][..] } else { &SHARED };
            let decrypt = ["-decrypt", "-binary", "-inform", "DER", "-in", "ours", "-out", "opened"];
            openssl(&directory, &[&decrypt[..], with].concat()).unwrap();
            assert_eq!(
                std::fs::read(path("opened")).unwrap(),
                TEXT,
                "{cipher:?} {password} {:?}",
                cipher.integrity() == Integrity::Aead
            );
        }
    }
}
