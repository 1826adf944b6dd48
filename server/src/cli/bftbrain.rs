//! Options of `serve` about the public framework BFTBrain. What they name is executed, so the page never gives it.

use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

const CHECKOUT_VARIABLE: &str = "BFTGYM_BFTBRAIN_CHECKOUT";
const JAVA_HOME_VARIABLE: &str = "BFTGYM_BFTBRAIN_JAVA_HOME";

/// Where BFTBrain is, and how it is started.
#[derive(Clone, Debug, Args)]
pub struct BftbrainArgs {
    /// A built checkout of BFTBrain on this machine [default: bftbrain-checkout in Leptos.toml; without one, trials of
    /// BFTBrain run on other hosts only].
    #[arg(long, value_name = "DIR", env = CHECKOUT_VARIABLE)]
    pub bftbrain_checkout: Option<PathBuf>,
    /// Java's home for it [default: bftbrain-java-home in Leptos.toml, else JAVA_HOME, else java on the path].
    #[arg(long, value_name = "DIR", env = JAVA_HOME_VARIABLE)]
    pub bftbrain_java_home: Option<PathBuf>,
    /// How long each of its processes may take to start and to get ready [default: bftbrain-patience in Leptos.toml, else
    /// 60s].
    #[arg(long, value_name = "TIME", value_parser = model::duration::parse_duration)]
    pub bftbrain_patience: Option<Duration>,
    /// Where BFTBrain's units on other hosts reach --units-listen, where their testbed does not say [default:
    /// bftbrain-backend in Leptos.toml].
    #[arg(long, value_name = "HOST:PORT")]
    pub bftbrain_backend: Option<String>,
}

impl Default for BftbrainArgs {
    /// As when nothing is said on the command line.
    fn default() -> Self {
        let path = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self {
            bftbrain_checkout: path(CHECKOUT_VARIABLE),
            bftbrain_java_home: path(JAVA_HOME_VARIABLE),
            bftbrain_patience: None,
            bftbrain_backend: None,
        }
    }
}
