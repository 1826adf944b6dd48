//! What a process says again and again: measurements, and stack traces without end of a loop that fails.

use std::collections::BTreeMap;

/// How often a line is told; once more with the word that the others are left out.
const MOST: u32 = 5;
/// How many different lines are remembered; what comes beyond is told, as far as the log's own bound lets it.
const REMEMBERED: usize = 512;
/// How much of a line tells it from others, bytes.
const LENGTH: usize = 200;

/// The lines of one process, by their shapes.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    seen: BTreeMap<String, u32>,
}

impl Repeats {
    /// How often a line was said, this time included. Lines that differ in numbers alone count as one.
    pub(super) fn note(&mut self, line: &str) -> u32 {
        let shape = shape(line);
        if !self.seen.contains_key(&shape) && self.seen.len() == REMEMBERED {
            return 1;
        }
        let count = self.seen.entry(shape).or_default();
        *count = count.saturating_add(1);
        *count
    }
}

/// What a line that was said so often becomes in the log.
pub(super) fn told(line: &str, count: u32) -> Option<String> {
    match count {
        ..=MOST => Some(line.to_owned()),
        _ if count == MOST + 1 => Some(format!("{line} (more like this is left out)")),
        _ => None,
    }
}

/// The line with one mark for each number.
fn shape(line: &str) -> String {
    let mut shape = String::new();
    for each in line.chars() {
        if shape.len() >= LENGTH {
            break;
        }
        match each {
            '0'..='9' if shape.ends_with('#') => {}
            '0'..='9' => shape.push('#'),
            each => shape.push(each),
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(lines: &[&str]) -> Vec<String> {
        let mut repeats = Repeats::default();
        lines.iter().filter_map(|line| told(line, repeats.note(line))).collect()
    }

    #[test]
    fn what_differs_in_numbers_alone_is_told_a_few_times() {
        let lines: Vec<String> = (0..40).map(|count| format!("block-execute avg: {count}.50ms")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).chain(["Unit 3 is connected."]).collect();
        let told = log(&lines);
        assert_eq!(told.len(), 7, "{told:?}");
        assert_eq!(told[4], "block-execute avg: 4.50ms");
        assert_eq!(told[5], "block-execute avg: 5.50ms (more like this is left out)");
        assert_eq!(told[6], "Unit 3 is connected.");
    }

    #[test]
    fn lines_without_end_cost_a_bound_of_memory() {
        let mut repeats = Repeats::default();
        for count in 0..2_000_u32 {
            let word: String = count.to_string().bytes().map(|digit| char::from(digit + 50)).collect();
            repeats.note(&format!("{word}{}", "é".repeat(5_000)));
        }
        assert_eq!(repeats.seen.len(), REMEMBERED);
        assert!(repeats.seen.keys().all(|shape| shape.len() <= LENGTH + 4));
    }
}
