//! Attack 22: what a message may bring along must not cost the reader more than a moment.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::forged::{Forged, authority, extension, key, name};
use common::{cert, certs, policy};
use const_oid::ObjectIdentifier;
use mailseal_cms::ber::encode::{self, SEQUENCE};
use mailseal_core::{By, Cert, Judgement, Purpose, Question, Reason, Trust};
use mailseal_smime::{Certificate, Pkix};
use mailseal_testkit::personas::{self, ALICE};
use p256::ecdsa::SigningKey;
use std::time::{Duration, Instant};

/// An authority's certificate.
fn issued(subject: &str, serial: u16, of: &SigningKey, issuer: &str, by: &SigningKey) -> Cert {
    let (subject, issuer) = (name(subject), name(issuer));
    Forged { subject: &subject, issuer: &issuer, serial, of, by, extensions: &authority() }.cert()
}

/// A certificate without extensions: an authority's is no person's.
fn person(issuer: &[u8], by: &SigningKey) -> Cert {
    Forged { subject: &name("person"), issuer, serial: 1, of: &key(100), by, extensions: &[] }.cert()
}

/// Thirty authorities of one name that all certify each other: paths without end, none to the anchor.
fn web(name: &[u8]) -> Vec<Cert> {
    let keys: Vec<_> = (0..30).map(key).collect();
    let extensions = authority();
    let pairs = (0..30_u16).flat_map(|of| (0..30_u16).map(move |by| (of, by)));
    let issued = |(of, by): (u16, u16)| {
        let (serial, of, by) = (30 * of + by, &keys[usize::from(of)], &keys[usize::from(by)]);
        Forged { subject: name, issuer: name, serial, of, by, extensions: &extensions }.cert()
    };
    pairs.map(issued).collect()
}

fn judge(cert: &Cert, helpers: &[Cert]) -> Judgement {
    judge_from(&certs(&personas::root()), cert, helpers)
}

fn judge_from(anchors: &[Cert], cert: &Cert, helpers: &[Cert]) -> Judgement {
    let pkix = Pkix::new(anchors, &[], &[]);
    let policy = policy();
    let began = Instant::now();
    let question = Question { cert, address: None, purpose: Purpose::Sign, policy: &policy, helpers, crls: &[] };
    let judgement = pkix.judge(&question);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    judgement
}

/// 900 authorities that call themselves like the issuer of Alice's certificate.
#[test]
fn a_web_of_authorities_ends() {
    let issuer = Certificate::of(&cert(ALICE)).unwrap().issuer().to_vec();
    let mut helpers = web(&issuer);
    assert_eq!(judge(&cert(ALICE), &helpers), Judgement::Unknown(Reason::NoPath));
    // The true one is still found, since key identifiers point to it.
    helpers.extend(certs(&personas::intermediate()));
    assert_eq!(judge(&cert(ALICE), &helpers), Judgement::Trusted(By::Chain("Mailseal Test Root".into())));
}

/// A certificate within the web itself, where every signature is good.
#[test]
fn a_path_in_circles_ends() {
    let web_name = name("web");
    assert_eq!(judge(&person(&web_name, &key(0)), &web(&web_name)), Judgement::Unknown(Reason::NoPath));
}

/// A issued B and B issued A. The same two are trusted once an anchor issued one of them: it is the circle that is refused.
#[test]
fn two_that_vouch_for_each_other() {
    let (a, b, root) = (key(1), key(2), key(3));
    let anchor = issued("root", 0, &root, "root", &root);
    let person = person(&name("a"), &a);
    let mut helpers = vec![issued("a", 1, &a, "b", &b), issued("b", 2, &b, "a", &a)];
    assert_eq!(judge_from(std::slice::from_ref(&anchor), &person, &helpers), Judgement::Unknown(Reason::NoPath));
    helpers.push(issued("b", 3, &b, "root", &root));
    assert_eq!(judge_from(&[anchor], &person, &helpers), Judgement::Trusted(By::Chain("root".into())));
}

