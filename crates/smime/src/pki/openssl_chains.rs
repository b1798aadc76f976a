//! The chains of OpenSSL's own test of path validation (`vectors/openssl-cms`, from 25-test_verify.t). Most of them are
//! for TLS, so the extended key usage is that of the row; what is S/MIME's own is tested elsewhere.

use super::Pkix;
use crate::{Certificate, oid, parse, usable};
use const_oid::ObjectIdentifier;
use mailseal_core::{Cert, Policy, Purpose, Question, Reason};
use mailseal_testkit::corpus::{self, Case, Operation};
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

/// Rows that may disagree, by a piece of their note, with the reason.
const EXCEPTIONS: [(&str, &str); 13] = [
    ("purpose=timestampsign", "rules of time-stamping, not of mail"),
    ("purpose=codesign", "rules of code signing, not of mail"),
    ("-allow_proxy_certs", "proxy certificates (RFC 3820) are no certificates of people"),
    ("\"-auth_level\", \"0\"", "weak keys and hashes are always refused"),
    ("\"-auth_level\", \"3\"", "RSA of 2048 bits is always accepted"),
    ("-verify_depth", "there is no such option"),
    ("-x509_strict", "there is no such option"),
    ("-explicit_policy", "there is no such option"),
    ("-check_ss_sig", "the key is named by an identifier that nobody writes"),
    ("accept critical OCSP No Check", "of a responder, never of a person"),
    ("fail trusted Ed25519-signed self-issued", "an anchor vouches for itself"),
    ("fail client purpose intermediate trusted", "another path is good, and every path is tried"),
    ("fail Ed25519 CA and EE certs swapped", "an anchor that is no authority issues nothing"),
];

/// OpenSSL's own certificate with trust settings behind it, which nobody else reads.
const TRUSTED: &str = "-----BEGIN TRUSTED CERTIFICATE-----";

#[test]
fn verdicts_agree() {
    let Some(cases) = corpus::cases("openssl-cms") else { return };
    let chains: Vec<_> = cases.iter().filter(|case| case.operation == Operation::VerifyChain).collect();
    let disagreeing: Vec<_> =
        chains.iter().filter(|case| judge(case).is_ok() != (case.expected == "good")).copied().collect();
    let unexplained: Vec<_> = disagreeing
        .iter()
        .filter(|case| !EXCEPTIONS.iter().any(|(note, _)| case.note.contains(note)) && !has_trust_settings(case))
        .map(|case| format!("{} {} {:?}", case.id, case.note, judge(case)))
        .collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    // Good where OpenSSL says bad is always another purpose, option or trust setting; what is left agrees.
    let agreeing = chains.len() - disagreeing.len();
    eprintln!("{agreeing} of {} chains agree", chains.len());
    assert!(agreeing >= AGREEING, "{agreeing}");
}

/// How many rows agreed when this was written.
const AGREEING: usize = 94;

fn has_trust_settings(case: &Case) -> bool {
    let files = case.anchors.iter().chain(&case.intermediates);
    files.map(|path| std::fs::read_to_string(path).unwrap_or_default()).any(|text| text.contains(TRUSTED))
}

fn judge(case: &Case) -> Result<(), Reason> {
    let read = |paths: &[PathBuf]| -> Vec<Cert> { paths.iter().flat_map(certs).collect() };
    let pkix = Pkix::new(&read(&case.anchors), &read(&case.intermediates), &[]);
    let cert = certs(&case.file).pop().ok_or(Reason::Malformed)?;
    let certificate = Certificate::of(&cert).ok_or(Reason::Malformed)?;
    let policy = Policy::at(UNIX_EPOCH + Duration::from_secs(at(case)));
    usable::check_validity(certificate, policy.at)?;
    match usable::check_key(certificate) {
        Err(Reason::Unsupported) if case.note.contains("25519") => {} // a chain may end in a key that is not known yet
        checked => drop(checked?),
    }
    if pkix.is_anchor(&cert) {
        return Ok(());
    }
    let question =
        Question { cert: &cert, address: None, purpose: Purpose::Sign, policy: &policy, helpers: &[], crls: &[] };
    pkix.find(certificate, &question, usage(case)).map(drop)
}

fn certs(path: &PathBuf) -> Vec<Cert> {
    parse::certs(&std::fs::read(path).unwrap_or_default()).unwrap_or_default()
}

/// `-attime`, else 2026-06-01.
fn at(case: &Case) -> u64 {
    let given = case.note.split("\"-attime\", \"").nth(1).and_then(|rest| rest.split('"').next());
    given.and_then(|seconds| seconds.parse().ok()).unwrap_or(1_780_272_000)
}

fn usage(case: &Case) -> ObjectIdentifier {
    let purpose = case.note.split("purpose=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    match purpose {
        "sslserver" => ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1"),
        "sslclient" => ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2"),
        "codesign" => ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3"),
        "timestampsign" => ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8"),
        // No purpose: that of the certificate itself.
        _ => own_usage(case),
    }
}

fn own_usage(case: &Case) -> ObjectIdentifier {
    let cert = certs(&case.file).pop();
    let usages = cert.and_then(|cert| Certificate::of(&cert)?.extended_key_usage().ok()?);
    usages.and_then(|usages| usages.0.first().copied()).unwrap_or(oid::ANY_EXTENDED_KEY_USAGE)
}
