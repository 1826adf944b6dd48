//! Words for numbers.

/// "no errors", "1 error", "2 errors": the word in the singular.
pub(crate) fn counted(count: u64, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        count => numbered(count, what),
    }
}

/// "0 blocks", "1 block", "2 blocks": the same where a number has to stand.
pub(crate) fn numbered(count: u64, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_none_is_plural() {
        assert_eq!([0, 1, 2].map(|count| counted(count, "error")), ["no errors", "1 error", "2 errors"]);
        assert_eq!([0, 1].map(|count| numbered(count, "block")), ["0 blocks", "1 block"]);
    }
}