/// Issuer and subject are the same, the signature is another's or a good one of its own.
#[test]
fn one_that_vouches_for_itself() {
    let (a, other) = (key(1), key(2));
    for by in [&a, &other] {
        let person_of_a = person(&name("a"), &a);
        assert_eq!(judge(&person_of_a, &[issued("a", 1, &a, "a", by)]), Judgement::Unknown(Reason::NoPath));
        let (own, of) = (name("person"), &key(100));
        let own = Forged { subject: &own, issuer: &own, serial: 1, of, by, extensions: &[] }.cert();
        assert_eq!(judge(&own, std::slice::from_ref(&own)), Judgement::Unknown(Reason::NoPath));
    }
    // A name of the anchor's own, without its key.
    let root = issued("root", 0, &other, "root", &other);
    let false_root = issued("root", 0, &a, "root", &a);
    assert_eq!(judge_from(&[root], &person(&name("root"), &a), &[false_root]), Judgement::Unknown(Reason::NoPath));
}

/// Five hundred times A by B, five hundred times B by A.
#[test]
fn a_thousand_cross_signatures_end() {
    let (a, b, root) = (key(1), key(2), key(3));
    let helpers: Vec<_> =
        (0..500).flat_map(|serial| [issued("a", serial, &a, "b", &b), issued("b", serial, &b, "a", &a)]).collect();
    let anchor = issued("root", 0, &root, "root", &root);
    let person = person(&name("a"), &a);
    assert_eq!(judge_from(&[anchor], &person, &helpers), Judgement::Unknown(Reason::NoPath));
}

/// A thousand authorities, each by the next; the last by the anchor. Nobody honest needs more than ten.
#[test]
fn a_ladder_of_a_thousand_ends() {
    let (a, root) = (key(1), key(3));
    let anchor = issued("root", 0, &root, "root", &root);
    let step = |number: u16, of: &SigningKey, by: &SigningKey| {
        issued(&format!("step {number}"), number, of, &format!("step {}", number + 1), by)
    };
    let mut helpers: Vec<_> = (0..999).map(|number| step(number, &a, &a)).collect();
    helpers.push(issued("step 999", 999, &a, "root", &root));
    let judged =
        |from: u16| judge_from(std::slice::from_ref(&anchor), &person(&name(&format!("step {from}")), &a), &helpers);
    assert_eq!(judged(0), Judgement::Unknown(Reason::NoPath));
    assert_eq!(judged(990), Judgement::Trusted(By::Chain("root".into())), "ten between");
    assert_eq!(judged(989), Judgement::Unknown(Reason::NoPath), "eleven between");
}

/// CVE-2023-0464: every authority of a path maps every policy to every other, so that a tree of them grows as fast as can be.
#[test]
fn a_policy_tree_bomb_ends() {
    for few in [1, 2] {
        assert_eq!(with_policies(few), Judgement::Trusted(By::Chain("root".into())), "{few}");
    }
    assert_eq!(with_policies(40), Judgement::Untrusted(Reason::Policy));
}

/// Ten authorities below an anchor, each with so many policies, all of them mapped to all of them.
fn with_policies(count: usize) -> Judgement {
    let policy = |number: usize| ObjectIdentifier::new_unwrap(&format!("1.3.6.1.4.1.99999.{number}"));
    let ids: Vec<_> = (0..count).map(|number| encode::oid(policy(number))).collect();
    let sequence = |all: Vec<Vec<u8>>| encode::tlv(SEQUENCE, &all.concat());
    let policies = ids.iter().map(|id| encode::constructed(SEQUENCE, &[id])).collect();
    let policies = extension("2.5.29.32", &sequence(policies));
    let pairs = ids.iter().flat_map(|from| ids.iter().map(move |to| encode::constructed(SEQUENCE, &[from, to])));
    let mappings = extension("2.5.29.33", &sequence(pairs.collect()));
    let extensions = [authority(), vec![policies.clone(), mappings]].concat();

    let (a, root) = (key(1), key(3));
    let level = |number: u16, issuer: &str, by: &SigningKey| {
        let (subject, issuer) = (name(&format!("step {number}")), name(issuer));
        Forged { subject: &subject, issuer: &issuer, serial: number, of: &a, by, extensions: &extensions }.cert()
    };
    let mut helpers: Vec<_> = (0..9).map(|number| level(number, &format!("step {}", number + 1), &a)).collect();
    helpers.push(level(9, "root", &root));
    let (subject, issuer, of) = (name("person"), name("step 0"), key(100));
    let person = Forged { subject: &subject, issuer: &issuer, serial: 1, of: &of, by: &a, extensions: &[policies] };
    judge_from(&[issued("root", 0, &root, "root", &root)], &person.cert(), &helpers)
}
