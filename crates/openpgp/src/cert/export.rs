//! Certificates for others: nothing that was meant for oneself alone.

use crate::cert::bound::bound;
use crate::cert::certificate;
use crate::cert::subkey::is_revoked;
use crate::error::engine;
use crate::policy::standard;
use mailseal_core::{Cert, Error, Extent};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation, ValidateAmalgamation};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::serialize::SerializeInto;
use std::time::SystemTime;

const WHAT: &str = "OpenPGP certificate";

/// The certificate in armor, without local signatures (RFC 9580 §5.2.3.19).
///
/// # Errors
/// [`Error::Misuse`] for a certificate of another protocol, [`Error::Malformed`] for one that nothing of is for others,
/// [`Error::Engine`].
pub(crate) fn armored(cert: &Cert, extent: Extent, at: SystemTime) -> Result<Vec<u8>, Error> {
    let whole = bound(certificate::parsed(cert)?.into_owned());
    if !whole.exportable() {
        return Err(Error::malformed(WHAT, "its owner signed nothing in it for others"));
    }
    let small = match extent {
        Extent::Minimal => {
            let shared = whole.export_to_vec().and_then(|octets| openpgp::Cert::from_bytes(&octets)).map_err(engine)?;
            minimal(&shared, at)?
        }
        _ => None,
    };
    small.as_ref().unwrap_or(&whole).armored().export_to_vec().map_err(engine)
}

/// What a correspondent needs: of the primary key, each User ID and each subkey that is alive the newest statement of the owner,
/// and every revocation by the owner with what it takes back. `None` where the rules of today know no such statement.
fn minimal(whole: &openpgp::Cert, at: SystemTime) -> Result<Option<openpgp::Cert>, Error> {
    // What was said in this very second is said.
    let at = at.max(certificate::last_statement(whole));
    let rules = standard(at);
    let Ok(valid) = whole.with_policy(&rules, at) else { return Ok(None) };
    let primary = whole.primary_key();
    let mut packets = vec![Packet::from(primary.key().clone())];
    packets.extend(valid.primary_key().direct_key_signature().ok().cloned().map(Packet::from));
    packets.extend(primary.self_revocations().cloned().map(Packet::from));
    for user_id in valid.userids() {
        packets.push(user_id.userid().clone().into());
        packets.push(user_id.binding_signature().clone().into());
        packets.extend(user_id.self_revocations().cloned().map(Packet::from));
    }
    for subkey in whole.keys().subkeys() {
        let Ok(bound) = subkey.clone().with_policy(&rules, at) else { continue };
        if bound.alive().is_err() && !is_revoked(&bound.revocation_status()) {
            continue;
        }
        packets.push(subkey.key().clone().into());
        packets.push(bound.binding_signature().clone().into());
        packets.extend(subkey.self_revocations().cloned().map(Packet::from));
    }
    openpgp::Cert::from_packets(packets.into_iter()).map(Some).map_err(engine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sequoia_openpgp::cert::CertBuilder;
    use sequoia_openpgp::packet::signature::SignatureBuilder;
    use std::time::Duration;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn made(user_id: &str, is_for_others: bool) -> openpgp::Cert {
        let builder = CertBuilder::new().set_creation_time(at(1_767_225_600)).add_userid(user_id);
        builder.set_exportable(is_for_others).generate().unwrap().0
    }

    /// Found by fuzzing: two certificates that nothing of is for others were one, and were exported as an armor without content.
    #[test]
    fn a_certificate_for_oneself_alone() {
        let local = |user_id: &str| certificate::wrap(made(user_id, false)).unwrap();
        let (alice, bob) = (local("alice@example.org"), local("bob@example.org"));
        assert_ne!(alice, bob);
        assert_eq!(certificate::parse(alice.encoded()).unwrap(), std::slice::from_ref(&alice));
        for extent in [Extent::Minimal, Extent::Full] {
            let refused = armored(&alice, extent, at(1_780_272_000));
            assert!(matches!(refused, Err(Error::Malformed { .. })));
        }
    }

    /// What is not for others takes the place of nothing that is.
    #[test]
    fn the_newest_statement_for_others() {
        let alice = made("alice@example.org", true);
        let user_id = alice.userids().next().unwrap();
        let mut primary = alice.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
        let local = SignatureBuilder::from(user_id.self_signatures().next().unwrap().clone())
            .set_signature_creation_time(at(1_770_000_000))
            .and_then(|builder| builder.set_exportable_certification(false))
            .and_then(|builder| user_id.userid().bind(&mut primary, &alice, builder))
            .unwrap();
        let cert = certificate::wrap(alice.clone().insert_packets([Packet::from(local)]).unwrap().0).unwrap();
        for extent in [Extent::Minimal, Extent::Full] {
            let shared = certificate::parse(&armored(&cert, extent, at(1_780_272_000)).unwrap()).unwrap();
            assert_eq!(shared, [certificate::wrap(alice.clone()).unwrap()]);
        }
    }
}
