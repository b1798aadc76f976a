//! What one message of 10 KB costs: signing, verifying with its path, encrypting, opening; RSA-3072 and P-256.
//!
//! `cargo bench -p mailseal-smime`; run as a test, one round.

use mailseal_core::{
    Address, Cert, Context, Credential, Error, Handle, KeySource, MemorySink, NoCerts, NoPrompt, Policy, Protocol,
    Purpose, Question, Trust,
};
use mailseal_smime::{Pkix, Smime};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

fn main() -> Result<(), Error> {
    let rounds = if std::env::args().any(|argument| argument == "--bench") { 200 } else { 1 };
    let policy = Policy::at(UNIX_EPOCH + Duration::from_secs(1_780_272_000));
    let content: Vec<u8> = b"0123456789abcde\r\n".repeat(10_000 / 17);
    let pkix = Pkix::with_anchors(&read("root.crt.pem")?)?;
    let helpers = Smime.parse_certs(&read("intermediate.crt.pem")?)?;
    for name in ["alice", "bob"] {
        let certs = Smime.parse_certs(&read(&format!("{name}.crt.pem"))?)?;
        let keys = Smime.parse_keys(&read(&format!("{name}.key.pem"))?, name, &certs, Arc::new(NoPrompt))?;
        let keys = Ring(keys);
        let with = Context { policy: &policy, certs: &NoCerts, keys: &keys };

        let mut signature = Vec::new();
        time(name, "sign", rounds, || {
            signature.clear();
            Smime.sign(&content, &keys.0, &policy, &mut signature).map(drop)
        })?;
        time(name, "verify", rounds, || Smime.verify(&content, &signature, &with).map(drop))?;
        time(name, "path", rounds, || {
            let question = Question {
                cert: &certs[0],
                address: None,
                purpose: Purpose::Sign,
                policy: &policy,
                helpers: &helpers,
                crls: &[],
            };
            if pkix.judge(&question).is_trusted() { Ok(()) } else { Err(Error::Misuse("no path")) }
        })?;
        let mut blob = Vec::new();
        time(name, "encrypt", rounds, || {
            blob.clear();
            Smime.encrypt(&content, &certs, &[], &policy, &mut blob)
        })?;
        time(name, "open", rounds, || Smime.open(&mut &blob[..], &with, &mut MemorySink::new()).map(drop))?;
    }
    Ok(())
}

fn time(name: &str, what: &str, rounds: u32, mut job: impl FnMut() -> Result<(), Error>) -> Result<(), Error> {
    let started = Instant::now();
    for _ in 0..rounds {
        job()?;
    }
    println!("{name}: {what} {:?}", started.elapsed() / rounds);
    Ok(())
}

fn read(name: &str) -> Result<Vec<u8>, Error> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/smime").join(name);
    Ok(std::fs::read(path)?)
}

/// Keys in memory.
struct Ring(Vec<Credential>);

impl KeySource for Ring {
    fn by_handle(&self, handle: &Handle) -> Vec<Credential> {
        self.0.iter().filter(|credential| credential.cert.answers_to(handle)).cloned().collect()
    }

    fn by_address(&self, address: &Address) -> Vec<Credential> {
        let claims = |cert: &Cert| cert.addresses().contains(address);
        self.0.iter().filter(|credential| claims(&credential.cert)).cloned().collect()
    }

    fn all(&self) -> Vec<Credential> {
        self.0.clone()
    }
}
