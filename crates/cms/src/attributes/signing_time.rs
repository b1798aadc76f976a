use std::time::SystemTime;

use der::{DateTime, Decode, Encode};
use x509_cert::time::Time;

use crate::error::Error;

/// The value of a signingTime attribute: UTCTime for the years to 2049, GeneralizedTime after
/// ([RFC 5652 §11.3](https://www.rfc-editor.org/rfc/rfc5652#section-11.3)); fractions of a second are dropped.
pub(crate) fn encode_signing_time(time: SystemTime) -> Result<Vec<u8>, Error> {
    let time = DateTime::from_system_time(time).map_err(Error::der("signing time, which is before 1970"))?;
    Time::from(time).to_der().map_err(Error::der("signingTime"))
}

/// Reads the value of a signingTime attribute.
pub(crate) fn parse_signing_time(value: &[u8]) -> Result<SystemTime, Error> {
    Ok(Time::from_der(value).map_err(Error::der("signingTime"))?.to_system_time())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn utc_time_to_2049_generalized_after() {
        let last = UNIX_EPOCH + Duration::from_secs(2_524_607_999);
        assert_eq!(encode_signing_time(last).unwrap(), b"\x17\x0d491231235959Z");
        let next = last + Duration::from_millis(1_500);
        assert_eq!(encode_signing_time(next).unwrap(), b"\x18\x0f20500101000000Z");
        for time in [UNIX_EPOCH, last] {
            assert_eq!(parse_signing_time(&encode_signing_time(time).unwrap()).unwrap(), time);
        }
        assert!(encode_signing_time(UNIX_EPOCH - Duration::from_secs(1)).is_err());
    }

    #[test]
    fn only_utc_and_with_seconds() {
        assert!(parse_signing_time(b"\x17\x0b4912312359Z").is_err());
        assert!(parse_signing_time(b"\x17\x11491231235959+0100").is_err());
        assert!(parse_signing_time(b"\x17\x0d491331235959Z").is_err());
        assert!(parse_signing_time(b"\x04\x0d491231235959Z").is_err());
    }
}
