//! The latency matrix of `fault.network.latencies`: "0-1: 40, 0>2: 80, 0..2-3..5: 120".

use super::replica_number::replica_number;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The greatest latency that an entry may name, ms.
const MAX_LATENCY_MS: f64 = 60_000.0;

/// How an entry is written, for messages.
const FORM: &str =
    "write latencies in ms like 0-1: 40 (both ways), 0>1: 40 (one way) or 0..2-3..5: 80 (each with each)";

/// One-way latencies by sender and receiver, µs.
pub type LatencyMatrix = BTreeMap<(u32, u32), u64>;

/// Reads a latency matrix: entries with commas between, each two ends, a colon and one-way milliseconds. An end is a
/// replica or a range of them, `3..5`. A hyphen between the ends means both ways, `>` from the first to the second. Where
/// two entries name the same link, the later one counts. Empty text is an empty matrix.
///
/// # Errors
/// A sentence that names the entry and shows how it is written.
pub fn latency_matrix(text: &str) -> Result<LatencyMatrix, String> {
    let mut matrix = LatencyMatrix::new();
    if text.trim().is_empty() {
        return Ok(matrix);
    }
    for entry in text.split(',').map(str::trim) {
        let link = read_entry(entry).map_err(|problem| format!("{entry:?}: {problem}"))?;
        for from in link.from.clone() {
            for to in link.to.clone().filter(|to| *to != from) {
                matrix.insert((from, to), link.latency_us);
                if link.both_ways {
                    matrix.insert((to, from), link.latency_us);
                }
            }
        }
    }
    Ok(matrix)
}

/// One entry of a matrix.
struct Link {
    from: RangeInclusive<u32>,
    to: RangeInclusive<u32>,
    both_ways: bool,
    latency_us: u64,
}

fn read_entry(entry: &str) -> Result<Link, String> {
    let (ends, latency) = entry.split_once(':').ok_or_else(|| FORM.to_owned())?;
    let (from, to, both_ways) = match (ends.split_once('>'), ends.split_once('-')) {
        (Some((from, to)), _) => (from, to, false),
        (None, Some((from, to))) => (from, to, true),
        (None, None) => return Err(FORM.to_owned()),
    };
    let (from, to) = (read_end(from)?, read_end(to)?);
    if from == to && from.start() == from.end() {
        return Err(format!("replica {} has no link to itself", from.start()));
    }
    let latency = latency.trim();
    match latency.parse::<f64>() {
        Ok(ms) if (0.0..=MAX_LATENCY_MS).contains(&ms) => {
            Ok(Link { from, to, both_ways, latency_us: (ms * 1_000.0).round() as u64 })
        }
        Ok(_) => Err(format!("{latency} ms is out of range: 0 to {MAX_LATENCY_MS}")),
        Err(_) => Err(format!("{latency:?} is not a number; {FORM}")),
    }
}

fn read_end(text: &str) -> Result<RangeInclusive<u32>, String> {
    let replica = |text: &str| replica_number(text.trim(), FORM);
    let Some((first, last)) = text.split_once("..") else {
        let only = replica(text)?;
        return Ok(only..=only);
    };
    let (first, last) = (replica(first)?, replica(last)?);
    match first <= last {
        true => Ok(first..=last),
        false => Err(format!("{first}..{last} is empty; write the lesser replica first")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u32, u32, u64)> {
        latency_matrix(text).unwrap().into_iter().map(|((from, to), latency)| (from, to, latency)).collect()
    }

    #[test]
    fn a_hyphen_counts_both_ways_and_an_arrow_one_way() {
        assert_eq!(read(" 0-1 : 40, 2>0:0.25 "), [(0, 1, 40_000), (1, 0, 40_000), (2, 0, 250)]);
        assert_eq!(read("  "), []);
    }

    #[test]
    fn ranges_link_each_with_each_and_the_later_entry_counts() {
        assert_eq!(read("0..1>2..3: 80, 1>3: 5"), [(0, 2, 80_000), (0, 3, 80_000), (1, 2, 80_000), (1, 3, 5_000)]);
        assert_eq!(read("0..1-0..1: 3"), [(0, 1, 3_000), (1, 0, 3_000)]);
    }

    #[test]
    fn a_slip_is_named_and_the_right_form_shown() {
        for (text, wanted) in [
            ("0-1", "\"0-1\": write latencies in ms like 0-1: 40"),
            ("0-1: 40, ", "\"\": write latencies"),
            ("0 1: 40", "\"0 1: 40\": write latencies"),
            ("0-one: 40", "\"one\" is not a replica's number"),
            ("0-1: fast", "\"fast\" is not a number"),
            ("0-1: -4", "-4 ms is out of range: 0 to 60000"),
            ("0-1: NaN", "NaN ms is out of range"),
            ("2-2: 4", "replica 2 has no link to itself"),
            ("3..1-0: 4", "3..1 is empty"),
            ("0-128: 4", "replica 128 is out of range: 0 to 127"),
        ] {
            let message = latency_matrix(text).unwrap_err();
            assert!(message.contains(wanted), "{text}: {message}");
        }
    }
}
