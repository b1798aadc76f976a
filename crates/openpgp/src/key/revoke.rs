//! Taking back a certificate, a User ID, a subkey (RFC 9580 §5.2.1).

use crate::error::engine;
use crate::key::revise::after;
use crate::names;
use mailseal_core::{Error, Part, RevocationReason};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::{CertRevocationBuilder, SubkeyRevocationBuilder, UserIDRevocationBuilder};
use sequoia_openpgp::crypto::Signer;
use sequoia_openpgp::types::ReasonForRevocation;
use std::time::SystemTime;

/// The signatures that take `part` back. The certificate itself need not be valid for that.
///
/// # Errors
/// [`Error::Malformed`] when the certificate has no such part, [`Error::Engine`].
pub(crate) fn packets(
    cert: &openpgp::Cert,
    primary: &mut dyn Signer,
    part: Part<'_>,
    reason: RevocationReason,
    message: &str,
    at: SystemTime,
) -> Result<Vec<Packet>, Error> {
    let (code, message) = (code(reason), message.as_bytes());
    match part {
        Part::Whole => {
            let revocation = CertRevocationBuilder::new()
                .set_reason_for_revocation(code, message)
                .and_then(|builder| builder.set_signature_creation_time(at))
                .and_then(|builder| builder.build(primary, cert, None))
                .map_err(engine)?;
            Ok(vec![revocation.into()])
        }
        Part::Address(address) => {
            let mut packets = Vec::new();
            for user_id in cert.userids().filter(|user_id| names::address(user_id.userid()).as_ref() == Some(address)) {
                let before = user_id.self_signatures().filter_map(|known| known.signature_creation_time()).max();
                let revocation = UserIDRevocationBuilder::new()
                    .set_reason_for_revocation(ReasonForRevocation::UIDRetired, message)
                    .and_then(|builder| builder.set_signature_creation_time(after(at, before)))
                    .and_then(|builder| builder.build(primary, cert, user_id.userid(), None))
                    .map_err(engine)?;
                packets.push(revocation.into());
            }
            if packets.is_empty() {
                return Err(Error::malformed("address", format!("the certificate does not name {address}")));
            }
            Ok(packets)
        }
        Part::Key(handle) => {
            let mut subkeys = cert.keys().subkeys();
            let subkey = subkeys.find(|subkey| names::is_called(subkey.key(), handle));
            let subkey =
                subkey.ok_or_else(|| Error::malformed("subkey", format!("the certificate has no {handle}")))?;
            let revocation = SubkeyRevocationBuilder::new()
                .set_reason_for_revocation(code, message)
                .and_then(|builder| builder.set_signature_creation_time(at))
                .and_then(|builder| builder.build(primary, cert, subkey.key(), None))
                .map_err(engine)?;
            Ok(vec![revocation.into()])
        }
    }
}

/// RFC 9580 §5.2.3.31.
fn code(reason: RevocationReason) -> ReasonForRevocation {
    match reason {
        RevocationReason::Compromised => ReasonForRevocation::KeyCompromised,
        RevocationReason::Superseded => ReasonForRevocation::KeySuperseded,
        RevocationReason::Retired => ReasonForRevocation::KeyRetired,
        _ => ReasonForRevocation::Unspecified,
    }
}
