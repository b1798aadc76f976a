//! One path against the rules, and every refusal as a [`Reason`].

use super::crl::Crls;
use super::node::Node;
use super::rules::Rules;
use super::{list_issuer, listed, mailbox, policies, sound};
use crate::oid::ANY_EXTENDED_KEY_USAGE;
use crate::trust_settings::Said;
use certval::{
    CertificationPath, CertificationPathResults, CertificationPathSettings, DefaultSignatureVerificationCache,
    DeferDecodeSigned, Error, PDVCertificate, PDVTrustAnchorChoice, PathValidationStatus, PkiEnvironment,
    SubjectNameAndKey, TimeOfInterest, check_revocation_local, enforce_trust_anchor_constraints, process_ocsp_response,
    validate_path_rfc5280, verify_signature_message_rust_crypto,
};
use const_oid::db::rfc6960::ID_PKIX_OCSP_NOCHECK;
use der::Decode;
use mailseal_core::{Reason, Revocation};
use std::cell::Cell;

/// The rules of one judgement at work.
pub(super) struct Validator {
    environment: PkiEnvironment,
    settings: CertificationPathSettings,
    rules: Rules,
    crls: Crls,
    /// How many more keys of issuers may be tried that are not in a path.
    other_keys: Cell<usize>,
}

/// The most keys of issuers outside of a path whose lists are asked for in one judgement.
const OTHER_KEYS: usize = 16;

/// A path that keeps the rules of RFC 5280, as the validator wants it.
pub(super) struct ValidPath {
    settings: CertificationPathSettings,
    path: CertificationPath,
}

impl ValidPath {
    /// What lists and responses by the keys in it say.
    ///
    /// # Errors
    /// [`Reason::Revoked`], [`Reason::RevocationUnknown`].
    pub(super) fn status(self, validator: &Validator) -> Result<(), Reason> {
        validator.status(&self.settings, self.path)
    }
}

impl Validator {
    /// `None` where the validator cannot judge at that time.
    pub(super) fn new(rules: Rules, crls: Crls) -> Option<Validator> {
        let mut environment = PkiEnvironment::new();
        environment.add_verify_signature_message_callback(rules.floor);
        environment.add_verify_signature_message_callback(verify_signature_message_rust_crypto);
        environment.add_signature_cache(Box::new(DefaultSignatureVerificationCache::new()));
        environment.add_crl_source(Box::new(crls.clone()));

        let settings = rules.settings()?;
        Some(Validator { environment, settings, rules, crls, other_keys: Cell::new(OTHER_KEYS) })
    }

    /// Whether the key of `issuer` verifies the signature of `child`.
    pub(super) fn is_signed_by(&self, child: &Node, issuer: &Node) -> bool {
        let Ok(signed) = DeferDecodeSigned::from_der(child.certificate.der()) else { return false };
        if self.rules.floor.refuses_algorithm(&signed.signature_algorithm)
            || self.rules.floor.refuses_key(issuer.certificate.public_key_info())
        {
            // Taken for true, so that `check` can refuse the path by its proper name.
            return true;
        }
        let key = issuer.certificate.inner().tbs_certificate().subject_public_key_info();
        let environment = &self.environment;
        environment
            .verify_signature_message(
                environment,
                &signed.tbs_field,
                &signed.signature,
                &signed.signature_algorithm,
                key,
            )
            .is_ok()
    }

    /// Validates one path; `chain` begins with the target's issuer, `known` are the certificates at hand.
    ///
    /// # Errors
    /// Why the path is not good.
    pub(super) fn check(&self, known: &[&Node], anchor: &Node, chain: &[&Node], target: &Node) -> Result<(), Reason> {
        let path = self.check_path(anchor, chain, target)?;
        let issuers = || std::iter::once(anchor).chain(chain.iter().copied());
        // Whoever says that an anchor is trusted for a use knows better than the anchor itself.
        let said = anchor.certificate.trust().of(self.rules.usage);
        let limiting = Some(anchor).filter(|_| said != Said::Trusted);
        self.check_extended_key_usage(limiting.into_iter().chain(chain.iter().copied()).chain([target]))?;
        mailbox::check_constraints(issuers().map(|node| &node.certificate), &target.certificate)?;
        if self.rules.revocation == Revocation::None {
            return Ok(());
        }
        match path.status(self) {
            Err(Reason::RevocationUnknown) => list_issuer::check(self, known, anchor, chain, target),
            status => status,
        }
    }

