//! The public framework's measurements are text for people. Here they become numbers with our names and units, once.

use model::metric;
use store::SampleValue;

/// The longest value that is kept, characters.
const MAX_TEXT: usize = 1000;
/// The longest name of a part, bytes.
const MAX_PART: usize = 30;
/// The most parts of one value.
const MAX_PARTS: usize = 8;

/// The metrics of one measurement: `request-execute` with `avg: 1.20ms, max: 3.00ms, count: 4` is three. Durations become
/// milliseconds. What is no number stays text; an unknown name is kept as it is. Where nothing was counted, there is nothing
/// to be told of how long it took.
pub(super) fn measure(name: &str, value: &str) -> Vec<(String, SampleValue)> {
    let parts: Vec<&str> = value.split(", ").collect();
    let named: Option<Vec<(&str, &str)>> = parts
        .iter()
        .map(|part| part.split_once(':').map(|(key, value)| (key.trim(), value.trim())).filter(|(key, _)| is_part(key)))
        .collect();
    match named {
        Some(named) if named.len() <= MAX_PARTS => {
            let none = named.contains(&("count", "0"));
            let is_told = |part: &str| !none || !matches!(part, "avg" | "max");
            let told = named.into_iter().filter(|(part, _)| is_told(part));
            told.map(|(part, value)| (metric_name(name, part), read_value(value))).collect()
        }
        _ => vec![(metric_name(name, ""), read_value(value.trim()))],
    }
}

fn metric_name(name: &str, part: &str) -> String {
    match (name, part) {
        ("request-execute", "avg") => metric::LATENCY_MEAN.to_owned(),
        ("request-execute", "max") => metric::LATENCY_MAX.to_owned(),
        ("last-executed-sequence", _) => metric::LAST_EXECUTED.to_owned(),
        ("throughput", _) => metric::THROUGHPUT.to_owned(),
        // Ours are counts of blocks; this is the share of timeouts in an interval.
        ("slow-path", _) => metric::SLOW_PATH_SHARE.to_owned(),
        ("proposal (since-start)", _) => metric::PROPOSED.to_owned(),
        (name, "avg") => format!("{name}-mean"),
        (name, "num" | "value" | "ratio" | "") => name.to_owned(),
        (name, part) => format!("{name}-{part}"),
    }
}

/// Whether a text can name a part of a measurement.
fn is_part(key: &str) -> bool {
    (1..=MAX_PART).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn read_value(text: &str) -> SampleValue {
    let digits = text.find(|each: char| !matches!(each, '0'..='9' | '.' | ',' | '-' | '+')).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let to_ours = match unit.trim() {
        "" | "req/s" | "ms" => Some(1.0),
        "ns" => Some(1e-6),
        "us" | "µs" => Some(1e-3),
        "s" => Some(1e3),
        _ => None,
    };
    // Some locales write a comma before the decimals.
    let number = number.replacen(',', ".", 1).parse::<f64>().ok();
    match (number, to_ours) {
        (Some(number), Some(factor)) if number.is_finite() => SampleValue::Number(number * factor),
        _ => SampleValue::Text(text.chars().take(MAX_TEXT).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(name: &str, value: &str) -> Vec<(String, f64)> {
        let number = |value| match value {
            SampleValue::Number(number) => (number * 1e9_f64).round() / 1e9,
            SampleValue::Text(text) => panic!("{text:?} is no number"),
        };
        measure(name, value).into_iter().map(|(name, value)| (name, number(value))).collect()
    }

    fn named(pairs: &[(&str, f64)]) -> Vec<(String, f64)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    #[test]
    fn every_number_of_the_framework_becomes_ours() {
        assert_eq!(
            numbers("request-execute", "avg: 12.34us, max: 3.00s, count: 41"),
            named(&[("latency-mean", 0.01234), ("latency-max", 3000.0), ("request-execute-count", 41.0)])
        );
        assert_eq!(
            numbers("request-queue", "avg: 999ns, max: 0"),
            named(&[("request-queue-mean", 0.000_999), ("request-queue-max", 0.0)])
        );
        assert_eq!(numbers("message-process", "avg: -1.50ms, max: 1000ns, count: 3")[0].1, -1.5);
        assert_eq!(
            numbers("request-execute", "avg: 0ns, max: 0ns, count: 0"),
            named(&[("request-execute-count", 0.0)])
        );
        assert_eq!(numbers("throughput", "12.33req/s"), named(&[("throughput", 12.33)]));
        assert_eq!(numbers("throughput", "12,33req/s"), named(&[("throughput", 12.33)]));
        assert_eq!(numbers("request-queue", "avg: 1,20ms, max: 3,00ms")[1].1, 3.0);
        assert_eq!(numbers("last-executed-sequence", "num: -1"), named(&[("last-executed-sequence", -1.0)]));
        assert_eq!(numbers("proposal (since-start)", "count: 41"), named(&[("proposed", 41.0)]));
        assert_eq!(numbers("slow-path", "ratio: 0.25"), named(&[("slow-path-share", 0.25)]));
        assert_eq!(numbers("request-interval", "100.00us"), named(&[("request-interval", 0.1)]));
        assert_eq!(numbers("current-episode", "value: 0"), named(&[("current-episode", 0.0)]));
    }

    #[test]
    fn what_is_no_number_stays_text_and_unknown_names_stay() {
        let text = |name: &str, value: &str| vec![(name.to_owned(), SampleValue::Text(value.to_owned()))];
        assert_eq!(measure("slow-path", "ratio: NaN"), text("slow-path-share", "NaN"));
        assert_eq!(measure("in-dark", "value: true"), text("in-dark", "true"));
        assert_eq!(measure("current-protocol", "value: pbft"), text("current-protocol", "pbft"));
        assert_eq!(measure("mystery", "what is this"), text("mystery", "what is this"));
        assert_eq!(measure("mystery", "what is this: a question"), text("mystery", "what is this: a question"));
        assert_eq!(measure("mystery", "p99: soon"), text("mystery-p99", "soon"));
        assert_eq!(measure("mystery", ""), text("mystery", ""));
        assert_eq!(measure("mystery", "1.2.3ms"), text("mystery", "1.2.3ms"));
        assert_eq!(measure("mystery", "7 apples"), text("mystery", "7 apples"));
    }

    #[test]
    fn a_value_without_end_is_cut_and_is_one_metric() {
        let long = "a: 1, ".repeat(5_000);
        let measured = measure("mystery", &long);
        assert!(matches!(&measured[..], [(_, SampleValue::Text(text))] if text.chars().count() == MAX_TEXT));
    }
}
