//! Programs of the Stateless OpenPGP command line (draft-dkg-openpgp-stateless-cli) and PGP/MIME.

use std::fs;
use std::path::Path;

use mailseal_testkit::peer::installed;
use mailseal_testkit::personas::Persona;
use mailseal_testkit::program::{Output, Program};
use tempfile::TempDir;

use crate::correspondent::{Correspondent, conversation};
use crate::wire::crlf;

conversation!(sqop, sop("sqop", Kind::Old));
conversation!(gosop, sop("gosop", Kind::OldText));
conversation!(pgpainless, sop("pgpainless-cli", Kind::OldSlow));
conversation!(rsop, sop("rsop", Kind::Current));

/// In what they differ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// RFC 9580 in whole; installed by `scripts/install-peers`.
    Current,
    /// RFC 4880; of Debian, as the others.
    Old,
    /// As [`Kind::Old`]; what it decrypts has LF for every CRLF, and its options are those of an early draft.
    OldText,
    /// As [`Kind::Old`]; each start of Java takes half a second.
    OldSlow,
}

struct Sop {
    name: &'static str,
    kind: Kind,
    folder: TempDir,
}

fn sop(name: &'static str, kind: Kind) -> Option<Sop> {
    let sop = Sop { name, kind, folder: tempfile::tempdir().unwrap() };
    sop.program()?;
    Some(sop)
}

impl Sop {
    fn program(&self) -> Option<Program> {
        let found = match self.kind {
            Kind::Current => installed(&format!("{0}/bin/{0}", self.name)).map(|path| Program::at(&path)),
            _ => Program::find(self.name),
        };
        // Java starts in half the time when it is not to be fast later.
        found.map(|program| program.env("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"))
    }

    fn run(&self, words: &[String], stdin: &[u8]) -> Output {
        self.program().expect("it was there before").args(words).stdin(stdin).run()
    }

    fn made(&self, words: &[String], stdin: &[u8]) -> Vec<u8> {
        let output = self.run(words, stdin);
        assert!(output.status.success(), "{} {words:?}: {}", self.name, output.stderr);
        output.stdout
    }

    /// What it decrypted, with the line ends that it had.
    fn as_sent(&self, opened: Vec<u8>) -> Vec<u8> {
        if self.kind == Kind::OldText { crlf(&opened) } else { opened }
    }

    fn file(&self, name: &str) -> String {
        shown(&self.folder.path().join(name))
    }
}

fn shown(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn cert(of: Persona) -> String {
    shown(&of.openpgp_cert())
}

fn key(of: Persona) -> String {
    shown(&of.openpgp_key())
}

/// The primary key of the one line `TIME KEY PRIMARY-KEY …` that says what was verified.
fn signer(lines: &str) -> Option<String> {
    assert_eq!(lines.lines().count(), 1, "{lines}");
    Some(lines.split_whitespace().nth(2)?.to_ascii_lowercase())
}

impl Correspondent for Sop {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is_current(&self) -> bool {
        self.kind == Kind::Current
    }

    fn drafts(&self) -> usize {
        if self.kind == Kind::OldSlow { 1 } else { 4 }
    }

    fn sign(&mut self, content: &[u8], form: &str, by: Persona) -> Vec<u8> {
        self.made(&["sign".to_owned(), format!("--as={form}"), key(by)], content)
    }

    fn verify(&mut self, content: &[u8], signature: &[u8], by: Persona) -> Option<String> {
        let file = self.file("signature.asc");
        fs::write(&file, signature).unwrap();
        let output = self.run(&["verify".to_owned(), file, cert(by)], content);
        output.status.success().then(|| signer(&String::from_utf8_lossy(&output.stdout)))?
    }

    fn encrypt(&mut self, content: &[u8], to: &[Persona], by: Option<Persona>) -> Vec<u8> {
        let words = ["encrypt".to_owned()].into_iter().chain(by.map(|by| format!("--sign-with={}", key(by))));
        self.made(&words.chain(to.iter().copied().map(cert)).collect::<Vec<_>>(), content)
    }

    fn lock(&mut self, content: &[u8], password: &str) -> Vec<u8> {
        let file = self.file("password");
        fs::write(&file, password).unwrap();
        self.made(&["encrypt".to_owned(), format!("--with-password={file}")], content)
    }

    fn unlock(&mut self, sealed: &[u8], password: &str) -> Option<Vec<u8>> {
        let file = self.file("password");
        fs::write(&file, password).unwrap();
        let output = self.run(&["decrypt".to_owned(), format!("--with-password={file}")], sealed);
        output.status.success().then(|| self.as_sent(output.stdout))
    }

    fn decrypt(&mut self, sealed: &[u8], reader: Persona, by: Option<Persona>) -> Option<(Vec<u8>, Option<String>)> {
        let report = self.file("verifications");
        let option = if self.kind == Kind::OldText { "--verify-out" } else { "--verifications-out" };
        let verify = by.map(|by| [format!("{option}={report}"), format!("--verify-with={}", cert(by))]);
        let words = ["decrypt".to_owned()].into_iter().chain(verify.into_iter().flatten()).chain([key(reader)]);
        let output = self.run(&words.collect::<Vec<_>>(), sealed);
        if !output.status.success() {
            return None;
        }
        let opened = self.as_sent(output.stdout);
        let signed_by = by.and_then(|_| {
            let lines = fs::read_to_string(&report).unwrap();
            fs::remove_file(&report).unwrap();
            signer(&lines)
        });
        Some((opened, signed_by))
    }
}
