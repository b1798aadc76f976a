//! The rules for algorithms that a system has for all its programs: the file of sequoia-policy-config, made by
//! crypto-policies.
//!
//! They only make stricter: what mail needs is refused whatever the file says, and what the file refuses is refused too. The
//! library reads no file and no environment; whoever runs it gives the text
//! ([`Policy::algorithm_rules`](mailseal_core::Policy::algorithm_rules)).

use mailseal_core::Error;
use sequoia_openpgp::policy::{AsymmetricAlgorithm, HashAlgoSecurity, StandardPolicy};
use sequoia_openpgp::types::{AEADAlgorithm, HashAlgorithm, SymmetricAlgorithm};
use sequoia_policy_config::ConfiguredStandardPolicy;
use std::time::SystemTime;

/// The environment variable that names another file, absolutely, or with an empty value none.
pub const VARIABLE: &str = ConfiguredStandardPolicy::ENV_VAR;
/// The file, where there is one.
pub const FILE: &str = ConfiguredStandardPolicy::CONFIG_FILE;

/// Whether the rules can be read.
///
/// # Errors
/// [`Error::Malformed`].
pub fn check(text: &str) -> Result<(), Error> {
    parse(text).map(drop)
}

fn parse(text: &str) -> Result<StandardPolicy<'static>, Error> {
    let mut rules = ConfiguredStandardPolicy::new();
    rules.parse_bytes(text).map_err(|error| Error::malformed("the rules for algorithms", format!("{error:#}")))?;
    Ok(rules.build())
}

/// Refuses besides what `text` refuses, as early. Rules that nobody can read refuse every signature.
pub(crate) fn tighten(rules: &mut StandardPolicy<'_>, text: &str) {
    let Ok(system) = parse(text) else { return rules.reject_all_hashes() };
    for hash in HashAlgorithm::variants() {
        for property in [HashAlgoSecurity::CollisionResistance, HashAlgoSecurity::SecondPreImageResistance] {
            let cutoff = system.hash_cutoff(hash, property);
            if is_earlier(cutoff, rules.hash_cutoff(hash, property)) {
                rules.reject_hash_property_at(hash, property, cutoff);
            }
        }
    }
    for algorithm in AsymmetricAlgorithm::variants() {
        let cutoff = system.asymmetric_algo_cutoff(algorithm);
        if is_earlier(cutoff, rules.asymmetric_algo_cutoff(algorithm)) {
            rules.reject_asymmetric_algo_at(algorithm, cutoff);
        }
    }
    for cipher in SymmetricAlgorithm::variants() {
        let cutoff = system.symmetric_algo_cutoff(cipher);
        if is_earlier(cutoff, rules.symmetric_algo_cutoff(cipher)) {
            rules.reject_symmetric_algo_at(cipher, cutoff);
        }
    }
    for mode in AEADAlgorithm::variants() {
        let cutoff = system.aead_algo_cutoff(mode);
        if is_earlier(cutoff, rules.aead_algo_cutoff(mode)) {
            rules.reject_aead_algo_at(mode, cutoff);
        }
    }
}

/// Whether the system ends an algorithm, and before we do.
fn is_earlier(theirs: Option<SystemTime>, ours: Option<SystemTime>) -> bool {
    theirs.is_some_and(|theirs| ours.is_none_or(|ours| theirs < ours))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::standard;
    use std::time::Duration;

    const BOTH: [HashAlgoSecurity; 2] =
        [HashAlgoSecurity::CollisionResistance, HashAlgoSecurity::SecondPreImageResistance];

    fn tightened(text: &str) -> StandardPolicy<'static> {
        let mut rules = standard(SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_272_000));
        tighten(&mut rules, text);
        rules
    }

    fn ends(rules: &StandardPolicy<'_>, hash: HashAlgorithm) -> [Option<SystemTime>; 2] {
        BOTH.map(|property| rules.hash_cutoff(hash, property))
    }

    /// R67: a file that allows what we refuse changes nothing.
    #[test]
    fn nothing_is_allowed_by_a_file() {
        let lax = "[hash_algorithms]\nsha1 = \"always\"\nmd5 = \"always\"\n\
                   [asymmetric_algorithms]\nrsa1024 = \"always\"\ndsa2048 = \"always\"\n";
        check(lax).unwrap();
        let (before, after) = (tightened(""), tightened(lax));
        for hash in HashAlgorithm::variants() {
            assert_eq!(ends(&before, hash), ends(&after, hash), "{hash}");
        }
        for algorithm in AsymmetricAlgorithm::variants() {
            let end = |rules: &StandardPolicy<'_>| rules.asymmetric_algo_cutoff(algorithm);
            assert_eq!(end(&before), end(&after), "{algorithm}");
        }
    }

    #[test]
    fn what_a_file_refuses_is_refused() {
        let strict = "[hash_algorithms]\nsha256.collision_resistance = 2020-01-01\n\
                      [asymmetric_algorithms]\ncv25519 = \"never\"\n";
        let rules = tightened(strict);
        let [collision, second] = ends(&rules, HashAlgorithm::SHA256);
        assert!(collision.is_some() && second.is_none(), "{collision:?} {second:?}");
        assert!(rules.asymmetric_algo_cutoff(AsymmetricAlgorithm::Cv25519).is_some());
        assert!(rules.asymmetric_algo_cutoff(AsymmetricAlgorithm::Ed25519).is_none());
    }

    #[test]
    fn rules_that_nobody_can_read_refuse() {
        assert!(matches!(check("sha256"), Err(Error::Malformed { .. })));
        assert!(ends(&tightened("sha256"), HashAlgorithm::SHA512).iter().all(Option::is_some));
    }
}
