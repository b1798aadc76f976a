//! The chains of OpenSSL's own test of path validation (`vectors/openssl-cms`, from 25-test_verify.t). Most of them are
//! for TLS, so the extended key usage is that of the row, and so is what the row asks for by an option (its security
//! level, depth, policies): the rules that mail has are tested elsewhere.

use super::crl::Crls;
use super::node::Node;
use super::rules::{Floor, Rules};
use super::search::{Search, Step};
use super::validate::Validator;
use super::{Pkix, Policies, proxies};
use crate::trust_settings::Said;
use crate::{Certificate, oid, parse, usable};
use const_oid::ObjectIdentifier;
use mailseal_cms::engine::KeyType;
use mailseal_core::{Cert, Policy, Purpose, Question, Reason};
use mailseal_testkit::corpus::{self, Case, Operation};
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};
use x509_cert::ext::pkix::BasicConstraints;

/// Rows that are bad because OpenSSL judges the first path that it finds. Here every path is tried (RFC 4158), and another
/// one is good; what is compared is the verdict on OpenSSL's path.
const FIRST_PATH: [&str; 4] = [
    "fail trusted-first path with server mistrust",
    "fail trusted-first path with client trust",
    "fail client purpose intermediate trusted",
    "fail client mistrust and client purpose",
];

#[test]
fn verdicts_agree() {
    let Some(cases) = corpus::cases("openssl-cms") else { return };
    let chains: Vec<_> = cases.iter().filter(|case| case.operation == Operation::VerifyChain).collect();
    let wrong: Vec<_> = chains
        .iter()
        .map(|case| (case, judge(case)))
        .filter(|(case, verdict)| verdict.is_ok() != (case.expected == "good"))
        .map(|(case, verdict)| format!("{} {} {verdict:?}", case.id, case.note))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(chains.len(), 151);
}

fn judge(case: &Case) -> Result<(), Reason> {
    let read = |paths: &[PathBuf]| -> Vec<Cert> { paths.iter().flat_map(certs).collect() };
    let usage = usage(case);
    // Without -partial_chain OpenSSL takes for an anchor what signs itself or is trusted by its settings; what else is
    // among the trusted certificates may help, and its settings count.
    let is_anchor = |cert: &Cert| {
        let certificate = Certificate::of(cert).unwrap();
        signs_itself(certificate)
            || certificate.trust().of(usage) != Said::Nothing
            || ["-partial_chain", "-check_ss_sig"].iter().any(|option| has(case, option))
    };
    let (anchors, helpers): (Vec<_>, Vec<_>) = read(&case.anchors).into_iter().partition(is_anchor);
    let pkix = Pkix::new(&anchors, &[helpers, read(&case.intermediates)].concat(), &[]);
    let cert = certs(&case.file).pop().ok_or(Reason::Malformed)?;
    let certificate = Certificate::of(&cert).ok_or(Reason::Malformed)?;

    let policy = Policy::at(UNIX_EPOCH + Duration::from_secs(at(case)));
    let floor = floor(case);
    let rules = Rules { floor, ..Rules::new(&policy, usage, &policies(case)).unwrap() };
    let depth = option(case, "-verify_depth").and_then(|depth| depth.parse().ok()).unwrap_or(rules.depth);
    let rules = Rules { depth, ..rules };
    usable::check_validity(certificate, policy.at)?;
    if floor.refuses_key(certificate.public_key_info()) {
        return Err(Reason::WeakAlgorithm);
    }
    // A chain may end in a key that nobody signs with, or whose identifier nobody writes.
    if !["25519", "rsa instead of rsaEncryption"].iter().any(|note| case.note.contains(note)) {
        let known = KeyType::from_spki(certificate.public_key_info());
        known.map_err(|_| Reason::Unsupported)?;
    }
    leaf(case, certificate)?;
    let person;
    let certificate = match has(case, "-allow_proxy_certs") {
        true => {
            let validator = Validator::new(rules.clone(), Crls::default()).unwrap();
            person = proxies::person(&validator, certificate, &pkix.intermediates)?;
            &person
        }
        false => certificate,
    };
    if pkix.anchors.contain(&cert) && !pkix.anchors.reject(certificate, usage) {
        return Ok(());
    }
    let question = Question {
        cert: &certificate.clone().into_cert(),
        address: None,
        purpose: Purpose::Sign,
        policy: &policy,
        helpers: &[],
        crls: &[],
    };
    if FIRST_PATH.iter().any(|note| case.note.contains(note)) {
        assert_eq!(pkix.find(certificate, &question, rules.clone()).map(drop), Ok(()), "{}", case.note);
        return first_path(&pkix, certificate, rules);
    }
    pkix.find(certificate, &question, rules).map(drop)
}

