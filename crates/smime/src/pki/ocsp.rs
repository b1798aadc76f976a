//! OCSP responses that somebody keeps as files, [RFC 6960](https://www.rfc-editor.org/rfc/rfc6960). Nothing is asked of
//! a responder, so there is no nonce to expect; who may answer, and for how long an answer holds, is the validator's.

use certval::ocsp::{BasicOcspResponse, CertStatus, OcspResponse, OcspResponseStatus, RevokedInfo};
use const_oid::AssociatedOid;
use der::Decode;
use x509_cert::certificate::Raw;
use x509_cert::ext::pkix::CrlReason;
use x509_cert::serial_number::SerialNumber;

/// The most certificates that a response may bring along: one of them is the responder's.
const CERTIFICATES: usize = 10;

/// A response, unverified.
pub(super) struct Response {
    /// As it was received.
    pub(super) der: Vec<u8>,
    answers: Vec<Answer>,
}

/// What it says of one certificate.
struct Answer {
    serial: Vec<u8>,
    /// thisUpdate in seconds since 1970.
    issued: u64,
    /// Whether it is revoked, and not merely on hold.
    revoked: bool,
}

impl Response {
    /// `None` when it is no response, one that answers nothing (`tryLater` and the like), or one of another type than the
    /// basic one.
    pub(super) fn read(der: &[u8]) -> Option<Response> {
        let response = OcspResponse::from_der(der).ok()?;
        let bytes = response.response_bytes.filter(|_| response.response_status == OcspResponseStatus::Successful)?;
        if bytes.response_type != BasicOcspResponse::OID {
            return None;
        }
        let basic = BasicOcspResponse::from_der(bytes.response.as_bytes()).ok()?;
        if basic.certs.is_some_and(|certs| certs.len() > CERTIFICATES) {
            return None;
        }
        let answers = basic.tbs_response_data.responses.into_iter().map(|single| Answer {
            serial: single.cert_id.serial_number.as_bytes().to_vec(),
            issued: single.this_update.0.to_unix_duration().as_secs(),
            revoked: matches!(single.cert_status, CertStatus::Revoked(info) if !is_on_hold(&info)),
        });
        Some(Response { der: der.to_vec(), answers: answers.collect() })
    }

    /// Whether it speaks of a certificate of this number.
    pub(super) fn answers(&self, serial: &SerialNumber<Raw>) -> bool {
        self.of(serial).next().is_some()
    }

    /// When it says that a certificate of this number was revoked for good, if it does.
    pub(super) fn revoking(&self, serial: &SerialNumber<Raw>) -> Option<u64> {
        self.of(serial).find(|answer| answer.revoked).map(|answer| answer.issued)
    }

    fn of(&self, serial: &SerialNumber<Raw>) -> impl Iterator<Item = &Answer> {
        self.answers.iter().filter(move |answer| answer.serial == serial.as_bytes())
    }
}

fn is_on_hold(info: &RevokedInfo) -> bool {
    info.revocation_reason == Some(CrlReason::CertificateHold)
}
