//! Options of `simulate`.

use super::parse_setting;
use clap::Args;
use model::duration::parse_duration;
use protocol::simulator::Trouble;
use std::path::PathBuf;
use std::time::Duration;

/// Options of `simulate`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Exit status: 0 every request was answered and all replicas agree, 2 they diverged, 3 no progress: requests \
                  were left without an answer, 1 it failed, 64 wrong usage. The same options give the same output."
)]
pub struct SimulateArgs {
    /// A shipped protocol's name, or the path of a protocol file.
    #[arg(value_name = "NAME|FILE")]
    pub protocol: String,
    /// The number of replicas; the protocol must have as many for some f.
    #[arg(long, value_name = "N", conflicts_with = "f")]
    pub replicas: Option<u32>,
    /// The number of faulty replicas that are tolerated [default: general.f of the configuration].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=33))]
    pub f: Option<u32>,
    /// Decides everything that is left to chance.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// The experiment to start from [default: ./default.yaml if it exists, else the built-in one].
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Changes a key of the configuration, such as `benchmark.block-size=1`; may be given more than once.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = parse_setting)]
    pub settings: Vec<(String, String)>,
    /// A schedule of changes, as `bftgym run` takes it; its times count from the start.
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// Logical clients, each with one request outstanding [default: 4].
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub clients: Option<u16>,
    /// Requests that each client sends [default: 10].
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub requests: Option<u64>,
    /// When to give up, in simulated time.
    #[arg(long, default_value = "60s", value_parser = parse_duration)]
    pub until: Duration,
    /// The network.
    #[command(flatten)]
    pub network: NetworkArgs,
    /// The processors.
    #[command(flatten)]
    pub costs: CostArgs,
    /// Writes what happens, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Runs this many random schedules of lost, late and doubled messages and partitions, one for each seed.
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["seed", "config", "settings", "faults", "until"],
          value_parser = clap::value_parser!(u64).range(1..))]
    pub schedules: Option<u64>,
    /// The seed of the first schedule.
    #[arg(long, value_name = "SEED", default_value_t = 0, requires = "schedules")]
    pub first_seed: u64,
    /// Adds replicas that crash and restart to the schedules.
    #[arg(long, requires = "schedules")]
    pub crashes: bool,
    /// Leaves this out of the schedules: partition, loss, duplicates, jitter, and crash with --crashes; commas between.
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_parser = parse_trouble, requires = "schedules")]
    pub without: Vec<Trouble>,
}

/// The network of a simulation.
#[derive(Clone, Debug, Args)]
pub struct NetworkArgs {
    /// The least delay of a message.
    #[arg(long, default_value_t = 500, conflicts_with = "schedules", value_parser = micros())]
    pub delay_us: u64,
    /// Up to how much later a message may be.
    #[arg(long, default_value_t = 0, conflicts_with = "schedules", value_parser = micros())]
    pub jitter_us: u64,
    /// The share of messages that are lost, such as 0.1.
    #[arg(long, default_value = "0", conflicts_with = "schedules", value_name = "SHARE", value_parser = parse_share)]
    pub loss: u32,
    /// The share of messages that arrive twice.
    #[arg(long, default_value = "0", conflicts_with = "schedules", value_name = "SHARE", value_parser = parse_share)]
    pub duplicate: u32,
    /// From when on nothing is lost, doubled or late [default: never where one of these is asked for, else 0s].
    #[arg(long, conflicts_with = "schedules", value_parser = parse_duration)]
    pub stable_after: Option<Duration>,
}

/// What work costs the processors of a simulation; nothing where nothing is said.
#[derive(Clone, Debug, Args)]
pub struct CostArgs {
    /// For each message received or sent, in nanoseconds.
    #[arg(long, default_value_t = 0, conflicts_with = "schedules", value_parser = nanos())]
    pub cpu_message_ns: u64,
    /// For each byte of it.
    #[arg(long, default_value_t = 0, conflicts_with = "schedules", value_parser = nanos())]
    pub cpu_byte_ns: u64,
    /// For each request that is executed.
    #[arg(long, default_value_t = 0, conflicts_with = "schedules", value_parser = nanos())]
    pub cpu_request_ns: u64,
    /// For each signature made.
    #[arg(long, default_value_t = 0, conflicts_with = "schedules", value_parser = nanos())]
    pub cpu_sign_ns: u64,
    /// For each signature verified.
    #[arg(long, default_value_t = 0, conflicts_with = "schedules", value_parser = nanos())]
    pub cpu_verify_ns: u64,
}

/// At most a minute.
fn micros() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(0..=60_000_000)
}

/// At most a second.
fn nanos() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(0..=1_000_000_000)
}

/// A share, in thousandths.
fn parse_share(text: &str) -> Result<u32, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok((share * 1_000.0).round() as u32),
        _ => Err(format!("{text:?} is not a share from 0 to 1, as in 0.1")),
    }
}

fn parse_trouble(text: &str) -> Result<Trouble, String> {
    Trouble::named(text).ok_or_else(|| {
        let known = Trouble::ALL.map(Trouble::name).join(", ");
        format!("{text:?} is no part of a schedule; choose from {known}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_trouble_are_read_or_refused_with_an_example() {
        assert_eq!((parse_share("0.25"), parse_share("1")), (Ok(250), Ok(1_000)));
        assert!(parse_share("2").unwrap_err().contains("as in 0.1"));
        assert_eq!(parse_trouble("crash"), Ok(Trouble::Crash));
        assert!(parse_trouble("rain").unwrap_err().contains("crash, partition"));
    }
}
