//! A pseudo-terminal: the framework's controller asks its questions of a terminal only.

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{LocalModes, OptionalActions, OutputModes, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{Result, Write};
use std::os::fd::OwnedFd;

/// Our end. When it is dropped, the terminal is hung up.
#[derive(Debug)]
pub(super) struct Terminal {
    ours: File,
    theirs: OwnedFd,
}

impl Terminal {
    /// Opens one that does not repeat what is typed.
    pub(super) fn open() -> Result<Self> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let ours = openpt(flags)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let theirs = ioctl_tiocgptpeer(&ours, flags)?;
        let mut modes = tcgetattr(&theirs)?;
        modes.local_modes.remove(LocalModes::ECHO);
        modes.output_modes.remove(OutputModes::OPOST);
        tcsetattr(&theirs, OptionalActions::Now, &modes)?;
        Ok(Self { ours: File::from(ours), theirs })
    }

    /// Types something.
    pub(super) fn write(&mut self, text: &str) -> Result<()> {
        self.ours.write_all(text.as_bytes())
    }

    /// What a program says there.
    pub(super) fn reader(&self) -> Result<File> {
        self.ours.try_clone()
    }

    /// The end for a program.
    pub(super) fn theirs(&self) -> Result<OwnedFd> {
        self.theirs.try_clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::process::{Command, Stdio};

    #[test]
    fn a_program_finds_a_terminal_and_reads_what_is_typed_there() {
        let mut terminal = Terminal::open().unwrap();
        let end = || Stdio::from(terminal.theirs().unwrap());
        let mut child = Command::new("/bin/sh")
            .args(["-c", "test -t 0 && test -t 1 && echo ready && read answer && echo \"got $answer\""])
            .stdin(end())
            .stdout(end())
            .spawn()
            .unwrap();
        terminal.write("stop\n").unwrap();
        let mut said = String::new();
        let mut reader = terminal.reader().unwrap();
        while !said.contains("got stop\n") {
            let mut piece = [0; 64];
            let count = reader.read(&mut piece).unwrap();
            said.push_str(std::str::from_utf8(&piece[..count]).unwrap());
        }
        assert_eq!(said, "ready\ngot stop\n", "nothing that was typed is repeated");
        assert!(child.wait().unwrap().success());
    }
}
