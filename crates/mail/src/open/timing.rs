//! Whether the time that a signature claims fits: a signed message that is sent again under another Date is a replay
//! (attack 15).

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use mailseal_mime::Header;
use mailseal_mime::header_protection::Confirmed;
use std::time::{Duration, SystemTime};

/// How much later than the signing time the Date may be: drafts that wait for a while before they are sent.
const LATER: Duration = Duration::from_secs(60 * 60);

/// How far ahead the signer's clock may be; what OpenPGP implementations allow.
const SKEW: Duration = Duration::from_secs(30 * 60);

/// How the time that a signature claims fits to the message and to the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// Nothing speaks against it; also when the signature claims no time.
    Plausible,
    /// The Date, which is not under the signature, is later.
    NotTheDate,
    /// It lies after the time of judgement.
    Future,
}

/// The fields Date that nothing signs, where they are dates of RFC 5322 §3.3; those of a protected header are as true as its signature.
pub(crate) fn unsigned_dates(outer: &Header, confirmed: &Confirmed) -> Vec<SystemTime> {
    let protected = confirmed.scheme().is_some() && confirmed.protected().count("Date") > 0;
    let fields = outer.get_all("Date").filter(|_| !protected);
    fields.filter_map(|field| date(&field.text())).collect()
}

/// Holds the time that a signature claims against the clock and against those dates.
pub(crate) fn judge(signed_at: Option<SystemTime>, at: SystemTime, dates: &[SystemTime]) -> Timing {
    let Some(signed_at) = signed_at else { return Timing::Plausible };
    if signed_at.duration_since(at).is_ok_and(|ahead| ahead > SKEW) {
        return Timing::Future;
    }
    // An earlier Date is that of a draft that was signed when it was sent; it revives nothing.
    let is_late = |date: SystemTime| date.duration_since(signed_at).is_ok_and(|later| later > LATER);
    if dates.iter().any(|date| is_late(*date)) { Timing::NotTheDate } else { Timing::Plausible }
}

/// A date that names the wrong day of the week is one: readers show it.
const PARSER: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);

fn date(value: &str) -> Option<SystemTime> {
    let timestamp: Timestamp = PARSER.parse_timestamp(value.trim()).ok()?;
    timestamp.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(date_time: &str) -> SystemTime {
        date(date_time).unwrap()
    }

    /// Attack 15: an hour later, in whatever zone, and earlier as it likes; two dates must both fit.
    #[test]
    fn an_hour_later() {
        let now = at("Tue, 2 Jun 2026 00:00:00 +0000");
        let signed = Some(at("Mon, 1 Jun 2026 12:00:00 +0000"));
        let judged =
            |dates: &[&str]| judge(signed, now, &dates.iter().filter_map(|text| date(text)).collect::<Vec<_>>());
        assert_eq!(judged(&[]), Timing::Plausible);
        assert_eq!(judged(&["Mon, 1 Jun 2026 12:00:05 +0000"]), Timing::Plausible);
        assert_eq!(judged(&["Mon, 01 Jun 2026 07:00:00 -0600 (CST)"]), Timing::Plausible);
        assert_eq!(judged(&["Mon, 1 Jun 2026 13:00:01 +0000"]), Timing::NotTheDate);
        assert_eq!(judged(&["Mon, 1 Jun 2026 13:00:00 +0000"]), Timing::Plausible);
        assert_eq!(judged(&["Sat, 1 Jan 2000 12:00:00 +0000"]), Timing::Plausible);
        assert_eq!(judged(&["Mon, 1 Jun 2026 12:00:00 +0000", "Mon, 1 Jun 2026 20:00:00 +0000"]), Timing::NotTheDate);
        assert_eq!(judged(&["Tue, 1 Jun 2026 20:00:00 +0000"]), Timing::NotTheDate, "the wrong day of the week");
        assert_eq!(judged(&["yesterday"]), Timing::Plausible);
    }

    /// Attack 15: what is signed in the future is not signed; a clock may be half an hour ahead.
    #[test]
    fn ahead_of_the_clock() {
        let signed = Some(at("Mon, 1 Jun 2026 12:00:00 +0000"));
        assert_eq!(judge(signed, at("Mon, 1 Jun 2026 11:30:00 +0000"), &[]), Timing::Plausible);
        assert_eq!(judge(signed, at("Mon, 1 Jun 2026 11:29:59 +0000"), &[]), Timing::Future);
        assert_eq!(judge(None, at("Mon, 1 Jun 2026 11:29:59 +0000"), &[]), Timing::Plausible);
    }
}
