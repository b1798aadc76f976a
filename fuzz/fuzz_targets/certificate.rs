//! Any octets as certificates, anchors and roots, judged under the test authority: only what it issued is trusted.
#![no_main]

use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use mailseal_core::{Cert, Policy, Protocol, Purpose, Question, Trust};
use mailseal_smime::{Certificate, MailRoots, Pkix, Smime, parse_anchors};

fuzz_target!(|octets: &[u8]| {
    if let Ok(roots) = MailRoots::read(octets) {
        let text = roots.to_certdata();
        let again = MailRoots::read(text.as_bytes()).expect("what was written can be read");
        assert_eq!((again.to_certdata(), again.trusted()), (text, roots.trusted()));
    }
    let _ = parse_anchors(octets);
    let Ok(certs) = Smime.parse_certs(octets) else { return };
    let certs = &certs[..certs.len().min(8)];
    let judge = |pkix: &Pkix, cert: &Cert| {
        let (policy, purpose) = (Policy::at(UNIX_EPOCH + Duration::from_secs(1_780_272_000)), Purpose::Sign);
        pkix.judge(&Question { cert, address: None, purpose, policy: &policy, helpers: certs, crls: &[] }).is_trusted()
    };
    // Whoever is trusted under the authority has words that it signed: a certificate of the test data.
    for cert in certs.iter().filter(|cert| judge(&AUTHORITY, cert)) {
        assert!(PEOPLE.iter().any(|known| known.fingerprint() == cert.fingerprint()), "nobody signs for the authority");
    }
    // As anchors they vouch for nobody whom they did not issue.
    let own = Pkix::new(certs, certs, &[]);
    let above = [&PEOPLE[0], &AUTHORITIES[0], &AUTHORITIES[1]];
    assert!(!judge(&own, &PEOPLE[0]) || certs.iter().any(|cert| above.iter().any(|other| has_same_key(cert, other))));
});

/// Whether both have the same key.
fn has_same_key(one: &Cert, other: &Cert) -> bool {
    let key = |cert| Certificate::of(cert).map(|certificate| certificate.public_key_info().to_vec());
    key(one) == key(other)
}

fn certs(pem: &[&[u8]]) -> Vec<Cert> {
    pem.iter().flat_map(|pem| Smime.parse_certs(pem).expect("testdata is certificates")).collect()
}

/// The intermediate and the root.
static AUTHORITIES: LazyLock<Vec<Cert>> = LazyLock::new(|| {
    certs(&[
        include_bytes!("../../testdata/smime/intermediate.crt.pem"),
        include_bytes!("../../testdata/smime/root.crt.pem"),
    ])
});
static AUTHORITY: LazyLock<Pkix> = LazyLock::new(|| Pkix::new(&AUTHORITIES[1..], &AUTHORITIES[..1], &[]));
/// Everybody who has a certificate of the authority, Alice first.
static PEOPLE: LazyLock<Vec<Cert>> = LazyLock::new(|| {
    certs(&[
        include_bytes!("../../testdata/smime/alice.crt.pem"),
        include_bytes!("../../testdata/smime/bob.crt.pem"),
        include_bytes!("../../testdata/smime/capable.crt.pem"),
        include_bytes!("../../testdata/smime/dave.crt.pem"),
        include_bytes!("../../testdata/smime/expired.crt.pem"),
        include_bytes!("../../testdata/smime/frank.crt.pem"),
        include_bytes!("../../testdata/smime/grace.crt.pem"),
        include_bytes!("../../testdata/smime/heidi-reads.crt.pem"),
        include_bytes!("../../testdata/smime/heidi.crt.pem"),
        include_bytes!("../../testdata/smime/ivan-reads.crt.pem"),
        include_bytes!("../../testdata/smime/ivan.crt.pem"),
        include_bytes!("../../testdata/smime/revoked.crt.pem"),
        include_bytes!("../../testdata/smime/wrong-address.crt.pem"),
    ])
});
