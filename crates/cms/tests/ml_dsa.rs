//! ML-DSA in CMS (RFC 9882): signatures of other programs, and openssl 3.6 both ways.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

mod support;

use mailseal_cms::algorithm::{MlDsa, SignatureScheme};
use mailseal_cms::ber::encode::{self, OCTET_STRING, SEQUENCE, SET, constructed, context, tlv};
use mailseal_cms::engine::{Hash, KeyType, SigningKey};
use mailseal_cms::signed_data::{Check, Flaw, SignedData, Signer, SignerId};
use mailseal_cms::{ContentType, Error};
use support::envelopes::{Person, vector};
use support::peer::{Peer, TEXT};
use support::{sign_opaque, verify_opaque};

const NAMES: [(&str, MlDsa); 3] =
    [("ml-dsa-44", MlDsa::Set44), ("ml-dsa-65", MlDsa::Set65), ("ml-dsa-87", MlDsa::Set87)];

/// The files of `vectors/lamps-pqc`, by five implementations: pure ML-DSA is verified, all else is named as unsupported.
#[test]
fn files_of_others() {
    let Some(folder) = vector("lamps-pqc/pqc-certificates") else { return };
    let mut judged = [0, 0];
    for (program, ending) in [("ossl35", ""), ("bc", "artifacts_cms_v3"), ("cryptonext", "artifacts_cms_v3")] {
        for entry in std::fs::read_dir(folder.join(program).join(ending)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_lowercase();
            if !name.ends_with("_signed_attrs.der") {
                continue;
            }
            let (report, _) = verify_opaque(&std::fs::read(&path).unwrap()).unwrap();
            let set = NAMES.iter().find(|(known, set)| name.starts_with(&format!("{known}-{}", set.oid())));
            match (set, &report.signers[0].check) {
                (Some((_, set)), Check::Valid) => {
                    assert!(
                        matches!(report.signers[0].scheme, Some(SignatureScheme::MlDsa { set: found, .. }) if found == *set)
                    );
                    judged[0] += 1;
                }
                (None, Check::Unsupported(_)) => judged[1] += 1,
                (_, check) => panic!("{program}/{name}: {check:?}"),
            }
        }
    }
    assert!(judged[0] >= 9 && judged[1] >= 30, "{judged:?}");
}

/// The examples of RFC 9882 come without certificates, which are those of RFC 9881.
#[test]
fn examples_of_the_rfc_need_their_certificates() {
    for name in ["44", "65", "87"] {
        let Some(file) = vector(&format!("lamps-pqc/cms-ml-dsa/examples/mldsa{name}-signed-attrs.pem")) else { return };
        let message = support::from_pem(&std::fs::read(file).unwrap());
        let (report, _) = verify_opaque(&message).unwrap();
        assert_eq!(report.signers[0].check, Check::CertificateMissing);
        assert_eq!(report.signers[0].digest, Some(Hash::Sha512));
    }
}

fn ivan() -> Person {
    Person::named("ivan")
}

/// A SignedData by Ivan over `signed` and without attributes, with this digestAlgorithm; `content` is inside.
fn without_attributes(signed: &[u8], content: &[u8], digest: &[u8]) -> Vec<u8> {
    let ivan = ivan();
    let ours = sign_opaque(Signer::new(&ivan.cert, &ivan.key).unwrap(), TEXT).unwrap();
    let id = match verify_opaque(&ours).unwrap().0.signers[0].sid.clone() {
        Some(SignerId::IssuerAndSerial { issuer, serial }) => constructed(SEQUENCE, &[&issuer, &serial]),
        other => panic!("{other:?}"),
    };
    let scheme = SignatureScheme::MlDsa { set: MlDsa::Set65, hash: Hash::Sha512 };
    let algorithm = tlv(SEQUENCE, &encode::oid(MlDsa::Set65.oid()));
    let signature = tlv(OCTET_STRING, &ivan.key.sign(&scheme, signed).unwrap());
    let version = encode::small_integer(1);
    let signer = constructed(SEQUENCE, &[&version, &id, digest, &algorithm, &signature]);
    let data = encode::oid(ContentType::Data.oid());
    let content = constructed(SEQUENCE, &[&data, &tlv(context(0), &tlv(OCTET_STRING, content))]);
    let certificates = tlv(context(0), &ivan.cert);
    let all = constructed(SEQUENCE, &[&version, &tlv(SET, &[]), &content, &certificates, &tlv(SET, &signer)]);
    constructed(SEQUENCE, &[&encode::oid(ContentType::SignedData.oid()), &tlv(context(0), &all)])
}

fn check(message: &[u8]) -> Check {
    verify_opaque(message).unwrap().0.signers[0].check.clone()
}

/// RFC 9882 §3.3: without signed attributes the content is signed, and digestAlgorithm is ignored: SHA-256, MD5, SHAKE256,
/// nothing known.
#[test]
fn without_attributes_the_digest_algorithm_is_ignored() {
    for oid in ["2.16.840.1.101.3.4.2.1", "1.2.840.113549.2.5", "2.16.840.1.101.3.4.2.12", "1.2.3.4"] {
        let digest = tlv(SEQUENCE, &encode::oid(const_oid::ObjectIdentifier::new_unwrap(oid)));
        assert_eq!(check(&without_attributes(TEXT, TEXT, &digest)), Check::Valid, "{oid}");
        assert_eq!(check(&without_attributes(TEXT, b"other", &digest)), Check::BadSignature, "{oid}");
        let attributes = tlv(SET, &tlv(SEQUENCE, &encode::oid(ContentType::Data.oid())));
        let confused = check(&without_attributes(&attributes, &attributes, &digest));
        assert_eq!(confused, Check::Malformed(Flaw::ContentIsAttributes), "attack 13");
    }
}

/// With OpenSSL 3.6, both ways, with signed attributes; it cannot do without.
#[test]
fn with_openssl_36() {
    for (name, set) in NAMES {
        let Some(peer) = Peer::new_36(&[name]) else { return };
        let person = peer.person();
        assert_eq!(person.key.key_type(), KeyType::MlDsa(set));
        let valid = |(report, content): (SignedData, Vec<u8>)| {
            assert_eq!((&report.signers[0].check, &content[..]), (&Check::Valid, TEXT), "{name}");
        };
        valid(verify_opaque(&peer.sign(&["-md", "sha512"])).unwrap());
        valid(verify_opaque(&peer.sign(&["-md", "sha256", "-stream"])).unwrap());
        peer.verifies(Signer::new(&person.cert, &person.key).unwrap()).unwrap();
        // RFC 9881 §6: the three forms of a private key.
        for form in ["seed-only", "priv-only", "seed-priv"] {
            peer.run(&["pkey", "-in", "key", "-provparam", &format!("ml-dsa.output_formats={form}"), "-out", form]);
            let key = Person::read(&peer.path("cert"), &peer.path(form)).key;
            peer.verifies(Signer::new(&person.cert, &key).unwrap()).unwrap();
        }
    }
}

/// A hash that is weak stays weak in the signed attributes of a strong signature (attack 21).
#[test]
fn weak_hashes_are_not_written() {
    let ivan = ivan();
    let sha1 = SignatureScheme::MlDsa { set: MlDsa::Set65, hash: Hash::Sha1 };
    let refused = Signer::new(&ivan.cert, &ivan.key).unwrap().scheme(sha1);
    assert!(matches!(refused, Err(Error::Unsupported { .. })));
}
