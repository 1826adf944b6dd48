//! Words for numbers.

use std::fmt::Display;

/// "no errors", "1 error", "2 errors": the word in the singular.
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, what: &str) -> String {
    if count == N::from(0) { format!("no {what}s") } else { numbered(count, what) }
}

/// "0 blocks", "1 block", "2 blocks": the same where a number has to stand.
pub fn numbered<N: Display + PartialEq + From<u8>>(count: N, what: &str) -> String {
    let word = plural(&count, what);
    format!("{count} {word}")
}

/// "blocks", "block", "blocks": the word alone, where the number stands elsewhere.
pub fn plural<N: PartialEq + From<u8>>(count: &N, what: &str) -> String {
    if *count == N::from(1) { what.to_owned() } else { format!("{what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_none_is_plural() {
        assert_eq!([0u64, 1, 2].map(|count| counted(count, "error")), ["no errors", "1 error", "2 errors"]);
        assert_eq!([0u64, 1].map(|count| numbered(count, "block")), ["0 blocks", "1 block"]);
    }
}
