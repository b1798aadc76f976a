//! Verifying.

use crate::cert::{certificate, subkey};
use crate::policy;
use crate::read::detached;
use crate::stateless::{Certs, Error, Signatures};
use mailseal_core::{Check, Content, Context, Layer, NoKeys, Over, Peeled, Policy, Purpose, Signature};
use std::time::SystemTime;

/// A signature that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// When the signer says it was made.
    pub signed_at: SystemTime,
    /// The fingerprint of the key that made it, in upper case.
    pub key: String,
    /// The fingerprint of its certificate, in upper case.
    pub cert: String,
    /// What of the content is signed.
    pub over: Over,
}

/// Whose signatures count, and when.
#[derive(Debug, Clone)]
pub struct Verifier {
    /// Signatures of these count.
    pub certs: Certs,
    /// Those made before do not.
    pub not_before: Option<SystemTime>,
    /// Those made after do not.
    pub not_after: Option<SystemTime>,
    /// The time of judgement.
    pub at: SystemTime,
}

impl Verifier {
    /// Nobody's signature counts yet.
    pub fn new(at: SystemTime) -> Verifier {
        Verifier { certs: Certs::default(), not_before: None, not_after: None, at }
    }

    /// Verifies detached signatures over a content.
    ///
    /// # Errors
    /// [`Error::NoSignature`] when none counts, [`Error::Other`]
    pub fn verify(&self, content: &dyn Content, signatures: &Signatures) -> Result<Vec<Verification>, Error> {
        let policy = Policy::at(self.at);
        let with = Context { policy: &policy, certs: &self.certs, keys: &NoKeys };
        some(self.count(&detached::detached(content, signatures.packets(), &with)?))
    }

    /// The signatures that count, and what is wrong with the others.
    pub(crate) fn count(&self, peeled: &Peeled) -> Counted {
        let mut counted = Counted::default();
        for fact in peeled.layers.iter().flat_map(|layer| match layer {
            Layer::Signed(facts) => facts.as_slice(),
            _ => &[],
        }) {
            match self.verification(fact) {
                Ok(verification) => counted.good.push(verification),
                Err(why) => counted.bad.push(why),
            }
        }
        counted
    }

    /// A signature counts that is valid, by a certificate that was good when it was made, within the times that were given.
    fn verification(&self, fact: &Signature) -> Result<Verification, String> {
        let (Check::Valid, Some(cert), Some(key), Some(signed_at)) =
            (fact.check, &fact.signer, &fact.key, fact.signed_at)
        else {
            return Err(format!("{:?}: {}", fact.check, fact.detail.as_deref().unwrap_or("no more is known")));
        };
        let rules = policy::standard(self.at);
        let parsed = certificate::parsed(cert).map_err(|error| error.to_string())?;
        subkey::fit(&parsed, Purpose::Sign, &rules, signed_at)
            .map_err(|reason| format!("the certificate when it was made: {reason}"))?;
        if self.not_before.is_some_and(|limit| signed_at < limit) {
            return Err("it was made before the time that was given".to_owned());
        }
        if self.not_after.is_some_and(|limit| signed_at > limit) {
            return Err("it was made after the time that was given".to_owned());
        }
        Ok(Verification {
            signed_at,
            key: key.to_string().to_uppercase(),
            cert: cert.fingerprint().to_string().to_uppercase(),
            over: fact.over,
        })
    }
}

/// Signatures, sorted.
#[derive(Default)]
pub(crate) struct Counted {
    pub(crate) good: Vec<Verification>,
    pub(crate) bad: Vec<String>,
}

/// The signatures that count, at least one.
pub(crate) fn some(counted: Counted) -> Result<Vec<Verification>, Error> {
    match counted.good.is_empty() {
        true => Err(Error::NoSignature(counted.bad.join("; "))),
        false => Ok(counted.good),
    }
}
