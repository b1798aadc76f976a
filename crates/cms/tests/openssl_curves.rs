//! Signatures and key agreement on P-384 and P-521, with `openssl cms`, both ways.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

mod support;

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use mailseal_cms::algorithm::{ContentCipher, SignatureScheme};
use mailseal_cms::engine::{Curve, Hash, KeyType};
use mailseal_cms::enveloped_data::EnvelopedDataBuilder;
use mailseal_cms::recipient::Recipient;
use mailseal_cms::signed_data::{Check, SignedDataBuilder, Signer};
use support::envelopes::{Person, open};
use support::verify_opaque;

const CURVES: [(&str, Curve); 2] = [("P-384", Curve::P384), ("P-521", Curve::P521)];
const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello.\r\n";

/// A folder with `content`, and `cert` and `key` of somebody on this curve; `None`, said plainly, without openssl.
struct Peer(tempfile::TempDir);

impl Peer {
    fn new(curve: &str) -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            eprintln!("skipped: openssl is not installed");
            return None;
        }
        let peer = Self(tempfile::tempdir().unwrap());
        std::fs::write(peer.path("content"), TEXT).unwrap();
        let curve = format!("ec_paramgen_curve:{curve}");
        let made = ["-subj", "/CN=somebody", "-keyout", "key", "-out", "cert", "-days", "30"];
        peer.run(&[&["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", &curve], &made[..]].concat());
        Some(peer)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, words: &[&str]) {
        let output = Command::new("openssl").args(words).current_dir(self.0.path()).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    fn person(&self) -> Person {
        Person::read(&self.path("cert"), &self.path("key"))
    }
}

#[test]
fn signatures() {
    for (name, curve) in CURVES {
        let Some(peer) = Peer::new(name) else { return };
        let person = peer.person();
        for (hash, word) in [(Hash::Sha256, "sha256"), (Hash::Sha384, "sha384"), (Hash::Sha512, "sha512")] {
            let sign = ["cms", "-sign", "-binary", "-nodetach", "-in", "content", "-outform", "DER", "-out", "signed"];
            peer.run(&[&sign[..], &["-signer", "cert", "-inkey", "key", "-md", word]].concat());
            let (report, content) = verify_opaque(&peer.read("signed")).unwrap();
            assert_eq!((&report.signers[0].check, &content[..]), (&Check::Valid, TEXT), "{name} {word}");

            let signer = Signer::new(&person.cert, &person.key).unwrap();
            let signer = signer.scheme(SignatureScheme::Ecdsa { hash }).unwrap();
            let mut writer = SignedDataBuilder::new().signer(signer).opaque(Vec::new()).unwrap();
            writer.write_all(TEXT).unwrap();
            std::fs::write(peer.path("ours"), writer.finish().unwrap()).unwrap();
            let verify = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "ours", "-out", "verified"];
            peer.run(&[&verify[..], &["-CAfile", "cert", "-purpose", "any", "-cades"]].concat());
            assert_eq!(peer.read("verified"), TEXT, "{name} {word}");
        }
        assert_eq!(Recipient::from_certificate(&person.cert).unwrap().key_type(), KeyType::Ec(curve));
    }
}

#[test]
fn key_agreement() {
    for (name, _) in CURVES {
        let Some(peer) = Peer::new(name) else { return };
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
