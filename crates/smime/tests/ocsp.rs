//! OCSP responses as files, made by openssl: RFC 6960.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::authority::*;
use common::read;
use mailseal_core::{
    By, Cert, Handle, Judgement, Named, Policy, Purpose, Question, Reason, Revocation, Trust, TrustExt,
};
use mailseal_smime::{Certificate, Pkix, parse_crls};

const RESPONDER: &str = "extendedKeyUsage=OCSPSigning\n";

/// The line of openssl's index for a certificate with this status.
fn line(cert: &Cert, status: &str) -> String {
    let Handle::IssuerSerial { serial, .. } = Certificate::of(cert).unwrap().issuer_serial() else { panic!() };
    let serial: String = serial.iter().map(|octet| format!("{octet:02X}")).collect();
    let revoked = |reason: &str| format!("R\t21260101000000Z\t261124000000Z{reason}\t{serial}\tunknown\t/CN=p\n");
    match status {
        "good" => format!("V\t21260101000000Z\t\t{serial}\tunknown\t/CN=p\n"),
        "revoked" => revoked(",keyCompromise"),
        "hold" => revoked(",certificateHold"),
        _ => String::new(),
    }
}

/// The response by `signer` on `name`, which `issuer` issued.
fn respond(ca: &Authority, issuer: &str, name: &str, signer: &str, status: &str, options: &[&str]) -> Vec<Vec<u8>> {
    std::fs::write(ca.path("ocsp-index"), line(&ca.cert(name), status)).unwrap();
    let file = |name: &str, ending: &str| format!("{name}.{ending}");
    let (issuer, signer_cert, signer_key) = (file(issuer, "crt"), file(signer, "crt"), file(signer, "key"));
    let responder = ["ocsp", "-index", "ocsp-index", "-rsigner", &signer_cert, "-rkey", &signer_key, "-CA", &issuer];
    let request = ["-issuer", &issuer, "-cert", &file(name, "crt"), "-no_nonce", "-noverify"];
    let output = ["-respout", "response.der"];
    ca.openssl(&[&responder[..], options, &request, &output].concat());
    parse_crls(&read(&ca.path("response.der"))).unwrap()
}

struct Asked<'a> {
    ca: &'a Authority,
    cert: &'a Cert,
}

impl Asked<'_> {
    /// The judgement where what is at hand counts, and where something is required.
    fn judge(&self, crls: &[Vec<u8>]) -> (Judgement, Judgement) {
        let pkix = Pkix::new(&[self.ca.cert("root")], &[], crls);
        let at = |revocation| {
            let mut policy = policy();
            policy.revocation = revocation;
            self.ask(&pkix, &policy)
        };
        (at(Revocation::IfPresent), at(Revocation::Require))
    }

    fn ask(&self, trust: &dyn Trust, policy: &Policy) -> Judgement {
        let cert = self.cert;
        trust.judge(&Question { cert, address: None, purpose: Purpose::Sign, policy, helpers: &[], crls: &[] })
    }
}

const CENTURY: [&str; 2] = ["-ndays", "36000"];
const DAY: [&str; 2] = ["-ndays", "1"];

/// Attack 16: what counts as an answer, and who may give it.
#[test]
fn who_answers_what() {
    let Some(ca) = Authority::new(P256) else { return };
    let Some(impostor) = Authority::new(P256) else { return };
    let cert = ca.issue("p", "root", P256, PERSON, &[]);
    let _ = ca.issue("responder", "root", P256, RESPONDER, &[]);
    let _ = ca.issue("clerk", "root", P256, "extendedKeyUsage=emailProtection\n", &[]);
    let _ = ca.issue("weak", "root", RSA_1024, RESPONDER, &[]);
    std::fs::copy(ca.path("p.crt"), impostor.path("p.crt")).unwrap();
    let asked = Asked { ca: &ca, cert: &cert };
    let clean = (trusted(), trusted());
    let unknown = (trusted(), refused(Reason::RevocationUnknown));
    let revoked = (refused(Reason::Revoked), refused(Reason::Revoked));

    let by = |signer: &str, status: &str, options: &[&str]| respond(&ca, "root", "p", signer, status, options);
    for (what, response, expected) in [
        ("nothing", vec![], &unknown),
        ("good", by("root", "good", &CENTURY), &clean),
        ("revoked", by("root", "revoked", &CENTURY), &revoked),
        ("on hold", by("root", "hold", &CENTURY), &revoked),
        ("unknown", by("root", "", &CENTURY), &unknown),
        ("good, by a responder", by("responder", "good", &CENTURY), &clean),
        ("revoked, by a responder", by("responder", "revoked", &CENTURY), &revoked),
        ("good, by somebody else's certificate", by("clerk", "good", &CENTURY), &unknown),
        ("revoked, by somebody else's certificate", by("clerk", "revoked", &CENTURY), &unknown),
        ("good, by a weak key", by("weak", "good", &CENTURY), &unknown),
        ("good, by SHA-1", by("root", "good", &[&CENTURY[..], &["-rmd", "sha1"]].concat()), &unknown),
        ("good, named by SHA-256", by("root", "good", &[&CENTURY[..], &["-sha256"]].concat()), &clean),
        ("good, stale", by("root", "good", &DAY), &unknown),
        ("good, for ever", by("root", "good", &[]), &unknown),
        // Who is revoked stays so; who was on hold need not be.
        ("revoked, stale", by("root", "revoked", &DAY), &revoked),
        ("on hold, stale", by("root", "hold", &DAY), &unknown),
        ("good, by an impostor", respond(&impostor, "root", "p", "root", "good", &CENTURY), &unknown),
        ("revoked, by an impostor", respond(&impostor, "root", "p", "root", "revoked", &CENTURY), &unknown),
        ("both", [by("root", "good", &CENTURY), by("root", "revoked", &CENTURY)].concat(), &revoked),
        ("a list too", [by("root", "good", &CENTURY), ca.crl("root", Some("p"), 36_000)].concat(), &revoked),
        ("good, and a list that is stale", [by("root", "good", &CENTURY), ca.crl("root", None, 1)].concat(), &clean),
    ] {
        assert_eq!(asked.judge(&response), *expected, "{what}");
    }
}

