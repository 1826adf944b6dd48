//! What commands print to standard output.

use crate::error::ServerError;
use std::fmt::Display;
use std::io::{ErrorKind, Write};

/// Prints a line. Whoever reads may have seen enough and gone away, as `head` does: then nothing is printed any more, and the
/// exit status still says what became of it.
pub(super) fn say(line: impl Display) -> Result<(), ServerError> {
    to(&mut std::io::stdout(), line)
}

/// Prints a value as JSON for scripts.
pub(super) fn print_json(value: &impl serde::Serialize) -> Result<(), ServerError> {
    let text =
        serde_json::to_string_pretty(value).map_err(|error| ServerError::Measurement { reason: error.to_string() })?;
    say(text)
}

fn to(out: &mut impl Write, line: impl Display) -> Result<(), ServerError> {
    match writeln!(out, "{line}") {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => {
            Err(ServerError::Io { what: "the standard output cannot be written", source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    struct Fails(ErrorKind);

    impl Write for Fails {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_who_has_gone_away_is_no_error_and_a_full_disk_is_one() {
        assert!(to(&mut Fails(ErrorKind::BrokenPipe), "line").is_ok());
        assert!(to(&mut Fails(ErrorKind::StorageFull), "line").is_err());
    }
}
