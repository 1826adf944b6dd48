//! Numbers and times as people read them. No locale and no time zone: the same on the server and in the browser.

/// The sign for "no value".
pub const NOTHING: &str = "–";

const PREFIXES: [(f64, &str); 4] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];

/// About three significant digits with an SI suffix: `12.3k`, `950`, `4.07`, `0.25`.
pub fn si(value: f64) -> String {
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    for (index, (factor, suffix)) in PREFIXES.iter().enumerate() {
        // 999,950 would be rounded to 1000k: it belongs to the next suffix.
        let limit = if index == 0 { f64::INFINITY } else { factor * 999.5 };
        if value.abs() >= factor * 0.9995 && value.abs() < limit {
            return format!("{}{suffix}", three_digits(value / factor));
        }
    }
    three_digits(value)
}

fn three_digits(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        size if size >= 99.95 || size == 0.0 => 0,
        size if size >= 9.995 => 1,
        size if size >= 0.095 => 2,
        _ => 3,
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A whole number with commas between thousands: `1,234,567`.
pub fn grouped(value: f64) -> String {
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 && text != "0" { format!("−{text}") } else { text }
}

/// Elapsed time on an axis: `0:05`, `12:30`, `1:02:03`.
pub fn clock(seconds: f64) -> String {
    let total = seconds.max(0.0).round() as u64;
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Elapsed time under a cursor, to a tenth of a second: `0:05.3`.
pub fn clock_tenths(seconds: f64) -> String {
    let tenths = (seconds.max(0.0) * 10.0).round() as u64;
    format!("{}.{}", clock((tenths / 10) as f64), tenths % 10)
}

/// How long something took: `430 ms`, `12.4 s`, `3 min 20 s`, `1 h 5 min`.
pub fn duration_ms(milliseconds: i64) -> String {
    let milliseconds = milliseconds.max(0);
    match milliseconds {
        0..1000 => format!("{milliseconds} ms"),
        1000..60_000 => format!("{:.1} s", milliseconds as f64 / 1000.0),
        60_000..3_600_000 => format!("{} min {} s", milliseconds / 60_000, milliseconds / 1000 % 60),
        _ => format!("{} h {} min", milliseconds / 3_600_000, milliseconds / 60_000 % 60),
    }
}

/// A moment in UTC, `2026-11-22 11:05 UTC`: what stands until the browser puts the reader's own time there.
pub fn utc_minute(at_ms: i64) -> String {
    let minutes = at_ms.div_euclid(60_000);
    let (days, minute_of_day) = (minutes.div_euclid(1440), minutes.rem_euclid(1440));
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", minute_of_day / 60, minute_of_day % 60)
}

/// The Gregorian date of a day counted from 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits_and_take_a_suffix() {
        let cases = [
            (0.0, "0"),
            (0.25, "0.25"),
            (4.071, "4.07"),
            (12.34, "12.3"),
            (950.4, "950"),
            (999.7, "1k"),
            (1000.0, "1k"),
            (12_345.0, "12.3k"),
            (999_949.0, "1M"),
            (2_500_000.0, "2.5M"),
            (-1500.0, "-1.5k"),
            (f64::NAN, NOTHING),
        ];
        for (value, text) in cases {
            assert_eq!(si(value), text, "{value}");
        }
    }

    #[test]
    fn whole_numbers_are_grouped() {
        assert_eq!([0.0, 999.0, 1000.0, 1_234_567.0].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn times_read_like_a_clock() {
        assert_eq!([0.0, 5.0, 59.6, 750.0, 3723.0].map(clock), ["0:00", "0:05", "1:00", "12:30", "1:02:03"]);
        assert_eq!([5.27, 59.96].map(clock_tenths), ["0:05.3", "1:00.0"]);
        let durations = [430, 12_400, 200_000, 3_900_000].map(duration_ms);
        assert_eq!(durations, ["430 ms", "12.4 s", "3 min 20 s", "1 h 5 min"]);
    }

    #[test]
    fn a_moment_is_written_in_utc() {
        assert_eq!(utc_minute(0), "1970-01-01 00:00 UTC");
        assert_eq!(utc_minute(1_709_164_800_000), "2024-02-29 00:00 UTC");
        assert_eq!(utc_minute(1_798_761_599_999), "2026-12-31 23:59 UTC");
    }
}
