//! Durations as people write them.

use std::time::Duration;

/// A duration such as `30s` or `500ms`; a number without a unit is seconds.
///
/// # Errors
/// A sentence with an example.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.find(|each: char| !each.is_ascii_digit() && each != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "ms" => 0.001,
        "s" | "" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(no_duration(text)),
    };
    let seconds = number.parse::<f64>().map_err(|_| no_duration(text))? * factor;
    Duration::try_from_secs_f64(seconds).map_err(|_| format!("{text:?} is too long"))
}

fn no_duration(text: &str) -> String {
    format!("{text:?} is no duration; write a number with ms, s, m or h, as in 30s, 500ms or 2m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_or_refused_with_an_example() {
        assert_eq!(parse_duration("1.5s").unwrap().as_millis(), 1500);
        assert_eq!(parse_duration("250 ms").unwrap().as_millis(), 250);
        assert_eq!(parse_duration("2m").unwrap().as_secs(), 120);
        assert_eq!(parse_duration("7").unwrap().as_secs(), 7);
        for text in ["soon", "abc", "5 parsecs", "ms", "1.2.3s"] {
            let refused = parse_duration(text).unwrap_err();
            assert_eq!(
                refused,
                format!("{text:?} is no duration; write a number with ms, s, m or h, as in 30s, 500ms or 2m")
            );
        }
        assert!(parse_duration("9e99").is_err() && parse_duration("").is_err());
    }
}
