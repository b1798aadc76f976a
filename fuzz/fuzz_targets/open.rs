//! Any octets as a mail, opened with keys of both protocols and a passphrase: no panic, a verdict that agrees with the facts it
//! stands on, and inline protection that gives a text only where it may.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mailseal::openpgp::OpenPgp;
use mailseal::smime::{Pkix, Smime, parse_crls};
use mailseal::{
    Check, Decryption, Layer, Mail, Named, Opened, Policy, Prompt, Protocol, Protocols, Sender, SenderStatus,
    SummaryWord, TrustExt,
};
use mailseal_core::{Locked, Passphrase};
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
        check_inline(&opened);
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

/// What was encrypted gives a text if and only if it was decrypted, and a signature that is valid is of a certificate.
fn check_inline(opened: &Opened<'_>) {
    let blocks = match MAIL.open_inline(opened) {
        Ok(blocks) => blocks,
        Err(mailseal::Error::Core(mailseal_core::Error::Limit { .. })) => return,
        Err(error) => panic!("blocks of memory can be read: {error}"),
    };
    for block in blocks {
        match block.decryption {
            Some(Decryption::Done) => {}
            Some(_) => assert!(block.text.is_none(), "a text that was not decrypted"),
            None => {}
        }
        let valid = block.signatures.iter().filter(|one| one.fact.check == Check::Valid);
        valid.for_each(|one| assert!(one.fact.signer.is_some() && block.text.is_some(), "signed by nobody"));
    }
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

/// The passphrase of the messages and of the locked keys.
struct Horse;

impl Prompt for Horse {
    fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
        (attempt == 0).then(|| Passphrase::new("correct horse".to_owned()))
    }
}

/// The reader of `testdata/attacks` and a few more: Bob, Carol, Erin, Judy, Dave and who has a cheap lock, with their keys; they know
/// Alice and Eve in OpenPGP and trust the test root in S/MIME.
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
        testdata!("openpgp/judy.key.asc"),
        testdata!("openpgp/cheap.key.asc"),
        testdata!("openpgp/cheap-v6.key.asc"),
        testdata!("openpgp/bob.key.asc"),
        testdata!("smime/dave.key.pem"),
        testdata!("smime/capable.key.pem"),
    ] {
        store.add_keys("testdata", key, Arc::new(Horse)).expect("testdata has keys");
    }
    named.extend(store.own_certs());
    let anchors = Smime.parse_certs(testdata!("smime/root.crt.pem")).expect("testdata has a root");
    let crls = parse_crls(testdata!("smime/intermediate.crl.pem")).expect("testdata has a list");
    store.set_passphrases(Arc::new(Horse));
    let trust = Named::new(&named).or(Pkix::new(&anchors, &[intermediates, named.clone()].concat(), &crls));
    let mut policy = Policy::at(SystemTime::UNIX_EPOCH + NOW);
    policy.max_plaintext = 8 << 20;
    let store = Arc::new(store);
    Mail::new(protocols, store.clone(), store, trust, policy)
});
