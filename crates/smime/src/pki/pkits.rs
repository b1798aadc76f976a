//! The Public Key Interoperability Test Suite (PKITS) of the NIST: path validation, with revocation lists required.
//! `scripts/fetch-pkits` fetches it; `testdata/pkits.tsv` has a row for every test and what is told of it.

use super::rules::Rules;
use super::{Pkix, Policies};
use crate::{Certificate, oid, parse, parse_crls, usable};
use mailseal_core::{Cert, Policy, Purpose, Question, Reason, Revocation};
use mailseal_testkit::{personas, workspace};
use std::path::{Path, PathBuf};

/// How many of how many rows agree with the suite; of the others the table says why.
const AGREEING: (usize, usize) = (232, 247);

#[test]
fn verdicts_agree() {
    let Some(suite) = suite() else { return };
    let table = std::fs::read_to_string(workspace().join("testdata/pkits.tsv")).unwrap();
    let judge = Judge::new(&suite);
    let (mut agreeing, mut all, mut wrong) = (0, 0, Vec::new());
    for row in table.lines().skip(1) {
        let columns: Vec<_> = row.split('\t').collect();
        let [test, name, inputs, expected, told, why] = columns[..] else { panic!("{row}") };
        let verdict = judge.judge(&suite.join(format!("certs/{name}.crt")), &policies(inputs));
        let verdict = verdict.map_or_else(|reason| reason.as_str(), |()| "good");
        let agrees = (verdict == "good") == (expected == "good");
        all += 1;
        agreeing += usize::from(agrees);
        if verdict != told || agrees != why.is_empty() {
            wrong.push(format!("{test} {name} {inputs}: {expected}, {verdict}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((agreeing, all), AGREEING);
}

/// Where the suite is; `None` where it is not.
fn suite() -> Option<PathBuf> {
    let cache = || {
        let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or(home);
        cache.map(|cache| cache.join("mailseal/pkits"))
    };
    let folder = std::env::var_os("MAILSEAL_PKITS").map(PathBuf::from).or_else(cache);
    let found = folder.filter(|folder| folder.join("certs").is_dir());
    if found.is_none() {
        mailseal_testkit::skip("PKITS (scripts/fetch-pkits)");
    }
    found
}

/// The inputs of a row: `explicit`, `no-mapping`, `no-any`, and the last numbers of NIST's test policies.
fn policies(inputs: &str) -> Policies {
    let mut policies = Policies::default();
    for input in inputs.split(',').filter(|input| !input.is_empty()) {
        match input {
            "explicit" => policies.explicit = true,
            "no-mapping" => policies.without_mapping = true,
            "no-any" => policies.without_any = true,
            number => policies.acceptable.push(format!("2.16.840.1.101.3.2.1.48.{number}").parse().unwrap()),
        }
    }
    policies
}

/// Every certificate and list of the suite at once: the path and its lists are to be found.
struct Judge {
    anchors: Vec<Cert>,
    known: Vec<Cert>,
    crls: Vec<Vec<u8>>,
}

impl Judge {
    fn new(suite: &Path) -> Judge {
        let known = files(&suite.join("certs")).into_iter().filter(|(path, _)| !path.ends_with("EE.crt"));
        Judge {
            anchors: parse::certs(&std::fs::read(suite.join("certs/TrustAnchorRootCertificate.crt")).unwrap()).unwrap(),
            known: known.flat_map(|(_, encoded)| parse::certs(&encoded).unwrap()).collect(),
            crls: files(&suite.join("crls")).iter().flat_map(|(_, encoded)| parse_crls(encoded).unwrap()).collect(),
        }
    }

    /// As [`Trust::judge`](mailseal_core::Trust::judge), without the rules that a person's certificate is under: some of
    /// the suite's are an authority's. Lists are required; where one is missing, and something else is wrong too, that is
    /// told.
    fn judge(&self, path: &Path, policies: &Policies) -> Result<(), Reason> {
        match self.judge_by(path, policies, Revocation::Require) {
            Err(Reason::RevocationUnknown) => {
                let otherwise = self.judge_by(path, policies, Revocation::IfPresent);
                otherwise.and(Err(Reason::RevocationUnknown))
            }
            verdict => verdict,
        }
    }

    fn judge_by(&self, path: &Path, policies: &Policies, revocation: Revocation) -> Result<(), Reason> {
        let mut policy = Policy::at(personas::now());
        policy.revocation = revocation;
        let cert = parse::certs(&std::fs::read(path).unwrap()).map_err(|_| Reason::Malformed)?.remove(0);
        let certificate = Certificate::of(&cert).unwrap();
        let rules = Rules::new(&policy, oid::ID_KP_EMAIL_PROTECTION, policies).unwrap();
        usable::check_validity(certificate, policy.at)?;
        let purpose = Purpose::Sign;
        let question = Question { cert: &cert, address: None, purpose, policy: &policy, helpers: &[], crls: &[] };
        Pkix::new(&self.anchors, &self.known, &self.crls).find(certificate, &question, rules).map(drop)
    }
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        paths.map(|path| (path.to_str().unwrap().to_owned(), std::fs::read(&path).unwrap())).collect();
    files.sort();
    files
}
