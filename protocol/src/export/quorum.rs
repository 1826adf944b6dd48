//! Sizes of quorums as the framework reads them: `2f + 1`, or a number. It takes what it does not understand for a quorum
//! that the first message fills, so nothing else is ever written.

use crate::language::expression::Expression;
use crate::language::syntax::Protocol;

/// The numbers of faults for which a size has to agree with how it is written.
const FAULTS: std::ops::RangeInclusive<u32> = 1..=12;

/// A size as text: `af + c` where that is its value for all numbers of faults, else its value for `f`.
pub(super) fn quorum(protocol: &Protocol, size: &Expression, f: u32) -> Result<String, String> {
    let at = |f: u32| protocol.evaluate(size, f);
    let value = at(f)?;
    if value < 1 {
        return Err(format!("a quorum of {value} is none"));
    }
    let (Ok(one), Ok(two)) = (at(1), at(2)) else { return Ok(value.to_string()) };
    let (slope, rest) = (two - one, 2 * one - two);
    let is_line = FAULTS.chain([f]).all(|f| at(f).is_ok_and(|value| value == slope * i64::from(f) + rest));
    Ok(match (is_line, slope) {
        (true, 1..) => line(slope, rest),
        _ => value.to_string(),
    })
}

fn line(slope: i64, rest: i64) -> String {
    let factor = if slope == 1 { String::new() } else { slope.to_string() };
    match rest {
        0 => format!("{factor}f"),
        1.. => format!("{factor}f + {rest}"),
        _ => format!("{factor}f - {}", -rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::parse;

    #[test]
    fn sizes_are_written_as_the_framework_reads_them_or_as_numbers() {
        let text =
            "protocol:\n  replicas: 3f + 1\n  general: { strong: 3 }\n  phases: []\n  transitions: { from: [] }\n";
        let protocol = parse::parse(text).0.unwrap();
        for (size, wanted) in [
            ("2f + 1", "2f + 1"),
            ("n - f", "2f + 1"),
            ("(n + f) / 2 + 1", "2f + 1"),
            ("f+f", "2f"),
            ("2n - 1", "6f + 1"),
            ("f", "f"),
            ("3f - 1", "3f - 1"),
            ("strong", "3"),
            ("1", "1"),
            ("n / 2", "3"),
        ] {
            let size = Expression::parse(size).unwrap();
            assert_eq!(quorum(&protocol, &size, 2).unwrap(), wanted, "{size:?}");
        }
        assert!(quorum(&protocol, &Expression::parse("f - 2").unwrap(), 2).is_err());
    }
}
