//! A chart as a table and as a file: the same numbers in words.

use crate::state::chart::Plot;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The most rows of a table that people read.
pub const MAX_ROWS: usize = 200;

/// One row: a stretch of time, and of each visible line the smallest and the largest value in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Where the stretch begins, seconds since the start.
    pub at: f64,
    /// A cell a visible line.
    pub cells: Vec<Option<(f64, f64)>>,
}

/// The drawn points, at most `rows` rows of equal length; stretches without points are left out.
pub fn rows(plot: &Plot, rows: usize) -> Vec<Row> {
    let (low, high) = plot.time;
    let width = ((high - low) / rows.max(1) as f64).max(0.25);
    let lines: Vec<_> = plot.lines.iter().filter(|line| line.visible).collect();
    let mut table: Vec<Row> =
        (0..rows).map(|index| Row { at: low + index as f64 * width, cells: vec![None; lines.len()] }).collect();
    for (column, line) in lines.iter().enumerate() {
        for (at, value) in line.points.iter().filter(|point| point.0 >= low && point.0 <= high) {
            // The last moment belongs to the last stretch.
            let index = (((at - low) / width) as usize).min(rows.saturating_sub(1));
            let Some(row) = table.get_mut(index) else { continue };
            let cell = row.cells[column].get_or_insert((*value, *value));
            *cell = (cell.0.min(*value), cell.1.max(*value));
        }
    }
    table.retain(|row| row.cells.iter().any(Option::is_some));
    table
}

/// All points as CSV: a row a moment, a column a line; a cell without a sample stays empty.
pub fn csv(plot: &Plot) -> String {
    let moments: BTreeSet<i64> = plot.lines.iter().flat_map(|line| &line.points).map(|point| millis(point.0)).collect();
    let mut text = "seconds".to_owned();
    for line in &plot.lines {
        let _ = write!(text, ",{}", quoted(&line.label));
    }
    text.push_str("\r\n");
    let mut next = vec![0; plot.lines.len()];
    for moment in moments {
        let _ = write!(text, "{}", moment as f64 / 1000.0);
        for (line, next) in plot.lines.iter().zip(&mut next) {
            text.push(',');
            let mut found = None;
            // Two points at one moment are the corner of a step: the later one counts.
            while let Some(point) = line.points.get(*next).filter(|point| millis(point.0) == moment) {
                found = Some(point.1);
                *next += 1;
            }
            if let Some(value) = found {
                let _ = write!(text, "{value}");
            }
        }
        text.push_str("\r\n");
    }
    text
}

fn millis(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

/// A field of a CSV file. A name that a spreadsheet would take for a formula is made plain text.
pub(crate) fn quoted(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// A file's name from the trial's and the chart's: small letters, digits and dashes.
pub fn file_name(trial: &str, chart: &str, ending: &str) -> String {
    let mut name = String::new();
    for letter in format!("{trial}-{chart}").chars().take(80) {
        if letter.is_alphanumeric() {
            name.extend(letter.to_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    format!("{}.{ending}", name.trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::chart::Line;

    fn plot(lines: &[(&str, &[(f64, f64)])]) -> Plot {
        let line = |(label, points): &(&str, &[(f64, f64)])| Line {
            label: (*label).into(),
            style: 0,
            visible: true,
            points: points.to_vec(),
            band: Vec::new(),
            latest: None,
            silence: f64::INFINITY,
        };
        Plot { lines: lines.iter().map(line).collect(), time: (0.0, 100.0), ..Plot::default() }
    }

    #[test]
    fn a_spike_stays_in_the_table() {
        let points: Vec<_> = (0..1000).map(|index| (f64::from(index) * 0.1, 1.0)).collect();
        let mut spiked = points.clone();
        spiked[505].1 = 99.0;
        let rows = rows(&plot(&[("a", &spiked), ("b", &points[..10])]), 20);
        assert_eq!(rows.len(), 20);
        assert_eq!(rows[10].cells, [Some((1.0, 99.0)), None]);
        assert_eq!(rows[0].cells[1], Some((1.0, 1.0)));
    }

    #[test]
    fn a_file_has_a_column_a_line_and_a_row_a_moment() {
        let text = csv(&plot(&[("Client, achieved", &[(0.25, 1.5), (1.0, 2.0)]), ("=b", &[(1.0, 3.0)])]));
        assert_eq!(text, "seconds,\"Client, achieved\",'=b\r\n0.25,1.5,\r\n1,2,3\r\n");
    }

    #[test]
    fn files_are_named_after_trial_and_chart() {
        assert_eq!(file_name("Trial 7: PBFT/4", "slow-path", "csv"), "trial-7-pbft-4-slow-path.csv");
    }
}
