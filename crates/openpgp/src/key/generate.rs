//! New keys.

use crate::error::engine;
use mailseal_core::{Address, Error, NewKey, Passphrase};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Profile as Version;
use sequoia_openpgp::cert::{CertBuilder, CipherSuite};
use sequoia_openpgp::packet::{Signature, UserID};
use sequoia_openpgp::types::{Features, KeyFlags};
use std::time::{Duration, SystemTime};

/// A set of choices for a new key: which standard its reader must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Profile {
    /// Version 4 (RFC 4880): every reader, gpg 2.2 among them. It announces SEIPD version 1 alone, so that whoever encrypts to it
    /// writes what they all read.
    #[default]
    Default,
    /// Version 6 (RFC 9580), which announces SEIPD version 2.
    Rfc9580,
    /// Version 6 with ML-DSA and ML-KEM beside Curve25519 ([RFC 9980](https://www.rfc-editor.org/rfc/rfc9980)).
    Pqc,
}

impl Profile {
    /// # Errors
    /// [`Error::UnknownName`].
    pub(crate) fn by_name(name: Option<&str>) -> Result<Profile, Error> {
        match name.unwrap_or("default") {
            "default" => Ok(Profile::Default),
            "rfc9580" => Ok(Profile::Rfc9580),
            "pqc" => Ok(Profile::Pqc),
            other => Err(Error::UnknownName {
                what: "profile of OpenPGP keys",
                name: other.to_owned(),
                known: "default, rfc9580, pqc".to_owned(),
            }),
        }
    }

    /// The kinds of keys in it by their names, its own choice first.
    fn suites(self) -> &'static [(&'static str, CipherSuite)] {
        const OLD: &[(&str, CipherSuite)] = &[
            ("cv25519", CipherSuite::Cv25519),
            ("rsa3072", CipherSuite::RSA3k),
            ("rsa4096", CipherSuite::RSA4k),
            ("p256", CipherSuite::P256),
            ("p384", CipherSuite::P384),
            ("p521", CipherSuite::P521),
            ("cv448", CipherSuite::Cv448),
        ];
        match self {
            Profile::Default => &OLD[..6],
            Profile::Rfc9580 => OLD,
            Profile::Pqc => {
                &[("mldsa65-ed25519", CipherSuite::MLDSA65_Ed25519), ("mldsa87-ed448", CipherSuite::MLDSA87_Ed448)]
            }
        }
    }

    /// The kind of key of a name, or its own choice.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a kind that is not in it, [`Error::Unsupported`] for one that the arithmetic back end of this
    /// build does not know.
    pub(crate) fn suite(self, algorithm: Option<&str>) -> Result<CipherSuite, Error> {
        let suites = self.suites();
        let wanted = algorithm.unwrap_or(suites[0].0);
        let Some((name, suite)) = suites.iter().find(|(name, _)| *name == wanted) else {
            let known: Vec<&str> = suites.iter().map(|(name, _)| *name).collect();
            let (what, name) = ("kind of OpenPGP key in this profile", wanted.to_owned());
            return Err(Error::UnknownName { what, name, known: known.join(", ") });
        };
        suite.is_supported().map_err(|_| {
            let builds = "built with the feature openssl-vendored or rust-crypto, or with OpenSSL 3.5, it does";
            Error::Unsupported(format!("this build does not know {name}; {builds}"))
        })?;
        Ok(*suite)
    }

    fn version(self) -> Version {
        match self {
            Profile::Default => Version::RFC4880,
            Profile::Rfc9580 | Profile::Pqc => Version::RFC9580,
        }
    }

    fn features(self) -> Features {
        match self {
            Profile::Default => Features::empty().set_seipdv1(),
            Profile::Rfc9580 | Profile::Pqc => Features::empty().set_seipdv1().set_seipdv2(),
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
pub(crate) struct Recipe<'a> {
    pub(crate) profile: Profile,
    pub(crate) algorithm: Option<&'a str>,
    /// The first becomes the primary one.
    pub(crate) user_ids: Vec<UserID>,
    pub(crate) from: SystemTime,
    pub(crate) to: Option<SystemTime>,
    pub(crate) passphrase: Option<&'a Passphrase>,
    pub(crate) uses: Uses,
}

impl Recipe<'_> {
    /// What the seam asks for, as a recipe.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a profile that there is not, [`Error::Malformed`] for a name that a User ID cannot hold.
    pub(crate) fn of<'a>(new: &NewKey<'a>) -> Result<Recipe<'a>, Error> {
        let addresses = std::iter::once(new.address).chain(new.also);
        Ok(Recipe {
            profile: Profile::by_name(new.profile)?,
            algorithm: new.algorithm,
            user_ids: addresses.map(|address| user_id(address, new.name)).collect::<Result<_, _>>()?,
            from: new.from,
            to: new.to,
            passphrase: new.passphrase,
            uses: Uses::default(),
        })
    }
}

