//! The trials' lives: starting, watching, changing and ending them, and what pages are told of it.

mod backend;
mod change;
mod compare;
mod configurations;
mod editing;
mod ending;
mod environment;
mod figures;
mod lanes;
mod launcher;
mod merge;
mod probes;
mod progress;
mod queue;
mod registry;
mod repeating;
mod session;
mod ssh;
mod starting;
mod supervise;
mod testbeds;
mod timeline;
mod token;

pub use backend::Host;
pub use change::Changes;
pub use environment::facts as environment_facts;
pub use launcher::{EventQueue, Launcher, LocalLauncher, Running};
pub use probes::Probes;
pub use progress::Progress;
pub use registry::{Settings, Trials};
pub use session::{MAX_CLIENT_UNITS, Session};
pub use ssh::HostSettings;
pub(crate) use starting::store_failed;
pub use token::random_hex;
