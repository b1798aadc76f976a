//! How fast content passes through signing and verifying, and what one signature costs.
//!
//! `cargo bench -p mailseal-cms`, with the content's size in MiB as an argument if not 256; run as a test, 1 MiB.

use std::error::Error;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use mailseal_cms::ContentInfo;
use mailseal_cms::engine::SoftwareKey;
use mailseal_cms::signed_data::{Check, Content, SignedDataBuilder, Signer, SignerId, Verifier};

/// Signatures for the cost of one.
const ROUNDS: u32 = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let usual = if std::env::args().any(|argument| argument == "--bench") { 256 } else { 1 };
    let mebibytes = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(usual);
    for name in ["alice", "bob"] {
        let (certificate, key) = (read(&format!("{name}.crt.pem"))?, read(&format!("{name}.key.pem"))?);
        let key = SoftwareKey::from_pkcs8_der(&key)?;
        let builder = || Signer::new(&certificate, &key).map(|signer| SignedDataBuilder::new().signer(signer));

        let started = Instant::now();
        for _ in 0..ROUNDS {
            builder()?.detached()?.finish()?;
        }
        println!("{name}: sign {:?}", started.elapsed() / ROUNDS);

        let signature = builder()?.detached()?.finish()?;
        let started = Instant::now();
        for _ in 0..ROUNDS {
            verify(&signature, Content::Detached(&mut |_: &mut dyn Write| Ok(())))?;
        }
        println!("{name}: verify {:?}", started.elapsed() / ROUNDS);

        let started = Instant::now();
        let mut detached = builder()?.detached()?;
        io::copy(&mut zeros(mebibytes), &mut detached)?;
        let signature = detached.finish()?;
        told(name, "sign detached", mebibytes, started.elapsed());

        let started = Instant::now();
        let mut write = |out: &mut dyn Write| io::copy(&mut zeros(mebibytes), out).map(drop);
        verify(&signature, Content::Detached(&mut write))?;
        told(name, "verify detached", mebibytes, started.elapsed());

        let started = Instant::now();
        let mut opaque = builder()?.opaque(Vec::new())?;
        io::copy(&mut zeros(mebibytes), &mut opaque)?;
        let message = opaque.finish()?;
        told(name, "sign opaque", mebibytes, started.elapsed());

        let started = Instant::now();
        verify(&message, Content::Embedded(&mut io::sink()))?;
        told(name, "verify opaque", mebibytes, started.elapsed());
    }
    Ok(())
}

fn zeros(mebibytes: u64) -> impl Read {
    io::repeat(0).take(mebibytes << 20)
}

fn verify(message: &[u8], content: Content<'_>) -> Result<(), Box<dyn Error>> {
    let lookup = |_: &SignerId| Vec::new();
    let found = Verifier::new(&lookup).verify(ContentInfo::open(message)?, content)?;
    match &found.signers[..] {
        [signer] if signer.check == Check::Valid => Ok(()),
        _ => Err("not valid".into()),
    }
}

fn told(name: &str, what: &str, mebibytes: u64, took: Duration) {
    println!("{name}: {what} {:.0} MiB/s", mebibytes as f64 / took.as_secs_f64());
}

/// A PEM file of `testdata/smime` in DER.
fn read(file: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/smime/{}"), file);
    Ok(der::pem::decode_vec(&std::fs::read(path)?)?.1)
}
