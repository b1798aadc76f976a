//! Any octets as a mail, opened with the keys of two people in both protocols: no panic, and a verdict that agrees with
//! the facts it stands on.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mailseal::openpgp::OpenPgp;
use mailseal::smime::{Pkix, Smime, parse_crls};
use mailseal::{
    Decryption, Layer, Mail, Named, NoPrompt, Opened, Policy, Protocol, Protocols, Sender, SenderStatus, SummaryWord,
    TrustExt,
};
use mailseal_keyring::Store;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

/// 2026-06-01T00:00:00Z, at which the keys of `testdata` are good.
const NOW: Duration = Duration::from_secs(1_780_272_000);

fuzz_target!(|data: &[u8]| {
    if let Ok(opened) = MAIL.inspect(&data) {
        check(&opened);
        assert!(!opened.summary.is_encrypted() || is_decrypted(&opened) || opened.undecrypted().is_some());
    }
    if let Ok(opened) = MAIL.open(&data) {
        check(&opened);
        assert!(!opened.summary.is_encrypted() || is_decrypted(&opened), "encrypted, and nothing was decrypted");
    }
});

/// What holds of every message.
fn check(opened: &Opened<'_>) {
    let json = opened.to_json();
    assert!(json.bytes().all(|octet| matches!(octet, b' '..=b'~')), "not printable ASCII");
    let verdict = opened.verdict(None);
    let signed = matches!(verdict.summary, SummaryWord::Signed | SummaryWord::SignedAndEncrypted);
    let encrypted = matches!(verdict.summary, SummaryWord::Encrypted | SummaryWord::SignedAndEncrypted);
    assert_eq!(signed, opened.summary.is_signed());
    assert_eq!(signed, verdict.sender.status == SenderStatus::Verified);
    assert_eq!(encrypted, opened.summary.is_encrypted());
    if let Sender::Verified { signature, .. } = &opened.summary.sender {
        assert!(*signature < opened.signatures.len(), "no such signature");
    }
    opened.payload.write_to(&mut Vec::new()).expect("the payload can be written");
    opened.payload.write_message(&mut Vec::new()).expect("the message can be written");
    opened.payload.main_body().expect("the texts can be read");
}

fn is_decrypted(opened: &Opened<'_>) -> bool {
    let mut layers = opened.layers.iter().map(|found| &found.layer);
    layers.any(|layer| matches!(layer, Layer::Encrypted(found) if found.decryption == Decryption::Done))
}

/// Alice and Bob in one person: every key of theirs is at hand, their OpenPGP certificates are named, and the test root
/// is trusted.
static MAIL: LazyLock<Mail> = LazyLock::new(|| {
    let protocols = Protocols::default().with(OpenPgp).with(Smime);
    let mut store = Store::new(protocols.as_slice());
    let mut named = Vec::new();
    for cert in [
        &include_bytes!("../../testdata/openpgp/alice.cert.asc")[..],
        include_bytes!("../../testdata/openpgp/bob.cert.asc"),
    ] {
        named.extend(OpenPgp.parse_certs(cert).expect("testdata has certificates"));
    }
    store.add_certs(named.clone());
    for cert in
        [&include_bytes!("../../testdata/smime/alice.crt.pem")[..], include_bytes!("../../testdata/smime/bob.crt.pem")]
    {
        store.add_certs(Smime.parse_certs(cert).expect("testdata has certificates"));
    }
    for key in [
        &include_bytes!("../../testdata/openpgp/alice.key.asc")[..],
        include_bytes!("../../testdata/openpgp/bob.key.asc"),
        include_bytes!("../../testdata/smime/alice.key.pem"),
        include_bytes!("../../testdata/smime/bob.key.pem"),
    ] {
        store.add_keys("testdata", key, Arc::new(NoPrompt)).expect("testdata has keys");
    }
    let root = include_bytes!("../../testdata/smime/root.crt.pem");
    let intermediate = include_bytes!("../../testdata/smime/intermediate.crt.pem");
    let crl = include_bytes!("../../testdata/smime/intermediate.crl.pem");
    let anchors = Smime.parse_certs(root).expect("testdata has a root");
    let intermediates = Smime.parse_certs(intermediate).expect("testdata has an authority");
    let crls = parse_crls(crl).expect("testdata has a list");
    let trust = Named::new(&named).or(Pkix::new(&anchors, &intermediates, &crls));
    let mut policy = Policy::at(SystemTime::UNIX_EPOCH + NOW);
    policy.max_plaintext = 8 << 20;
    let store = Arc::new(store);
    Mail::new(protocols, store.clone(), store, trust, policy)
});
