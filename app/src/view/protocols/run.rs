//! Runs the simulator in the browser, a few milliseconds at a time, so that the page stays usable and the run can be
//! stopped. Memory is bounded: so many events wait at most, and so many are kept for the chart.

use crate::state::protocols::form::liars;
use crate::view::pause::pause;
use leptos::prelude::*;
use model::words::numbered;
use protocol::simulator::divergence::{Parting, parting};
use protocol::simulator::{Outcome, Scenario, Simulation, TraceEvent, hunt};
use protocol::table::Table;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How long the page waits for the simulator at a time, ms: less than a frame at 60 Hz.
const SLICE_MS: f64 = 12.0;
/// Events that may wait for their time.
const MOST_WAITING: usize = 50_000;
/// Events of the trace that are kept.
const MOST_TRACE: usize = 20_000;
/// Events of a run: a protocol that never gets anywhere ends here.
const MOST_EVENTS: u64 = 3_000_000;
/// Runs of a search.
pub(crate) const MOST_RUNS: u64 = 600;

/// A run that has ended, with all that is shown of it.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    /// What was run.
    pub(crate) scenario: Arc<Scenario>,
    /// What it came to.
    pub(crate) outcome: Outcome,
    /// Its trace.
    pub(crate) events: Arc<Vec<TraceEvent>>,
    /// Where replicas part, when they do.
    pub(crate) parting: Option<Parting>,
    /// What was cut short, if anything.
    pub(crate) note: Option<String>,
}

/// What is going on, as signals. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Runner {
    /// What it is doing, in words; none: nothing.
    pub(crate) doing: RwSignal<Option<String>>,
    /// The last run that ended.
    pub(crate) ended: RwSignal<Option<Ended>>,
    /// What the last search, or the form, says.
    pub(crate) message: RwSignal<Option<String>>,
    /// Counts runs: only the newest goes on.
    newest: StoredValue<u64>,
}

impl Runner {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self {
            doing: RwSignal::new(None),
            ended: RwSignal::new(None),
            message: RwSignal::new(None),
            newest: StoredValue::new(0),
        }
    }

    /// Stops what is going on.
    pub(crate) fn cancel(self) {
        // The page may be gone already.
        let _ = self.newest.try_update_value(|newest| *newest += 1);
        let _ = self.doing.try_set(None);
    }

    /// Runs one scenario and shows it.
    pub(crate) async fn run(self, scenario: Scenario) {
        let number = self.begin("Running…");
        if let Some(ended) = self.drive(Arc::new(scenario), number).await {
            self.ended.set(Some(ended));
            self.doing.set(None);
        }
    }

    /// Searches for a run in which agreement breaks, and shows it.
    pub(crate) async fn hunt(self, table: Arc<Table>, liars: u32) {
        let number = self.begin("Searching…");
        for seed in 0..MOST_RUNS {
            if seed % 8 == 0 {
                self.doing.set(Some(format!("Searching: run {} of {MOST_RUNS}", seed + 1)));
            }
            let Some(ended) = self.drive(Arc::new(hunt::scenario(&table, seed, liars)), number).await else { return };
            if matches!(ended.outcome.verdict, model::verdict::Verdict::Diverged(_)) {
                self.message.set(Some(format!(
                    "Run {} of the search breaks agreement, with {} and f = {}.",
                    seed + 1,
                    numbered(liars, "equivocating replica"),
                    table.f
                )));
                self.ended.set(Some(ended));
                self.doing.set(None);
                return;
            }
        }
        self.doing.set(None);
        self.message.set(Some(format!(
            "None of {MOST_RUNS} runs with {liars} equivocating and f = {} broke agreement. That is no proof, but a good sign.",
            table.f
        )));
    }

    fn begin(self, doing: &str) -> u64 {
        self.doing.set(Some(doing.to_owned()));
        self.message.set(None);
        self.ended.set(None);
        let number = self.newest.get_value() + 1;
        self.newest.set_value(number);
        number
    }

    /// Runs a scenario to its end, or to the first disagreement; none when it was stopped.
    async fn drive(self, scenario: Arc<Scenario>, number: u64) -> Option<Ended> {
        let events = Rc::new(RefCell::new(Vec::new()));
        let kept = Rc::clone(&events);
        let sink = Box::new(move |event| {
            let mut kept = kept.borrow_mut();
            if kept.len() < MOST_TRACE {
                kept.push(event);
            }
        });
        let mut simulation = Simulation::new(Arc::clone(&scenario), sink);
        simulation.limit_waiting(MOST_WAITING);
        let mut handled = 0;
        let mut note = None;
        'run: loop {
            let end = js_sys::Date::now() + SLICE_MS;
            while js_sys::Date::now() < end {
                let goes_on = simulation.advance(100);
                handled += 100;
                if !goes_on || simulation.has_diverged() {
                    break 'run;
                }
                if handled > MOST_EVENTS {
                    note = Some(format!("The run was ended after {MOST_EVENTS} events."));
                    break 'run;
                }
            }
            pause(Duration::ZERO).await;
            // The page may be gone.
            if self.newest.try_get_value() != Some(number) {
                return None;
            }
        }
        if simulation.floods() {
            note =
                Some(format!("The run was ended: more than {MOST_WAITING} events were waiting. The protocol floods."));
        }
        let outcome = simulation.outcome();
        let events = Rc::try_unwrap(events).map(RefCell::into_inner).unwrap_or_default();
        if events.len() == MOST_TRACE && note.is_none() {
            note = Some(format!("The chart shows the first {MOST_TRACE} events."));
        }
        let parting = parting(&scenario.table, &events, &liars(&scenario));
        Some(Ended { scenario, outcome, events: Arc::new(events), parting, note })
    }
}
