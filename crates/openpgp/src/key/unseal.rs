//! What decrypts a session key (RFC 9580 §5.1), whoever has the secret key.

use sequoia_openpgp::Result;
use sequoia_openpgp::crypto::mpi::Ciphertext;
use sequoia_openpgp::crypto::{Decryptor, SessionKey};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use subtle::Choice;

/// A session key with what stands around it in the ciphertext (RFC 9580 §5.1.3).
pub(crate) struct Unsealed {
    pub(crate) plain: SessionKey,
    /// False of what was made up because the ciphertext has no session key. It is tried like any other, so that the time does
    /// not tell, and never opens anything.
    pub(crate) is_real: Choice,
}

/// One secret key that decrypts.
pub(crate) trait Unseal {
    fn public(&self) -> &Key<PublicParts, UnspecifiedRole>;

    /// `length` is that of the plaintext where the container tells it.
    fn unseal(&mut self, ciphertext: &Ciphertext, length: Option<usize>) -> Result<Unsealed>;
}

/// Others say at once that there is no session key.
impl<D: Decryptor> Unseal for D {
    fn public(&self) -> &Key<PublicParts, UnspecifiedRole> {
        Decryptor::public(self)
    }

    fn unseal(&mut self, ciphertext: &Ciphertext, length: Option<usize>) -> Result<Unsealed> {
        Ok(Unsealed { plain: self.decrypt(ciphertext, length)?, is_real: Choice::from(1) })
    }
}
