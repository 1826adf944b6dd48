//! A process that becomes another program which ends when its parent does, in a session of its own. What is set here stays
//! set when the program takes over, so that nothing unsafe is needed between a fork and the program's start.

use crate::error::LabError;
use rustix::process::{Signal, getppid, ioctl_tiocsctty, set_parent_process_death_signal, setsid};
use std::ffi::OsString;
use std::io::{Error, IsTerminal};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Becomes a program. When the parent, whose process id is given, ends in whatever way, the program is killed. A terminal
/// at standard input becomes the one that it is controlled by, so that it also hears when that is hung up.
///
/// # Errors
/// Only returns when something failed: the parent is gone already, or the program cannot be started.
pub fn confine(parent: u32, program: &Path, arguments: &[OsString]) -> LabError {
    let failed = |source: Error| LabError::Spawn { what: "BFTBrain".into(), binary: program.to_owned(), source };
    match prepare(parent) {
        Ok(()) => failed(Command::new(program).args(arguments).exec()),
        Err(error) => failed(error),
    }
}

fn prepare(parent: u32) -> Result<(), Error> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // A parent that ended before that line has left no signal.
    if getppid().map(|pid| pid.as_raw_nonzero().get().unsigned_abs()) != Some(parent) {
        return Err(Error::other("whoever started it has ended"));
    }
    setsid()?;
    let input = std::io::stdin();
    if input.is_terminal() {
        ioctl_tiocsctty(&input)?;
    }
    Ok(())
}
