//! The keys of one certificate that the agent has, as one more secret key.

use crate::agent::{Agent, Keygrip, ecdh, rsa};
use crate::error::Error as AgentError;
use crate::padding::unpadded;
use crate::sexp::Sexp;
use mailseal_core::{DigestSignature, Error, Handle, HashName, Locked, SecretKey, Unlock};
use mailseal_openpgp::{AgentKey, Tie};
use std::any::Any;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The hash algorithms that the agent knows (RFC 9580 §9.5), with the length of their digests.
const HASHES: [(HashName, u8, usize); 5] =
    [("sha1", 2, 20), ("sha224", 11, 28), ("sha256", 8, 32), ("sha384", 9, 48), ("sha512", 10, 64)];

/// Some keys of a certificate.
pub(crate) struct Kept {
    agent: Arc<Agent>,
    keys: Vec<AgentKey>,
    locked: Locked,
}

impl Kept {
    /// The keys that `agent` has of the certificate that people know as `locked` says.
    pub(crate) fn new(agent: Arc<Agent>, keys: Vec<AgentKey>, locked: Locked) -> Kept {
        Kept { agent, keys, locked }
    }

    fn key(&self, handle: &Handle) -> Result<&AgentKey, Error> {
        let key = self.keys.iter().find(|key| key.handle == *handle);
        key.ok_or_else(|| Error::Key("the agent of GnuPG does not have it".to_owned()))
    }

    fn failed(&self, error: AgentError) -> Error {
        error.of_key(&self.locked.name)
    }

    fn decrypt(&self, key: &Keygrip, ciphertext: &[u8]) -> Result<crate::agent::Plain, Error> {
        self.agent.decrypt(key, &self.locked, ciphertext).map_err(|error| self.failed(error))
    }
}

impl SecretKey for Kept {
    fn sign(&self, key: &Handle, scheme: DigestSignature, digest: &[u8]) -> Result<Vec<u8>, Error> {
        let key = self.key(key)?;
        let (algorithm, values, hash): (_, &[&str], _) = match scheme {
            DigestSignature::RsaPkcs1v15 { hash } => ("rsa", &["s"], by_name(hash)),
            DigestSignature::Ecdsa { hash } => ("ecdsa", &["r", "s"], by_name(hash)),
            // The agent hashes the digest as a message; it only wants some hash of that length.
            DigestSignature::Ed25519 => ("eddsa", &["r", "s"], by_length(digest.len())),
            _ => return Err(unsupported("this signature")),
        };
        let hash = hash.ok_or_else(|| unsupported("this hash"))?;
        let answer = self.agent.sign(&key.keygrip, &self.locked, hash, digest).map_err(|error| self.failed(error))?;
        signature(&answer.data, algorithm, values, key.length).ok_or_else(|| answered("a signature that is none"))
    }

    fn unlock(&self, key: &Handle, what: Unlock<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
        let key = self.key(key)?;
        match what {
            Unlock::RsaPkcs1v15 { ciphertext } => {
                let plain = self.decrypt(&key.keygrip, &rsa(ciphertext))?;
                Ok(match plain.is_padded {
                    true => unpadded(&plain.value, key.length, self.agent.secret(), ciphertext),
                    false => plain.value,
                })
            }
            Unlock::Agree { public } => {
                let compact = public.len() == 32;
                let point = if compact { [&[0x40], public].concat() } else { public.to_vec() };
                let shared = self.decrypt(&key.keygrip, &ecdh(&point))?.value;
                abscissa(&shared, compact, key.length).ok_or_else(|| answered("a point that is none"))
            }
            _ => Err(unsupported("this decryption")),
        }
    }

    fn has(&self, key: &Handle) -> bool {
        self.key(key).is_ok()
    }

    fn is_owners(&self) -> bool {
        self.keys.iter().any(|key| key.tie == Tie::Own)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn by_name(name: HashName) -> Option<u8> {
    HASHES.iter().find(|(known, ..)| *known == name).map(|(_, number, _)| *number)
}

fn by_length(length: usize) -> Option<u8> {
    HASHES.iter().find(|(.., known)| *known == length).map(|(_, number, _)| *number)
}

/// `(sig-val(ALGORITHM(NAME VALUE)…))` as the values, each of `length` octets.
fn signature(answer: &[u8], algorithm: &str, names: &[&str], length: usize) -> Option<Vec<u8>> {
    let sexp = Sexp::read(answer)?;
    let [inner] = sexp.after("sig-val")? else { return None };
    let values = inner.after(algorithm)?;
    let mut signature = Vec::new();
    for name in names {
        let value = values.iter().find_map(|value| value.value(name))?;
        let zeros = value.iter().take_while(|octet| **octet == 0).count();
        let value = &value[zeros..];
        signature.resize(signature.len() + length.checked_sub(value.len())?, 0);
        signature.extend_from_slice(value);
    }
    Some(signature)
}

/// The x-coordinate of a point: 32 octets that may be marked with 0x40, or uncompressed.
fn abscissa(point: &[u8], compact: bool, length: usize) -> Option<Zeroizing<Vec<u8>>> {
    let x = match (compact, point) {
        (true, [0x40, x @ ..]) if x.len() == 32 => x,
        (true, x) if x.len() == 32 => x,
        (false, [4, both @ ..]) if both.len() == 2 * length => &both[..length],
        _ => return None,
    };
    Some(Zeroizing::new(x.to_vec()))
}

fn unsupported(what: &str) -> Error {
    Error::Unsupported(format!("{what} by the agent of GnuPG"))
}

fn answered(what: &'static str) -> Error {
    Error::Key(AgentError::Protocol(what).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_of_the_right_length() {
        let read = |answer: &[u8]| signature(answer, "ecdsa", &["r", "s"], 2);
        assert_eq!(read(b"(7:sig-val(5:ecdsa(1:r1:a)(1:s3:\0bc)))"), Some(b"\0abc".to_vec()));
        for bad in [
            &b"(7:sig-val(5:ecdsa(1:r3:abc)(1:s1:b)))"[..],
            b"(7:sig-val(5:ecdsa(1:r1:a)))",
            b"(7:sig-val(5:eddsa(1:r1:a)(1:s1:b)))",
            b"(7:sig-val)",
            b"(5:ecdsa(1:r1:a)(1:s1:b))",
        ] {
            assert_eq!(read(bad), None);
        }
    }

    #[test]
    fn points() {
        let x = [7; 32];
        let marked = [&[0x40][..], &x].concat();
        assert_eq!(abscissa(&marked, true, 32).unwrap().as_slice(), x);
        assert_eq!(abscissa(&x, true, 32).unwrap().as_slice(), x);
        let uncompressed = [&[4][..], &x, &[8; 32]].concat();
        assert_eq!(abscissa(&uncompressed, false, 32).unwrap().as_slice(), x);
        for (bad, compact) in
            [(&uncompressed[..64], false), (&marked[..], false), (&uncompressed[..], true), (&[], true)]
        {
            assert!(abscissa(bad, compact, 32).is_none());
        }
    }
}
