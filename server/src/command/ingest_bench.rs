//! `bftgym ingest-bench`: how many measurements of units the server stores each second, over real connections.

use super::{config, listen};
use crate::access::{Access, Hosts};
use crate::cli::IngestBenchArgs;
use crate::clock::Clock;
use crate::error::ServerError;
use crate::http::{page_options, router, serve_plain};
use crate::service::Service;
use crate::trials::{EventQueue, Host, Launcher, Running, Settings, random_hex};
use app::Backend;
use app::backend::StartRequest;
use async_trait::async_trait;
use lab::LabError;
use lab::testbed::ControllerExit;
use model::ids::TrialId;
use model::launch::LaunchSpec;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use store::{Record, Sample, SampleValue, Store};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// How many preloaded samples one write takes.
const PRELOAD_CHUNK: usize = 2_000;

/// Starts a server with an empty store, reports to it as fast as it answers, and prints the rate.
pub(super) async fn run(args: IngestBenchArgs) -> Result<(), ServerError> {
    let directory = std::env::temp_dir().join(format!("bftgym-ingest-{}", random_hex::<6>()?));
    let result = measure(&args, &directory).await;
    if let Err(error) = std::fs::remove_dir_all(&directory) {
        tracing::warn!("{} was not removed: {error}", directory.display());
    }
    result
}

async fn measure(args: &IngestBenchArgs, directory: &Path) -> Result<(), ServerError> {
    let clock = Clock::system();
    let listener = listen::listen("127.0.0.1", 0).await?;
    let address = listener.local_addr().map_err(failed)?;
    let store = Arc::new(Store::open(directory, clock.now_ms())?);
    let launcher = Arc::new(NoProcesses::default());
    let settings = Settings {
        config: config::load(None)?,
        config_text: String::new(),
        address,
        hosts: None,
        bftbrain: Default::default(),
    };
    let service =
        Service::new(Arc::clone(&store), clock.clone(), Arc::clone(&launcher) as Arc<dyn Launcher>, settings)?;
    let access = Access::open(Hosts::new(address, None));
    let routes = router(service.clone(), access, page_options(address)?);
    let server = tokio::spawn(serve_plain(listener, routes, service.shutdown.clone()));
    let request = StartRequest { name: "ingest".into(), protocol: "pbft".into(), ..StartRequest::default() };
    let trial = Host(Arc::clone(&service.trials)).start(request).await.map_err(failed)?;
    preload(&store, trial, args.preload, clock.now_ms()).await?;
    let url = launcher.url.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let path = url.split_once("/w/").map(|(_, token)| format!("/w/{token}/data")).unwrap_or_default();

    let connections = args.connections.max(1);
    let started = Instant::now();
    let clients: Vec<_> = (0..connections)
        .map(|index| {
            let share = args.requests / connections + usize::from(index < args.requests % connections);
            tokio::spawn(report(address, path.clone(), index, share, clock.now_ms() / 1000))
        })
        .collect();
    for client in clients {
        client.await.map_err(failed)??;
    }
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{} reports over {connections} connections in {seconds:.2} s: {:.0} reports/s ({} samples were stored before)",
        args.requests,
        args.requests as f64 / seconds,
        args.preload
    );
    server.abort();
    service.end().await;
    store.close().await;
    Ok(())
}

async fn preload(store: &Store, trial: TrialId, count: usize, now_ms: i64) -> Result<(), ServerError> {
    let sample = |index: usize| Sample {
        entity: (index % 5) as u32,
        metric: format!("metric-{}", index / 5 % 9),
        at_ms: now_ms - (count - index) as i64,
        value: SampleValue::Number(index as f64),
    };
    for start in (0..count).step_by(PRELOAD_CHUNK) {
        let samples = (start..count.min(start + PRELOAD_CHUNK)).map(sample).collect();
        store.write(vec![Record::Samples(trial, samples)]).await?;
    }
    Ok(())
}

/// One unit that keeps its connection and waits for each answer.
async fn report(address: SocketAddr, path: String, index: usize, count: usize, second: i64) -> Result<(), ServerError> {
    let mut stream = TcpStream::connect(address).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    let (read, mut write) = stream.split();
    let mut answers = BufReader::new(read);
    let mut line = String::new();
    for number in 0..count {
        let body =
            format!("metrics_name=last-executed-sequence&id={}&value=num: {number}&timestamp={second}", index % 5);
        let request = format!(
            "PUT {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        write.write_all(request.as_bytes()).await.map_err(failed)?;
        // The answer has no body: it ends with an empty line.
        let mut status = None;
        loop {
            line.clear();
            answers.read_line(&mut line).await.map_err(failed)?;
            status.get_or_insert_with(|| line.clone());
            if line.trim_end().is_empty() {
                break;
            }
        }
        if !status.as_deref().unwrap_or_default().contains(" 200 ") {
            return Err(failed(format!("the server answered {:?}", status.unwrap_or_default().trim_end())));
        }
    }
    Ok(())
}

fn failed(error: impl ToString) -> ServerError {
    ServerError::Measurement { reason: error.to_string() }
}

/// Starts nothing and remembers where units would report.
#[derive(Default)]
struct NoProcesses {
    url: Mutex<String>,
}

struct Nothing(tokio_util::sync::CancellationToken);

#[async_trait]
impl Launcher for NoProcesses {
    async fn launch(&self, spec: LaunchSpec, _: EventQueue) -> Result<Box<dyn Running>, LabError> {
        *self.url.lock().unwrap_or_else(PoisonError::into_inner) = spec.backend_url;
        Ok(Box::new(Nothing(tokio_util::sync::CancellationToken::new())))
    }
}

#[async_trait]
impl Running for Nothing {
    async fn stop(&mut self) {
        self.0.cancel();
    }

    async fn wait(&mut self) -> ControllerExit {
        self.0.cancelled().await;
        ControllerExit { success: true, reason: "nothing ran".into() }
    }

    async fn kill(&mut self) {
        self.0.cancel();
    }
}
