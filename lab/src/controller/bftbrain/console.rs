//! What the framework's processes say, line by line, and which of it means something here.

/// The longest line that is handed on, bytes; what is beyond is left out.
const LONGEST: usize = 2_000;

/// Lines out of pieces of bytes. A line ends at a line feed or at a carriage return, with which the framework writes over
/// what stands there.
#[derive(Debug, Default)]
pub(super) struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// Takes a piece and gives the lines that are whole with it; empty ones are left out.
    pub(super) fn take(&mut self, piece: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for byte in piece {
            if matches!(byte, b'\n' | b'\r') {
                lines.extend(self.end());
            } else if self.rest.len() < LONGEST {
                self.rest.push(*byte);
            }
        }
        lines
    }

    /// What is left when nothing more comes.
    pub(super) fn end(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.rest);
        let printable = |each: char| !each.is_control() || each == '\t';
        let text: String = String::from_utf8_lossy(&line).chars().filter(|each| printable(*each)).collect();
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// What a line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// The coordinator waits for Enter.
    Question,
    /// A unit, by the framework's number, has called.
    Connected(u32),
    /// All units are ready.
    Initialized,
    /// Clients send.
    Started,
    /// The process has stopped its part of the experiment.
    Stopped,
    /// It cannot go on, and will not say so again.
    Broken(&'static str),
    /// Anything else.
    Other,
}

impl Word {
    /// Reads a line, which may have a time or a prompt before it.
    pub(super) fn of(line: &str) -> Self {
        let has = |text: &str| line.contains(text);
        match line {
            _ if has("Press Enter after all units are connected") => Self::Question,
            _ if has("Units initialized.") => Self::Initialized,
            _ if has("Benchmark started.") => Self::Started,
            _ if has("Stopping all entities.") || has("Unit execution stopped.") => Self::Stopped,
            _ if has("Problem while creating socket.") => {
                Self::Broken("the port of BFTBrain's controller is in use: choose another with network.server")
            }
            _ if has("Error reading config files.") || has("Error loading config.") => {
                Self::Broken("BFTBrain cannot read its configuration: see the trial's log")
            }
            _ => connected(line).map_or(Self::Other, Self::Connected),
        }
    }
}

/// What a line says of an exception that ended a thread.
pub(super) fn failure(line: &str) -> Option<&str> {
    line.strip_prefix("Exception in thread ")?.split_once("\" ").map(|(_, exception)| exception)
}

fn connected(line: &str) -> Option<u32> {
    let before = line.strip_suffix(" is connected.")?;
    before.rsplit_once("Unit ")?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_they_are_written_over_and_endless_ones_are_cut() {
        let mut lines = Lines::default();
        assert_eq!(lines.take(b"Initializing units ..."), Vec::<String>::new());
        assert_eq!(lines.take(b"\rUnits initialized.       \r\n\n"), ["Initializing units ...", "Units initialized."]);
        assert_eq!(lines.take(&[b'x'; 100_000]), Vec::<String>::new());
        assert_eq!(lines.take(b"\n\xff\x1b[0mok\n"), ["x".repeat(LONGEST), "\u{fffd}[0mok".to_owned()]);
        lines.take(b"last");
        assert_eq!((lines.end(), lines.end()), (Some("last".to_owned()), None));
    }

    #[test]
    fn an_exception_that_ends_a_thread_is_told_from_one_that_was_caught() {
        let line = "Exception in thread \"Thread-2\" java.lang.NoClassDefFoundError: io/netty/channel/ChannelFactory";
        assert_eq!(failure(line), Some("java.lang.NoClassDefFoundError: io/netty/channel/ChannelFactory"));
        assert_eq!(failure("java.io.EOFException"), None);
        assert_eq!(failure("at java.base/java.lang.Thread.run(Thread.java:840)"), None);
    }

    #[test]
    fn what_the_coordinator_says_is_understood_with_times_and_prompts_before_it() {
        for (line, wanted) in [
            ("Press Enter after all units are connected, to start the benchmark.", Word::Question),
            ("12:01:02.33  Unit 3 is connected.", Word::Connected(3)),
            ("Unit 4294967296 is connected.", Word::Other),
            ("Units initialized.", Word::Initialized),
            ("Benchmark started.", Word::Started),
            ("$ 12:01:02.33  Stopping all entities.", Word::Stopped),
            ("12:01:02.33  Unit execution stopped.", Word::Stopped),
            ("Unit configured.", Word::Other),
        ] {
            assert_eq!(Word::of(line), wanted, "{line}");
        }
        assert!(matches!(Word::of("Problem while creating socket."), Word::Broken(reason) if reason.contains("port")));
    }
}
