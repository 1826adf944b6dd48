//! CloudLab: the portal's token in memory, and experiments, each with a task that asks the portal how it is and keeps what
//! it hears. What an experiment is, and what to ask next, is decided in `lab::cloudlab::lifecycle`.

mod access;
mod bench;
mod driver;
mod host;
mod keeper;
mod settings;

pub use bench::Bench;
pub(crate) use bench::is_of_lent_machines;
pub use host::CloudlabHost;
pub use keeper::Cloudlab;
pub use settings::CloudlabSettings;
