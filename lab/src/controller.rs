//! The controller: unit 0 of a trial. It brings the workers up in named phases, tells the backend of each, watches over
//! them while they run, and ends them.
//!
//! Nothing it starts outlives it: workers end when their control channel to it closes, and it ends when its standard
//! input does, which is held by whoever started it.

mod launch;
mod telling;
mod workers;

use crate::backend::BackendClient;
use crate::clock;
use crate::error::LabError;
use model::ids::UnitId;
use model::launch::LaunchSpec;
use model::report::ControllerEvent;
use telling::Teller;
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};

type Input = Lines<BufReader<Stdin>>;

/// Runs the controller whose specification is the first line of standard input; a line `stop`, or the end of the input,
/// ends it. Without a backend, events and reports go to standard output as JSON lines.
///
/// # Errors
/// When the specification is not usable or the launch failed; the backend has been told then.
pub async fn main_from_stdin() -> Result<(), LabError> {
    let mut input: Input = BufReader::new(tokio::io::stdin()).lines();
    let line = input.next_line().await.ok().flatten().unwrap_or_default();
    let spec: LaunchSpec = serde_json::from_str(&line).map_err(|error| LabError::Specification {
        reason: format!(
            "the launch specification on standard input is not usable: {error}; let `bftgym serve` start controllers"
        ),
    })?;
    let backend = if spec.backend_url.is_empty() { None } else { Some(BackendClient::new(&spec.backend_url)?) };
    let (teller, telling) = Teller::start(backend.clone());

    let result = run(&spec, backend, &teller, &mut input).await;
    if let Err(error) = &result {
        teller.event(ControllerEvent::Failed { reason: error.to_string(), at_ms: clock::wall_ms() });
    }
    drop(teller);
    let _ = tokio::time::timeout(std::time::Duration::from_millis(500), telling).await;
    result
}

async fn run(
    spec: &LaunchSpec,
    backend: Option<BackendClient>,
    teller: &Teller,
    input: &mut Input,
) -> Result<(), LabError> {
    let mut workers = match launch::launch(spec, teller, input).await? {
        launch::Launched::Running(workers) => workers,
        launch::Launched::StoppedEarly => {
            teller.event(ControllerEvent::Stopped { at_ms: clock::wall_ms() });
            return Ok(());
        }
    };
    // The controller has no live keys of its own; it acknowledges versions like every unit.
    if let Some(backend) = backend {
        let mut changes = backend.start_watching(UnitId(0));
        tokio::spawn(async move {
            while let Some((_, done)) = changes.recv().await {
                let _ = done.send(());
            }
        });
    }
    workers.watch_until_stopped(teller, input).await;
    workers.end(teller).await;
    teller.event(ControllerEvent::Stopped { at_ms: clock::wall_ms() });
    Ok(())
}

/// Waits until the input says stop or ends.
async fn stop_asked(input: &mut Input) {
    while let Ok(Some(line)) = input.next_line().await {
        if line.trim() == "stop" {
            return;
        }
    }
}
