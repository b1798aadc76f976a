//! The life of a key: longer, shorter, more, less, taken back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use common::{BORN, NOW, Store, at, checks, encrypt, policy};
use mailseal_core::{
    Address, Cert, Check, Credential, Error, Handle, KeyFiles, Lock, Locked, MadeKey, NewKey, NoPrompt, Part,
    Passphrase, Policy, Prompt, Protocol, Purpose, Reason, Revision, RevocationReason,
};
use mailseal_openpgp::OpenPgp;
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Packet;
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::serialize::MarshalInto;
use std::sync::Arc;
use std::time::SystemTime;

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello\r\n";
const YEAR: u64 = 365 * 86_400;
const PROFILES: [&str; 2] = ["default", "rfc9580"];

/// Gives one passphrase.
struct One(&'static str);

impl Prompt for One {
    fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
        (attempt == 0).then(|| Passphrase::new(self.0.to_owned()))
    }
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// Ann's key, which lasts a year and is locked with `right`.
fn made(profile: &str) -> MadeKey {
    let new = NewKey {
        address: &address("ann@example.org"),
        also: &[],
        name: Some("Ann"),
        profile: Some(profile),
        algorithm: None,
        from: at(BORN),
        to: Some(at(BORN + YEAR)),
        passphrase: Some(&Passphrase::new("right".to_owned())),
    };
    OpenPgp.generate(&new).unwrap()
}

fn credential(kept: &[u8]) -> Credential {
    OpenPgp.parse_keys(kept, "ann", &[], Arc::new(One("right"))).unwrap().remove(0)
}

fn revise(kept: &[u8], revision: &Revision<'_>, when: u64) -> Result<(Cert, Vec<u8>), Error> {
    OpenPgp.revise(&credential(kept), revision, at(when)).map(|revised| (revised.cert, revised.kept.to_vec()))
}

fn usable(cert: &Cert, purpose: Purpose, when: u64) -> Result<(), Reason> {
    OpenPgp.usable(cert, purpose, &Policy::at(at(when)))
}

/// The fingerprints of the subkeys, in the order of their making.
fn subkeys(kept: &[u8]) -> Vec<Handle> {
    let key = openpgp::Cert::from_bytes(kept).unwrap();
    let mut keys: Vec<_> = key.keys().subkeys().map(|key| key.key().clone()).collect();
    keys.sort_by_key(|key| key.creation_time());
    keys.iter().map(|key| Handle::Fingerprint(key.fingerprint().as_bytes().to_vec())).collect()
}

/// Every secret part of the file opens with `right`, and with nothing else.
fn locked_with_right(kept: &[u8]) {
    assert!(openpgp::Cert::from_bytes(kept).unwrap().keys().secret().all(|key| key.key().secret().is_encrypted()));
    OpenPgp.keep_key(&credential(kept), Lock::AsItWas).unwrap();
    let wrong = OpenPgp.parse_keys(kept, "ann", &[], Arc::new(One("wrong"))).unwrap().remove(0);
    assert!(matches!(OpenPgp.keep_key(&wrong, Lock::AsItWas), Err(Error::Locked(_))));
}

/// Before it ended and after, shorter, and without an end: primary key and subkey alike, locked as before.
#[test]
fn an_end_is_moved() {
    for profile in PROFILES {
        let made = made(profile);
        for (end, said) in [(Some(BORN + 3 * YEAR), NOW), (Some(BORN + 3 * YEAR), BORN + 2 * YEAR), (None, NOW)] {
            let (cert, kept) = revise(&made.kept, &Revision::End(end.map(at)), said).unwrap();
            assert_eq!(cert.not_after(), end.map(at));
            let read = OpenPgp.parse_certs(&kept).unwrap().remove(0);
            assert_eq!(read, cert);
            for purpose in [Purpose::Sign, Purpose::Encrypt] {
                assert_eq!(usable(&made.cert, purpose, BORN + YEAR + 1), Err(Reason::Expired));
                assert_eq!(usable(&cert, purpose, BORN + 3 * YEAR - 1), Ok(()), "{profile} {end:?}");
                let at_last = end.map_or(Ok(()), |_| Err(Reason::Expired));
                assert_eq!(usable(&cert, purpose, BORN + 3 * YEAR + 1), at_last);
            }
            locked_with_right(&kept);
            // And shorter again, in the second in which it was made longer.
            let (cert, _) = revise(&kept, &Revision::End(Some(at(said + 60))), said).unwrap();
            assert_eq!(cert.not_after(), Some(at(said + 60)));
            assert_eq!(usable(&cert, Purpose::Encrypt, said + 61), Err(Reason::Expired));
        }
        let past = revise(&made.kept, &Revision::End(Some(at(NOW))), NOW);
        assert!(matches!(past, Err(Error::Malformed { .. })), "{past:?}");
    }
}

/// Every reason; the hard ones count for the past too, the soft ones from then on.
#[test]
fn a_certificate_is_taken_back() {
    for profile in PROFILES {
        let made = made(profile);
        for (reason, before) in [
            (RevocationReason::Unspecified, Err(Reason::Revoked)),
            (RevocationReason::Compromised, Err(Reason::Revoked)),
            (RevocationReason::Superseded, Ok(())),
            (RevocationReason::Retired, Ok(())),
        ] {
            let revision = Revision::Revoke { part: Part::Whole, reason, message: "lost" };
            let (cert, kept) = revise(&made.kept, &revision, NOW).unwrap();
            assert_eq!(usable(&cert, Purpose::Sign, NOW + 1), Err(Reason::Revoked), "{reason:?}");
            assert_eq!(usable(&cert, Purpose::Encrypt, NOW + 1), Err(Reason::Revoked));
            assert_eq!(usable(&cert, Purpose::Sign, NOW - 1), before, "{reason:?}");
            locked_with_right(&kept);
        }
        // What ended can be taken back too.
        let revision = Revision::Revoke { part: Part::Whole, reason: RevocationReason::Compromised, message: "" };
        let (cert, _) = revise(&made.kept, &revision, BORN + 2 * YEAR).unwrap();
        assert_eq!(usable(&cert, Purpose::Sign, NOW), Err(Reason::Revoked));
    }
}

/// An address comes, goes and comes again; the first stays the primary one.
#[test]
fn addresses_come_and_go() {
    for profile in PROFILES {
        let made = made(profile);
        let work = address("ann@work.example");
        let add = Revision::AddAddress { address: &work, name: Some("Ann") };
        let (cert, kept) = revise(&made.kept, &add, NOW).unwrap();
        assert_eq!(cert.addresses(), [address("ann@example.org"), work.clone()]);
        assert_eq!(cert.not_after(), made.cert.not_after());
        assert!(matches!(revise(&kept, &add, NOW), Err(Error::Malformed { .. })));

        let revoke =
            Revision::Revoke { part: Part::Address(&work), reason: RevocationReason::Unspecified, message: "" };
        let (cert, kept) = revise(&kept, &revoke, NOW).unwrap();
        assert_eq!(cert.addresses(), [address("ann@example.org")]);
        assert_eq!(usable(&cert, Purpose::Encrypt, NOW), Ok(()));
        let (cert, kept) = revise(&kept, &add, NOW).unwrap();
        assert_eq!(cert.addresses().len(), 2, "{profile}");
        locked_with_right(&kept);

        let nobody = address("eve@example.org");
        let revoke =
            Revision::Revoke { part: Part::Address(&nobody), reason: RevocationReason::Unspecified, message: "" };
        assert!(matches!(revise(&kept, &revoke, NOW), Err(Error::Malformed { .. })));
    }
}

/// A new subkey is locked as the others are, and takes over; the old one can be taken back alone.
#[test]
fn subkeys_come_and_go() {
    for profile in PROFILES {
        let made = made(profile);
        let add = |purpose| Revision::AddKey { purpose, algorithm: None, to: None };
        let (_, kept) = revise(&made.kept, &add(Purpose::Encrypt), NOW - 100).unwrap();
        let (cert, kept) = revise(&kept, &add(Purpose::Sign), NOW - 50).unwrap();
        let keys = subkeys(&kept);
        assert_eq!(keys.len(), 3);
        locked_with_right(&kept);

        let store = Store { certs: vec![cert.clone()], keys: vec![credential(&kept)], ..Store::default() };
        let blob = encrypt(TEXT, std::slice::from_ref(&cert), &[credential(&kept)]);
        let (peeled, text) = store.open(&blob);
        assert_eq!((text.as_deref(), checks(&peeled)), (Some(TEXT), vec![Check::Valid]));

        for key in &keys {
            let part = Part::Key(key);
            let revoke = Revision::Revoke { part, reason: RevocationReason::Compromised, message: "" };
            let (cert, _) = revise(&kept, &revoke, NOW).unwrap();
            assert_eq!(usable(&cert, Purpose::Sign, NOW + 1), Ok(()));
            assert_eq!(usable(&cert, Purpose::Encrypt, NOW + 1), Ok(()));
        }
        let mut rest = kept.clone();
        for key in &keys[..2] {
            let part = Part::Key(key);
            let revoke = Revision::Revoke { part, reason: RevocationReason::Retired, message: "" };
            rest = revise(&rest, &revoke, NOW).unwrap().1;
        }
        let cert = OpenPgp.parse_certs(&rest).unwrap().remove(0);
        assert_eq!(usable(&cert, Purpose::Encrypt, NOW + 1), Err(Reason::Revoked));
        // What was taken back stays so, however long the certificate lasts.
        let (cert, _) = revise(&rest, &Revision::End(None), NOW + 5).unwrap();
        assert_eq!(usable(&cert, Purpose::Encrypt, NOW + 10), Err(Reason::Revoked));
        assert_eq!(usable(&cert, Purpose::Sign, BORN + 9 * YEAR), Ok(()));
    }
}

/// What ended long ago and was replaced does not come back with the certificate.
#[test]
fn a_replaced_subkey_stays_ended() {
    let made = made("default");
    let add = |to: u64| Revision::AddKey { purpose: Purpose::Encrypt, algorithm: Some("p256"), to: Some(at(to)) };
    let (_, kept) = revise(&made.kept, &add(BORN + 100), BORN + 10).unwrap();
    let (_, kept) = revise(&kept, &Revision::End(None), NOW).unwrap();
    let key = openpgp::Cert::from_bytes(&kept).unwrap();
    let rules = sequoia_openpgp::policy::StandardPolicy::at(at(NOW + 9));
    let valid = key.with_policy(&rules, at(NOW + 9)).unwrap();
    assert_eq!(valid.keys().subkeys().count(), 2);
    assert_eq!(valid.keys().subkeys().alive().count(), 1);
}

/// Without the primary key's secret nothing is signed, and the reason is told; the file opens and stays as it is.
#[test]
fn without_the_primary_key_nothing_is_changed() {
    let made = made("default");
    let key = openpgp::Cert::from_bytes(&made.kept[..]).unwrap();
    let packets: Vec<Packet> = key
        .into_packets()
        .map(|packet| match packet {
            Packet::SecretKey(key) => Packet::PublicKey(key.take_secret().0),
            other => other,
        })
        .collect();
    let stub = openpgp::Cert::from_packets(packets.into_iter())
        .unwrap()
        .as_tsk()
        .emit_secret_key_stubs(true)
        .to_vec()
        .unwrap();
    let failed = revise(&stub, &Revision::End(None), NOW).unwrap_err();
    let Error::CannotSign { why, .. } = failed else { panic!("{failed}") };
    assert!(why.contains("primary key"), "{why}");
}

#[test]
fn a_locked_key_is_not_changed() {
    let made = made("default");
    let locked = OpenPgp.parse_keys(&made.kept, "ann", &[], Arc::new(NoPrompt)).unwrap().remove(0);
    let revoke = Revision::Revoke { part: Part::Whole, reason: RevocationReason::Compromised, message: "" };
    for revision in [Revision::End(None), revoke] {
        assert!(matches!(OpenPgp.revise(&locked, &revision, at(NOW)), Err(Error::Locked(_))));
    }
}

/// Attack 16: what was taken back stays taken back. A newer signature of its own would bring back a key that was only retired.
#[test]
fn a_revoked_key_is_only_revoked_again() {
    for reason in [RevocationReason::Compromised, RevocationReason::Retired, RevocationReason::Superseded] {
        let revoke = Revision::Revoke { part: Part::Whole, reason, message: "" };
        let (_, revoked) = revise(&made("default").kept, &revoke, NOW).unwrap();
        for revision in [
            Revision::End(None),
            Revision::AddAddress { address: &address("ann@work.example"), name: None },
            Revision::AddKey { purpose: Purpose::Sign, algorithm: None, to: None },
        ] {
            let refused = revise(&revoked, &revision, NOW + 10);
            assert!(matches!(&refused, Err(Error::CannotSign { why, .. }) if why == "revoked"), "{refused:?}");
        }
        let (cert, _) = revise(&revoked, &revoke, NOW + 10).unwrap();
        assert_eq!(usable(&cert, Purpose::Sign, NOW + 20), Err(Reason::Revoked));
    }
}

/// Another passphrase, and none.
#[test]
fn a_passphrase_is_changed() {
    let made = made("rfc9580");
    let other = Passphrase::new("other".to_owned());
    let kept = OpenPgp.keep_key(&credential(&made.kept), Lock::With(&other)).unwrap();
    assert!(matches!(OpenPgp.keep_key(&credential(&kept), Lock::AsItWas), Err(Error::Locked(_))));
    let again = OpenPgp.parse_keys(&kept, "ann", &[], Arc::new(One("other"))).unwrap().remove(0);
    let open = OpenPgp.keep_key(&again, Lock::Open).unwrap();
    let open = OpenPgp.parse_keys(&open, "ann", &[], Arc::new(NoPrompt)).unwrap().remove(0);
    assert_eq!(open.cert, made.cert);
    OpenPgp.sign(&TEXT.to_vec(), &[open], &policy(), &mut Vec::new()).unwrap();
}

/// When something was said is a parameter: the past is not rewritten by reading.
#[test]
fn a_change_does_not_count_before_it_was_made() {
    let made = made("default");
    let (cert, _) = revise(&made.kept, &Revision::End(Some(at(NOW + 60))), NOW).unwrap();
    let moment: SystemTime = at(NOW - 1);
    assert_eq!(OpenPgp.usable(&cert, Purpose::Sign, &Policy::at(moment)), Ok(()));
}
