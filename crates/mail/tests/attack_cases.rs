//! Attacks 1 to 7 and 9 to 24: every message of `testdata/attacks/` gets the verdict that the table says, through the library.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

use mailseal::openpgp::OpenPgp;
use mailseal::smime::{Pkix, Smime, parse_crls};
use mailseal::{Mail, Named, NoPrompt, Policy, Protocol, Protocols, Revocation, TrustExt};
use mailseal_keyring::Store;
use mailseal_testkit::attacks::{self, Case};
use mailseal_testkit::personas;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Only the reader may see it.
const SECRET: &str = "second key lies under the bridge";

/// Each row says what is told; and what was not decrypted is not written.
#[test]
fn every_case_gets_its_verdict() {
    let cases = attacks::cases();
    assert!(cases.len() > 300, "{}", cases.len());
    let wrong: Vec<String> = cases.iter().filter_map(|case| judge(case).err()).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// R98, R140, attack 14: signed mail that somebody encrypted anew is still its author's. For whom it was says the protected
/// To, whatever stands outside; where nothing is protected, the To is named so.
#[test]
fn passed_on_mail_says_for_whom_it_was() {
    let (bob, us) = ("Bob <bob@example.org>", "carol@example.org, dave@example.org");
    let mut seen = 0;
    for case in attacks::cases() {
        let Some((_, name)) = case.file.split_once("14-surreptitious/") else { continue };
        let (to, status) = match name.rsplit_once('-').unwrap().0 {
            "signed-for-another" | "signed-for-another-opaque" => (bob, "signed-and-encrypted"),
            "control-signed-for-us" => (us, "signed-and-encrypted"),
            "signed-for-whom" | "control-sealed" => (us, "unprotected"),
            _ => continue,
        };
        let message = std::fs::read(case.path()).unwrap();
        let json = mail(&case).open(&message).unwrap().verdict(None).to_json();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let is_warned = json["defects"].to_string().contains("none of your addresses");
        assert_eq!(is_warned, to == bob, "{name}: {json}");
        let headers = json["headers"].as_array().unwrap();
        let all: Vec<_> = headers.iter().filter(|field| field["name"] == "To").collect();
        assert_eq!(all, [&serde_json::json!({"name": "To", "value": to, "status": status})], "{name}");
        seen += 1;
    }
    assert_eq!(seen, 9);
}

fn judge(case: &Case) -> Result<(), String> {
    let message = std::fs::read(case.path()).unwrap();
    let mail = mail(case);
    let (told, opened) = match mail.open(&message) {
        Ok(opened) => {
            let verdict = opened.verdict(None);
            let json: serde_json::Value = serde_json::from_str(&verdict.to_json()).unwrap();
            let word = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
            let sender = &json["sender"];
            let told =
                [word(&json["summary"]), word(&sender["status"]), word(&sender["reason"]), word(&sender["address"])];
            (told, Some(opened))
        }
        Err(_) => (["41", "-", "-", "-"].map(str::to_owned), None),
    };
    let expected = [&case.summary, &case.status, &case.reason, &case.address];
    if told.iter().ne(expected) {
        return Err(format!("{} is {}", case.file, told.join(" ")));
    }
    if let Some(opened) = opened {
        let mut shown = Vec::new();
        opened.payload.write_message(&mut shown).unwrap();
        let shown = String::from_utf8_lossy(&shown);
        if !case.summary.ends_with("encrypted") && shown.contains(SECRET) {
            return Err(format!("{}: shows what was not decrypted", case.file));
        }
        let is_alices = case.summary.starts_with("signed") && case.address == "alice@example.org";
        if is_alices && !case.is_control && shown.contains("Pay Eve") {
            return Err(format!("{}: shows text of others as Alice's", case.file));
        }
        if case.summary.ends_with("encrypted") && shown.contains(SECRET) && shown.contains("Pay Eve") {
            return Err(format!("{}: shows the secret beside text of others", case.file));
        }
    }
    Ok(())
}

/// What the row's options give, as the command line does it.
fn mail(case: &Case) -> Mail {
    let read = |path: &str| std::fs::read(path).unwrap();
    let protocols = Protocols::default().with(OpenPgp).with(Smime);
    let mut store = Store::new(protocols.as_slice());
    let certs = |store: &Store, option: &str| -> Vec<_> {
        case.values(option).flat_map(|path| store.parse_certs(path, &read(path)).unwrap()).collect()
    };
    let mut named = certs(&store, "--cert");
    let intermediates = certs(&store, "--intermediate");
    store.add_certs(named.clone());
    store.add_intermediates(intermediates.clone());
    for path in case.values("--key") {
        store.add_keys(path, &read(path), Arc::new(NoPrompt)).unwrap();
    }
    named.extend(store.own_certs());
    let anchors: Vec<_> = case.values("--anchor").flat_map(|path| Smime.parse_certs(&read(path)).unwrap()).collect();
    let crls: Vec<_> = case.values("--crl").flat_map(|path| parse_crls(&read(path)).unwrap()).collect();
    let trust = Named::new(&named).or(Pkix::new(&anchors, &[intermediates, named].concat(), &crls));
    let moment = |time: &str| {
        let seconds = time.parse::<jiff::Timestamp>().unwrap().as_second();
        SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap())
    };
    let at = case.values("--at").last().map_or_else(personas::now, moment);
    let mut policy = Policy::at(at);
    if case.values("--revocation").last() == Some("require") {
        policy.revocation = Revocation::Require;
    }
    let store = Arc::new(store);
    Mail::new(protocols, store.clone(), store, trust, policy)
}
