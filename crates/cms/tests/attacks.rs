//! Forged and damaged signed data: every trick of attack classes 1, 11, 12, 13 and 21 that can be played on this layer.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

use const_oid::ObjectIdentifier;
use mailseal_cms::algorithm::SignatureScheme;
use mailseal_cms::ber::encode::{self, SEQUENCE, SET, constructed, context, set_of, tlv};
use mailseal_cms::engine::{Hash, SigningKey, SoftwareKey};
use mailseal_cms::signed_data::{Check, Flaw, SignedDataBuilder, Signer, SignerId};

mod support;
use support::{certificate, key, verify_detached, verify_detached_with, verify_opaque};

const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\nPay Eve 1 euro.\r\n";
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const ALGORITHM_PROTECTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.52");

/// A SignedData by Bob that says whatever it is told to, signed with his real key.
struct Forge {
    key: SoftwareKey,
    digest_algorithms: Vec<Vec<u8>>,
    content_type: ObjectIdentifier,
    content: Option<Vec<u8>>,
    /// Encoded attributes; `None` is no signedAttrs.
    attributes: Option<Vec<Vec<u8>>>,
    /// The SET as it is sent, if it is not the one that is signed.
    sent_attributes: Option<Vec<u8>>,
    unsigned_attributes: Vec<u8>,
    /// What is signed in place of the attributes or the content.
    to_sign: Option<Vec<u8>>,
    certificates: Vec<Vec<u8>>,
    signers: usize,
}

impl Forge {
    fn new() -> Self {
        Forge {
            key: key("bob"),
            digest_algorithms: vec![sha256()],
            content_type: DATA,
            content: Some(CONTENT.to_vec()),
            attributes: Some(good_attributes(CONTENT)),
            sent_attributes: None,
            unsigned_attributes: Vec::new(),
            to_sign: None,
            certificates: vec![certificate("bob")],
            signers: 1,
        }
    }

    fn with_attributes(attributes: Vec<Vec<u8>>) -> Self {
        Forge { attributes: Some(attributes), ..Forge::new() }
    }

