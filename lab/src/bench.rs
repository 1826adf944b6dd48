//! A headless trial on this machine that ends in figures: an experiment in which nothing changes and nothing may break.

use crate::LabError;
use crate::experiment::{self, ExperimentPlan, Figures};
use model::config::ConfigTree;
use std::path::PathBuf;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The figures.
pub type BenchResult = Figures;

/// What to measure.
#[derive(Clone, Debug)]
pub struct BenchOptions {
    /// The executable that controllers and workers are started from.
    pub binary: PathBuf,
    /// The protocol's name.
    pub protocol_name: String,
    /// The protocol file.
    pub protocol_text: String,
    /// The experiment.
    pub config: ConfigTree,
    /// Left out of the figures.
    pub warmup: Duration,
    /// Measured.
    pub duration: Duration,
}

/// Runs a trial and measures it.
///
/// # Errors
/// When it does not come up, or breaks.
pub async fn run(options: BenchOptions) -> Result<BenchResult, LabError> {
    let f = options.config.tolerated_faults();
    let table = protocol::language::compile(&options.protocol_text, f).map_err(|diagnostics| {
        let first = diagnostics.first().map(ToString::to_string).unwrap_or_default();
        LabError::Specification { reason: format!("the protocol {} cannot run: {first}", options.protocol_name) }
    })?;
    let plan = ExperimentPlan {
        binary: options.binary,
        protocol_name: options.protocol_name,
        protocol_text: options.protocol_text,
        replicas: table.n,
        config: options.config,
        warmup: options.warmup,
        duration: options.duration,
        schedule: Vec::new(),
        ends_with_a_unit: true,
    };
    Ok(experiment::run(&plan, &CancellationToken::new(), &mut ()).await?.figures)
}