/// Attack 16: a named certificate, without an anchor; and a responder that was revoked itself.
#[test]
fn of_what_is_named_and_by_whom_is_revoked() {
    let Some(ca) = Authority::new(P256) else { return };
    let cert = ca.issue("p", "root", P256, PERSON, &[]);
    let _ = ca.issue("responder", "root", P256, RESPONDER, &[]);
    let asked = Asked { ca: &ca, cert: &cert };
    let named = |crls: &[Vec<u8>]| {
        let trust = Named::new(std::slice::from_ref(&cert)).or(Pkix::new(&[], &[ca.cert("root")], crls));
        asked.ask(&trust, &policy())
    };
    assert_eq!(named(&respond(&ca, "root", "p", "root", "good", &CENTURY)), Judgement::Trusted(By::Named));
    assert_eq!(named(&respond(&ca, "root", "p", "root", "revoked", &CENTURY)), refused(Reason::Revoked));
    let list = ca.crl("root", Some("responder"), 36_000);
    let answer = respond(&ca, "root", "p", "responder", "revoked", &CENTURY);
    assert_eq!(asked.judge(&answer).0, refused(Reason::Revoked));
    assert_eq!(asked.judge(&[answer, list].concat()), (trusted(), trusted()));
}

/// Attack 16: responses of a message, by anybody and of any time, do not crowd out what we have: the certificate stays
/// revoked by a response that is past its time.
#[test]
fn a_message_takes_no_revocation_back() {
    let Some(ca) = Authority::new(P256) else { return };
    let _ = ca.issue("mid", "root", P256, CA, &[]);
    let cert = ca.issue("q", "mid", P256, PERSON, &[]);
    let _ = ca.issue("clerk", "root", P256, "extendedKeyUsage=emailProtection\n", &[]);
    let lists = [ca.crl("root", None, 36_000), ca.crl("mid", None, 36_000)].concat();
    let revoked = respond(&ca, "mid", "q", "mid", "revoked", &DAY);
    let mut junk = respond(&ca, "root", "mid", "clerk", "revoked", &CENTURY).remove(0);
    let times: Vec<_> = (0..junk.len() - 17).filter(|at| junk[*at..].starts_with(b"\x18\x0f2")).collect();
    assert!(!times.is_empty());
    for at in times {
        junk[at + 2..at + 17].copy_from_slice(b"20200101000000Z");
    }
    let judged = |own: &[Vec<u8>], offered: &[Vec<u8>]| {
        let trust = Pkix::new(&[ca.cert("root")], &[ca.cert("mid")], own);
        let (cert, policy, purpose) = (&cert, &policy(), Purpose::Sign);
        trust.judge(&Question { cert, address: None, purpose, policy, helpers: &[], crls: offered })
    };
    assert_eq!(judged(&lists, &[]), trusted());
    let own = [revoked, lists].concat();
    for count in [0, 31, 32] {
        assert_eq!(judged(&own, &vec![junk.clone(); count]), refused(Reason::Revoked), "{count}");
    }
}

/// What is no answer at all is no file of revocation.
#[test]
fn files_that_say_nothing() {
    let try_later = [0x30, 3, 0x0a, 1, 3];
    assert!(parse_crls(&try_later).is_err());
    assert!(parse_crls(&[0x30, 0]).is_err());
    assert!(parse_crls(b"-----BEGIN OCSP RESPONSE-----\nMAMKAQM=\n-----END OCSP RESPONSE-----\n").is_err());
}
