//! Whether RSA key transport with bad padding takes as long as with good padding (attack 8, Marvin).
//!
//! `cargo bench -p mailseal-cms --bench key_transport [ROUNDS]`; run as a test, few rounds. docs/performance.md has the numbers
//! and docs/attacks.md says what they mean.

use std::error::Error;
use std::io::Write;

use getrandom::SysRng;
use mailseal_cms::ContentInfo;
use mailseal_cms::algorithm::{ContentCipher, RsaPadding};
use mailseal_cms::engine::{DecryptionKey, SoftwareKey};
use mailseal_cms::enveloped_data::{Envelope, EnvelopedDataBuilder, MemorySink};
use mailseal_cms::recipient::{Recipient, RecipientId};
use mailseal_testkit::timing::{Class, table};
use rand_core::TryRng;
use rsa::Pkcs1v15Encrypt;
use rsa::pkcs8::DecodePrivateKey;

/// Octets of a content key of AES-256.
const KEY: usize = 32;
/// Octets of a ciphertext of Alice's RSA-3072.
const MODULUS: usize = 384;

fn main() -> Result<(), Box<dyn Error>> {
    let usual = if std::env::args().any(|argument| argument == "--bench") { 2_000 } else { 5 };
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(usual);
    let pkcs8 = read("alice.key.pem")?;
    let key = SoftwareKey::from_pkcs8_der(&pkcs8)?;
    let inputs = Inputs::new(&pkcs8, rounds)?;

    let classes: Vec<_> = inputs.each().map(|(name, sealed)| unseal(name, &key, sealed)).collect();
    table("one RSA-3072 operation", rounds, &classes);
    for cipher in [ContentCipher::Aes256Gcm, ContentCipher::Aes256Cbc] {
        let message = message(cipher)?;
        let classes: Vec<_> = inputs.each().map(|(name, sealed)| (name, messages(&message, sealed))).collect();
        let classes: Vec<_> = classes.iter().map(|(name, messages)| open(name, &key, messages)).collect();
        table(&format!("a message of 1 KiB, {}", cipher.name()), rounds, &classes);
    }
    Ok(())
}

/// Encrypted keys, all different.
struct Inputs {
    good: Vec<Vec<u8>>,
    good_again: Vec<Vec<u8>>,
    short: Vec<Vec<u8>>,
    empty: Vec<Vec<u8>>,
    random: Vec<Vec<u8>>,
}

impl Inputs {
    fn new(pkcs8: &[u8], rounds: usize) -> Result<Self, Box<dyn Error>> {
        let public = rsa::PublicKey::from(&rsa::PrivateKey::from_pkcs8_der(pkcs8)?);
        let sealed = |len: usize| -> Result<Vec<_>, Box<dyn Error>> {
            (0..rounds).map(|_| Ok(public.encrypt(&mut SysRng, Pkcs1v15Encrypt, &random(len)?)?)).collect()
        };
        // Below the modulus. One of 65,536 begins as good padding does.
        let below = || random(MODULUS - 1).map(|octets| [&[0][..], &octets].concat());
        Ok(Self {
            good: sealed(KEY)?,
            good_again: sealed(KEY)?,
            short: sealed(16)?,
            empty: sealed(0)?,
            random: (0..rounds).map(|_| below()).collect::<Result<_, _>>()?,
        })
    }

    /// The first is what the others are held against; the second shows what is noise.
    fn each(&self) -> impl Iterator<Item = (&'static str, &[Vec<u8>])> {
        [
            ("good", &self.good),
            ("good, again", &self.good_again),
            ("good padding, 16 octets", &self.short),
            ("good padding, nothing", &self.empty),
            ("bad padding", &self.random),
        ]
        .into_iter()
        .map(|(name, sealed)| (name, sealed.as_slice()))
    }
}

fn unseal<'a>(name: &'a str, key: &'a SoftwareKey, sealed: &'a [Vec<u8>]) -> Class<'a> {
    Class { name, run: Box::new(|round| key.decrypt_rsa(&RsaPadding::Pkcs1v15, &sealed[round]).is_ok()) }
}

fn open<'a>(name: &'a str, key: &'a SoftwareKey, messages: &'a [Vec<u8>]) -> Class<'a> {
    let run = |round: usize| {
        let lookup = |_: &RecipientId| Some(key as &dyn DecryptionKey);
        let envelope = ContentInfo::open(&messages[round][..]).and_then(Envelope::open);
        envelope.and_then(|envelope| envelope.decrypt(&lookup, &mut MemorySink::new())).is_ok()
    };
    Class { name, run: Box::new(run) }
}

/// To Alice, 1 KiB.
fn message(cipher: ContentCipher) -> Result<Vec<u8>, Box<dyn Error>> {
    let alice = Recipient::from_certificate(&read("alice.crt.pem")?)?.rsa_padding(RsaPadding::Pkcs1v15);
    let mut encrypting = EnvelopedDataBuilder::new(cipher).recipient(alice).encrypt(Vec::new())?;
    encrypting.write_all(&[b'x'; 1024])?;
    Ok(encrypting.finish()?)
}

/// The message with each of these encrypted keys in the place of its own: none fits, as far as the attacker knows.
fn messages(message: &[u8], sealed: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let head = [4, 0x82, 1, 0x80];
    let at = message.windows(head.len()).position(|octets| octets == head).map_or(0, |at| at + head.len());
    sealed.iter().map(|key| [&message[..at], key, &message[at + MODULUS..]].concat()).collect()
}

fn random(len: usize) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut octets = vec![0; len];
    SysRng.try_fill_bytes(&mut octets)?;
    Ok(octets)
}

/// A PEM file of `testdata/smime` in DER.
fn read(file: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/smime/{}"), file);
    Ok(der::pem::decode_vec(&std::fs::read(path)?)?.1)
}
