//! `mailseal check`

use std::io::{self, Write as _};

use mailseal::{Address, By, Judgement, Obstacle, Reachable, Reason};
use serde_json::{Value, json};

use crate::{
    args::check::Check,
    command::protect,
    exit::{Exit, Failure},
    output::{escape::escape, json, words},
    setup,
};

/// Tells of each address with which certificate it would be encrypted to, or why not.
pub(crate) fn run(args: &Check) -> Result<Exit, Failure> {
    let addresses = args.addresses.iter().map(|text| protect::address(text)).collect::<Result<Vec<_>, _>>()?;
    let mail = setup::mail(&args.certificates, None)?;
    let mut exit = Exit::Success;
    for address in &addresses {
        let found = mail.reach(address, args.force.only());
        if found.is_err() {
            exit = Exit::CertCannotEncrypt;
        }
        if args.json {
            json::line(as_json(address, &found))?;
        } else {
            writeln!(io::stdout(), "{}", in_words(address, &found))
                .map_err(|e| Failure::writing("standard output", &e))?;
        }
    }
    Ok(exit)
}

type Found = Result<Reachable, Obstacle>;

fn as_json(address: &Address, found: &Found) -> Value {
    match found {
        Ok(reachable) => json!({
            "address": address.as_str(),
            "reachable": true,
            "protocol": reachable.cert.protocol().0,
            "fingerprint": reachable.cert.fingerprint().to_string(),
            "found": place(&reachable.judgement),
            "by": by(&reachable.judgement).map(words::by_word),
            "reason": null,
        }),
        Err(obstacle) => {
            let (fingerprint, reason) = match obstacle {
                Obstacle::Unusable { fingerprint, reason } => (Some(fingerprint), reason.as_str()),
                _ => (None, "no-certificate"),
            };
            json!({
                "address": address.as_str(),
                "reachable": false,
                "protocol": null,
                "fingerprint": fingerprint,
                "found": null,
                "by": null,
                "reason": reason,
            })
        }
    }
}

fn in_words(address: &Address, found: &Found) -> String {
    let address = escape(address.as_str());
    match found {
        Ok(reachable) => {
            let technology = words::technology(reachable.cert.protocol().0);
            let trust = by(&reachable.judgement).map(words::trust).unwrap_or_default();
            let place = place(&reachable.judgement);
            format!("{address}  {technology} {}, {trust}, from the {place}", reachable.cert.fingerprint())
        }
        Err(obstacle) => {
            format!(
                "{address}  cannot be encrypted to: {}\n  hint: {}",
                escape(&obstacle.to_string()),
                advice(obstacle)
            )
        }
    }
}

/// What to do about it.
fn advice(obstacle: &Obstacle) -> &'static str {
    match obstacle {
        Obstacle::NoCertificate => "--cert names a certificate, `mailseal key import` keeps it",
        Obstacle::Unusable { reason: Reason::Untrusted | Reason::NoPath, .. } => {
            "--cert vouches for a certificate, `mailseal key trust` for good"
        }
        _ => "ask them for a certificate that is in force and fit for encryption",
    }
}

fn by(judgement: &Judgement) -> Option<&By> {
    match judgement {
        Judgement::Trusted(by) => Some(by),
        _ => None,
    }
}

/// Whatever the command line names is trusted for that; all else comes from the keyring.
fn place(judgement: &Judgement) -> &'static str {
    match judgement {
        Judgement::Trusted(By::Named) => "command line",
        _ => "keyring",
    }
}
