//! The controller: unit 0 of a trial. It brings the workers up in named phases, tells the backend of each, watches over
//! them while they run, crashes and restarts replicas where the configuration says so, and ends them.
//!
//! Nothing it starts outlives it: workers end when their control channel to it closes, and it ends when its standard
//! input does, which is held by whoever started it.

mod bftbrain;
mod crashes;
mod door;
mod input;
mod launch;
mod remote;
mod spawner;
mod telling;
mod watch;
mod workers;

use crate::backend::BackendClient;
use crate::clock;
use crate::error::LabError;
use input::Input;
use model::launch::LaunchSpec;
use model::report::ControllerEvent;
use remote::Remote;
use telling::Teller;

/// Runs the controller whose specification is the first line of standard input. Of the lines after it, `stop` or the end of
/// the input ends it, and `patch` with a patch as JSON changes the configuration where there is no backend to ask. Without
/// a backend, events and reports go to standard output as JSON lines.
///
/// # Errors
/// When the specification is not usable or the launch failed; the backend has been told then.
pub async fn main_from_stdin() -> Result<(), LabError> {
    let remote = Remote::default();
    let (line, mut input) = Input::start(remote.clone()).await;
    let spec: LaunchSpec = serde_json::from_str(&line).map_err(|error| LabError::Specification {
        reason: format!(
            "the launch specification on standard input is not usable: {error}; let `bftgym serve` start controllers"
        ),
    })?;
    let backend = if spec.backend_url.is_empty() { None } else { Some(BackendClient::new(&spec.backend_url)?) };
    let (teller, telling) = Teller::start(backend.clone());

    let result = run(&spec, backend, &teller, &mut input, remote).await;
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
    remote: Remote,
) -> Result<(), LabError> {
    if let Some(framework) = &spec.bftbrain {
        bftbrain::run(spec, framework, teller, input).await?;
    } else if let launch::Launched::Running(cluster) = launch::launch(spec, teller, input, remote).await? {
        let mut workers = watch::until_stopped(*cluster, spec, backend, teller, input).await;
        workers.end(teller).await;
    }
    teller.event(ControllerEvent::Stopped { at_ms: clock::wall_ms() });
    Ok(())
}
