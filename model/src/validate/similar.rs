//! Known keys that an unknown one may have been meant as.

use crate::schema;

/// The known key that shares the longest run of letters with an unknown one, from the end or the start.
pub fn closest_key(unknown: &str) -> &'static str {
    let common = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let common_end = |a: &str, b: &str| a.bytes().rev().zip(b.bytes().rev()).take_while(|(x, y)| x == y).count();
    schema::descriptors()
        .map(|descriptor| descriptor.key)
        .max_by_key(|key| common(key, unknown).max(common_end(key, unknown)))
        .unwrap_or_default()
}

/// The known key that an unknown one is a slip of the pen away from, or the last part of.
pub fn similar_key(unknown: &str) -> Option<&'static str> {
    // Longer than every key and its slips: not worth the comparison.
    if unknown.is_empty() || unknown.len() > 100 {
        return None;
    }
    let keys = || schema::descriptors().map(|descriptor| descriptor.key);
    let is_end = |key: &&str| key.strip_suffix(unknown).is_some_and(|rest| rest.ends_with('.'));
    let slips = |key: &&'static str| (edits(key, unknown), *key);
    // A quarter of the letters may be wrong.
    let near = keys().map(|key| slips(&key)).min().filter(|(edits, key)| edits * 4 <= key.len().max(8));
    keys().find(is_end).or(near.map(|(_, key)| key))
}

/// How many letters have to be put in, taken out or changed to come from one text to the other (Levenshtein).
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, theirs) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *theirs);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_and_the_end_of_a_key_are_similar_and_anything_else_is_not() {
        for (unknown, wanted) in [
            ("fault.slow-proposal.timr", Some("fault.slow-proposal.timer")),
            ("benchmark.blocksize", Some("benchmark.block-size")),
            ("block-size", Some("benchmark.block-size")),
            ("general.ff", Some("general.f")),
            ("foo.bar", None),
            ("", None),
        ] {
            assert_eq!(similar_key(unknown), wanted, "{unknown}");
        }
    }

    #[test]
    fn edits_are_counted() {
        assert_eq!([edits("", "abc"), edits("kitten", "sitting"), edits("same", "same")], [3, 3, 0]);
    }
}
