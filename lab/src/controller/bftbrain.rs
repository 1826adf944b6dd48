//! A trial of the public Java framework BFTBrain on this machine: its `CoordinatorServer` on a terminal, whose questions are
//! answered, and its units. They are started one after the other, each when the one before has been taken in: the framework
//! numbers its replicas and clients in the order in which they come.
//!
//! The framework's processes report to the backend and poll it by themselves. They do not exit by themselves: they are ended
//! here, and they end when this process does.

mod console;
mod directory;
mod jvm;
mod ports;
mod repeats;
mod terminal;

use super::input::{Command, Input};
use super::telling::Teller;
use crate::bftbrain::Installation;
use crate::clock;
use crate::error::LabError;
use console::Word;
use directory::Directory;
use jvm::{Jvms, Said};
use model::bftbrain::{BftbrainHere, BftbrainLaunch};
use model::ids::UnitId;
use model::launch::LaunchSpec;
use model::report::ControllerEvent;
use model::trial::PhaseName;
use model::unit::UnitRole;
use ports::Ports;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::time::Duration;
use terminal::Terminal;
use tokio::time::{Instant, timeout_at};

const COORDINATOR: UnitId = UnitId(0);
/// How long what was waited for may still take when a process has failed: other threads of it go on.
const AFTER_FAILURE: Duration = Duration::from_secs(10);
/// How long the framework may take to stop in order.
const STOPPING: Duration = Duration::from_secs(2);

/// Runs a trial to its end. Whatever happens, no process of the framework is left.
///
/// # Errors
/// When the launch failed, or the framework's controller ended before it was told to.
pub(super) async fn run(
    spec: &LaunchSpec,
    launch: &BftbrainLaunch,
    teller: &Teller,
    input: &mut Input,
) -> Result<(), LabError> {
    let here = launch.here.as_ref().ok_or_else(|| LabError::Specification {
        reason: "the launch specification does not say where BFTBrain is; let `bftgym serve` start controllers"
            .to_owned(),
    })?;
    let mut trial = Trial::new(spec, launch, here, teller)?;
    let launched = tokio::select! {
        launched = trial.launch() => launched.map(|()| true),
        () = input.stop_asked() => Ok(false),
    };
    let result = match launched {
        Ok(true) => trial.watch(input).await,
        Ok(false) => Ok(()),
        Err(error) => Err(error),
    };
    if result.is_ok() {
        trial.stop().await;
    }
    trial.jvms.kill_all().await;
    trial.tell_files();
    result
}

struct Trial<'a> {
    launch: &'a BftbrainLaunch,
    teller: &'a Teller,
    patience: Duration,
    ports: Ports,
    directory: Directory,
    jvms: Jvms,
    terminal: Option<Terminal>,
}

impl<'a> Trial<'a> {
    fn new(
        spec: &'a LaunchSpec,
        launch: &'a BftbrainLaunch,
        here: &BftbrainHere,
        teller: &'a Teller,
    ) -> Result<Self, LabError> {
        let failed = |reason| LabError::Phase { phase: PhaseName::Spawn.label(), reason };
        let installation = Installation::find(&here.checkout, here.java_home.as_deref()).map_err(failed)?;
        let ports = Ports::of(&spec.config, launch.replicas).map_err(failed)?;
        ports.check_free().map_err(failed)?;
        let mut config = spec.config.clone();
        ports.put_into(&mut config);
        let directory = Directory::prepare(&here.directory, &config, launch, &installation.protocols)?;
        let jvms = Jvms::new(installation, directory.code(), launch.replicas, teller.clone())?;
        let patience = Duration::from_millis(launch.patience_ms);
        for note in &launch.notes {
            log(teller, note.clone());
        }
        log(teller, format!("the files of this trial are in {}", directory.path().display()));
        Ok(Self { launch, teller, patience, ports, directory, jvms, terminal: None })
    }

    async fn launch(&mut self) -> Result<(), LabError> {
        self.in_phase(PhaseName::Spawn, async |trial| trial.start_coordinator().await).await?;
        self.in_phase(PhaseName::Connect, async |trial| trial.start_units().await).await?;
        self.in_phase(PhaseName::Configure, async |trial| trial.configure().await).await?;
        let started = "the start of the benchmark";
        self.in_phase(PhaseName::Run, async |trial| trial.until(started, |word| *word == Word::Started).await).await
    }

