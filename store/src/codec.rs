//! Latency histograms as bytes: variable-length integers, bounds as differences.

use model::report::SparseHistogram;

/// Packs a histogram. Pairs are sorted by bound first.
pub fn encode_histogram(pairs: &[(u64, u64)]) -> Vec<u8> {
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable();
    let mut bytes = Vec::with_capacity(sorted.len() * 4);
    let mut before = 0;
    for (bound, count) in sorted {
        push(&mut bytes, bound - before);
        push(&mut bytes, count);
        before = bound;
    }
    bytes
}

/// Unpacks a histogram; none when the bytes are not one.
pub fn decode_histogram(mut bytes: &[u8]) -> Option<SparseHistogram> {
    let mut pairs = Vec::new();
    let mut bound = 0u64;
    while !bytes.is_empty() {
        bound = bound.checked_add(pull(&mut bytes)?)?;
        pairs.push((bound, pull(&mut bytes)?));
    }
    Some(pairs)
}

fn push(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn pull(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        if shift == 63 && part > 1 {
            return None;
        }
        value |= part << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_comes_back_sorted_with_its_extremes() {
        let pairs = vec![(1_000_000, 3), (127, 1), (128, 200), (u64::MAX, u64::MAX)];
        let mut sorted = pairs.clone();
        sorted.sort_unstable();
        assert_eq!(decode_histogram(&encode_histogram(&pairs)), Some(sorted));
        assert_eq!(decode_histogram(&[]), Some(vec![]));
    }

    #[test]
    fn bytes_that_are_no_histogram_are_refused() {
        assert_eq!(decode_histogram(&[0x80]), None);
        assert_eq!(decode_histogram(&[1]), None);
        assert_eq!(decode_histogram(&[0xff; 12]), None);
    }
}
