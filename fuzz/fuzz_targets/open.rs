//! Any octets as a mail, opened with keys of both protocols: no panic, and a verdict that agrees with the facts it stands
//! on.

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
        assert!(!opened.summary.is_encrypted(), "encrypted, and no key was used");
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

/// A file of `testdata`.
macro_rules! testdata {
    ($name:literal) => {
        &include_bytes!(concat!("../../testdata/", $name))[..]
    };
}

/// The reader of `testdata/attacks`: Carol, Erin and Dave with their keys, who know Alice, Bob and Eve in OpenPGP and trust
/// the test root in S/MIME.
static MAIL: LazyLock<Mail> = LazyLock::new(|| {
    let protocols = Protocols::default().with(OpenPgp).with(Smime);
    let mut store = Store::new(protocols.as_slice());
    let mut named = Vec::new();
    for cert in [
        testdata!("openpgp/alice.cert.asc"),
        testdata!("openpgp/bob.cert.asc"),
        testdata!("openpgp/eve.cert.asc"),
        testdata!("smime/dave.crt.pem"),
        testdata!("smime/capable.crt.pem"),
    ] {
        named.extend(store.parse_certs("testdata", cert).expect("testdata has certificates"));
    }
    let intermediates = Smime.parse_certs(testdata!("smime/intermediate.crt.pem")).expect("testdata has an authority");
    store.add_certs(named.clone());
    store.add_intermediates(intermediates.clone());
    for key in [
        testdata!("openpgp/carol.key.asc"),
        testdata!("openpgp/erin.key.asc"),
        testdata!("smime/dave.key.pem"),
        testdata!("smime/capable.key.pem"),
    ] {
        store.add_keys("testdata", key, Arc::new(NoPrompt)).expect("testdata has keys");
    }
    named.extend(store.own_certs());
    let anchors = Smime.parse_certs(testdata!("smime/root.crt.pem")).expect("testdata has a root");
    let crls = parse_crls(testdata!("smime/intermediate.crl.pem")).expect("testdata has a list");
    let trust = Named::new(&named).or(Pkix::new(&anchors, &[intermediates, named.clone()].concat(), &crls));
    let mut policy = Policy::at(SystemTime::UNIX_EPOCH + NOW);
    policy.max_plaintext = 8 << 20;
    let store = Arc::new(store);
    Mail::new(protocols, store.clone(), store, trust, policy)
});
