//! How many files this process may have open, connections included.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// As many as are of use. Units inherit the limit, and some programs look at every number below it when they start.
const OF_USE: u64 = 65_536;

/// Takes what the operating system allows: many start a process with 1,024, and let it ask for more.
pub(super) fn raise_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(OF_USE).min(OF_USE);
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        tracing::warn!("this process may have {current:?} files open, and not {wanted}: {error}");
    }
}
