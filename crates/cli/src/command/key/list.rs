//! `mailseal key list`

use std::sync::Arc;

use jiff::Timestamp;
use mailseal::{
    By, Cert, CertSource as _, Handle, Judgement, NoPrompt, Policy, Protocol, Reason, Trust, TrustExt as _,
    smime::{Pkix, parse_crls},
};
use mailseal_core::{Purpose, Question};
use mailseal_keyring::{Keyring, Place};

use super::ring::{Files, Held, line, object, problem, say};
use crate::{
    args::key::List,
    exit::Failure,
    output::{json, words},
    setup,
};

/// Tells of every certificate once, own keys first. Of several copies each says what one of them says.
pub(super) fn run(args: &List) -> Result<(), Failure> {
    let files = Files::new(&args.ring)?;
    let found = match &args.which {
        Some(which) => files.find(which)?,
        None => files.all()?,
    };
    let trust = Vouching::new(&files, args)?;
    let mut told: Vec<&Handle> = Vec::new();
    for first in &found {
        let (id, fingerprint) = (first.cert.protocol(), first.cert.fingerprint());
        if told.contains(&fingerprint) {
            continue;
        }
        told.push(fingerprint);
        let (protocol, key_files) = files.key_files(id)?;
        let copies: Vec<&Held> = found.iter().filter(|held| held.cert.fingerprint() == fingerprint).collect();
        let cert = copies.iter().fold(first.cert.clone(), |cert, held| key_files.merge(&cert, &held.cert));
        let is_in = |place| copies.iter().any(|held| held.place == place);
        let (secret, anchor) = (is_in(Place::Keys), is_in(Place::Anchors));
        let problem = trust.problem(protocol.as_ref(), &cert);
        let by = if anchor { Some(By::Anchor) } else { trust.vouched(&cert) };
        if args.json {
            let mut told = object(&cert);
            told["secret"] = secret.into();
            told["problem"] = problem.map(Reason::as_str).into();
            told["by"] = by.as_ref().map(words::by_word).into();
            json::line(told)?;
        } else {
            let until = cert.not_after().and_then(|until| Timestamp::try_from(until).ok());
            let until = until.map_or("no end".to_owned(), |until| format!("until {}", until.strftime("%Y-%m-%d")));
            let problem = problem.map_or(String::new(), |problem| format!(", {problem}"));
            let secret = if secret { ", secret" } else { "" };
            let by = by.as_ref().map_or("nobody vouches for it".to_owned(), words::trust);
            say(&format!("{}, {until}{problem}{secret}, {by}", line(&cert)))?;
        }
    }
    Ok(())
}

/// Who vouches for what the keyring has.
struct Vouching {
    trust: Box<dyn Trust>,
    policy: Policy,
}

impl Vouching {
    fn new(files: &Files, args: &List) -> Result<Vouching, Failure> {
        let keyring = Keyring::open(&files.root, files.protocols.as_slice(), Arc::new(NoPrompt))?;
        let mut anchors = Vec::new();
        for encoded in keyring.anchors() {
            anchors.extend(setup::x509("an anchor of the keyring", encoded)?);
        }
        let intermediates = keyring.intermediates();
        let lists = keyring.crls().iter().filter_map(|(_, encoded)| parse_crls(encoded).ok());
        let crls: Vec<Vec<u8>> = lists.flatten().collect();
        let trust = keyring.or(Pkix::new(&anchors, &intermediates, &crls));
        Ok(Vouching { trust: Box::new(trust), policy: setup::policy(args.at)? })
    }

    /// Who vouches for a certificate and one of its addresses.
    fn vouched(&self, cert: &Cert) -> Option<By> {
        self.judged(cert).find_map(|judgement| match judgement {
            Judgement::Trusted(by) => Some(by),
            _ => None,
        })
    }

    /// As [`problem`], and whether a list of the keyring revokes it.
    fn problem(&self, protocol: &dyn Protocol, cert: &Cert) -> Option<Reason> {
        if self.judged(cert).any(|judgement| judgement == Judgement::Untrusted(Reason::Revoked)) {
            return Some(Reason::Revoked);
        }
        problem(protocol, cert, &self.policy)
    }

    /// The judgement for each of its addresses.
    fn judged(&self, cert: &Cert) -> impl Iterator<Item = Judgement> {
        cert.addresses().iter().map(move |address| {
            let address = Some(address);
            let question =
                Question { cert, address, purpose: Purpose::Sign, policy: &self.policy, helpers: &[], crls: &[] };
            self.trust.judge(&question)
        })
    }
}
