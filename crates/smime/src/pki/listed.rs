//! Who is named by a list of the issuer, however little else the list says: it may be a delta list, one of some reasons or
//! of another distribution point ([RFC 5280 §5.2](https://www.rfc-editor.org/rfc/rfc5280#section-5.2)), or past its time.
//! Such a list clears nobody, but an entry is not taken back while the certificate is valid (§3.3).

use certval::{DeferDecodeSigned, PkiEnvironment, SubjectNameAndKey};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_CRL_NUMBER, ID_CE_CRL_REASONS, ID_CE_DELTA_CRL_INDICATOR, ID_CE_FRESHEST_CRL,
    ID_CE_HOLD_INSTRUCTION_CODE, ID_CE_INVALIDITY_DATE, ID_CE_ISSUING_DISTRIBUTION_POINT,
};
use der::Decode;
use x509_cert::certificate::Raw;
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::crl::dp::IssuingDistributionPoint;
use x509_cert::ext::pkix::{CrlReason, KeyUsages};
use x509_cert::serial_number::SerialNumber;

/// The extensions that change nothing of what an entry says, besides the issuing distribution point.
const LIST: [ObjectIdentifier; 4] =
    [ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_CRL_NUMBER, ID_CE_DELTA_CRL_INDICATOR, ID_CE_FRESHEST_CRL];
const ENTRY: [ObjectIdentifier; 3] = [ID_CE_CRL_REASONS, ID_CE_HOLD_INSTRUCTION_CODE, ID_CE_INVALIDITY_DATE];

/// Whether the list has the number, and neither on hold nor as taken back.
pub(super) fn names(der: &[u8], serial: &SerialNumber<Raw>) -> bool {
    let entries = CertificateList::<Raw>::from_der(der).ok().and_then(|list| list.tbs_cert_list.revoked_certificates);
    entries.unwrap_or_default().iter().any(|entry| entry.serial_number == *serial && is_for_good(entry))
}

/// Whether `issuer` signed the list, may sign lists, and speaks in it of its own certificates only, in terms that are all
/// known.
pub(super) fn is_by(environment: &PkiEnvironment, issuer: &dyn SubjectNameAndKey, der: &[u8]) -> bool {
    let signs = issuer.key_usage().is_none_or(|usage| usage.0.contains(KeyUsages::CRLSign));
    let Ok(list) = CertificateList::<Raw>::from_der(der) else { return false };
    let Ok(signed) = DeferDecodeSigned::from_der(der) else { return false };
    let (list, algorithm) = (list.tbs_cert_list, list.signature_algorithm);
    let entries = list.revoked_certificates.iter().flatten();
    let mut entries = entries.flat_map(|entry| entry.crl_entry_extensions.iter().flatten());
    signs
        && algorithm == list.signature
        && list.crl_extensions.iter().flatten().all(is_known)
        && entries.all(|extension| !extension.critical || ENTRY.contains(&extension.extn_id))
        && environment
            .verify_signature_message(environment, &signed.tbs_field, &signed.signature, &algorithm, issuer.spki())
            .is_ok()
}

fn is_known(extension: &Extension) -> bool {
    if extension.extn_id == ID_CE_ISSUING_DISTRIBUTION_POINT {
        let point = IssuingDistributionPoint::from_der(extension.extn_value.as_bytes());
        return point.is_ok_and(|point| !point.indirect_crl && !point.only_contains_attribute_certs);
    }
    !extension.critical || LIST.contains(&extension.extn_id)
}

/// certificateHold and removeFromCRL (RFC 5280 §5.3.1) are no revocation for good.
fn is_for_good(entry: &RevokedCert<Raw>) -> bool {
    let mut extensions = entry.crl_entry_extensions.iter().flatten();
    let reason = extensions.find(|extension| extension.extn_id == ID_CE_CRL_REASONS);
    let reason = reason.and_then(|reason| CrlReason::from_der(reason.extn_value.as_bytes()).ok());
    !matches!(reason, Some(CrlReason::CertificateHold | CrlReason::RemoveFromCRL))
}
