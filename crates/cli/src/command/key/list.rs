//! `mailseal key list`

use std::sync::Arc;

use jiff::Timestamp;
use mailseal::{By, Cert, CertSource as _, Judgement, NoPrompt, Policy, Trust, TrustExt as _, smime::Pkix};
use mailseal_core::{Purpose, Question};
use mailseal_keyring::{Keyring, Place};

use super::ring::{Files, Held, line, object, say};
use crate::{
    args::key::List,
    exit::Failure,
    output::{json, words},
    setup,
};

/// Tells of every certificate once, own keys first.
pub(super) fn run(args: &List) -> Result<(), Failure> {
    let files = Files::new(&args.ring)?;
    let found = match &args.which {
        Some(which) => files.find(which)?,
        None => files.all()?,
    };
    let trust = Vouching::new(&files, args)?;
    let mut told: Vec<&Cert> = Vec::new();
    for Held { cert, .. } in &found {
        if told.contains(&cert) {
            continue;
        }
        told.push(cert);
        let is_in = |place| found.iter().any(|held| held.place == place && held.cert == *cert);
        let (secret, anchor) = (is_in(Place::Keys), is_in(Place::Anchors));
        let by = if anchor { Some(By::Anchor) } else { trust.vouched(cert) };
        let until = cert.not_after().and_then(|until| Timestamp::try_from(until).ok());
        if args.json {
            let mut told = object(cert);
            told["secret"] = secret.into();
            told["by"] = by.as_ref().map(words::by_word).into();
            json::line(told)?;
        } else {
            let until = until.map_or("no end".to_owned(), |until| format!("until {}", until.strftime("%Y-%m-%d")));
            let secret = if secret { ", secret" } else { "" };
            let by = by.as_ref().map_or("nobody vouches for it".to_owned(), words::trust);
            say(&format!("{}, {until}{secret}, {by}", line(cert)))?;
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
        let trust = keyring.or(Pkix::new(&anchors, &intermediates, &[]));
        Ok(Vouching { trust: Box::new(trust), policy: Policy::at(args.at.moment()) })
    }

    /// Who vouches for a certificate and one of its addresses.
    fn vouched(&self, cert: &Cert) -> Option<By> {
        let judge = |address| {
            let question =
                Question { cert, address, purpose: Purpose::Sign, policy: &self.policy, helpers: &[], crls: &[] };
            match self.trust.judge(&question) {
                Judgement::Trusted(by) => Some(by),
                _ => None,
            }
        };
        cert.addresses().iter().map(Some).find_map(judge)
    }
}
