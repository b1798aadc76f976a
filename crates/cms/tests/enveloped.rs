//! EnvelopedData and AuthEnvelopedData, written and read back, whole and altered.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

mod support;

use std::io::Write;

use mailseal_cms::algorithm::{ContentCipher, Integrity, RsaPadding};
use mailseal_cms::ber::{Reader, Tag};
use mailseal_cms::engine::Hash;
use mailseal_cms::enveloped_data::EnvelopedDataBuilder;
use mailseal_cms::recipient::{Recipient, RecipientId, RecipientKind};
use mailseal_cms::{ContentType, Error};
use mailseal_weak_keys::Weakness;
use proptest::prelude::*;
use rsa::pkcs8::EncodePublicKey;
use support::envelopes::{CIPHERS, Person, open};
use support::tree::Node;

fn to(person: &Person) -> Recipient {
    Recipient::from_certificate(&person.cert).unwrap()
}

fn seal(builder: EnvelopedDataBuilder, plaintext: &[u8]) -> Vec<u8> {
    let mut writer = builder.encrypt(Vec::new()).unwrap();
    writer.write_all(plaintext).unwrap();
    writer.finish().unwrap()
}

fn message(cipher: ContentCipher, recipients: &[Recipient], plaintext: &[u8]) -> Vec<u8> {
    let builder = recipients.iter().cloned().fold(EnvelopedDataBuilder::new(cipher), EnvelopedDataBuilder::recipient);
    seal(builder, plaintext)
}

/// RFC 5652 §6.1, RFC 5083 §2.1: the version of the whole.
fn version(message: &[u8]) -> Vec<u8> {
    let mut reader = Reader::new(message);
    reader.enter(Tag::SEQUENCE).unwrap();
    reader.element(64).unwrap();
    reader.enter(Tag::context(0)).unwrap();
    reader.enter(Tag::SEQUENCE).unwrap();
    reader.element(64).unwrap()
}

#[test]
fn every_cipher_and_kind_of_recipient() {
    let [alice, bob, dave, frank, grace, heidi] =
        ["alice", "bob", "dave", "frank", "grace", "heidi-reads"].map(Person::named);
    let oaep = RsaPadding::Oaep { hash: Hash::Sha256, mgf_hash: Hash::Sha1, label: b"label".to_vec() };
    for cipher in CIPHERS {
        let recipients = [
            to(&alice),
            to(&bob).key_derivation(Hash::Sha512),
            to(&dave).rsa_padding(oaep.clone()),
            to(&frank).key_derivation(Hash::Sha384),
            to(&grace),
            to(&heidi).key_derivation(Hash::Sha384),
        ];
        let sealed = message(cipher, &recipients, b"the plaintext");
        let is_aead = cipher.integrity() == Integrity::Aead;
        assert_eq!(version(&sealed), [2, 1, if is_aead { 0 } else { 2 }]);
        for person in [&alice, &bob, &dave, &frank, &grace, &heidi] {
            let (facts, plaintext) = open(&sealed, &[person]).unwrap();
            assert_eq!(plaintext, b"the plaintext");
            assert_eq!((facts.cipher, facts.content_type), (cipher, ContentType::Data));
            assert_eq!(facts.recipients.len(), 6);
            let opened_by = &facts.recipients[facts.opened_by];
            assert!(person.ids.contains(opened_by.id.as_ref().unwrap()));
        }
        let kinds = open(&sealed, &[&bob]).unwrap().0.recipients;
        assert_eq!(kinds.iter().filter(|info| info.kind == RecipientKind::KeyAgreement).count(), 4);
        assert!(matches!(open(&sealed, &[]), Err(Error::NoKey)));
        assert!(matches!(open(&sealed, &[&Person::named("eve")]), Err(Error::NoKey)));
    }
}

