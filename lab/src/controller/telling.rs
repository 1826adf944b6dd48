//! What the controller tells, in order: to the backend, or as JSON lines on standard output.

use crate::backend::BackendClient;
use crate::clock;
use crate::headless::HeadlessLine;
use model::ids::UnitId;
use model::report::{ControllerEvent, Report};
use std::io::Write;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::ChildStderr;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Most log lines of one worker in a trial.
pub(super) const MAX_LOG_LINES: u32 = 1_000;

/// Hands on what happens. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Teller {
    events: mpsc::Sender<ControllerEvent>,
    lines: Option<mpsc::Sender<HeadlessLine>>,
}

impl Teller {
    /// Starts the task that delivers; it ends when the last teller is dropped and everything is out.
    pub(super) fn start(backend: Option<BackendClient>) -> (Self, JoinHandle<()>) {
        match backend {
            Some(backend) => {
                let (events, task) = backend.start_events();
                (Self { events, lines: None }, task)
            }
            None => {
                let (events, mut event_queue) = mpsc::channel::<ControllerEvent>(4096);
                let (lines, mut line_queue) = mpsc::channel::<HeadlessLine>(4096);
                let task = tokio::spawn(async move {
                    loop {
                        let line = tokio::select! {
                            Some(event) = event_queue.recv() => HeadlessLine::Event { event },
                            Some(line) = line_queue.recv() => line,
                            else => return,
                        };
                        let Ok(text) = serde_json::to_string(&line) else { continue };
                        if writeln!(std::io::stdout(), "{text}").is_err() {
                            return;
                        }
                    }
                });
                (Self { events, lines: Some(lines) }, task)
            }
        }
    }

    /// Tells of an event; a backend that has been away for thousands of events loses the newest.
    pub(super) fn event(&self, event: ControllerEvent) {
        let _ = self.events.try_send(event);
    }

    /// Hands on what a worker writes to its standard error, up to a bound.
    pub(super) fn follow_log(&self, unit: UnitId, errors: ChildStderr) {
        let teller = self.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(errors).lines();
            for number in 0.. {
                let Ok(Some(line)) = lines.next_line().await else { return };
                let line = match number {
                    ..MAX_LOG_LINES => line,
                    MAX_LOG_LINES => "Further lines are left out.".to_owned(),
                    // Read on, so that the worker is not held up by a full pipe.
                    _ => continue,
                };
                teller.event(ControllerEvent::Log { unit, line, at_ms: clock::wall_ms() });
            }
        });
    }

    /// Hands on a worker's report where there is no backend.
    pub(super) fn report(&self, report: Box<Report>) {
        if let Some(lines) = &self.lines {
            let _ = lines.try_send(HeadlessLine::Report { report });
        }
    }
}
