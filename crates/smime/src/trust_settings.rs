//! What a certificate is trusted for, as whoever keeps it has said beside it. It is no part of the certificate, and counts
//! only where the certificate is given as an anchor.

use const_oid::ObjectIdentifier;
use der::asn1::Any;
use der::{Decode, Encode, Tag, TagNumber, Tagged};

use crate::oid::{ANY_EXTENDED_KEY_USAGE, ID_KP_EMAIL_PROTECTION};

/// Uses for which a certificate is trusted and for which it is not, by extended key usage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TrustSettings {
    /// `None` says nothing of any use; an empty list trusts none.
    trusted: Option<Vec<ObjectIdentifier>>,
    rejected: Vec<ObjectIdentifier>,
    /// What it issued to begin after this, in seconds since 1970, is not trusted.
    distrust_after: Option<u64>,
}

/// What settings say of one use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// Nothing.
    Nothing,
    /// It is trusted for that.
    Trusted,
    /// It is not to be trusted for that.
    Rejected,
}

impl TrustSettings {
    /// Trusted for mail, as far as what begins not after this.
    pub(crate) fn mail_until(distrust_after: Option<u64>) -> TrustSettings {
        TrustSettings { trusted: Some(vec![ID_KP_EMAIL_PROTECTION]), rejected: Vec::new(), distrust_after }
    }

    /// Rejected for mail.
    pub(crate) fn no_mail() -> TrustSettings {
        TrustSettings { rejected: vec![ID_KP_EMAIL_PROTECTION], ..TrustSettings::default() }
    }

    /// Whether a certificate that begins at this time, in seconds since 1970, comes too late.
    pub(crate) fn is_too_late(&self, not_before: u64) -> bool {
        self.distrust_after.is_some_and(|last| not_before > last)
    }

    /// What is said of `usage`. Whoever lists trusted uses rejects every other one.
    pub(crate) fn of(&self, usage: ObjectIdentifier) -> Said {
        let has = |uses: &[ObjectIdentifier]| uses.contains(&usage) || uses.contains(&ANY_EXTENDED_KEY_USAGE);
        match &self.trusted {
            _ if has(&self.rejected) => Said::Rejected,
            None => Said::Nothing,
            Some(trusted) if has(trusted) => Said::Trusted,
            Some(_) => Said::Rejected,
        }
    }

    /// Reads what OpenSSL writes behind a certificate under the label `TRUSTED CERTIFICATE` (its manual, x509(1), "Trust
    /// settings"): a SEQUENCE of an optional SEQUENCE of trusted uses, optional `[0]` rejected uses, and names that are
    /// passed over. No octets say nothing.
    ///
    /// # Errors
    /// Where it is something else.
    pub(crate) fn from_openssl(der: &[u8]) -> der::Result<TrustSettings> {
        const REJECTED: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
        let mut settings = TrustSettings::default();
        if der.is_empty() {
            return Ok(settings);
        }
        for item in Vec::<Any>::from_der(der)? {
            match item.tag() {
                Tag::Sequence => settings.trusted = Some(Vec::from_der(&item.to_der()?)?),
                REJECTED => settings.rejected = Vec::from_der(&Any::new(Tag::Sequence, item.value())?.to_der()?)?,
                _ => {}
            }
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oid::ID_KP_EMAIL_PROTECTION as MAIL;

    const TLS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");

    fn settings(trusted: Option<&[ObjectIdentifier]>, rejected: &[ObjectIdentifier]) -> TrustSettings {
        TrustSettings { trusted: trusted.map(<[_]>::to_vec), rejected: rejected.to_vec(), distrust_after: None }
    }

    #[test]
    fn rejection_before_trust_and_trust_is_a_list() {
        assert_eq!(settings(None, &[]).of(MAIL), Said::Nothing);
        assert_eq!(settings(None, &[TLS]).of(MAIL), Said::Nothing);
        assert_eq!(settings(None, &[MAIL]).of(MAIL), Said::Rejected);
        assert_eq!(settings(None, &[ANY_EXTENDED_KEY_USAGE]).of(MAIL), Said::Rejected);
        assert_eq!(settings(Some(&[MAIL]), &[]).of(MAIL), Said::Trusted);
        assert_eq!(settings(Some(&[ANY_EXTENDED_KEY_USAGE]), &[]).of(MAIL), Said::Trusted);
        assert_eq!(settings(Some(&[TLS]), &[]).of(MAIL), Said::Rejected);
        assert_eq!(settings(Some(&[]), &[]).of(MAIL), Said::Rejected);
        assert_eq!(settings(Some(&[MAIL]), &[MAIL]).of(MAIL), Said::Rejected);
    }

    #[test]
    fn what_openssl_writes() {
        // Trusted for mail, rejected for TLS, and a name.
        let der = [
            &[0x30, 0x1c, 0x30, 0x0a][..],
            &[0x06, 8, 0x2b, 6, 1, 5, 5, 7, 3, 4],
            &[0xa0, 0x0a, 0x06, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1],
            &[0x0c, 2, b'm', b'e'],
        ];
        let read = TrustSettings::from_openssl(&der.concat()).unwrap();
        assert_eq!(read, settings(Some(&[MAIL]), &[TLS]));
        assert_eq!(TrustSettings::from_openssl(&[]).unwrap(), TrustSettings::default());
        assert_eq!(TrustSettings::from_openssl(&[0x30, 0]).unwrap(), TrustSettings::default());
        for bad in [&[0x30, 1][..], &[0x04, 0], &[0x30, 0, 0], &[0x30, 4, 0x30, 2, 5, 0]] {
            assert!(TrustSettings::from_openssl(bad).is_err(), "{bad:02x?}");
        }
    }
}