#[test]
fn versions_follow_the_recipients() {
    let (alice, bob) = (Person::named("alice"), Person::named("bob"));
    let cbc = ContentCipher::Aes256Cbc;
    assert_eq!(version(&message(cbc, &[to(&alice)], b"")), [2, 1, 0]);
    assert_eq!(version(&message(cbc, &[to(&alice), to(&bob)], b"")), [2, 1, 2]);
    let by_key_id = RecipientId::SubjectKeyId(b"some key".to_vec());
    let spki = x509_cert_spki(&alice.cert);
    assert_eq!(version(&message(cbc, &[Recipient::new(by_key_id, &spki).unwrap()], b"")), [2, 1, 2]);
}

#[test]
fn recipients_named_by_key_identifier() {
    for name in ["alice", "bob"] {
        let mut person = Person::named(name);
        person.ids = vec![RecipientId::SubjectKeyId(b"some key".to_vec())];
        let recipient = Recipient::new(person.ids[0].clone(), &x509_cert_spki(&person.cert)).unwrap();
        let sealed = message(ContentCipher::Aes128Gcm, &[recipient], b"text");
        assert_eq!(open(&sealed, &[&person]).unwrap().1, b"text");
    }
}

#[test]
fn sizes_around_every_border() {
    let bob = Person::named("bob");
    let sizes = [0, 1, 15, 16, 17, 31, 32, 4095, 4096, 4097, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 200_000];
    for cipher in [ContentCipher::Aes128Cbc, ContentCipher::Aes256Gcm, ContentCipher::ChaCha20Poly1305] {
        for size in sizes {
            let plaintext: Vec<u8> = (0..size).map(|i| (i * 7) as u8).collect();
            let sealed = message(cipher, &[to(&bob)], &plaintext);
            assert!(open(&sealed, &[&bob]).unwrap().1 == plaintext, "{size} octets");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// However the plaintext is cut when it is written, it comes back.
    #[test]
    fn pieces_do_not_matter(
        plaintext in proptest::collection::vec(any::<u8>(), 0..50_000),
        piece in 1usize..20_000,
        gcm: bool,
    ) {
        let bob = Person::named("bob");
        let cipher = if gcm { ContentCipher::Aes256Gcm } else { ContentCipher::Aes256Cbc };
        let mut writer = EnvelopedDataBuilder::new(cipher).recipient(to(&bob)).encrypt(Vec::new()).unwrap();
        plaintext.chunks(piece).for_each(|piece| writer.write_all(piece).unwrap());
        let sealed = writer.finish().unwrap();
        prop_assert!(open(&sealed, &[&bob]).unwrap().1 == plaintext);
    }
}

/// Authenticated attributes come after the ciphertext and are authenticated all the same (attack 9).
#[test]
fn authenticated_attributes_are_authenticated() {
    for cipher in [ContentCipher::Aes256Gcm, ContentCipher::ChaCha20Poly1305] {
        attributes_are_authenticated_by(cipher);
    }
}

fn attributes_are_authenticated_by(cipher: ContentCipher) {
    let bob = Person::named("bob");
    let builder = EnvelopedDataBuilder::new(cipher).recipient(to(&bob)).content_type(ContentType::SignedData);
    let sealed = seal(builder, &[b'x'; 5000]);
    assert_eq!(open(&sealed, &[&bob]).unwrap().0.content_type, ContentType::SignedData);

    // Both content types at once: the attribute agrees with the content but not with the tag.
    let signed_data = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    let places: Vec<usize> =
        (0..sealed.len() - 9).filter(|i| sealed[*i..*i + 9] == signed_data).map(|i| i + 8).collect();
    assert_eq!(places.len(), 2);
    let mut altered = sealed.clone();
    places.iter().for_each(|place| altered[*place] = 1);
    assert!(matches!(open(&altered, &[&bob]), Err(Error::Decrypt)));
    // One without the other.
    for place in places {
        let mut altered = sealed.clone();
        altered[place] = 1;
        assert!(matches!(open(&altered, &[&bob]), Err(Error::Malformed { .. })));
    }
}

/// Attack 4, 9: whatever octet is altered, no other plaintext than the real one is ever committed.
#[test]
fn an_altered_message_gives_no_altered_plaintext() {
    let (alice, bob) = (Person::named("alice"), Person::named("bob"));
    let (gcm, chacha) = (ContentCipher::Aes256Gcm, ContentCipher::ChaCha20Poly1305);
    for (cipher, person, flips) in
        [(gcm, &alice, &[0x01][..]), (gcm, &bob, &[0x01, 0x80, 0xff]), (chacha, &bob, &[0x01, 0x80])]
    {
        let sealed = message(cipher, &[to(person)], b"attack at dawn");
        let mut harmless = 0;
        for place in 0..sealed.len() {
            for flip in flips {
                let mut altered = sealed.clone();
                altered[place] ^= flip;
                if let Ok((_, plaintext)) = open(&altered, &[person]) {
                    assert_eq!(plaintext, b"attack at dawn", "octet {place}");
                    harmless += 1;
                }
            }
        }
        assert_eq!(harmless, 0, "of {} octets", sealed.len());
    }
}

/// Attack 11: every ASN.1 node dropped, doubled, emptied, given another type or another place.
#[test]
fn no_structural_change_gives_other_plaintext() {
    let bob = Person::named("bob");
    let builder =
        EnvelopedDataBuilder::new(ContentCipher::Aes256Gcm).recipient(to(&bob)).content_type(ContentType::SignedData);
    let sealed = seal(builder, b"attack at dawn");
    let mutations = Node::parse(&sealed).mutations();
    assert!(mutations.len() > 500, "only {}", mutations.len());
    for mutation in mutations {
        if let Ok((facts, plaintext)) = open(&mutation.encode(), &[&bob]) {
            assert_eq!((facts.content_type, &plaintext[..]), (ContentType::SignedData, &b"attack at dawn"[..]));
        }
    }
}

/// Attack 4: a truncated message commits nothing, and nothing may follow a message.
#[test]
fn truncated_and_lengthened_messages_are_refused() {
    let bob = Person::named("bob");
    for cipher in [ContentCipher::Aes256Gcm, ContentCipher::Aes128Cbc] {
        let sealed = message(cipher, &[to(&bob)], &[b'x'; 100]);
        for end in 0..sealed.len() {
            assert!(open(&sealed[..end], &[&bob]).is_err(), "{end} octets");
        }
        for trailing in [&b"\0"[..], b"\0\0", b"\r\n", &sealed] {
            assert!(open(&[&sealed, trailing].concat(), &[&bob]).is_err());
        }
    }
}

/// The places of the encrypted keys, which are the only long OCTET STRINGs before the content.
fn encrypted_keys(sealed: &[u8]) -> Vec<usize> {
    let header = [0x04, 0x82, 0x01, 0x80];
    (0..sealed.len() - 4).filter(|i| sealed[*i..*i + 4] == header).map(|i| i + 4).collect()
}

/// Attack 7: with several keys of one reader, it does not matter which encrypted key is bad, and nothing shows why all
/// of them are.
#[test]
fn which_encrypted_key_was_bad_does_not_show() {
    let (alice, dave) = (Person::named("alice"), Person::named("dave"));
    let recipients = [to(&alice), to(&dave), to(&alice)];
    for cipher in [ContentCipher::Aes256Gcm, ContentCipher::Aes256Cbc] {
        let sealed = message(cipher, &recipients, b"text");
        let keys = encrypted_keys(&sealed);
        assert_eq!(keys.len(), 3);
        let corrupt = |which: &[usize], at: usize| {
            let mut altered = sealed.clone();
            which.iter().for_each(|key| altered[keys[*key] + at] ^= 0x55);
            open(&altered, &[&alice, &dave])
        };
        for bad in [&[0][..], &[1], &[2], &[0, 1], &[0, 2], &[1, 2]] {
            let (_, plaintext) = corrupt(bad, 200).unwrap();
            assert!(plaintext == b"text" || cipher.integrity() == Integrity::None);
        }
        // All bad, in whatever way: one error. Without a tag a wrong key passes for right now and then.
        for at in [0, 1, 2, 100, 383] {
            match corrupt(&[0, 1, 2], at) {
                Err(error) => assert_eq!(format!("{error:?}"), format!("{:?}", Error::Decrypt)),
                Ok((_, plaintext)) => assert!(cipher.integrity() == Integrity::None && plaintext != b"text"),
            }
        }
    }
}

/// Attack 7, 8: an encrypted key that is no number below the modulus, too short or too long.
#[test]
fn odd_encrypted_keys_are_one_error() {
    let alice = Person::named("alice");
    let sealed = message(ContentCipher::Aes256Gcm, &[to(&alice)], b"text");
    let key = encrypted_keys(&sealed)[0];
    for fill in [0x00, 0x01, 0xff] {
        let mut altered = sealed.clone();
        altered[key..key + 384].fill(fill);
        assert!(matches!(open(&altered, &[&alice]), Err(Error::Decrypt)), "{fill}");
    }
}

/// Attack 7: a content key that is not as long as the cipher's is the same error as a wrong one.
#[test]
fn a_content_key_of_another_length_is_a_wrong_key() {
    for name in ["alice", "bob"] {
        let person = Person::named(name);
        // AES-256-GCM becomes AES-128-GCM and the other way round.
        for (cipher, was, becomes) in [(ContentCipher::Aes256Gcm, 0x2e, 0x06), (ContentCipher::Aes128Gcm, 0x06, 0x2e)] {
            let mut sealed = message(cipher, &[to(&person)], b"text");
            let oid = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, was];
            let place = sealed.windows(9).position(|window| window == oid).unwrap();
            sealed[place + 8] = becomes;
            assert!(matches!(open(&sealed, &[&person]), Err(Error::Decrypt)), "{name}");
        }
    }
}

/// Attack 7, 23: an ephemeral X25519 key of low order, whose secret everybody knows, is the same error as a wrong key.
#[test]
fn an_ephemeral_key_of_low_order_is_a_wrong_key() {
    let heidi = Person::named("heidi-reads");
    let sealed = message(ContentCipher::Aes256Gcm, &[to(&heidi)], b"text");
    let before = [0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 33, 0];
    let key = sealed.windows(before.len()).position(|window| window == before).unwrap() + before.len();
    for first in [0, 1] {
        let mut altered = sealed.clone();
        altered[key..key + 32].fill(0);
        altered[key] = first;
        assert!(matches!(open(&altered, &[&heidi]), Err(Error::Decrypt)));
    }
}

/// Attack 23: recipients repeated for one reader cost a bounded number of private-key operations.
#[test]
fn only_so_many_recipients_are_tried() {
    let bob = Person::named("bob");
    let sealed = message(ContentCipher::Aes256Gcm, &vec![to(&bob); 8], b"text");
    assert_eq!(open(&sealed, &[&bob]).unwrap().1, b"text");
    let sealed = message(ContentCipher::Aes256Gcm, &vec![to(&bob); 9], b"text");
    assert!(matches!(open(&sealed, &[&bob]), Err(Error::Limit { .. })));
}

/// Attack 9: a tag that is not as long as aes-ICVlen says, and an aes-ICVlen under 12.
#[test]
fn tag_length_and_parameters_agree() {
    let bob = Person::named("bob");
    let sealed = message(ContentCipher::Aes256Gcm, &[to(&bob)], b"text");
    let icv_len = (0..sealed.len()).find(|i| sealed[*i..].starts_with(&[0x02, 0x01, 0x10, 0xa0, 0x80])).unwrap() + 2;
    for other in [0, 4, 11, 12, 15, 17, 0x7f] {
        let mut altered = sealed.clone();
        altered[icv_len] = other;
        let refused = open(&altered, &[&bob]);
        assert!(matches!(refused, Err(Error::Malformed { .. } | Error::Limit { .. })), "{other}: {refused:?}");
    }
}

/// RFC 5084 §3.2: tags of 12 to 16 octets are read.
#[test]
fn tags_of_every_length() {
    let bob = Person::named("bob");
    let sealed = message(ContentCipher::Aes256Gcm, &[to(&bob)], b"text");
    let icv_len = (0..sealed.len()).find(|i| sealed[*i..].starts_with(&[0x02, 0x01, 0x10, 0xa0, 0x80])).unwrap() + 2;
    // Three values of indefinite length end after the tag.
    let (before, end) = sealed.split_at(sealed.len() - 6);
    let (before, mac) = before.split_at(before.len() - 16);
    for len in 12..=16 {
        let mut shorter = [&before[..before.len() - 1], &[len], &mac[..usize::from(len)], end].concat();
        shorter[icv_len] = len;
        assert_eq!(open(&shorter, &[&bob]).unwrap().1, b"text", "{len}");
        let last = shorter.len() - 7;
        shorter[last] ^= 1;
        assert!(matches!(open(&shorter, &[&bob]), Err(Error::Decrypt)), "{len}");
    }
}

/// A cipher without authentication in AuthEnvelopedData, and one with it in EnvelopedData, are refused.
#[test]
fn ciphers_stay_where_they_belong() {
    let bob = Person::named("bob");
    for (cipher, other) in [(0x2a, 0x2e), (0x2e, 0x2a)] {
        let content_cipher = if cipher == 0x2a { ContentCipher::Aes256Cbc } else { ContentCipher::Aes256Gcm };
        let mut sealed = message(content_cipher, &[to(&bob)], b"text");
        let oid = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, cipher];
        let place = (0..sealed.len()).find(|i| sealed[*i..].starts_with(&oid)).unwrap();
        sealed[place + 8] = other;
        assert!(open(&sealed, &[&bob]).is_err());
    }
}

