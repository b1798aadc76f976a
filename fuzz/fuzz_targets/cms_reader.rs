//! Any octets as a ContentInfo: no panic, nothing held beyond the limits, the same whatever the window.
#![no_main]

use std::io::{self, Write};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mailseal_cms::ContentInfo;
use mailseal_cms::ber::{Limits, canonical};
use mailseal_cms::engine::{DecryptionKey, SoftwareKey};
use mailseal_cms::enveloped_data::{Envelope, MemorySink};
use mailseal_cms::recipient::RecipientId;
use mailseal_cms::signed_data::{Content, SignedData, SignerId, Verifier};

fuzz_target!(|octets: &[u8]| {
    if let Ok(der) = canonical(octets) {
        assert_eq!(canonical(&der).ok().as_ref(), Some(&der), "DER is its own canonical form");
    }
    // Every window must find the same.
    let small = verify(octets, 16, Content::Embedded(&mut io::sink()));
    let large = verify(octets, 64 << 10, Content::Embedded(&mut io::sink()));
    assert_eq!(told(small), told(large));
    let mut write = |out: &mut dyn Write| out.write_all(b"detached content");
    let _ = verify(octets, 64 << 10, Content::Detached(&mut write));
    decrypt(octets);
});

/// Bob's key of `testdata/smime`, for whomever the message is.
static KEY: LazyLock<SoftwareKey> = LazyLock::new(|| {
    let pem = include_bytes!("../../testdata/smime/bob.key.pem");
    let (_, pkcs8) = der::pem::decode_vec(pem).expect("testdata is PEM");
    SoftwareKey::from_pkcs8_der(&pkcs8).expect("testdata has a key")
});

/// Plaintext comes out only where there was no error.
fn decrypt(octets: &[u8]) {
    let lookup = |_: &RecipientId| Some(&*KEY as &dyn DecryptionKey);
    let mut sink = MemorySink::new();
    let envelope = ContentInfo::open(octets).and_then(Envelope::open);
    let decrypted = envelope.and_then(|envelope| envelope.decrypt(&lookup, &mut sink));
    assert_eq!(decrypted.is_ok(), sink.into_plaintext().is_some());
}

fn verify(octets: &[u8], window: usize, content: Content<'_>) -> Option<SignedData> {
    let limits = Limits { window, ..Limits::default() };
    let info = ContentInfo::open_with_limits(octets, limits).ok()?;
    // Every certificate that came along is at hand for every signer, the input itself too.
    let lookup = |_: &SignerId| vec![octets.to_vec()];
    Verifier::new(&lookup).verify(info, content).ok()
}

fn told(found: Option<SignedData>) -> Option<(Option<u64>, usize, Vec<String>)> {
    found.map(|found| {
        let checks = found.signers.iter().map(|signer| signer.check.to_string()).collect();
        (found.embedded, found.certificates.len(), checks)
    })
}
