//! New keys.

pub use crate::key::generate::{Profile, Uses};
use crate::key::generate::{Recipe, generate};
use crate::stateless::{Error, Keys};
use mailseal_core::Passphrase;
use sequoia_openpgp::packet::UserID;
use std::time::SystemTime;

impl Profile {
    /// Those that this build can make, the default first.
    pub fn all() -> Vec<Profile> {
        let mut all = vec![Profile::Default, Profile::Rfc9580, Profile::Pqc];
        all.retain(|profile| profile.suite(None).is_ok());
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
        let recipe = Recipe {
            profile: self.profile,
            algorithm: None,
            user_ids: self.user_ids.iter().map(|text| UserID::from(text.as_str())).collect(),
            from: self.at,
            to: None,
            passphrase: self.password.as_ref(),
            uses: self.uses,
        };
        Ok(Keys::of(vec![generate(&recipe)?.0]))
    }
}
