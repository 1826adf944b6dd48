//! Experiments without the page: planned, run with a line of progress, and kept as trials.

mod progress_line;
mod recorder;
mod summary;

pub(super) use progress_line::ProgressLine;
pub(super) use summary::{figures, print as print_summary, table};

use super::data_dir;
use crate::clock::Clock;
use crate::error::ServerError;
use crate::protocols::{ChosenProtocol, TrialSize};
use lab::experiment::{self, ExperimentPlan, FileProblem, Outcome, Snapshot, Step};
use lab::{LabError, experiment::Observer, user_file};
use model::config::ConfigTree;
use model::ids::TrialId;
use model::patch::Patch;
use model::report::{ControllerEvent, Report};
use model::verdict::Verdict;
use model::yaml::MAX_CONFIG_BYTES as MAX_YAML_BYTES;
use recorder::Recorder;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// An experiment that has been checked.
pub(super) struct Planned {
    /// The trial's name.
    pub(super) name: String,
    pub(super) protocol: ChosenProtocol,
    pub(super) size: TrialSize,
    pub(super) config: ConfigTree,
    pub(super) warmup: Duration,
    pub(super) duration: Duration,
    pub(super) schedule: Vec<Step>,
}

/// What became of it.
pub(super) struct Performed {
    pub(super) result: Result<Outcome, LabError>,
    /// The trial it is kept as.
    pub(super) trial: Option<TrialId>,
}

/// Where trials are kept; none where they are not to be. The store is there and usable after this.
pub(super) fn store_directory(no_store: bool, named: Option<PathBuf>) -> Result<Option<PathBuf>, ServerError> {
    if no_store {
        return Ok(None);
    }
    let directory = data_dir::choose(named)?;
    store::prepare(&directory)?;
    Ok(Some(directory))
}

/// The text of a file that was named on the command line: `what` it should be, such as `the schedule`.
pub(super) fn read_file(what: &'static str, path: &Path) -> Result<String, ServerError> {
    user_file::read_text(path, MAX_YAML_BYTES).map_err(|fault| ServerError::FileUnreadable {
        what,
        path: path.to_owned(),
        fault,
    })
}

/// The problems of such a file.
pub(super) fn file_problems(path: &Path, problems: Vec<FileProblem>) -> ServerError {
    ServerError::FileProblems { path: path.to_owned(), problems }
}

/// The exit status for a verdict.
pub(super) fn exit_code(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::Diverged(_) => 2,
        Verdict::NoProgress => 3,
    }
}

impl Planned {
    /// Runs the experiment to its end, or until it is told to stop, and keeps it in the directory, if there is one.
    pub(super) async fn perform(
        &self,
        directory: Option<&Path>,
        keeps_what_was_stopped: bool,
        stop: &CancellationToken,
        line: &mut ProgressLine,
    ) -> Result<Performed, ServerError> {
        let binary = std::env::current_exe()
            .map_err(|source| ServerError::Io { what: "this program does not know its own place", source })?;
        let plan = ExperimentPlan {
            binary,
            protocol_name: self.protocol.name.clone(),
            protocol_text: self.protocol.text.clone(),
            replicas: self.size.replicas,
            config: self.config.clone(),
            warmup: self.warmup,
            duration: self.duration,
            schedule: self.schedule.clone(),
            ends_with_a_unit: false,
        };
        let clock = Clock::system();
        let recorder = directory.map(|_| Recorder::begin(self, clock.now_ms())).transpose()?;
        let mut watcher = Watcher { clock: clock.clone(), line, recorder };
        let result = experiment::run(&plan, stop, &mut watcher).await;
        watcher.line.clear();
        let keeps = keeps_what_was_stopped || !result.as_ref().is_ok_and(|outcome| outcome.stopped_early);
        let trial = match (watcher.recorder, directory) {
            (Some(recorder), Some(directory)) if keeps => {
                let whole = recorder.finish(result.as_ref(), clock.now_ms());
                let directory = directory.to_owned();
                let stored = tokio::task::spawn_blocking(move || store::append_trial(&directory, &whole)).await;
                Some(stored.unwrap_or(Err(store::StoreError::Closed))?)
            }
            _ => None,
        };
        Ok(Performed { result, trial })
    }
}

/// Shows where the experiment is, and keeps what happens in it.
struct Watcher<'a> {
    clock: Clock,
    line: &'a mut ProgressLine,
    recorder: Option<Recorder>,
}

impl Observer for Watcher<'_> {
    fn event(&mut self, event: &ControllerEvent) {
        if let ControllerEvent::UnitDied { reason, .. } = event {
            self.line.note(reason);
        }
        if let Some(recorder) = self.recorder.as_mut() {
            recorder.event(event.clone(), self.clock.now_ms());
        }
    }

    fn report(&mut self, report: &Report) {
        if let Some(recorder) = self.recorder.as_mut() {
            recorder.report(report.clone(), self.clock.now_ms());
        }
    }

    fn patched(&mut self, patch: &Patch, change: &str) {
        self.line.note(change);
        if let Some(recorder) = self.recorder.as_mut() {
            recorder.patched(patch);
        }
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        self.line.show(snapshot);
    }
}
