//! rnp and PGP/MIME.

use std::fs;
use std::path::PathBuf;

use mailseal_testkit::packets::dearmored;
use mailseal_testkit::personas::{ALICE, BOB, CAROL, Persona};
use mailseal_testkit::program::{Output, Program};
use tempfile::TempDir;

use crate::correspondent::{Correspondent, assert_layers, conversation};
use crate::ours::{LATER, Ours};
use crate::table;
use crate::wire::{ENTITY, armor, changed, mail, pgp_encrypted};

conversation!(mail, start());

/// `rnp` with a home of its own, which has the keys of all.
struct Rnp(TempDir);

fn start() -> Option<Rnp> {
    Program::find("rnp")?;
    Some(Rnp::having(&[ALICE, BOB, CAROL].map(|persona| persona.openpgp_key())))
}

impl Rnp {
    /// The program in its home, asking nobody.
    fn program(&self, name: &str) -> Program {
        let program = Program::find(name).expect("it was there before");
        program.arg("--homedir").arg(self.0.path()).arg("--notty")
    }

    /// Another home, with these keys and certificates and no others.
    fn having(files: &[PathBuf]) -> Rnp {
        let rnp = Rnp(tempfile::tempdir().unwrap());
        for file in files {
            drop(rnp.program("rnpkeys").arg("--import-keys").arg(file).succeed());
        }
        rnp
    }

    fn run(&self, words: &[&str], stdin: &[u8]) -> Output {
        // No key has a password, but it would ask for one.
        let any = if words.contains(&"--password") { &[][..] } else { &["--password", "none"] };
        self.program("rnp").args(any).args(words).stdin(stdin).run()
    }

    fn made(&self, words: &[&str], stdin: &[u8]) -> Vec<u8> {
        let output = self.run(words, stdin);
        assert!(output.status.success(), "{words:?}: {}", output.stderr);
        output.stdout
    }
}

/// The container that gpg 2.3 and later write too, to a key, signed inside, and to a password; in several chunks (R37, R66, R135).
#[test]
fn the_container_of_librepgp() {
    let Some(rnp) = start() else { return };
    let ours = Ours::new();
    ours.file("right.pass", b"correct horse\n");
    ours.file("wrong.pass", b"correct hearse\n");
    let content = ENTITY.repeat(40);
    let (chunks, to) = (["--armor", "--aead=OCB", "--aead-chunk-bits", "4", "--output", "-"], CAROL.address);
    let signed = ["--encrypt", "-r", to, "--sign", "-u", ALICE.address];
    for (words, right, wrong, inside, feature) in [
        (&["--encrypt", "-r", to][..], "--key carol.key.asc", "--key bob.key.asc", &[][..], "Curve25519"),
        (&signed, "--key carol.key.asc", "--key bob.key.asc", &["signed valid"], "Curve25519, signed inside"),
        (
            &["--symmetric", "--password", "correct horse"],
            "--passphrase-file right.pass",
            "--passphrase-file wrong.pass",
            &[],
            "password",
        ),
    ] {
        let sealed = rnp.made(&[words, &chunks].concat(), &content);
        let packets = dearmored(&sealed);
        let message = mail(ALICE, &pgp_encrypted(&sealed));
        let verdict = ours.verdict(&format!("{LATER} {right}"), &message);
        assert_layers(&verdict.layers(), inside);
        assert!(verdict.layers()[0].starts_with("encrypted aes-256-ocb"), "{:?}", verdict.layers());
        assert_eq!(ours.payload(&format!("{LATER} {right}"), &message), content, "{feature}");
        ours.gives_nothing(&format!("{LATER} {wrong}"), &message);
        for at in [packets.len() / 2, packets.len() - 20, packets.len() - 1] {
            let message = mail(ALICE, &pgp_encrypted(&armor(&changed(&packets, at))));
            ours.verdict(right, &message).assert_failed();
            ours.gives_nothing(right, &message);
        }
        table::writes(rnp.name(), &format!("multipart/encrypted, LibrePGP's container, {feature}"));
    }
}

/// The primary key of the one good signature that it tells of.
fn signer(told: &str) -> Option<String> {
    assert_eq!(told.matches("Good signature").count(), 1, "{told}");
    let line = told.lines().skip_while(|line| !line.starts_with("pub ")).nth(1);
    Some(line?.trim().to_owned())
}

impl Correspondent for Rnp {
    fn name(&self) -> &'static str {
        "rnp"
    }

    fn sign(&mut self, content: &[u8], form: &str, by: Persona) -> Vec<u8> {
        assert_eq!(form, "binary", "rnp has no text documents");
        self.made(&["--sign", "--detach", "--armor", "-u", by.address, "--output", "-"], content)
    }

    fn signs_text(&self) -> bool {
        false
    }

    fn verify(&mut self, content: &[u8], signature: &[u8], _: Persona) -> Option<String> {
        let path = |name: &str| self.0.path().join(name).to_str().unwrap().to_owned();
        let (source, signature_file) = (path("content"), path("content.sig"));
        fs::write(&source, content).unwrap();
        fs::write(&signature_file, signature).unwrap();
        let output = self.run(&["--verify", "--source", &source, &signature_file], b"");
        output.status.success().then(|| signer(&told(&output)))?
    }

    fn encrypt(&mut self, content: &[u8], to: &[Persona], by: Option<Persona>) -> Vec<u8> {
        let mut words = vec!["--encrypt", "--armor", "--output", "-"];
        words.extend(to.iter().flat_map(|to| ["-r", to.address]));
        words.extend(by.iter().flat_map(|by| ["--sign", "-u", by.address]));
        self.made(&words, content)
    }

    fn lock(&mut self, content: &[u8], password: &str) -> Vec<u8> {
        self.made(&["--symmetric", "--armor", "--password", password, "--output", "-"], content)
    }

    fn unlock(&mut self, sealed: &[u8], password: &str) -> Option<Vec<u8>> {
        let output = Rnp::having(&[]).run(&["--decrypt", "--password", password, "--output", "-"], sealed);
        output.status.success().then_some(output.stdout)
    }

    /// Where there are keys of others, it takes the first that fits.
    fn decrypt(&mut self, sealed: &[u8], reader: Persona, by: Option<Persona>) -> Option<(Vec<u8>, Option<String>)> {
        let certs = by.filter(|by| *by != reader).map(|by| by.openpgp_cert());
        let rnp = Rnp::having(&[certs.as_slice(), &[reader.openpgp_key()]].concat());
        let output = rnp.run(&["--decrypt", "--output", "-"], sealed);
        if !output.status.success() {
            return None;
        }
        let signed_by = by.and_then(|_| signer(&told(&output)));
        Some((output.stdout, signed_by))
    }
}

/// What it says beside the content.
fn told(output: &Output) -> String {
    output.stderr.clone()
}