/// Makes a primary key that certifies and signs with a subkey to encrypt to, if it is for that, and the signature that takes it back when it is published: no reason given, so that it counts for all of its
/// past.
///
/// # Errors
/// As [`Profile::suite`]; [`Error::Malformed`] for a validity that ends before it begins, [`Error::Engine`].
pub(crate) fn generate(recipe: &Recipe<'_>) -> Result<(openpgp::Cert, Signature), Error> {
    let mut builder = CertBuilder::new()
        .set_profile(recipe.profile.version())
        .and_then(|builder| builder.set_features(recipe.profile.features()))
        .map_err(engine)?
        .set_creation_time(recipe.from)
        .set_validity_period(validity(recipe.from, recipe.to)?)
        .set_cipher_suite(recipe.profile.suite(recipe.algorithm)?)
        .set_primary_key_flags(KeyFlags::empty().set_signing().set_certification())
        .set_password(recipe.passphrase.map(|passphrase| passphrase.reveal().into()));
    for user_id in &recipe.user_ids {
        builder = builder.add_userid(user_id.clone());
    }
    if recipe.uses == Uses::SigningAndEncryption {
        let encrypts = KeyFlags::empty().set_transport_encryption().set_storage_encryption();
        builder = builder.add_subkey(encrypts, None, None);
    }
    builder.generate().map_err(engine)
}

/// How long a key lasts that begins and ends then.
///
/// # Errors
/// [`Error::Malformed`] when it ends before it begins, or so late that OpenPGP cannot say it.
pub(crate) fn validity(from: SystemTime, to: Option<SystemTime>) -> Result<Option<Duration>, Error> {
    match to.map(|to| to.duration_since(from)) {
        None => Ok(None),
        Some(Ok(validity)) if validity.as_secs() > u64::from(u32::MAX) => {
            Err(Error::malformed("validity", "OpenPGP counts no more than 136 years"))
        }
        Some(Ok(validity)) if validity.as_secs() > 0 => Ok(Some(validity)),
        Some(_) => Err(Error::malformed("validity", "it ends before it begins")),
    }
}

/// `Name <address>`, or the address alone (RFC 9580 §5.11).
///
/// # Errors
/// [`Error::Malformed`] for a name that it cannot hold.
pub(crate) fn user_id(address: &Address, name: Option<&str>) -> Result<UserID, Error> {
    match name {
        Some(name) => UserID::from_address(Some(name), None, address.as_str())
            .map_err(|_| Error::malformed("name", "a User ID cannot hold it")),
        None => Ok(UserID::from(address.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A kind of another profile, and one of none.
    #[test]
    fn kinds_belong_to_profiles() {
        assert!(Profile::by_name(Some("rfc1991")).is_err());
        assert!(Profile::Default.suite(Some("cv448")).is_err());
        assert!(Profile::Pqc.suite(Some("cv25519")).is_err());
        assert_eq!(Profile::Default.suite(None).ok(), Some(CipherSuite::Cv25519));
        assert_eq!(Profile::Rfc9580.suite(Some("p384")).ok(), Some(CipherSuite::P384));
    }

    /// What is known depends on the back end; where it is not, the answer names the builds that know it.
    #[test]
    fn a_kind_that_the_build_does_not_know_is_named() {
        for (name, suite) in Profile::Pqc.suites() {
            match (suite.is_supported(), Profile::Pqc.suite(Some(name))) {
                (Ok(()), answer) => assert_eq!(answer.ok(), Some(*suite)),
                (Err(_), Err(Error::Unsupported(why))) => assert!(why.contains("openssl-vendored"), "{why}"),
                (_, answer) => assert!(answer.is_err(), "{name}"),
            }
        }
    }

    #[test]
    fn validities_that_there_are_not() {
        let from = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        assert_eq!(validity(from, None).ok(), Some(None));
        assert_eq!(validity(from, Some(from + Duration::from_secs(5))).ok(), Some(Some(Duration::from_secs(5))));
        let most = Duration::from_secs(u64::from(u32::MAX));
        assert_eq!(validity(from, Some(from + most)).ok(), Some(Some(most)));
        let later = from + most + Duration::from_secs(1);
        for to in [from, from - Duration::from_secs(1), from + Duration::from_millis(5), later] {
            assert!(validity(from, Some(to)).is_err());
        }
    }
}
