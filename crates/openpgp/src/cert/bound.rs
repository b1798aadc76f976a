//! What stands in a certificate and was never put there by its owner.

use sequoia_openpgp as openpgp;
use sequoia_openpgp::cert::bundle::ComponentBundle;

/// The certificate with what its owner said something of: a valid binding or a revocation, whatever today's rules make of its
/// hash. Anybody can put another key, name or picture below a certificate (RFC 9580 §10.1 leaves that to the reader), and a
/// keyring that keeps or passes on such a thing tells of it as if it were the owner's.
///
/// A subkey whose secret is here stays. So does everything where this build cannot verify what the primary key signs: then
/// nobody knows.
pub(crate) fn bound(cert: openpgp::Cert) -> openpgp::Cert {
    if !cert.primary_key().key().pk_algo().is_supported() {
        return cert;
    }
    cert.retain_subkeys(|subkey| subkey.key().has_secret() || is_said(subkey.bundle()))
        .retain_userids(|user_id| is_said(user_id.bundle()))
        .retain_user_attributes(|picture| is_said(picture.bundle()))
}

/// Whether the owner said something of a part of the certificate.
fn is_said<C>(part: &ComponentBundle<C>) -> bool {
    part.self_signatures().next().is_some() || part.self_revocations().next().is_some()
}
