//! Lines out of pieces of bytes, none longer than a bound.

/// Puts pieces together.
#[derive(Debug)]
pub(super) struct Lines {
    rest: Vec<u8>,
    limit: usize,
}

impl Lines {
    pub(super) fn new(limit: usize) -> Self {
        Self { rest: Vec::new(), limit }
    }

    /// Takes a piece and gives the lines that are whole with it; none when one is too long.
    pub(super) fn take(&mut self, piece: &[u8]) -> Option<Vec<String>> {
        self.rest.extend_from_slice(piece);
        let mut lines = Vec::new();
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            if line.len() > self.limit {
                return None;
            }
            lines.push(String::from_utf8_lossy(&line[..end]).trim_end_matches('\r').to_owned());
        }
        (self.rest.len() <= self.limit).then_some(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_in_order_and_one_without_an_end_is_given_up() {
        let mut lines = Lines::new(8);
        assert_eq!(lines.take(b"ab"), Some(vec![]));
        assert_eq!(lines.take(b"c\nd\r\n\xff\n"), Some(vec!["abc".into(), "d".into(), "\u{fffd}".into()]));
        assert_eq!(lines.take(b"12345678"), Some(vec![]));
        assert_eq!(lines.take(b"9"), None);
    }
}
