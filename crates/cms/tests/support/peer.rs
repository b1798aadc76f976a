//! A correspondent with `openssl`: the installed one, or version 3.6 where `MAILSEAL_OPENSSL36` names it.

use std::path::PathBuf;
use std::process::Command;

use mailseal_cms::signed_data::Signer;

use super::envelopes::Person;
use super::sign_opaque;

/// What is signed and encrypted.
pub(crate) const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello.\r\n";

/// A folder with `content`, and `cert` and `key` of somebody.
pub(crate) struct Peer {
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl Peer {
    /// Somebody with the installed `openssl`, and a key made by `openssl req -newkey` and these words; `None`, said
    /// plainly, without openssl.
    pub(crate) fn new(key: &[&str]) -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            eprintln!("skipped: openssl is not installed");
            return None;
        }
        Some(Self::with(PathBuf::from("openssl"), key))
    }

    /// The same with OpenSSL 3.6 (`scripts/openssl-3.6` builds it).
    pub(crate) fn new_36(key: &[&str]) -> Option<Self> {
        let Some(program) = std::env::var_os("MAILSEAL_OPENSSL36").filter(|path| !path.is_empty()) else {
            eprintln!("skipped: MAILSEAL_OPENSSL36 names no openssl 3.6");
            return None;
        };
        Some(Self::with(PathBuf::from(program), key))
    }

    fn with(program: PathBuf, key: &[&str]) -> Self {
        let peer = Self { program, folder: tempfile::tempdir().unwrap() };
        std::fs::write(peer.path("content"), TEXT).unwrap();
        let made = ["-subj", "/CN=somebody", "-keyout", "key", "-out", "cert", "-days", "30"];
        peer.run(&[&["req", "-x509", "-nodes", "-newkey"], key, &made].concat());
        peer
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs openssl with these words, which must succeed.
    pub(crate) fn run(&self, words: &[&str]) {
        self.try_run(words).unwrap_or_else(|said| panic!("{words:?}: {said}"));
    }

    /// Runs openssl with these words; what it said if it failed.
    pub(crate) fn try_run(&self, words: &[&str]) -> Result<(), String> {
        let output = Command::new(&self.program).args(words).current_dir(self.folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(said) }
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// The one whose certificate and key these are.
    pub(crate) fn person(&self) -> Person {
        Person::read(&self.path("cert"), &self.path("key"))
    }

    /// What openssl signs, opaque.
    pub(crate) fn sign(&self, words: &[&str]) -> Vec<u8> {
        let sign = ["cms", "-sign", "-binary", "-nodetach", "-in", "content", "-outform", "DER", "-out", "signed"];
        self.run(&[&sign[..], &["-signer", "cert", "-inkey", "key"], words].concat());
        self.read("signed")
    }

    /// Signs here, opaque, and has openssl verify it, signing certificate included.
    pub(crate) fn verifies(&self, signer: Signer<'_>) -> Result<(), String> {
        std::fs::write(self.path("ours"), sign_opaque(signer, TEXT).unwrap()).unwrap();
        let verify = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "ours", "-out", "verified"];
        self.try_run(&[&verify[..], &["-CAfile", "cert", "-purpose", "any", "-cades"]].concat())?;
        assert_eq!(self.read("verified"), TEXT);
        Ok(())
    }
}
