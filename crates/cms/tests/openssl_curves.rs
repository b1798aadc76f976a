//! Signatures and key agreement on P-384 and P-521, with `openssl cms`, both ways.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

mod support;

use std::io::Write;

use mailseal_cms::algorithm::{ContentCipher, SignatureScheme};
use mailseal_cms::engine::{Curve, Hash, KeyType};
use mailseal_cms::enveloped_data::EnvelopedDataBuilder;
use mailseal_cms::recipient::Recipient;
use mailseal_cms::signed_data::{Check, Signer};
use support::envelopes::open;
use support::peer::{Peer, TEXT};
use support::verify_opaque;

const CURVES: [(&str, Curve); 2] = [("P-384", Curve::P384), ("P-521", Curve::P521)];

fn peer(curve: &str) -> Option<Peer> {
    Peer::new(&["ec", "-pkeyopt", &format!("ec_paramgen_curve:{curve}")])
}

#[test]
fn signatures() {
    for (name, curve) in CURVES {
        let Some(peer) = peer(name) else { return };
        let person = peer.person();
        for (hash, word) in [(Hash::Sha256, "sha256"), (Hash::Sha384, "sha384"), (Hash::Sha512, "sha512")] {
            let (report, content) = verify_opaque(&peer.sign(&["-md", word])).unwrap();
            assert_eq!((&report.signers[0].check, &content[..]), (&Check::Valid, TEXT), "{name} {word}");

            let signer = Signer::new(&person.cert, &person.key).unwrap();
            let signer = signer.scheme(SignatureScheme::Ecdsa { hash }).unwrap();
            peer.verifies(signer).unwrap();
        }
        assert_eq!(Recipient::from_certificate(&person.cert).unwrap().key_type(), Some(KeyType::Ec(curve)));
    }
}

#[test]
fn key_agreement() {
    for (name, _) in CURVES {
        let Some(peer) = peer(name) else { return };
        let person = peer.person();
        for (hash, word, wrap) in [
            (Hash::Sha256, "ecdh_kdf_md:sha256", "-aes128-wrap"),
            (Hash::Sha384, "ecdh_kdf_md:sha384", "-aes256-wrap"),
            (Hash::Sha512, "ecdh_kdf_md:sha512", "-aes256-wrap"),
        ] {
            let encrypt = ["cms", "-encrypt", "-binary", "-in", "content", "-outform", "DER", "-out", "sealed"];
            peer.run(&[&encrypt[..], &["-aes-256-gcm", "-recip", "cert", "-keyopt", word, wrap]].concat());
            assert_eq!(open(&peer.read("sealed"), &[&person]).unwrap().1, TEXT, "{name} {word}");

            let recipient = Recipient::from_certificate(&person.cert).unwrap().key_derivation(hash);
            let builder = EnvelopedDataBuilder::new(ContentCipher::Aes256Gcm).recipient(recipient);
            let mut writer = builder.encrypt(Vec::new()).unwrap();
            writer.write_all(TEXT).unwrap();
            std::fs::write(peer.path("ours"), writer.finish().unwrap()).unwrap();
            let decrypt = ["cms", "-decrypt", "-binary", "-inform", "DER", "-in", "ours", "-out", "opened"];
            peer.run(&[&decrypt[..], &["-recip", "cert", "-inkey", "key"]].concat());
            assert_eq!(peer.read("opened"), TEXT, "{name} {word}");
        }
    }
}