/// Writing takes no more memory than a chunk: the output follows the input.
#[test]
fn the_output_follows_the_input() {
    struct Count(std::rc::Rc<std::cell::Cell<usize>>);
    impl Write for Count {
        fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
            self.0.set(self.0.get() + octets.len());
            Ok(octets.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let written = std::rc::Rc::default();
    let builder = EnvelopedDataBuilder::new(ContentCipher::Aes256Gcm).recipient(to(&Person::named("bob")));
    let mut writer = builder.encrypt(Count(std::rc::Rc::clone(&written))).unwrap();
    for megabytes in 1..=8 {
        writer.write_all(&vec![0; 1 << 20]).unwrap();
        assert!(written.get() > (megabytes << 20) - (64 << 10));
    }
}

#[test]
fn weak_and_missing_recipients_are_refused() {
    assert!(matches!(EnvelopedDataBuilder::new(ContentCipher::Aes256Gcm).encrypt(Vec::new()), Err(Error::Misuse(_))));
    let bob = to(&Person::named("bob"));
    let read_only = EnvelopedDataBuilder::new(ContentCipher::TripleDesCbc).recipient(bob.clone());
    assert!(matches!(read_only.encrypt(Vec::new()), Err(Error::Unsupported { .. })));
    let sha1 = EnvelopedDataBuilder::new(ContentCipher::Aes256Gcm).recipient(bob.key_derivation(Hash::Sha1));
    assert!(matches!(sha1.encrypt(Vec::new()), Err(Error::Unsupported { .. })));

    let encrypt = |spki: &[u8]| {
        let recipient = Recipient::new(RecipientId::SubjectKeyId(vec![1]), spki)?;
        EnvelopedDataBuilder::new(ContentCipher::Aes256Gcm).recipient(recipient).encrypt(Vec::new()).map(drop)
    };
    let short = rsa::PrivateKey::new(&mut getrandom::SysRng, 1024).unwrap().to_public_key();
    let short = short.to_public_key_der().unwrap();
    assert!(matches!(encrypt(short.as_bytes()), Err(Error::WeakKey { weakness: Weakness::Short })));
    // rsaEncryption becomes id-RSASSA-PSS, a key for signatures only, of which the parameters are never NULL.
    let mut pss = x509_cert_spki(&Person::named("alice").cert);
    let oid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    let place = pss.windows(9).position(|window| window == oid).unwrap();
    pss[place + 8] = 0x0a;
    assert!(matches!(encrypt(&pss), Err(Error::Malformed { .. })));
}

/// The `SubjectPublicKeyInfo` of a certificate.
fn x509_cert_spki(cert: &[u8]) -> Vec<u8> {
    use der::{Decode, Encode};
    let cert = x509_cert::Certificate::from_der(cert).unwrap();
    cert.tbs_certificate().subject_public_key_info().to_der().unwrap()
}
