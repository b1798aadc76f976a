//! OpenPGP.js and PGP/MIME, behind `peers/openpgpjs_peer.mjs`.

use std::path::Path;
use std::process::Command;

use mailseal_testkit::peer::{Peer, installed};
use mailseal_testkit::personas::Persona;

use crate::correspondent::{Correspondent, conversation};

conversation!(mail, start());

struct OpenPgpJs(Peer);

fn start() -> Option<OpenPgpJs> {
    let library = installed("openpgpjs/package.json")?;
    let mut node = Command::new("node");
    node.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/peers/openpgpjs_peer.mjs")).arg(library);
    Some(OpenPgpJs(Peer::start(node)))
}

fn cert(of: Persona) -> String {
    of.openpgp_cert().to_str().unwrap().to_owned()
}

fn key(of: Persona) -> String {
    of.openpgp_key().to_str().unwrap().to_owned()
}

/// `-` is nobody.
fn maybe(of: Option<Persona>, file: fn(Persona) -> String) -> String {
    of.map_or("-".to_owned(), file)
}

impl Correspondent for OpenPgpJs {
    fn name(&self) -> &'static str {
        "OpenPGP.js"
    }

    fn is_current(&self) -> bool {
        true
    }

    fn sign(&mut self, content: &[u8], form: &str, by: Persona) -> Vec<u8> {
        self.0.ask("sign", content, &format!("{form} {}", key(by))).unwrap()
    }

    fn verify(&mut self, content: &[u8], signature: &[u8], by: Persona) -> Option<String> {
        let words = format!("{} {}", self.0.file("signature.asc", signature), cert(by));
        self.0.ask("verify", content, &words).ok().map(|fingerprint| String::from_utf8(fingerprint).unwrap())
    }

    fn encrypt(&mut self, content: &[u8], to: &[Persona], by: Option<Persona>) -> Vec<u8> {
        let certs: Vec<String> = to.iter().copied().map(cert).collect();
        self.0.ask("encrypt", content, &format!("{} {}", maybe(by, key), certs.join(" "))).unwrap()
    }

    fn lock(&mut self, content: &[u8], password: &str) -> Vec<u8> {
        let file = self.0.file("password", password.as_bytes());
        self.0.ask("lock", content, &file).unwrap()
    }

    fn unlock(&mut self, sealed: &[u8], password: &str) -> Option<Vec<u8>> {
        let file = self.0.file("password", password.as_bytes());
        self.0.ask("unlock", sealed, &file).ok()
    }

    fn hide(&mut self, content: &[u8], to: Persona) -> Option<Vec<u8>> {
        Some(self.0.ask("hide", content, &cert(to)).unwrap())
    }

    fn decrypt(&mut self, sealed: &[u8], reader: Persona, by: Option<Persona>) -> Option<(Vec<u8>, Option<String>)> {
        let report = self.0.file("signer", b"");
        let words = format!("{} {} {report}", maybe(by, cert), key(reader));
        let opened = self.0.ask("decrypt", sealed, &words).ok()?;
        let signed_by = std::fs::read_to_string(report).unwrap();
        Some((opened, (!signed_by.is_empty()).then_some(signed_by)))
    }
}
