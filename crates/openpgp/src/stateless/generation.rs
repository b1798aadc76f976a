//! New keys.

use crate::error::engine;
use crate::stateless::{Error, Keys};
use mailseal_core::Passphrase;
use sequoia_openpgp::cert::{CertBuilder, CipherSuite};
use sequoia_openpgp::packet::UserID;
use sequoia_openpgp::types::{Features, KeyFlags};
use std::time::SystemTime;

/// A set of choices for new keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Profile {
    /// Version 4, which every reader knows.
    #[default]
    Default,
    /// Version 6 (RFC 9580).
    Rfc9580,
    /// Version 6 with post-quantum algorithms (RFC 9980).
    Pqc,
}

impl Profile {
    /// Those that this build can make, the default first.
    pub fn all() -> Vec<Profile> {
        let mut all = vec![Profile::Default, Profile::Rfc9580, Profile::Pqc];
        all.retain(|profile| profile.suite().is_supported().is_ok());
        all
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Default => "default",
            Profile::Rfc9580 => "rfc9580",
            Profile::Pqc => "pqc",
        }
    }

    /// What it is, for people.
    pub fn description(self) -> &'static str {
        match self {
            Profile::Default => "version 4 keys on Curve25519, which every reader knows",
            Profile::Rfc9580 => "version 6 keys on Curve25519 (RFC 9580)",
            Profile::Pqc => "version 6 keys, ML-DSA-65+Ed25519 and ML-KEM-768+X25519 (RFC 9980)",
        }
    }

    fn suite(self) -> CipherSuite {
        match self {
            Profile::Pqc => CipherSuite::MLDSA65_Ed25519,
            _ => CipherSuite::Cv25519,
        }
    }

    fn version(self) -> sequoia_openpgp::Profile {
        match self {
            Profile::Default => sequoia_openpgp::Profile::RFC4880,
            _ => sequoia_openpgp::Profile::RFC9580,
        }
    }

    fn features(self) -> Features {
        match self {
            Profile::Default => Features::empty().set_seipdv1(),
            _ => Features::empty().set_seipdv1().set_seipdv2(),
        }
    }
}

/// What a new key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Uses {
    /// Both.
    #[default]
    SigningAndEncryption,
    /// Signing alone.
    Signing,
}

/// A key that is to be made.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The choices.
    pub profile: Profile,
    /// The user IDs, the primary one first; there may be none.
    pub user_ids: Vec<String>,
    /// What the key is for.
    pub uses: Uses,
    /// What it is locked with.
    pub password: Option<Passphrase>,
    /// The time at which it is made.
    pub at: SystemTime,
}

impl NewKey {
    /// A key of nobody, for both uses, not locked.
    pub fn new(at: SystemTime) -> NewKey {
        NewKey { profile: Profile::Default, user_ids: Vec::new(), uses: Uses::default(), password: None, at }
    }

    /// Makes it: it does not expire.
    ///
    /// # Errors
    /// [`Error::Other`]
    pub fn generate(&self) -> Result<Keys, Error> {
        let mut builder = CertBuilder::new()
            .set_profile(self.profile.version())
            .and_then(|builder| builder.set_features(self.profile.features()))
            .map_err(engine)?
            .set_creation_time(self.at)
            .set_cipher_suite(self.profile.suite())
            .set_primary_key_flags(KeyFlags::empty().set_signing().set_certification())
            .set_password(self.password.as_ref().map(|password| password.reveal().into()));
        for user_id in &self.user_ids {
            builder = builder.add_userid(UserID::from(user_id.as_str()));
        }
        if self.uses == Uses::SigningAndEncryption {
            let flags = KeyFlags::empty().set_transport_encryption().set_storage_encryption();
            builder = builder.add_subkey(flags, None, None);
        }
        let (cert, _) = builder.generate().map_err(engine)?;
        Ok(Keys::of(vec![cert]))
    }
}
