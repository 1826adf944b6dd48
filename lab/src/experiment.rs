//! Headless experiments: a cluster that runs for its time, with changes of the configuration at their times, and ends in
//! figures. Whoever runs one may look on, and may stop it early.

mod faults;
mod figures;
mod file;
mod grid;
mod outcome;
mod schedule;
mod timeline;

pub use file::FileProblem;
pub use grid::{Grid, Point};
pub use model::figures::LatencyFigures;
pub use model::statistics::{Estimate, estimate};
pub use outcome::{FaultFigures, Figures, Outcome, ReplicaFigures, Snapshot};
pub use schedule::{Step, parse_schedule};

use crate::clock;
use crate::error::LabError;
use crate::headless::{self, HeadlessLine};
use crate::testbed::Launched;
use model::config::ConfigTree;
use model::ids::TrialId;
use model::launch::LaunchSpec;
use model::patch::Patch;
use model::report::{ControllerEvent, Report};
use model::trial::PhaseName;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often the one who looks on is told where the experiment is.
const SNAPSHOT_INTERVAL: Duration = Duration::from_millis(250);
/// How long a controller has to end its units before it is ended by force.
const END_LIMIT: Duration = Duration::from_secs(5);

/// What to run.
#[derive(Clone, Debug)]
pub struct ExperimentPlan {
    /// The executable that controllers and workers are started from.
    pub binary: PathBuf,
    /// The protocol's name.
    pub protocol_name: String,
    /// The protocol file.
    pub protocol_text: String,
    /// How many replicas the protocol has under this configuration.
    pub replicas: u32,
    /// The configuration to start with.
    pub config: ConfigTree,
    /// Left out of the figures.
    pub warmup: Duration,
    /// Measured.
    pub duration: Duration,
    /// Changes, in the order of their times; the times count from the end of the warm-up.
    pub schedule: Vec<Step>,
    /// Whether the death of a unit ends the experiment.
    pub ends_with_a_unit: bool,
}

/// Looks on while an experiment runs.
pub trait Observer {
    /// The controller told of something.
    fn event(&mut self, _event: &ControllerEvent) {}
    /// A unit reported.
    fn report(&mut self, _report: &Report) {}
    /// A change was sent to the units; `_change` says it in words.
    fn patched(&mut self, _patch: &Patch, _change: &str) {}
    /// Where the experiment is; several times a second.
    fn snapshot(&mut self, _snapshot: &Snapshot) {}
}

/// Looks away.
impl Observer for () {}

/// Runs an experiment to its end, or until `stop` is cancelled. Nothing of it is left when this returns.
///
/// # Errors
/// When it does not come up, or its controller breaks.
pub async fn run(
    plan: &ExperimentPlan,
    stop: &CancellationToken,
    observer: &mut dyn Observer,
) -> Result<Outcome, LabError> {
    let spec = LaunchSpec {
        trial: TrialId(0),
        backend_url: String::new(),
        config: plan.config.clone(),
        protocol_name: plan.protocol_name.clone(),
        protocol_text: plan.protocol_text.clone(),
        listen: None,
        bftbrain: None,
    };
    let (launched, lines) = headless::launch(plan.binary.clone(), spec).await?;
    let figures = figures::Collector::new(plan.replicas);
    let mut running =
        Running { plan, launched, lines, observer, figures, started: None, steps_done: 0, deaths: Vec::new() };
    let ended = running.until_the_end(stop).await;
    running.wind_down().await;
    let stopped_early = ended?;
    Ok(running.outcome(stopped_early))
}

struct Running<'a> {
    plan: &'a ExperimentPlan,
    launched: Launched,
    lines: mpsc::Receiver<HeadlessLine>,
    observer: &'a mut dyn Observer,
    figures: figures::Collector,
    /// When clients began to send.
    started: Option<(Instant, i64)>,
    steps_done: usize,
    deaths: Vec<String>,
}

impl Running<'_> {
    /// Whether it was stopped before its time.
    async fn until_the_end(&mut self, stop: &CancellationToken) -> Result<bool, LabError> {
        let mut rounds = tokio::time::interval(SNAPSHOT_INTERVAL);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let measured_from = self.started.map(|(since, _)| since + self.plan.warmup);
            let end = measured_from.map(|from| from + self.plan.duration);
            let next_step = self.plan.schedule.get(self.steps_done);
            let due = measured_from.and_then(|from| Some(from + next_step?.at)).filter(|due| Some(*due) < end);
            tokio::select! {
                // Otherwise a flood of reports could keep a change, or the end, waiting.
                biased;
                () = stop.cancelled() => return Ok(true),
                () = sleep_until(end) => return Ok(false),
                () = sleep_until(due) => self.take_step().await,
                _ = rounds.tick() => self.tell_snapshot(),
                line = self.lines.recv() => match line {
                    Some(line) => self.take(line)?,
                    None => {
                        let exit = self.launched.wait().await;
                        return Err(LabError::Specification { reason: exit.reason });
                    }
                },
            }
        }
    }

    fn take(&mut self, line: HeadlessLine) -> Result<(), LabError> {
        match line {
            HeadlessLine::Event { event } => {
                self.observer.event(&event);
                match event {
                    ControllerEvent::PhaseStarted { phase: PhaseName::Run, at_ms } if self.started.is_none() => {
                        self.started = Some((Instant::now(), at_ms));
                        self.figures.measure_from(at_ms + millis(self.plan.warmup));
                    }
                    ControllerEvent::Failed { reason, .. } => return Err(LabError::Specification { reason }),
                    ControllerEvent::UnitDied { reason, .. } if self.plan.ends_with_a_unit => {
                        return Err(LabError::Specification { reason });
                    }
                    ControllerEvent::UnitDied { reason, .. } => self.deaths.push(reason),
                    _ => {}
                }
            }
            HeadlessLine::Report { report } => {
                self.observer.report(&report);
                self.figures.take(&report);
            }
        }
        Ok(())
    }

    async fn take_step(&mut self) {
        let Some(step) = self.plan.schedule.get(self.steps_done) else { return };
        self.steps_done += 1;
        let patch = Patch { version: self.steps_done as u64, at_ms: clock::wall_ms(), items: step.items.clone() };
        self.launched.patch(&patch).await;
        self.figures.note_change(patch.at_ms, &step.change);
        self.observer.patched(&patch, &step.change);
    }

    fn tell_snapshot(&mut self) {
        let Some((since, _)) = self.started else { return };
        let elapsed_s = since.elapsed().as_secs_f64() - self.plan.warmup.as_secs_f64();
        self.observer.snapshot(&self.figures.snapshot(elapsed_s));
    }

    /// Ends the cluster and takes its last words.
    async fn wind_down(&mut self) {
        self.figures.measure_until(clock::wall_ms());
        self.launched.stop().await;
        let last_words = async {
            while let Some(line) = self.lines.recv().await {
                // What goes wrong now is no news.
                let _ = self.take(line);
            }
            self.launched.wait().await
        };
        if tokio::time::timeout(END_LIMIT, last_words).await.is_err() {
            self.launched.kill().await;
        }
    }

    fn outcome(self, stopped_early: bool) -> Outcome {
        let (figures, faults, replicas) = self.figures.finish(self.plan);
        Outcome { figures, faults, replicas, deaths: self.deaths, stopped_early }
    }
}

async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
