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
use sequoia_openpgp::serialize::SerializeInto;
use std::time::SystemTime;

/// The certificate in armor, without local signatures (RFC 9580 §5.2.3.19).
///
/// # Errors
/// [`Error::Misuse`] for a certificate of another protocol, [`Error::Engine`].
pub(crate) fn armored(cert: &Cert, extent: Extent, at: SystemTime) -> Result<Vec<u8>, Error> {
    let whole = bound(certificate::parsed(cert)?.into_owned());
    let small = match extent {
        Extent::Minimal => minimal(&whole, at)?,
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
