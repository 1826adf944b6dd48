//! What a sweep has done: a file with one JSON object a line, appended after each run. Its name has a hash of everything
//! that the runs depend on, so that the same grid finds it again, and a changed one begins anew.

use super::{Planned, make};
use crate::error::ServerError;
use lab::experiment::{Grid, Outcome};
use model::ids::TrialId;
use model::sweep::SweepPoint;
use model::verdict::Verdict;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A run that came to its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Run {
    /// Its place among all runs of the grid, from 0.
    pub(super) run: usize,
    /// Which repetition of its point, from 0.
    pub(super) repetition: u32,
    /// The protocol.
    pub(super) protocol: String,
    /// What the grid varies, with this run's values.
    pub(super) settings: Vec<(String, String)>,
    /// The trial it is kept as.
    pub(super) trial: Option<TrialId>,
    pub(super) throughput_req_s: f64,
    pub(super) p50_ms: Option<f64>,
    pub(super) p99_ms: Option<f64>,
    pub(super) verdict: Verdict,
    /// Everything, as `bftgym run --json` prints it.
    result: Value,
}

impl Run {
    pub(super) fn new(
        run: usize,
        point: &SweepPoint,
        repetition: u32,
        trial: Option<TrialId>,
        outcome: &Outcome,
    ) -> Self {
        Self {
            run,
            repetition,
            protocol: point.protocol.clone(),
            settings: point.settings.clone(),
            trial,
            throughput_req_s: outcome.figures.throughput_req_s,
            p50_ms: outcome.figures.latency_ms.map(|latency| latency.p50),
            p99_ms: outcome.figures.latency_ms.map(|latency| latency.p99),
            verdict: outcome.figures.verdict.clone(),
            result: outcome.to_json(),
        }
    }
}

/// The journal of one grid, held by this process.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    done: BTreeMap<usize, Run>,
}

impl Journal {
    /// Opens the journal of a grid and reads what has been done.
    pub(super) fn open(directory: &Path, grid: &Grid, planned: &[Planned]) -> Result<Self, ServerError> {
        make(directory)?;
        let path = directory.join(file_name(grid, planned));
        let unwritable = |source| ServerError::Unwritable { path: path.clone(), source };
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(&path).map_err(unwritable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ServerError::SweepRuns { path }),
            Err(TryLockError::Error(source)) => return Err(unwritable(source)),
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(unwritable)?;
        // A run that was being written down when the machine stopped has no line end: it is run again.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).map_err(unwritable)?;
        file.seek(SeekFrom::End(0)).map_err(unwritable)?;
        let runs =
            text[..whole].split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Run>(line).ok());
        let done = runs.filter(|run| run.run < planned.len()).map(|run| (run.run, run)).collect();
        Ok(Self { path, file, done })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The finished runs by their place.
    pub(super) fn done(&self) -> &BTreeMap<usize, Run> {
        &self.done
    }

    /// Writes a run down for good.
    pub(super) fn append(&mut self, run: Run) -> Result<(), ServerError> {
        let unwritable = |source: std::io::Error| ServerError::Unwritable { path: self.path.clone(), source };
        let mut line = serde_json::to_vec(&run).map_err(|error| unwritable(error.into()))?;
        line.push(b'\n');
        self.file.write_all(&line).and_then(|()| self.file.sync_data()).map_err(unwritable)?;
        self.done.insert(run.run, run);
        Ok(())
    }
}

/// `block-size-0123456789ab.jsonl`
fn file_name(grid: &Grid, planned: &[Planned]) -> String {
    let runs = planned.iter().map(|run| {
        let steps = run.schedule.iter().map(|step| json!([step.at.as_millis() as u64, step.items]));
        json!([run.protocol.text, run.config, steps.collect::<Vec<_>>()])
    });
    let plan = &grid.plan;
    let times = [plan.warmup_ms, plan.duration_ms];
    let all = json!([env!("CARGO_PKG_VERSION"), plan.name, times, plan.repetitions, runs.collect::<Vec<_>>()]);
    let hash = blake3::hash(all.to_string().as_bytes()).to_hex();
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    let name: String = plan.name.chars().map(letter).take(40).collect();
    format!("{name}-{}.jsonl", &hash[..12])
}
