//! RSASSA-PSS (RFC 4056) with any salt and mask, and keys marked id-RSASSA-PSS (RFC 4055), with `openssl cms`, both ways.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

mod support;

use mailseal_cms::Error;
use mailseal_cms::algorithm::{PssParameters, SignatureScheme};
use mailseal_cms::engine::{Hash, KeyType, SigningKey};
use mailseal_cms::recipient::Recipient;
use mailseal_cms::signed_data::{Check, Flaw, Signer};
use support::peer::{Peer, TEXT};
use support::{sign_opaque, verify_opaque};

const RSA: [&str; 3] = ["rsa", "-pkeyopt", "rsa_keygen_bits:2048"];
const RSA_PSS: [&str; 3] = ["rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"];
const PADDING: [&str; 2] = ["-keyopt", "rsa_padding_mode:pss"];
/// SHA-384, MGF1 with SHA-256, 40 octets of salt or more.
const RESTRICTED: [&str; 6] = [
    "-pkeyopt",
    "rsa_pss_keygen_md:sha384",
    "-pkeyopt",
    "rsa_pss_keygen_mgf1_md:sha256",
    "-pkeyopt",
    "rsa_pss_keygen_saltlen:40",
];

fn pss(hash: Hash, mgf_hash: Hash, salt_len: u16) -> SignatureScheme {
    SignatureScheme::RsaPss(PssParameters { hash, mgf_hash, salt_len })
}

fn check(message: &[u8]) -> (Check, Option<SignatureScheme>) {
    let (report, content) = verify_opaque(message).unwrap();
    assert_eq!(content, TEXT);
    (report.signers[0].check.clone(), report.signers[0].scheme)
}

#[test]
fn any_salt_and_any_mask() {
    let Some(peer) = Peer::new(&RSA) else { return };
    for (md, hash, mask, mgf_hash, salt, salt_len) in [
        ("sha256", Hash::Sha256, "rsa_mgf1_md:sha256", Hash::Sha256, "rsa_pss_saltlen:0", 0),
        ("sha256", Hash::Sha256, "rsa_mgf1_md:sha512", Hash::Sha512, "rsa_pss_saltlen:7", 7),
        ("sha384", Hash::Sha384, "rsa_mgf1_md:sha256", Hash::Sha256, "rsa_pss_saltlen:48", 48),
        ("sha512", Hash::Sha512, "rsa_mgf1_md:sha1", Hash::Sha1, "rsa_pss_saltlen:190", 190),
    ] {
        let words = ["-md", md, "-keyopt", mask, "-keyopt", salt];
        let scheme = pss(hash, mgf_hash, salt_len);
        let message = peer.sign(&[&PADDING[..], &words].concat());
        assert_eq!(check(&message), (Check::Valid, Some(scheme)), "{words:?}");
        let message = peer.sign(&[&PADDING[..], &words, &["-noattr"]].concat());
        assert_eq!(check(&message), (Check::Valid, Some(scheme)), "{words:?} -noattr");
        let person = peer.person();
        peer.verifies(Signer::new(&person.cert, &person.key).unwrap().scheme(scheme).unwrap()).unwrap();
    }
}

/// Attack 21: the defaults of RFC 4055 §3.1 are SHA-1: known by name, and never good.
#[test]
fn the_defaults_are_weak() {
    let Some(peer) = Peer::new(&RSA) else { return };
    let words = ["-md", "sha1", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:20"];
    let (found, scheme) = check(&peer.sign(&words));
    assert_eq!(found, Check::WeakAlgorithm(Hash::Sha1.oid()));
    assert_eq!(scheme, Some(pss(Hash::Sha1, Hash::Sha1, 20)));
    let person = peer.person();
    let refused = Signer::new(&person.cert, &person.key).unwrap().scheme(pss(Hash::Sha1, Hash::Sha1, 20));
    assert!(matches!(refused, Err(Error::Unsupported { .. })));
}

/// RFC 4055 §1.2: such a key signs by PSS alone and is never encrypted to.
#[test]
fn keys_for_pss_alone() {
    let Some(peer) = Peer::new(&RSA_PSS) else { return };
    let person = peer.person();
    assert_eq!(person.key.key_type(), KeyType::RsaPss { bits: 2048, parameters: None });
    for md in ["sha256", "sha512"] {
        assert_eq!(check(&peer.sign(&[&["-md", md][..], &PADDING].concat())).0, Check::Valid, "{md}");
    }
    // Unless told, openssl writes rsaEncryption over it, which it then refuses itself.
    assert_eq!(check(&peer.sign(&["-md", "sha256"])).0, Check::Malformed(Flaw::Key));
    let signer = || Signer::new(&person.cert, &person.key).unwrap();
    peer.verifies(signer()).unwrap();
    peer.verifies(signer().scheme(pss(Hash::Sha512, Hash::Sha256, 3)).unwrap()).unwrap();
    let other = signer().scheme(SignatureScheme::RsaPkcs1v15 { hash: Hash::Sha256 }).unwrap();
    assert!(sign_opaque(other, TEXT).is_err());
    assert!(matches!(Recipient::from_certificate(&person.cert), Err(Error::Key { .. })));
}

/// RFC 4055 §3.3: the parameters of a key are kept, on signing and on verifying.
#[test]
fn restricted_keys() {
    let Some(peer) = Peer::new(&[&RSA_PSS[..], &RESTRICTED].concat()) else { return };
    let person = peer.person();
    let own = PssParameters { hash: Hash::Sha384, mgf_hash: Hash::Sha256, salt_len: 40 };
    assert_eq!(person.key.key_type(), KeyType::RsaPss { bits: 2048, parameters: Some(own) });
    assert_eq!(check(&peer.sign(&[&["-md", "sha384"][..], &PADDING].concat())).0, Check::Valid);
    let signer = || Signer::new(&person.cert, &person.key).unwrap();
    peer.verifies(signer()).unwrap();
    for other in
        [pss(Hash::Sha256, Hash::Sha256, 40), pss(Hash::Sha384, Hash::Sha384, 40), pss(Hash::Sha384, Hash::Sha256, 39)]
    {
        assert!(sign_opaque(signer().scheme(other).unwrap(), TEXT).is_err(), "{other:?}");
    }
}