/// The verdict on the first path, by way of the trusted certificates before others, as OpenSSL searches.
fn first_path(pkix: &Pkix, certificate: &Certificate, rules: Rules) -> Result<(), Reason> {
    let (usage, depth) = (rules.usage, rules.depth);
    let target = Node::new(certificate.clone()).unwrap();
    let validator = Validator::new(rules, Crls::default()).unwrap();
    let anchors = pkix.anchors.iter().collect();
    let mut verdict = Err(Reason::NoPath);
    Search::new(&validator, depth, anchors, pkix.intermediates.iter().collect()).run(&target, &mut |anchor, chain| {
        let mut path = chain.iter().copied().chain([anchor]);
        let rejected = path.any(|node| pkix.anchors.reject(&node.certificate, usage));
        verdict = if rejected { Err(Reason::Untrusted) } else { validator.check(&[], anchor, chain, &target) };
        Step::Enough
    });
    verdict
}

/// Whether its own key signed it.
fn signs_itself(certificate: &Certificate) -> bool {
    let policy = Policy::at(UNIX_EPOCH + Duration::from_secs(1));
    let rules = Rules::new(&policy, oid::ANY_EXTENDED_KEY_USAGE, &Policies::default()).unwrap();
    let node = Node::new(certificate.clone()).unwrap();
    certificate.is_self_issued() && Validator::new(rules, Crls::default()).unwrap().is_signed_by(&node, &node)
}

fn certs(path: &PathBuf) -> Vec<Cert> {
    parse::certs(&std::fs::read(path).unwrap()).unwrap()
}

fn has(case: &Case, option: &str) -> bool {
    case.note.contains(&format!("\"{option}\""))
}

fn option<'c>(case: &'c Case, name: &str) -> Option<&'c str> {
    case.note.split(&format!("\"{name}\", \"")).nth(1)?.split('"').next()
}

/// `-attime`, else 2026-06-01.
fn at(case: &Case) -> u64 {
    option(case, "-attime").map_or(1_780_272_000, |seconds| seconds.parse().unwrap())
}

/// OpenSSL's security levels: 0 is anything, 1 and 2 refuse MD5, SHA-1 and RSA under 1024 and 2048 bits, 3 under 3072.
fn floor(case: &Case) -> Floor {
    match option(case, "-auth_level") {
        Some("0") => Floor { rsa_bits: 0, weak_hashes: true },
        Some("3") => Floor { rsa_bits: 3072, ..Floor::default() },
        _ => Floor::default(),
    }
}

fn policies(case: &Case) -> Policies {
    let acceptable = option(case, "-policy").map(ObjectIdentifier::new_unwrap).into_iter().collect();
    Policies { acceptable, explicit: has(case, "-explicit_policy"), ..Policies::default() }
}

fn purpose(case: &Case) -> &str {
    case.note.split("purpose=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default()
}

const CODE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");
const TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

fn usage(case: &Case) -> ObjectIdentifier {
    match purpose(case) {
        "sslserver" => ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1"),
        "sslclient" => ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2"),
        "codesign" => CODE,
        "timestampsign" => TIME,
        // No purpose: that of the certificate itself.
        _ => own_usage(case),
    }
}

fn own_usage(case: &Case) -> ObjectIdentifier {
    let cert = certs(&case.file).pop();
    let usages = cert.and_then(|cert| Certificate::of(&cert)?.extended_key_usage().ok()?);
    usages.and_then(|usages| usages.0.first().copied()).unwrap_or(oid::ANY_EXTENDED_KEY_USAGE)
}

/// What a row asks of the leaf beyond what RFC 5280 §6 asks of a path. -x509_strict: what its §4.2 asks of whoever issues
/// it, a key identifier of the issuer and no path length without authority. The two purposes that are not mail's: time-stamping that it is for that alone, and says so
/// critically (RFC 3161 §2.3); code signing that it is for no server and not for everything, and that its key usage is
/// critical (CA/Browser Forum). Neither signs certificates or lists.
fn leaf(case: &Case, certificate: &Certificate) -> Result<(), Reason> {
    if has(case, "-x509_strict") {
        let key_id = certificate.extension(oid::ID_CE_AUTHORITY_KEY_IDENTIFIER)?;
        let basic: Option<BasicConstraints> = certificate.extension_as(oid::ID_CE_BASIC_CONSTRAINTS)?;
        if key_id.is_none() || basic.is_some_and(|basic| !basic.ca && basic.path_len_constraint.is_some()) {
            return Err(Reason::Malformed);
        }
    }
    let uses = certificate.extended_key_usage()?.map(|uses| uses.0).unwrap_or_default();
    let is_critical = |id| certificate.extension(id).map(|found| found.is_some_and(|extension| extension.critical));
    let good = match purpose(case) {
        "timestampsign" => uses == [TIME] && is_critical(oid::ID_CE_EXT_KEY_USAGE)?,
        "codesign" => {
            uses.iter().all(|usage| *usage != oid::ANY_EXTENDED_KEY_USAGE && usage.to_string() != "1.3.6.1.5.5.7.3.1")
                && is_critical(oid::ID_CE_KEY_USAGE)?
        }
        _ => return Ok(()),
    };
    let issues = certificate.key_usage()?.is_some_and(|usage| usage.key_cert_sign() || usage.crl_sign());
    if good && !issues { Ok(()) } else { Err(Reason::Usage) }
}