    /// One path against the rules of RFC 5280 alone.
    ///
    /// # Errors
    /// Why the path is not good.
    pub(super) fn check_path(&self, anchor: &Node, chain: &[&Node], target: &Node) -> Result<ValidPath, Reason> {
        if anchor.certificate.trust().is_too_late(target.certificate.validity().0) {
            return Err(Reason::Untrusted);
        }
        self.check_strength(anchor, chain, target)?;
        let mut path = chain.iter().copied().chain([target]);
        path.try_for_each(|node| sound::check(&node.certificate))?;
        policies::check(chain.iter().copied().chain([target]).map(|node| &node.certificate))?;
        let trust_anchor = PDVTrustAnchorChoice::try_from(anchor.certificate.der()).map_err(|_| Reason::Malformed)?;
        let settings = enforce_trust_anchor_constraints(&self.settings, &trust_anchor).map_err(reason)?;
        let intermediates = chain.iter().rev().map(|node| node.parsed.clone()).collect();
        let path = CertificationPath::new(trust_anchor, intermediates, target.parsed.clone());
        let mut results = CertificationPathResults::new();
        // It speaks of revocation, and of a responder's only: nothing in a path depends on it.
        results.set_processed_extensions([ID_PKIX_OCSP_NOCHECK].into());
        validate_path_rfc5280(&self.environment, &settings, &path, &mut results).map_err(reason)?;
        Ok(ValidPath { settings, path })
    }

    /// Whether `issuer`, whose key signed `target`, revoked it. Nothing else of either is checked.
    ///
    /// # Errors
    /// [`Reason::Revoked`]; [`Reason::RevocationUnknown`] when a current list is required and it has none; another one
    /// when it cannot be read.
    pub(super) fn check_revocation_by(&self, issuer: &Node, target: &Node) -> Result<(), Reason> {
        if self.rules.revocation == Revocation::None {
            return Ok(());
        }
        match self.status_by(issuer, target) {
            Err(Reason::RevocationUnknown) => self.without_list(),
            status => status,
        }
    }

    /// What lists and responses by the key of `issuer` say of `target`.
    ///
    /// # Errors
    /// [`Reason::Revoked`], [`Reason::RevocationUnknown`]; another one when it cannot be read.
    pub(super) fn status_by(&self, issuer: &Node, target: &Node) -> Result<(), Reason> {
        let issuer = PDVTrustAnchorChoice::try_from(issuer.certificate.der()).map_err(|_| Reason::Malformed)?;
        self.status(&self.settings, CertificationPath::new(issuer, Vec::new(), target.parsed.clone()))
    }

    /// Whether there is a list by the name of its issuer.
    pub(super) fn has_list_for(&self, certificate: &Node) -> bool {
        self.crls.has_list_for(&certificate.parsed)
    }

    /// Whether one more key of an issuer may be tried that is not in the path.
    pub(super) fn may_try_another_key(&self) -> bool {
        let left = self.other_keys.get();
        self.other_keys.set(left.saturating_sub(1));
        left > 0
    }

    /// The most certificates between a target and an anchor.
    pub(super) fn depth(&self) -> usize {
        self.rules.depth
    }

    /// What it means that there is no revocation list.
    ///
    /// # Errors
    /// [`Reason::RevocationUnknown`] when one is required.
    pub(super) fn without_list(&self) -> Result<(), Reason> {
        if self.rules.revocation == Revocation::Require { Err(Reason::RevocationUnknown) } else { Ok(()) }
    }

    /// Signatures by MD5 or SHA-1 and RSA keys under 2048 bits prove nothing, wherever in the path (RFC 8550 §4.3). The
    /// anchor's own signature is not looked at, since nobody relies on it.
    fn check_strength(&self, anchor: &Node, chain: &[&Node], target: &Node) -> Result<(), Reason> {
        let floor = self.rules.floor;
        let mut signed = chain.iter().copied().chain([target]);
        let mut issuers = chain.iter().copied().chain([anchor]);
        if signed.any(|node| floor.refuses_algorithm(node.certificate.inner().signature_algorithm()))
            || issuers.any(|node| floor.refuses_key(node.certificate.public_key_info()))
        {
            return Err(Reason::WeakAlgorithm);
        }
        Ok(())
    }

