//! Moments as the portal writes them.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use std::time::Duration;

/// The longest wait that is taken from the portal.
const MAX_WAIT: Duration = Duration::from_secs(600);
/// The wait where the portal names none.
const USUAL_WAIT: Duration = Duration::from_secs(30);

/// Milliseconds since the epoch of `2023-06-30T22:11:05.242530Z`; without an offset it is UTC.
pub(super) fn milliseconds(text: &str) -> Option<i64> {
    let moment = text.parse::<Timestamp>().or_else(|_| format!("{text}Z").parse());
    moment.ok().map(Timestamp::as_millisecond)
}

/// How long a `Retry-After` asks to wait: seconds, or until a moment. At least a second, at most ten minutes.
pub(super) fn retry_after(header: Option<&str>, now_ms: i64) -> Duration {
    let seconds = |text: &str| text.parse::<u64>().ok().map(Duration::from_secs);
    let moment = |text: &str| {
        let until = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?.as_millisecond();
        Some(Duration::from_millis(until.saturating_sub(now_ms).try_into().unwrap_or(0)))
    };
    let asked = header.map(str::trim).and_then(|text| seconds(text).or_else(|| moment(text)));
    asked.unwrap_or(USUAL_WAIT).clamp(Duration::from_secs(1), MAX_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_with_and_without_an_offset() {
        assert_eq!(milliseconds("2023-06-30T22:11:05.242530Z"), Some(1_688_163_065_242));
        assert_eq!(milliseconds("2023-06-30T22:11:05+00:00"), Some(1_688_163_065_000));
        assert_eq!(milliseconds("2023-06-30T22:11:05"), Some(1_688_163_065_000));
        for text in ["", "soon", "2023-13-30T22:11:05Z", "<notyet>"] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_wait_is_seconds_or_a_moment_and_has_bounds() {
        let now_ms = milliseconds("1994-11-06T08:49:00Z").unwrap();
        assert_eq!(retry_after(Some("120"), 0), Duration::from_secs(120));
        assert_eq!(retry_after(Some("Sun, 06 Nov 1994 08:49:37 GMT"), now_ms), Duration::from_secs(37));
        assert_eq!(retry_after(Some("Sun, 06 Nov 1994 08:48:37 GMT"), now_ms), Duration::from_secs(1));
        for (header, wait) in [(None, USUAL_WAIT), (Some("often"), USUAL_WAIT), (Some("99999999999"), MAX_WAIT)] {
            assert_eq!(retry_after(header, 0), wait);
        }
        assert_eq!(retry_after(Some("0"), 0), Duration::from_secs(1));
    }
}
