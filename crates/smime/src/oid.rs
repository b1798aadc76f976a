//! Object identifiers that are used here by name.

use const_oid::ObjectIdentifier;

pub(crate) use const_oid::db::rfc3280::EMAIL_ADDRESS;
pub(crate) use const_oid::db::rfc4519::COMMON_NAME;
pub(crate) use const_oid::db::rfc5912::{
    ANY_EXTENDED_KEY_USAGE, ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ECDSA_WITH_SHA_512, ID_CE_AUTHORITY_KEY_IDENTIFIER,
    ID_CE_BASIC_CONSTRAINTS, ID_CE_CERTIFICATE_POLICIES, ID_CE_CRL_DISTRIBUTION_POINTS, ID_CE_EXT_KEY_USAGE,
    ID_CE_FRESHEST_CRL, ID_CE_INHIBIT_ANY_POLICY, ID_CE_ISSUER_ALT_NAME, ID_CE_KEY_USAGE, ID_CE_NAME_CONSTRAINTS,
    ID_CE_POLICY_CONSTRAINTS, ID_CE_POLICY_MAPPINGS, ID_CE_SUBJECT_ALT_NAME, ID_CE_SUBJECT_KEY_IDENTIFIER,
    ID_EC_PUBLIC_KEY, ID_KP_EMAIL_PROTECTION, ID_RSAES_OAEP as RSAES_OAEP, ID_RSASSA_PSS as RSASSA_PSS, RSA_ENCRYPTION,
    SHA_256_WITH_RSA_ENCRYPTION as SHA_256_WITH_RSA,
};
pub(crate) use const_oid::db::rfc8410::ID_ED_25519;

/// id-on-SmtpUTF8Mailbox ([RFC 9598 §3](https://www.rfc-editor.org/rfc/rfc9598#section-3)).
pub(crate) const ID_ON_SMTP_UTF8_MAILBOX: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.8.9");

/// smimeCapabilities, as a certificate extension too ([RFC 4262](https://www.rfc-editor.org/rfc/rfc4262)).
pub(crate) const SMIME_CAPABILITIES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.15");