    /// Whoever says what its certificates are for says this one or any, from the anchor down (RFC 8550 §4.4.4). The
    /// validator has such a rule too, but for it `any` below an authority does not include this one.
    fn check_extended_key_usage<'n>(&self, mut path: impl Iterator<Item = &'n Node>) -> Result<(), Reason> {
        path.try_for_each(|node| match node.certificate.extended_key_usage()? {
            Some(usages)
                if !usages.0.iter().any(|usage| *usage == self.rules.usage || *usage == ANY_EXTENDED_KEY_USAGE) =>
            {
                Err(Reason::Usage)
            }
            _ => Ok(()),
        })
    }

    fn status(&self, settings: &CertificationPathSettings, mut path: CertificationPath) -> Result<(), Reason> {
        if self.is_listed(&path) || self.was_revoked(settings, &mut path) {
            return Err(Reason::Revoked);
        }
        self.check_lists(settings, &mut path)
    }

    /// Whether a list by a key of the path names a certificate of it as revoked for good, whatever else it says.
    fn is_listed(&self, path: &CertificationPath) -> bool {
        let certs = path.intermediates.iter().chain([&path.target]);
        certs.enumerate().any(|(position, cert)| {
            let mut lists = self.crls.naming(cert, self.rules.at);
            lists.any(|list| listed::is_by(&self.environment, issuer_at(path, position), list))
        })
    }

    /// Whether a response that was current once revokes a certificate of the path. That is not taken back either.
    fn was_revoked(&self, settings: &CertificationPathSettings, path: &mut CertificationPath) -> bool {
        let moments = self.crls.revoking(path.intermediates.iter().chain([&path.target]));
        moments.into_iter().filter(|then| *then <= self.rules.at).filter_map(moment).any(|then| {
            let mut settings = settings.clone();
            settings.set_time_of_interest(then);
            self.check_lists(&settings, path) == Err(Reason::Revoked)
        })
    }

    fn check_lists(&self, settings: &CertificationPathSettings, path: &mut CertificationPath) -> Result<(), Reason> {
        let determine = |path: &CertificationPath| {
            let mut results = CertificationPathResults::new();
            check_revocation_local(&self.environment, settings, path, &mut results).map_err(reason)
        };
        // The validator takes the first source that answers, but a response does not take back what a list revokes.
        path.ocsp_responses = vec![None; path.intermediates.len() + 1];
        let by_lists = determine(path);
        path.ocsp_responses = self.responses(settings, path);
        if by_lists == Err(Reason::Revoked) || path.ocsp_responses.iter().all(Option::is_none) {
            return by_lists;
        }
        determine(path)
    }

    /// For each certificate of the path, the authority's first, the OCSP response that counts: one that revokes it, else
    /// one that says it is good. The validator takes no more than one.
    fn responses(&self, settings: &CertificationPathSettings, path: &CertificationPath) -> Vec<Option<Vec<u8>>> {
        let certs: Vec<_> = path.intermediates.iter().chain([&path.target]).collect();
        let answer = |(position, cert): (usize, &&PDVCertificate)| {
            let issuer = issuer_at(path, position);
            let serial = cert.decoded().tbs_certificate().serial_number();
            self.crls.responses(serial).find_map(|der| {
                let (environment, mut results) = (&self.environment, CertificationPathResults::new());
                results.prepare_revocation_results(certs.len()).ok()?;
                let answer =
                    process_ocsp_response(environment, settings, &mut results, der, issuer, position, "", cert);
                let counts =
                    matches!(answer, Ok(()) | Err(Error::PathValidation(PathValidationStatus::CertificateRevoked)));
                counts.then(|| der.to_vec())
            })
        };
        certs.iter().enumerate().map(answer).collect()
    }
}

/// The issuer of the certificate at this position of a path, whose first one is the anchor's.
fn issuer_at(path: &CertificationPath, position: usize) -> &dyn SubjectNameAndKey {
    match position.checked_sub(1).and_then(|above| path.intermediates.get(above)) {
        Some(above) => above.decoded(),
        None => path.trust_anchor.decoded(),
    }
}

/// A time in seconds since 1970; `None` for the one that the validator takes for "do not look at the time".
pub(super) fn moment(seconds: u64) -> Option<TimeOfInterest> {
    TimeOfInterest::from_unix_secs(seconds).ok().filter(|at| !at.is_disabled())
}

/// The validator's words in ours.
fn reason(error: Error) -> Reason {
    use PathValidationStatus as Status;
    let Error::PathValidation(status) = error else {
        return match error {
            Error::Asn1Error(_) | Error::ParseError | Error::LengthError => Reason::Malformed,
            _ => Reason::Unsupported,
        };
    };
    match status {
        Status::InvalidNotBeforeDate | Status::InvalidNotAfterDate => Reason::Expired,
        Status::NameConstraintsViolation => Reason::NameConstraints,
        Status::InvalidKeyUsage => Reason::Usage,
        Status::NullPolicySet | Status::InvalidPolicyMapping | Status::ProcessingLimitExceeded => Reason::Policy,
        Status::UnprocessedCriticalExtension => Reason::Unsupported,
        Status::EncodingError => Reason::Malformed,
        Status::CertificateRevoked
        | Status::CertificateRevokedEndEntity
        | Status::CertificateRevokedIntermediateCa
        | Status::CertificateOnHold
        | Status::CertificateBlocklisted => Reason::Revoked,
        Status::RevocationStatusNotDetermined | Status::StatusCheckReliedOnStaleCrl => Reason::RevocationUnknown,
        Status::InsufficientKeySize => Reason::WeakAlgorithm,
        _ => Reason::NoPath,
    }
}
