//! What to simulate, from the command line. Everything that can be wrong is found before anything runs.

use crate::cli::SimulateArgs;
use crate::command::config;
use crate::command::headless::{file_problems, read_file};
use crate::error::ServerError;
use crate::protocols::ChosenProtocol;
use lab::experiment::{Step, parse_schedule};
use model::config::{ConfigTree, MAX_TOLERATED_FAULTS};
use protocol::language::compile;
use protocol::simulator::{Change, Costs, Network, Scenario, Unruly};
use protocol::table::Table;
use std::sync::Arc;

/// Clients and their requests where nothing is said.
const USUAL_CLIENTS: u16 = 4;
const USUAL_REQUESTS: u64 = 10;

/// A protocol that can run, with its configuration.
pub(super) struct Planned {
    /// The protocol's name, or its file's.
    pub(super) name: String,
    pub(super) table: Arc<Table>,
    pub(super) config: ConfigTree,
}

/// Finds the protocol and the number of replicas.
pub(super) fn plan(args: &SimulateArgs) -> Result<Planned, ServerError> {
    let protocol = ChosenProtocol::named(&args.protocol)?;
    let mut settings = args.settings.clone();
    let f = match (args.replicas, args.f, args.schedules) {
        (Some(replicas), ..) => Some(f_for(&protocol, replicas)?),
        (None, None, Some(_)) => Some(1),
        (None, f, _) => f,
    };
    settings.extend(f.map(|f| ("general.f".to_owned(), f.to_string())));
    let config = config::with_settings(args.config.as_deref(), &settings)?;
    let size = protocol.size(&config).map_err(|reason| ServerError::Protocol { reason })?;
    config::check_replicas(args.config.as_deref(), &config, &[], size.replicas)?;
    let f = config.tolerated_faults();
    let table = compile(&protocol.text, f)
        .map_err(|_| ServerError::Protocol { reason: format!("the protocol {:?} cannot run", protocol.name) })?;
    Ok(Planned { name: protocol.name, table: Arc::new(table), config })
}

/// The number of faulty replicas for which the protocol has this many replicas.
fn f_for(protocol: &ChosenProtocol, replicas: u32) -> Result<u32, ServerError> {
    let mut sizes = Vec::new();
    for f in 1..=MAX_TOLERATED_FAULTS {
        match compile(&protocol.text, f) {
            Ok(table) if table.n == replicas => return Ok(f),
            Ok(table) => sizes.push((f, table.n)),
            Err(_) if f == 1 => {
                // The sentence about what is wrong with the file comes with its size.
                let reason = protocol.size(&ConfigTree::new()).err().unwrap_or_default();
                return Err(ServerError::Protocol { reason });
            }
            Err(_) => break,
        }
    }
    let near: Vec<String> = sizes.iter().take(3).map(|(f, n)| format!("{n} for f = {f}")).collect();
    let reason = format!(
        "--replicas {replicas}: {} does not have as many replicas for any f; it has {}, and so on",
        protocol.name,
        near.join(", ")
    );
    Err(ServerError::Simulation { reason })
}

/// The scenario that the options describe.
pub(super) fn scenario(args: &SimulateArgs, planned: &Planned) -> Result<Scenario, ServerError> {
    let schedule = match &args.faults {
        None => Vec::new(),
        Some(path) => parse_schedule(&read_file("the schedule", path)?, &planned.config, args.until)
            .map_err(|found| file_problems(path, found))?,
    };
    let (network, costs) = (&args.network, &args.costs);
    let until_us = u64::try_from(args.until.as_micros()).unwrap_or(u64::MAX);
    let misbehaves = network.jitter_us > 0 || network.loss > 0 || network.duplicate > 0;
    let stable_after_us = match network.stable_after {
        Some(moment) => u64::try_from(moment.as_micros()).unwrap_or(u64::MAX),
        None if misbehaves => u64::MAX,
        None => 0,
    };
    Ok(Scenario {
        table: Arc::clone(&planned.table),
        config: planned.config.clone(),
        schedule: schedule.iter().map(change).collect(),
        network: Network {
            delay_us: network.delay_us,
            jitter_us: network.jitter_us,
            loss_permille: network.loss,
            duplicate_permille: network.duplicate,
            stable_after_us,
        },
        costs: Costs {
            message_ns: costs.cpu_message_ns,
            byte_ns: costs.cpu_byte_ns,
            request_ns: costs.cpu_request_ns,
            sign_ns: costs.cpu_sign_ns,
            verify_ns: costs.cpu_verify_ns,
        },
        seed: args.seed,
        clients: args.clients.unwrap_or(USUAL_CLIENTS),
        requests_a_client: args.requests.unwrap_or(USUAL_REQUESTS),
        until_us,
    })
}

fn change(step: &Step) -> Change {
    let set = step.items.iter().map(|item| (item.key.clone(), item.tree_value())).collect();
    Change { at_us: u64::try_from(step.at.as_micros()).unwrap_or(u64::MAX), set }
}

/// The random schedule of a seed, with what the options change about it.
pub(super) fn unruly(args: &SimulateArgs, seed: u64) -> Unruly {
    let whole = if args.crashes { Unruly::new(seed) } else { Unruly::without_crashes(seed) };
    let without = args.without.iter().chain(&whole.without).copied().collect();
    Unruly {
        clients: args.clients.unwrap_or(whole.clients),
        requests: args.requests.unwrap_or(whole.requests),
        without,
        ..whole
    }
}
