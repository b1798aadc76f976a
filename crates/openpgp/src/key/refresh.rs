//! What a certificate announces of its owner's program, without what is weak or not known today.

use crate::cert::subkey::is_revoked;
use crate::error::engine;
use crate::key::revise::renewed;
use crate::policy::{is_weak_cipher, is_weak_hash};
use mailseal_core::Error;
use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::ValidCert;
use sequoia_openpgp::cert::amalgamation::ValidAmalgamation;
use sequoia_openpgp::crypto::Signer;
use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::types::{Features, HashAlgorithm, SymmetricAlgorithm};
use std::time::SystemTime;

/// New signatures over the primary key and the User IDs, in the place of those that announce anything else than strong
/// algorithms that this build knows and the two containers of RFC 9580. They say nothing more than the old ones did.
///
/// # Errors
/// [`Error::Engine`]
pub(crate) fn packets(valid: &ValidCert<'_>, primary: &mut dyn Signer, at: SystemTime) -> Result<Vec<Packet>, Error> {
    let mut packets = Vec::new();
    if let Some(builder) = direct(valid).and_then(|known| cleaned(known, at)) {
        packets.push(builder?.sign_direct_key(primary, None).map_err(engine)?.into());
    }
    for user_id in valid.userids().filter(|user_id| !is_revoked(&user_id.revocation_status())) {
        if let Some(builder) = cleaned(user_id.binding_signature(), at) {
            let key = valid.cert().primary_key().key();
            let signature = builder?.sign_userid_binding(primary, key, user_id.userid()).map_err(engine)?;
            packets.push(signature.into());
        }
    }
    Ok(packets)
}

fn direct<'a>(valid: &ValidCert<'a>) -> Option<&'a Signature> {
    valid.primary_key().direct_key_signature().ok()
}

/// What a signature said, without what is weak; `None` when nothing is.
fn cleaned(known: &Signature, at: SystemTime) -> Option<Result<SignatureBuilder, Error>> {
    let hashes = kept(known.preferred_hash_algorithms(), |hash| !is_weak_hash(*hash) && hash.is_supported());
    let ciphers = kept(known.preferred_symmetric_algorithms(), |cipher| {
        *cipher != SymmetricAlgorithm::Unencrypted && !is_weak_cipher(*cipher) && cipher.is_supported()
    });
    let features = known.features().and_then(|features| {
        let mut today = Features::empty();
        if features.supports_seipdv1() {
            today = today.set_seipdv1();
        }
        if features.supports_seipdv2() {
            today = today.set_seipdv2();
        }
        (!today.normalized_eq(&features)).then_some(today)
    });
    if hashes.is_none() && ciphers.is_none() && features.is_none() {
        return None;
    }
    Some(rebuilt(known, hashes, ciphers, features, at))
}

fn rebuilt(
    known: &Signature,
    hashes: Option<Vec<HashAlgorithm>>,
    ciphers: Option<Vec<SymmetricAlgorithm>>,
    features: Option<Features>,
    at: SystemTime,
) -> Result<SignatureBuilder, Error> {
    let mut builder = renewed(known, at).map_err(engine)?;
    if let Some(hashes) = hashes {
        builder = builder.set_preferred_hash_algorithms(hashes).map_err(engine)?;
    }
    if let Some(ciphers) = ciphers {
        builder = builder.set_preferred_symmetric_algorithms(ciphers).map_err(engine)?;
    }
    if let Some(features) = features {
        builder = builder.set_features(features).map_err(engine)?;
    }
    Ok(builder)
}

/// The list without what is not to be kept; `None` when all of it is.
fn kept<T: Copy>(known: Option<&[T]>, keep: impl Fn(&T) -> bool) -> Option<Vec<T>> {
    let known = known?;
    let kept: Vec<T> = known.iter().copied().filter(keep).collect();
    (kept.len() < known.len()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::standard;
    use sequoia_openpgp::cert::CertBuilder;
    use std::time::Duration;

    #[test]
    #[allow(deprecated, reason = "an old cipher is what goes")]
    fn weak_announcements_go() {
        let made = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let at = made + Duration::from_secs(10);
        let builder = CertBuilder::new().set_creation_time(made).add_userid("alice@example.org");
        let (cert, _) = builder.add_signing_subkey().generate().unwrap();
        let mut primary = cert.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
        let rules = standard(at);

        let valid = cert.with_policy(&rules, at).unwrap();
        assert!(packets(&valid, &mut primary, at).unwrap().is_empty(), "nothing is weak");

        let weak = SignatureBuilder::from(direct(&valid).unwrap().clone())
            .set_signature_creation_time(at)
            .unwrap()
            .set_preferred_hash_algorithms(vec![HashAlgorithm::SHA1, HashAlgorithm::SHA512])
            .unwrap()
            .set_preferred_symmetric_algorithms(vec![SymmetricAlgorithm::TripleDES, SymmetricAlgorithm::AES256])
            .unwrap()
            .set_features(Features::empty().set_seipdv1().set(1))
            .unwrap()
            .sign_direct_key(&mut primary, None)
            .unwrap();
        let (cert, _) = cert.insert_packets([weak]).unwrap();
        let valid = cert.with_policy(&rules, at).unwrap();
        let new = packets(&valid, &mut primary, at).unwrap();
        assert_eq!(new.len(), 1);

        let (cert, _) = cert.clone().insert_packets(new).unwrap();
        let later = at + Duration::from_secs(1);
        let rules = standard(later);
        let valid = cert.with_policy(&rules, later).unwrap();
        let direct = direct(&valid).unwrap();
        assert_eq!(direct.preferred_hash_algorithms(), Some(&[HashAlgorithm::SHA512][..]));
        assert_eq!(direct.preferred_symmetric_algorithms(), Some(&[SymmetricAlgorithm::AES256][..]));
        assert!(direct.features().unwrap().normalized_eq(&Features::empty().set_seipdv1()));
        assert!(packets(&valid, &mut primary, later).unwrap().is_empty());
    }
}
