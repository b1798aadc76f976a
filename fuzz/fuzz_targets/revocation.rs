//! Any octets as revocation lists and OCSP responses: what the authority did not sign clears nobody, revokes nobody and
//! takes nothing back.
#![no_main]

use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use mailseal_core::{By, Cert, Judgement, Policy, Protocol, Purpose, Question, Reason, Revocation, Trust};
use mailseal_smime::{Pkix, Smime, parse_crls};

fuzz_target!(|octets: &[u8]| {
    let Ok(lists) = parse_crls(octets) else { return };
    // What the authority signed is another test's.
    if lists.iter().any(|list| GENUINE.contains(list)) {
        return;
    }
    let lists = &lists[..lists.len().min(8)];
    let unknown = Judgement::Untrusted(Reason::RevocationUnknown);
    let trusted = Judgement::Trusted(By::Chain("Mailseal Test Root".into()));
    let revoked = Judgement::Untrusted(Reason::Revoked);
    let (alice, gone) = (&CERTS[0], &CERTS[1]);
    assert_eq!(judge(&WITHOUT, alice, lists, Revocation::Require), unknown);
    assert_eq!(judge(&WITHOUT, alice, lists, Revocation::IfPresent), trusted);
    assert_eq!(judge(&WITH, alice, lists, Revocation::Require), trusted);
    assert_eq!(judge(&WITH, gone, lists, Revocation::IfPresent), revoked);
});

fn judge(pkix: &Pkix, cert: &Cert, crls: &[Vec<u8>], revocation: Revocation) -> Judgement {
    let mut policy = Policy::at(UNIX_EPOCH + Duration::from_secs(1_780_272_000));
    policy.revocation = revocation;
    let purpose = Purpose::Sign;
    pkix.judge(&Question { cert, address: None, purpose, policy: &policy, helpers: &[], crls })
}

fn certs(pem: &[&[u8]]) -> Vec<Cert> {
    pem.iter().flat_map(|pem| Smime.parse_certs(pem).expect("testdata is certificates")).collect()
}

static CERTS: LazyLock<Vec<Cert>> = LazyLock::new(|| {
    certs(&[
        include_bytes!("../../testdata/smime/alice.crt.pem"),
        include_bytes!("../../testdata/smime/revoked.crt.pem"),
        include_bytes!("../../testdata/smime/intermediate.crt.pem"),
        include_bytes!("../../testdata/smime/root.crt.pem"),
    ])
});
static GENUINE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let lists = [
        &include_bytes!("../../testdata/smime/intermediate.crl.pem")[..],
        include_bytes!("../../testdata/smime/root.crl.pem"),
    ];
    lists.iter().flat_map(|pem| parse_crls(pem).expect("testdata is lists")).collect()
});
static WITHOUT: LazyLock<Pkix> = LazyLock::new(|| Pkix::new(&CERTS[3..], &CERTS[2..3], &[]));
static WITH: LazyLock<Pkix> = LazyLock::new(|| Pkix::new(&CERTS[3..], &CERTS[2..3], &GENUINE));
