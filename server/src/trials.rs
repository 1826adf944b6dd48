//! The trials' lives: starting, watching, changing and ending them, and what pages are told of it.

mod backend;
mod change;
mod ending;
mod environment;
mod lanes;
mod launcher;
mod merge;
mod progress;
mod queue;
mod registry;
mod session;
mod starting;
mod supervise;
mod testbeds;
mod timeline;
mod token;

pub use backend::Host;
pub use change::Changes;
pub use environment::facts as environment_facts;
pub use launcher::{EventQueue, Launcher, LocalLauncher, Running};
pub use progress::Progress;
pub use registry::{Settings, Trials};
pub use session::{MAX_CLIENT_UNITS, Session};
pub(crate) use starting::store_failed;
pub use token::random_hex;
