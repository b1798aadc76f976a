//! Who can be encrypted to: with which certificate, or why not.

use crate::Mail;
use mailseal_core::{Address, Cert, Judgement, ProtocolId, Purpose, Question, Reason};
use std::fmt;

/// Why somebody cannot be encrypted to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// No certificate for the address is at hand.
    NoCertificate,
    /// There are certificates, and none of them will do: the reason of the last that came nearest.
    Unusable {
        /// Its fingerprint in hexadecimal.
        fingerprint: String,
        /// Why not.
        reason: Reason,
    },
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::NoCertificate => f.write_str("no certificate"),
            Obstacle::Unusable { fingerprint, reason } => write!(f, "certificate {fingerprint}: {reason}"),
        }
    }
}

/// A certificate that will do, and who vouches for it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reachable {
    /// The certificate.
    pub cert: Cert,
    /// Who vouches for it.
    pub judgement: Judgement,
}

impl Mail {
    /// Looks for the certificate with which `address` is encrypted to, of `only` where that is given: usable at the time of
    /// judgement, vouched for, of the preferred protocol, and of several alike the one that came into force last.
    ///
    /// # Errors
    /// The [`Obstacle`].
    pub fn reach(&self, address: &Address, only: Option<ProtocolId>) -> Result<Reachable, Obstacle> {
        let certs = self.certs().by_address(address);
        let mut obstacle = Obstacle::NoCertificate;
        for protocol in self.protocols().iter().filter(|protocol| only.is_none_or(|id| id == protocol.id())) {
            let mut candidates: Vec<&Cert> = certs.iter().filter(|cert| cert.protocol() == protocol.id()).collect();
            candidates.sort_by_key(|cert| std::cmp::Reverse(cert.not_before()));
            for cert in candidates {
                match self.worth(cert, Some(address), Purpose::Encrypt, &[], &[]) {
                    judgement @ Judgement::Trusted(_) => return Ok(Reachable { cert: cert.clone(), judgement }),
                    Judgement::Untrusted(reason) | Judgement::Unknown(reason) => {
                        obstacle = Obstacle::Unusable { fingerprint: cert.fingerprint().to_string(), reason };
                    }
                }
            }
        }
        Err(obstacle)
    }

    /// What a certificate is worth: first whether it serves the purpose by itself, then who vouches for it.
    pub(crate) fn worth(
        &self,
        cert: &Cert,
        address: Option<&Address>,
        purpose: Purpose,
        helpers: &[Cert],
        crls: &[Vec<u8>],
    ) -> Judgement {
        let Some(protocol) = self.protocols().get(cert.protocol()) else {
            return Judgement::Unknown(Reason::Unsupported);
        };
        if let Err(reason) = protocol.usable(cert, purpose, self.policy()) {
            return Judgement::Untrusted(reason);
        }
        self.trust().judge(&Question { cert, address, purpose, policy: self.policy(), helpers, crls })
    }
}
