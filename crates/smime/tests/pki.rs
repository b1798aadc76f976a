//! Chains of the personas: who is vouched for, and why the others are not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{cert, certs, policy, read};
use mailseal_core::{By, Cert, Judgement, Named, Policy, Purpose, Question, Reason, Revocation, Trust, TrustExt};
use mailseal_smime::{Pkix, issuers_not_at_hand, parse_crls};
use mailseal_testkit::personas::{self, ALICE, BOB, EVE, EVE_AS_ALICE, EXPIRED, Persona, REVOKED};
use std::time::{Duration, UNIX_EPOCH};

fn chain() -> Judgement {
    Judgement::Trusted(By::Chain("Mailseal Test Root".into()))
}

fn root() -> Vec<Cert> {
    certs(&personas::root())
}

fn intermediate() -> Vec<Cert> {
    certs(&personas::intermediate())
}

fn crls() -> Vec<Vec<u8>> {
    let folder = personas::crl();
    let mut crls = parse_crls(&read(&folder)).unwrap();
    crls.extend(parse_crls(&read(&folder.with_file_name("root.crl.pem"))).unwrap());
    crls
}

fn judge(pkix: &Pkix, cert: &Cert, policy: &Policy, helpers: &[Cert]) -> Judgement {
    let question = Question { cert, address: None, purpose: Purpose::Sign, policy, helpers, crls: &[] };
    pkix.judge(&question)
}

fn of(persona: Persona, pkix: &Pkix) -> Judgement {
    judge(pkix, &cert(persona), &policy(), &intermediate())
}

#[test]
fn a_chain_to_an_anchor_vouches() {
    let helped = Pkix::new(&root(), &[], &[]);
    let own = Pkix::new(&root(), &intermediate(), &[]);
    for persona in [ALICE, BOB] {
        assert_eq!(of(persona, &helped), chain());
        assert_eq!(judge(&own, &cert(persona), &policy(), &[]), chain());
    }
    assert_eq!(judge(&helped, &cert(ALICE), &policy(), &[]), Judgement::Unknown(Reason::NoPath));
}

/// Only anchors vouch: intermediates and helpers never do, and an anchor vouches for itself.
#[test]
fn only_anchors_vouch() {
    let none = Pkix::new(&[], &[root(), intermediate()].concat(), &[]);
    assert_eq!(judge(&none, &cert(ALICE), &policy(), &root()), Judgement::Unknown(Reason::NoPath));
    let herself = Pkix::new(&[cert(ALICE)], &[], &[]);
    assert_eq!(judge(&herself, &cert(ALICE), &policy(), &[]), Judgement::Trusted(By::Anchor));
    assert_eq!(judge(&herself, &cert(BOB), &policy(), &[]), Judgement::Unknown(Reason::NoPath));
    let halfway = Pkix::new(&intermediate(), &[], &[]);
    assert!(judge(&halfway, &cert(ALICE), &policy(), &[]).is_trusted());
    // A person's certificate as anchor issues nothing.
    let person = Pkix::new(&[cert(ALICE)], &intermediate(), &[]);
    assert_eq!(judge(&person, &cert(BOB), &policy(), &[]), Judgement::Unknown(Reason::NoPath));
}

/// An authority of the same name with another key, also when its certificates come along.
#[test]
fn an_impostor_authority_is_no_path() {
    let pkix = Pkix::new(&root(), &[], &[]);
    let helpers = [certs(&personas::eve_root()), intermediate()].concat();
    for persona in [EVE, EVE_AS_ALICE] {
        assert_eq!(judge(&pkix, &cert(persona), &policy(), &helpers), Judgement::Unknown(Reason::NoPath));
    }
}

#[test]
fn time_is_the_policys() {
    let pkix = Pkix::new(&root(), &[], &[]);
    assert_eq!(of(EXPIRED, &pkix), Judgement::Untrusted(Reason::Expired));
    let january = Policy::at(personas::now() - Duration::from_secs(130 * 86_400));
    assert_eq!(judge(&pkix, &cert(EXPIRED), &january, &intermediate()), chain());
    for early in [UNIX_EPOCH, UNIX_EPOCH - Duration::from_secs(1), UNIX_EPOCH + Duration::from_secs(86_400)] {
        let refused = judge(&pkix, &cert(ALICE), &Policy::at(early), &intermediate());
        assert_eq!(refused, Judgement::Untrusted(Reason::Expired));
    }
}

