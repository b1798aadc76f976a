//! Decryption as sequoia-openpgp does it, without anything of ours.

use sequoia_openpgp::crypto::{KeyPair, SessionKey};
use sequoia_openpgp::packet::{PKESK, SKESK};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::parse::stream::{DecryptionHelper, DecryptorBuilder, MessageStructure, VerificationHelper};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::types::SymmetricAlgorithm;
use sequoia_openpgp::{Cert, KeyHandle, Result, anyhow};
use std::io::Read;

struct Keys(KeyPair);

impl VerificationHelper for Keys {
    fn get_certs(&mut self, _: &[KeyHandle]) -> Result<Vec<Cert>> {
        Ok(Vec::new())
    }

    fn check(&mut self, _: MessageStructure<'_>) -> Result<()> {
        Ok(())
    }
}

impl DecryptionHelper for Keys {
    fn decrypt(
        &mut self,
        packets: &[PKESK],
        _: &[SKESK],
        cipher: Option<SymmetricAlgorithm>,
        accept: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> Result<Option<Cert>> {
        for packet in packets {
            if packet.decrypt(&mut self.0, cipher).is_some_and(|(cipher, key)| accept(cipher, &key)) {
                return Ok(None);
            }
        }
        Err(anyhow::anyhow!("no session key"))
    }
}

/// The secret encryption subkey.
pub(crate) fn pair(key: &Cert) -> KeyPair {
    let subkey = key.keys().subkeys().secret().next().unwrap().key().clone().role_into_unspecified();
    subkey.into_keypair().unwrap()
}

/// Whether the whole message could be read.
pub(crate) fn opens(message: &[u8], pair: &KeyPair) -> bool {
    let policy = StandardPolicy::new();
    let open = || -> Result<()> {
        let builder = DecryptorBuilder::from_bytes(message)?;
        let mut decryptor = builder.with_policy(&policy, None, Keys(pair.clone()))?;
        decryptor.read_to_end(&mut Vec::new())?;
        Ok(())
    };
    open().is_ok()
}