    fn build(&self) -> Vec<u8> {
        let content = self.content.clone().unwrap_or_else(|| CONTENT.to_vec());
        let set = self.attributes.clone().map(|attributes| set_of(SET, attributes));
        let to_sign = self.to_sign.clone().or(set.clone()).unwrap_or(content);
        let scheme = SignatureScheme::Ecdsa { hash: Hash::Sha256 };
        let signature = self.key.sign(&scheme, &Hash::Sha256.digest(&to_sign)).unwrap();
        let sent = self.sent_attributes.clone().or(set.map(|set| [&[context(0)], &set[1..]].concat()));
        let ecdsa = encode::oid(ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"));
        let signer_info = constructed(
            SEQUENCE,
            &[
                &encode::small_integer(1),
                &bobs_id(),
                &sha256(),
                &sent.unwrap_or_default(),
                &tlv(SEQUENCE, &ecdsa),
                &tlv(encode::OCTET_STRING, &signature),
                &self.unsigned_attributes,
            ],
        );
        let e_content = self.content.as_ref().map(|content| tlv(context(0), &tlv(encode::OCTET_STRING, content)));
        let encap = constructed(SEQUENCE, &[&encode::oid(self.content_type), &e_content.unwrap_or_default()]);
        let signed_data = constructed(
            SEQUENCE,
            &[
                &encode::small_integer(1),
                &set_of(SET, self.digest_algorithms.clone()),
                &encap,
                &set_of(context(0), self.certificates.clone()),
                &set_of(SET, vec![signer_info; self.signers]),
            ],
        );
        let oid = encode::oid(ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2"));
        constructed(SEQUENCE, &[&oid, &tlv(context(0), &signed_data)])
    }

    /// The verdict on the first signer of the opaque message.
    fn check(&self) -> Check {
        verify_opaque(&self.build()).unwrap().0.signers[0].check.clone()
    }
}

fn sha256() -> Vec<u8> {
    tlv(SEQUENCE, &encode::oid(Hash::Sha256.oid()))
}

fn attribute(oid: ObjectIdentifier, values: &[&[u8]]) -> Vec<u8> {
    constructed(SEQUENCE, &[&encode::oid(oid), &constructed(SET, values)])
}

fn content_type(oid: ObjectIdentifier) -> Vec<u8> {
    attribute(CONTENT_TYPE, &[&encode::oid(oid)])
}

fn message_digest(content: &[u8]) -> Vec<u8> {
    attribute(MESSAGE_DIGEST, &[&tlv(encode::OCTET_STRING, &Hash::Sha256.digest(content))])
}

fn good_attributes(content: &[u8]) -> Vec<Vec<u8>> {
    vec![content_type(DATA), message_digest(content)]
}

/// issuerAndSerialNumber of Bob's certificate.
fn bobs_id() -> Vec<u8> {
    let key = key("bob");
    let signature = SignedDataBuilder::new().signer(Signer::new(&certificate("bob"), &key).unwrap());
    let report = verify_detached(&signature.detached().unwrap().finish().unwrap(), b"").unwrap();
    match report.signers[0].sid.clone().unwrap() {
        SignerId::IssuerAndSerial { issuer, serial } => constructed(SEQUENCE, &[&issuer, &serial]),
        SignerId::SubjectKeyId(_) => panic!("named by issuer and serial number"),
    }
}

#[test]
fn the_forge_makes_good_ones_too() {
    assert_eq!(Forge::new().check(), Check::Valid);
    assert_eq!(Forge { attributes: None, ..Forge::new() }.check(), Check::Valid);
    let detached = Forge { content: None, ..Forge::new() }.build();
    assert_eq!(verify_detached(&detached, CONTENT).unwrap().signers[0].check, Check::Valid);
}

/// R45, attack 1: a detached signature with content of its own, even empty or the same content, is refused; so is a
/// detached signature where content should be inside.
#[test]
fn content_is_where_the_caller_says() {
    for content in [CONTENT, b""] {
        let forged =
            Forge { content: Some(content.to_vec()), attributes: Some(good_attributes(content)), ..Forge::new() };
        let report = verify_detached(&forged.build(), CONTENT).unwrap();
        assert_eq!(report.signers[0].check, Check::Malformed(Flaw::ContentEmbedded));
        assert_eq!(report.embedded, Some(content.len() as u64));
    }
    let detached = Forge { content: None, ..Forge::new() };
    assert_eq!(detached.check(), Check::Malformed(Flaw::ContentMissing));
    let of_nothing = Forge { content: None, attributes: Some(good_attributes(b"")), ..Forge::new() };
    assert_eq!(of_nothing.check(), Check::Malformed(Flaw::ContentMissing), "no content is not empty content");
}

/// R46, attack 12.
#[test]
fn no_signer_is_no_verdict() {
    let (report, content) = verify_opaque(&Forge { signers: 0, ..Forge::new() }.build()).unwrap();
    assert!(report.signers.is_empty());
    assert_eq!(content, CONTENT);
}

/// R48, attack 13: contentType and messageDigest exactly once, with exactly one value.
#[test]
fn attributes_missing_doubled_or_without_one_value() {
    let oid = encode::oid(DATA);
    let digest = tlv(encode::OCTET_STRING, &Hash::Sha256.digest(CONTENT));
    let other = tlv(encode::OCTET_STRING, &Hash::Sha256.digest(b"other"));
    let time: &[u8] = b"\x17\x0d260601000000Z";
    let (good_type, good_digest) = (content_type(DATA), message_digest(CONTENT));
    let cases = [
        (vec![good_digest.clone()], Flaw::AttributeMissing(CONTENT_TYPE)),
        (vec![good_type.clone()], Flaw::AttributeMissing(MESSAGE_DIGEST)),
        (vec![], Flaw::AttributeMissing(CONTENT_TYPE)),
        (vec![good_type.clone(), good_type.clone(), good_digest.clone()], Flaw::AttributeRepeated(CONTENT_TYPE)),
        (vec![good_type.clone(), good_digest.clone(), good_digest.clone()], Flaw::AttributeRepeated(MESSAGE_DIGEST)),
        (vec![good_type.clone(), good_digest.clone(), message_digest(b"")], Flaw::AttributeRepeated(MESSAGE_DIGEST)),
        (vec![attribute(CONTENT_TYPE, &[]), good_digest.clone()], Flaw::AttributeValue(CONTENT_TYPE)),
        (vec![attribute(CONTENT_TYPE, &[&oid, &oid]), good_digest.clone()], Flaw::AttributeValue(CONTENT_TYPE)),
        (vec![attribute(CONTENT_TYPE, &[&digest]), good_digest.clone()], Flaw::AttributeValue(CONTENT_TYPE)),
        (vec![good_type.clone(), attribute(MESSAGE_DIGEST, &[])], Flaw::AttributeValue(MESSAGE_DIGEST)),
        (vec![good_type.clone(), attribute(MESSAGE_DIGEST, &[&digest, &other])], Flaw::AttributeValue(MESSAGE_DIGEST)),
        (vec![good_type.clone(), attribute(MESSAGE_DIGEST, &[&oid])], Flaw::AttributeValue(MESSAGE_DIGEST)),
        (
            vec![good_type.clone(), good_digest.clone(), attribute(SIGNING_TIME, &[time, time])],
            Flaw::AttributeValue(SIGNING_TIME),
        ),
        (
            vec![good_type.clone(), good_digest.clone(), attribute(SIGNING_TIME, &[&oid])],
            Flaw::AttributeValue(SIGNING_TIME),
        ),
        (vec![content_type(TST_INFO), good_digest], Flaw::ContentTypeMismatch),
    ];
    for (attributes, flaw) in cases {
        assert_eq!(Forge::with_attributes(attributes).check(), Check::Malformed(flaw));
    }
    assert_eq!(Forge::with_attributes(good_attributes(b"other")).check(), Check::DigestMismatch);
}

/// Attack 13: a SEQUENCE in place of the SET, around the attributes or around the values of one.
#[test]
fn a_sequence_is_no_set() {
    let inner = tlv(SEQUENCE, &good_attributes(CONTENT).concat());
    let explicit = Forge { sent_attributes: Some(tlv(context(0), &inner)), ..Forge::new() };
    assert_eq!(explicit.check(), Check::Malformed(Flaw::Encoding));
    let naked = Forge { sent_attributes: Some(inner.clone()), ..Forge::new() };
    assert_eq!(naked.check(), Check::Malformed(Flaw::Encoding));
    let signed_as_sequence = Forge { to_sign: Some(inner), ..Forge::new() };
    assert_eq!(signed_as_sequence.check(), Check::BadSignature);
    let values = constructed(SEQUENCE, &[&encode::oid(CONTENT_TYPE), &tlv(SEQUENCE, &encode::oid(DATA))]);
    let forged = Forge::with_attributes(vec![values, message_digest(CONTENT)]);
    assert_eq!(forged.check(), Check::Malformed(Flaw::Encoding));
}

/// Attack 13: without signed attributes the content must be id-data.
#[test]
fn other_content_needs_attributes() {
    let forged = Forge { content_type: TST_INFO, attributes: None, ..Forge::new() };
    assert_eq!(forged.check(), Check::Malformed(Flaw::AttributesRequired));
    let attributes = vec![content_type(TST_INFO), message_digest(CONTENT)];
    let good = Forge { content_type: TST_INFO, attributes: Some(attributes), ..Forge::new() };
    assert_eq!(good.check(), Check::Valid, "by the mathematics; S/MIME asks for id-data on top");
}

/// Attack 13: the attributes of a real signature, dropped from it and put where the content was, verify by the key.
#[test]
fn attributes_passed_off_as_content() {
    let attributes = set_of(SET, good_attributes(CONTENT));
    let forged = Forge { content: Some(attributes.clone()), attributes: None, ..Forge::new() };
    assert_eq!(forged.check(), Check::Malformed(Flaw::ContentIsAttributes));
    let detached = Forge { content: None, attributes: None, to_sign: Some(attributes.clone()), ..Forge::new() };
    let report = verify_detached(&detached.build(), &attributes).unwrap();
    assert_eq!(report.signers[0].check, Check::Malformed(Flaw::ContentIsAttributes));
}

/// Attributes count as received or in DER, and both ways say the same.
#[test]
fn attributes_in_ber() {
    let attributes = good_attributes(CONTENT);
    let backwards: Vec<u8> = attributes.iter().rev().flatten().copied().collect();
    let indefinite = [&[context(0), 0x80], &backwards[..], &[0, 0]].concat();
    let unsorted = tlv(context(0), &backwards);
    for sent in [indefinite, unsorted] {
        let signed_in_der = Forge { sent_attributes: Some(sent.clone()), ..Forge::new() };
        assert_eq!(signed_in_der.check(), Check::Valid);
        let as_received = [&[SET], &sent[1..]].concat();
        let signed_as_sent = Forge { sent_attributes: Some(sent.clone()), to_sign: Some(as_received), ..Forge::new() };
        assert_eq!(signed_as_sent.check(), Check::Valid);
        let tagged = Forge { sent_attributes: Some(sent.clone()), to_sign: Some(sent), ..Forge::new() };
        assert_eq!(tagged.check(), Check::BadSignature, "signed under the tag [0]");
    }
}

/// RFC 5652 §11: what must be signed is refused where it is not.
#[test]
fn unsigned_attributes() {
    let unsigned = |attribute: Vec<u8>| Forge { unsigned_attributes: tlv(context(1), &attribute), ..Forge::new() };
    let time = attribute(SIGNING_TIME, &[b"\x17\x0d260601000000Z"]);
    assert_eq!(unsigned(time).check(), Check::Malformed(Flaw::AttributeUnsigned(SIGNING_TIME)));
    assert_eq!(unsigned(vec![5, 0]).check(), Check::Malformed(Flaw::Encoding));
    assert_eq!(unsigned(attribute(TST_INFO, &[&[5, 0]])).check(), Check::Valid);
}

/// RFC 6211: the algorithms are the signer's, not those that somebody put there.
#[test]
fn protected_algorithms() {
    let signature = encode::oid(ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"));
    let protection = |digest: &[u8]| {
        let value = constructed(SEQUENCE, &[digest, &tlv(context(1), &signature)]);
        let attributes = [good_attributes(CONTENT), vec![attribute(ALGORITHM_PROTECTION, &[&value])]].concat();
        Forge::with_attributes(attributes).check()
    };
    assert_eq!(protection(&sha256()), Check::Valid);
    let sha512 = tlv(SEQUENCE, &encode::oid(Hash::Sha512.oid()));
    assert_eq!(protection(&sha512), Check::Malformed(Flaw::AlgorithmsDisagree));
}

/// RFC 5035: another certificate with the same name and the same key is not the signer's.
#[test]
fn the_signing_certificate_is_meant() {
    let bob = key("bob");
    let builder = SignedDataBuilder::new().signer(Signer::new(&certificate("bob"), &bob).unwrap());
    let signature = builder.detached().unwrap().finish().unwrap();
    let (impostor, swapped) = with_other_certificate(&signature, &certificate("bob"));
    let report = verify_detached(&swapped, b"").unwrap();
    assert_eq!(report.signers[0].check, Check::Malformed(Flaw::WrongCertificate));
    let lookup = |_: &SignerId| vec![impostor.clone(), certificate("bob")];
    let report = verify_detached_with(&swapped, b"", &lookup).unwrap();
    assert_eq!(report.signers[0].check, Check::Valid);
    assert_eq!(report.signers[0].certificate, Some(certificate("bob")));
}

/// RFC 5652 §5.1, CVE-2026-45447: no digest is announced.
#[test]
fn the_digest_must_be_announced() {
    let forged = Forge { digest_algorithms: Vec::new(), ..Forge::new() };
    assert_eq!(forged.check(), Check::Malformed(Flaw::DigestNotAnnounced));
}

/// Attack 12, 23: a thousand signers or certificates are an error, not a thousand verifications.
#[test]
fn too_many() {
    assert!(verify_opaque(&Forge { signers: 65, ..Forge::new() }.build()).is_err());
    assert_eq!(verify_opaque(&Forge { signers: 64, ..Forge::new() }.build()).unwrap().0.signers.len(), 64);
    let many = Forge { certificates: vec![vec![5, 0]; 1_001], ..Forge::new() };
    assert!(verify_opaque(&many.build()).is_err());
}

/// The signature with one octet of the certificate's own signature changed, so that only its hash differs.
fn with_other_certificate(signature: &[u8], certificate: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut impostor = certificate.to_vec();
    *impostor.last_mut().unwrap() ^= 1;
    let at = signature.windows(certificate.len()).position(|window| window == certificate).unwrap();
    let mut swapped = signature.to_vec();
    swapped[at..at + impostor.len()].copy_from_slice(&impostor);
    (impostor, swapped)
}