/// Attack 16: the list counts when it is there; a missing one counts when it is required.
#[test]
fn revocation_by_policy() {
    let with = Pkix::new(&root(), &[], &crls());
    let without = Pkix::new(&root(), &[], &[]);
    let at = |revocation| {
        let mut policy = policy();
        policy.revocation = revocation;
        policy
    };
    let judge = |pkix, persona, revocation| judge(pkix, &cert(persona), &at(revocation), &intermediate());
    let revoked = Judgement::Untrusted(Reason::Revoked);
    assert_eq!(judge(&with, REVOKED, Revocation::IfPresent), revoked);
    assert_eq!(judge(&with, REVOKED, Revocation::Require), revoked);
    assert_eq!(judge(&with, REVOKED, Revocation::None), chain());
    assert_eq!(judge(&with, ALICE, Revocation::Require), chain());
    assert_eq!(judge(&without, REVOKED, Revocation::IfPresent), chain());
    assert_eq!(judge(&without, ALICE, Revocation::Require), Judgement::Untrusted(Reason::RevocationUnknown));
    // Lists that come along with the message count as well.
    let (policy, crls, helpers, cert) = (at(Revocation::IfPresent), crls(), intermediate(), cert(REVOKED));
    let question = Question {
        cert: &cert,
        address: None,
        purpose: Purpose::Sign,
        policy: &policy,
        helpers: &helpers,
        crls: &crls,
    };
    assert_eq!(without.judge(&question), revoked);
}

/// Attack 16: whoever names a certificate vouches for it, but not against its issuer: the issuer's list counts without
/// any anchor, and where a list is required, the name alone is not enough.
#[test]
fn an_issuer_revokes_what_is_named() {
    let named = |persona| Named::new(&[cert(persona)]);
    let with = || Pkix::new(&[], &intermediate(), &crls());
    let without = || Pkix::new(&[], &intermediate(), &[]);
    let judge = |trust: &dyn Trust, persona, revocation, helpers: &[Cert], crls: &[Vec<u8>]| {
        let (mut policy, cert) = (policy(), cert(persona));
        policy.revocation = revocation;
        let (purpose, address) = (Purpose::Sign, None);
        trust.judge(&Question { cert: &cert, address, purpose, policy: &policy, helpers, crls })
    };
    let by_name = Judgement::Trusted(By::Named);
    let revoked = Judgement::Untrusted(Reason::Revoked);
    let unknown = Judgement::Untrusted(Reason::RevocationUnknown);
    use Revocation::{IfPresent, Require};
    for (persona, revocation, with_list, without_list) in [
        (REVOKED, Revocation::None, &by_name, &by_name),
        (REVOKED, IfPresent, &revoked, &by_name),
        (REVOKED, Require, &revoked, &unknown),
        (ALICE, Revocation::None, &by_name, &by_name),
        (ALICE, IfPresent, &by_name, &by_name),
        (ALICE, Require, &by_name, &unknown),
    ] {
        let what = (persona.name, revocation);
        assert_eq!(&judge(&named(persona).or(with()), persona, revocation, &[], &[]), with_list, "{what:?}");
        assert_eq!(&judge(&named(persona).or(without()), persona, revocation, &[], &[]), without_list, "{what:?}");
        // The issuer and the lists may come along with the message.
        let trust = named(persona).or(Pkix::default());
        assert_eq!(&judge(&trust, persona, revocation, &intermediate(), &crls()), with_list, "{what:?}");
        assert_eq!(&judge(&trust, persona, revocation, &[], &crls()), without_list, "whose list is it? {what:?}");
    }
    assert_eq!(judge(&with(), REVOKED, IfPresent, &[], &[]), revoked);
    assert_eq!(judge(&with(), ALICE, Require, &[], &[]), Judgement::Unknown(Reason::NoPath));
}

/// A list whose issuer nobody gave is told of, since it counts for nothing.
#[test]
fn lists_whose_issuer_is_missing() {
    let missing = |certs: &[Cert]| issuers_not_at_hand(&crls(), certs);
    assert_eq!(missing(&[root(), intermediate()].concat()), Vec::<String>::new());
    assert_eq!(missing(&root()).len(), 1);
    assert!(missing(&root())[0].contains("Mailseal Test"), "{:?}", missing(&root()));
    assert_eq!(missing(&[cert(ALICE)]).len(), 2);
}