    async fn in_phase(
        &mut self,
        phase: PhaseName,
        work: impl AsyncFnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<(), LabError> {
        self.teller.event(ControllerEvent::PhaseStarted { phase, at_ms: clock::wall_ms() });
        work(self).await.map_err(|reason| LabError::Phase { phase: phase.label(), reason })?;
        self.teller.event(ControllerEvent::PhaseEnded { phase, at_ms: clock::wall_ms() });
        Ok(())
    }

    async fn start_coordinator(&mut self) -> Result<(), String> {
        let (port, protocol) = (self.ports.coordinator.to_string(), self.launch.protocol.to_string());
        let terminal = Terminal::open().map_err(|error| format!("no terminal could be opened: {error}"))?;
        let arguments = ["-p".to_owned(), port, "-r".to_owned(), protocol].map(OsString::from);
        self.jvms.start(COORDINATOR, "CoordinatorServer", &arguments, Some(&terminal))?;
        self.terminal = Some(terminal);
        self.until("the question whether all units are connected", |word| *word == Word::Question).await?;
        self.up(COORDINATOR);
        Ok(())
    }

    async fn start_units(&mut self) -> Result<(), String> {
        let server = format!("127.0.0.1:{}", self.ports.coordinator);
        for (number, port) in self.ports.units.clone().into_iter().enumerate() {
            let number = number as u32;
            let kind = if number < self.launch.replicas { "-n" } else { "-c" };
            let (text, port) = (number.to_string(), port.to_string());
            let arguments = ["-u", &text, "-p", &port, kind, "1", "-s", &server].map(OsString::from);
            let unit = UnitId(number + 1);
            self.jvms.start(unit, "CoordinatorUnit", &arguments, None)?;
            let who = UnitRole::of(unit, self.launch.replicas).label();
            self.until(&format!("the call of {who}"), |word| *word == Word::Connected(number)).await?;
            self.up(unit);
        }
        Ok(())
    }

    async fn configure(&mut self) -> Result<(), String> {
        self.answer("\n")?;
        self.until("the units' readiness", |word| *word == Word::Initialized).await
    }

    /// Types something at the coordinator's terminal.
    fn answer(&mut self, text: &str) -> Result<(), String> {
        match &mut self.terminal {
            Some(terminal) => terminal.write(text).map_err(|error| format!("BFTBrain's terminal: {error}")),
            None => Err("BFTBrain has no terminal".to_owned()),
        }
    }

    fn up(&self, unit: UnitId) {
        self.teller.event(ControllerEvent::UnitUp { unit, at_ms: clock::wall_ms() });
    }

    /// Waits until the coordinator says something, but not for ever.
    async fn until(&mut self, what: &str, wanted: impl Fn(&Word) -> bool) -> Result<(), String> {
        let mut deadline = Instant::now() + self.patience;
        loop {
            let Ok((unit, said)) = timeout_at(deadline, self.jvms.next()).await else {
                return Err(self.missed(what));
            };
            if self.jvms.first_failure().is_some() {
                deadline = deadline.min(Instant::now() + AFTER_FAILURE);
            }
            match said {
                Said::Ended(ending) => return Err(self.ended_early(unit, &ending)),
                Said::Line(line) if unit == COORDINATOR => match Word::of(&line) {
                    Word::Broken(reason) => return Err(reason.to_owned()),
                    word if wanted(&word) => return Ok(()),
                    _ => {}
                },
                Said::Line(_) => {}
            }
        }
    }

    /// Why something did not come.
    fn missed(&self, what: &str) -> String {
        if let Some((unit, failure)) = self.jvms.first_failure() {
            let who = UnitRole::of(unit, self.launch.replicas).label();
            return format!("{what} did not come, because BFTBrain's process of {who} failed: {failure}");
        }
        format!(
            "{what} did not come within {} s{}; the machine may be overloaded: try again, or give --bftbrain-patience \
             more time",
            self.patience.as_secs_f64(),
            self.jvms.last_words(COORDINATOR)
        )
    }

    fn ended_early(&self, unit: UnitId, ending: &str) -> String {
        let who = UnitRole::of(unit, self.launch.replicas).label();
        format!("BFTBrain's process of {who} {ending}{}", self.jvms.last_words(unit))
    }

    /// Hands on what the processes say until stop is asked.
    async fn watch(&mut self, input: &mut Input) -> Result<(), LabError> {
        loop {
            tokio::select! {
                // Changes reach the framework's processes when they poll.
                command = input.next() => if matches!(command, Command::Stop) {
                    return Ok(());
                },
                (unit, said) = self.jvms.next() => match said {
                    Said::Ended(ending) if unit == COORDINATOR => {
                        let reason = self.ended_early(unit, &ending);
                        return Err(LabError::Phase { phase: PhaseName::Run.label(), reason });
                    }
                    Said::Ended(ending) => {
                        let reason = self.ended_early(unit, &ending);
                        self.teller.event(ControllerEvent::UnitDied { unit, reason, at_ms: clock::wall_ms() });
                    }
                    Said::Line(_) => {}
                },
            }
        }
    }

    /// Stops the framework as a person at its terminal would.
    async fn stop(&mut self) {
        // One that does not take the word is killed all the same.
        let _ = self.answer("stop\n");
        let mut waiting: BTreeSet<UnitId> = self.jvms.units().collect();
        let deadline = Instant::now() + STOPPING;
        while !waiting.is_empty() {
            let Ok((unit, said)) = timeout_at(deadline, self.jvms.next()).await else { return };
            let stopped = match said {
                Said::Ended(_) => true,
                Said::Line(line) => Word::of(&line) == Word::Stopped,
            };
            if stopped {
                waiting.remove(&unit);
            }
        }
    }

    /// Says where the framework's files are, and takes the trial's address out of them.
    fn tell_files(&self) {
        match self.directory.finish() {
            Ok(files) if files.is_empty() => log(self.teller, "BFTBrain wrote no benchmark file".to_owned()),
            Ok(files) => {
                for file in files {
                    log(self.teller, format!("BFTBrain's benchmark file is kept: {}", file.display()));
                }
            }
            Err(error) => log(self.teller, error.to_string()),
        }
    }
}

fn log(teller: &Teller, line: String) {
    teller.event(ControllerEvent::Log { unit: COORDINATOR, line, at_ms: clock::wall_ms() });
}
