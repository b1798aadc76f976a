//! The smallest form of a certificate, as an Autocrypt field carries it
//! ([Autocrypt Level 1](https://docs.autocrypt.org/level1.html#openpgp-based-key-data)).

use crate::cert::certificate;
use crate::cert::subkey::{self, ValidKey, is_revoked};
use crate::error::engine;
use crate::names;
use crate::policy::with_system;
use mailseal_core::{Address, Cert, Error, Policy, Purpose};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::ValidCert;
use sequoia_openpgp::cert::amalgamation::ValidAmalgamation;
use sequoia_openpgp::cert::amalgamation::key::PrimaryKey;
use sequoia_openpgp::serialize::SerializeInto;

/// Five packets: the primary key, which signs, the User ID of the address with its newest self-signature, and the newest
/// encryption subkey with its binding signature.
///
/// Fails where these alone don't say what the whole certificate says: that it signs, encrypts, is the address's, and when
/// it ends.
pub(crate) fn smallest(cert: &Cert, address: &Address, policy: &Policy) -> Result<Vec<u8>, Error> {
    let whole = certificate::parsed(cert)?;
    let refuse = |why: String| Error::CannotEncrypt { cert: names::fingerprint(&whole.fingerprint()).to_string(), why };
    let rules = with_system(policy);
    let keys = subkey::fit(&whole, Purpose::Encrypt, &rules, policy.at).map_err(|why| refuse(why.to_string()))?;
    let subkey = keys.iter().find(|key| !key.primary()).ok_or_else(|| refuse("it has no encryption subkey".into()))?;
    let valid = subkey.valid_cert();
    if valid.primary_key().key().version() != 4 {
        return Err(refuse("its version needs a signature that Autocrypt does not carry".into()));
    }
    let packets = five_packets(valid, subkey, address).ok_or_else(|| refuse(format!("it does not name {address}")))?;
    let small = openpgp::Cert::from_packets(packets.into_iter()).map_err(engine)?;
    says_the_same(&small, valid, policy).map_err(|why| refuse(why.to_owned()))?;
    small.to_vec().map_err(engine)
}

/// The packets in their order; none where no User ID names the address.
fn five_packets(valid: &ValidCert<'_>, subkey: &ValidKey<'_>, address: &Address) -> Option<Vec<Packet>> {
    let mut user_ids = valid.userids().filter(|user_id| !is_revoked(&user_id.revocation_status()));
    let user_id = user_ids.find(|user_id| names::address(user_id.userid()).as_ref() == Some(address))?;
    Some(vec![
        Packet::from(valid.primary_key().key().clone()),
        Packet::from(user_id.userid().clone()),
        Packet::from(user_id.binding_signature().clone()),
        Packet::from(subkey.key().clone().role_into_subordinate()),
        Packet::from(subkey.binding_signature().clone()),
    ])
}

/// Holds that the small certificate serves both purposes and ends when the whole one does; else says what is lost.
fn says_the_same(small: &openpgp::Cert, whole: &ValidCert<'_>, policy: &Policy) -> Result<(), &'static str> {
    let rules = with_system(policy);
    let serves = |purpose| subkey::fit(small, purpose, &rules, policy.at).is_ok();
    if !serves(Purpose::Sign) {
        return Err("its primary key alone does not sign");
    }
    let valid = small.with_policy(&rules, policy.at).ok().filter(|_| serves(Purpose::Encrypt));
    let valid = valid.ok_or("its subkey alone does not encrypt")?;
    if valid.primary_key().key_expiration_time() != whole.primary_key().key_expiration_time() {
        return Err("its User ID alone does not say when it ends");
    }
    Ok(())
}
