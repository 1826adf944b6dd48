//! Lists of values as a person types them: `1, 10, 100`, `100..1000 step 100`, `1..64 times 2`, `1..1000 log 4`.

use crate::descriptor::Kind;

/// The most values of one list.
pub const MAX_VALUES: usize = 1_000;

/// Reads a list of values for a key of this kind. Parts have commas between; for keys whose values are lists themselves,
/// semicolons. A part is a value, or (for numbers) a range:
///
/// * `a..b` in steps of 1, `a..b step s` in steps of s, up to and including b where a step gets there
/// * `a..b times m`: each value m times the one before
/// * `a..b log n`: n values from a to b, evenly on a logarithmic axis
///
/// The values are not checked against the key's bounds here.
///
/// # Errors
/// A sentence that names the part.
pub fn parse(kind: &Kind, text: &str) -> Result<Vec<String>, String> {
    let between = match kind {
        Kind::IntegerList { .. } | Kind::FloatList { .. } | Kind::TextList => ';',
        _ => ',',
    };
    // A value that varies over time is a mapping with commas in it.
    let parts: Vec<&str> = match text.trim_start().starts_with('{') {
        true => text.split(';').collect(),
        false => text.split(between).collect(),
    };
    let mut values = Vec::new();
    let alone = parts.len() == 1;
    for part in parts {
        let part = part.trim();
        match (kind, part.split_once("..")) {
            (Kind::Integer { .. } | Kind::Float { .. }, Some((from, rest))) => {
                values.extend(range(from, rest, matches!(kind, Kind::Integer { .. })).map_err(|problem| {
                    format!("{part:?} {problem}; write a range as 100..1000 step 100, 1..64 times 2 or 1..1000 log 4")
                })?);
            }
            // An empty list is a value; an empty number is a comma too much.
            _ if part.is_empty() && between == ',' && !matches!(kind, Kind::Text) => {
                if !alone {
                    return Err("there is nothing between two commas, or after the last one".to_owned());
                }
            }
            _ => values.push(part.to_owned()),
        }
        if values.len() > MAX_VALUES {
            return Err(format!("these are more than {MAX_VALUES} values"));
        }
    }
    Ok(values)
}

/// Writes values so that [`parse`] reads them.
pub fn write(kind: &Kind, values: &[String]) -> String {
    let lists = matches!(kind, Kind::IntegerList { .. } | Kind::FloatList { .. } | Kind::TextList);
    let vary = values.iter().any(|value| value.trim_start().starts_with('{'));
    values.join(if lists || vary { "; " } else { ", " })
}

/// What comes after `from..`.
fn range(from: &str, rest: &str, whole: bool) -> Result<Vec<String>, String> {
    let mut words = rest.split_whitespace();
    let from = number(from)?;
    let to = number(words.next().unwrap_or_default())?;
    if to < from {
        return Err("ends below its beginning".to_owned());
    }
    let (how, amount) = match (words.next(), words.next()) {
        (None, _) => ("step", 1.0),
        (Some(how), Some(amount)) => (how, number(amount)?),
        (Some(how), None) => return Err(format!("has no number after {how}")),
    };
    if words.next().is_some() {
        return Err("has a word too much".to_owned());
    }
    let values: Vec<f64> = match how {
        "step" if amount > 0.0 => {
            // A hair beyond, because tenths are no binary numbers.
            let count = ((to - from) / amount + 1e-9).floor();
            bounded(count + 1.0)?.map(|index| from + index * amount).collect()
        }
        "times" if amount > 1.0 && from > 0.0 => {
            let count = ((to / from).ln() / amount.ln() + 1e-9).floor();
            bounded(count + 1.0)?.map(|index| from * amount.powf(index)).collect()
        }
        "log" if amount >= 2.0 && amount.fract() == 0.0 && from > 0.0 => {
            let ratio = to / from;
            bounded(amount)?.map(|index| from * ratio.powf(index / (amount - 1.0))).collect()
        }
        "step" => return Err("needs a step above 0".to_owned()),
        "times" => return Err("begins above 0, and needs a factor above 1".to_owned()),
        "log" => return Err("begins above 0, and needs 2 values or more".to_owned()),
        other => return Err(format!("has {other:?}, which is neither step nor times nor log")),
    };
    let mut texts: Vec<String> = Vec::with_capacity(values.len());
    for value in values {
        let text = plain(if whole { value.round() } else { value });
        // Whole numbers close together on a logarithmic axis round to the same.
        if texts.last() != Some(&text) {
            texts.push(text);
        }
    }
    Ok(texts)
}

fn bounded(count: f64) -> Result<impl Iterator<Item = f64>, String> {
    if count > MAX_VALUES as f64 {
        return Err(format!("has more than {MAX_VALUES} values"));
    }
    Ok((0..count as usize).map(|index| index as f64))
}

fn number(text: &str) -> Result<f64, String> {
    let text = text.trim();
    text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| format!("has {text:?} for a number"))
}

/// The shortest text of a number, at twelve significant digits: 0.3, not 0.30000000000000004.
fn plain(value: f64) -> String {
    let rounded: f64 = format!("{value:.11e}").parse().unwrap_or(value);
    format!("{rounded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Kind = Kind::Integer { min: 0, max: 1_000_000 };
    const SHARE: Kind = Kind::Float { min: 0.0, max: 1.0 };
    const LIST: Kind = Kind::FloatList { min: 0.0, max: 1.0 };

    fn read(kind: Kind, text: &str) -> Vec<String> {
        parse(&kind, text).unwrap_or_else(|problem| panic!("{text}: {problem}"))
    }

    #[test]
    fn lists_and_ranges_are_read() {
        assert_eq!(read(WHOLE, "1, 10,100"), ["1", "10", "100"]);
        assert_eq!(read(WHOLE, "100..500 step 200, 1000"), ["100", "300", "500", "1000"]);
        assert_eq!(read(WHOLE, "2..4"), ["2", "3", "4"]);
        assert_eq!(read(WHOLE, "1..70 times 2"), ["1", "2", "4", "8", "16", "32", "64"]);
        assert_eq!(read(WHOLE, "1..1000 log 4"), ["1", "10", "100", "1000"]);
        assert_eq!(read(WHOLE, "1..3 log 6"), ["1", "2", "3"], "each whole number once");
        assert_eq!(read(SHARE, "0..0.3 step 0.1"), ["0", "0.1", "0.2", "0.3"]);
        assert_eq!(read(LIST, "0,0,1,0; 1,0,0,0"), ["0,0,1,0", "1,0,0,0"]);
        assert_eq!(read(WHOLE, "{advance: true, init: 0, fixed: {value: 4}}").len(), 1);
        assert_eq!(read(Kind::Choice(&["a", "b"]), "a, b"), ["a", "b"]);
        assert!(read(WHOLE, " ").is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_explained() {
        for (text, wanted) in [
            ("1..", "has \"\" for a number"),
            ("9..1", "ends below"),
            ("1..9 step 0", "needs a step above 0"),
            ("1..9 step", "has no number after step"),
            ("0..9 log 3", "begins above 0"),
            ("1..9 by 2", "neither step nor times nor log"),
            ("1..9 step 1 x", "a word too much"),
            ("1..1000000", "more than 1000 values"),
            ("1,,2", "nothing between two commas"),
        ] {
            let problem = parse(&WHOLE, text).unwrap_err();
            assert!(problem.contains(wanted), "{text}: {problem}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (kind, text) in [(WHOLE, "1, 10"), (LIST, "0,1; 1,0")] {
            assert_eq!(write(&kind, &read(kind, text)), text);
        }
    }
}
