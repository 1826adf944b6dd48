//! `bftgym serve`: the page and the trials.

use super::signals::Signals;
use super::{config, data_dir, listen};
use crate::cli::ServeArgs;
use crate::clock::Clock;
use crate::cloudlab::CloudlabSettings;
use crate::error::ServerError;
use crate::http::{page_options, router, units_router};
use crate::service::Service;
use crate::trials::{HostSettings, LocalLauncher, Settings};
use axum::serve::ListenerExt;
use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::net::TcpListener;

/// How long open connections may take to end after the streams have.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// Serves until SIGINT or SIGTERM.
pub(super) async fn run(args: ServeArgs) -> Result<(), ServerError> {
    let file = config::read(args.config.as_deref())?;
    let cloudlab = CloudlabSettings::read(&args.cloudlab)?;
    let directory = data_dir::choose(args.data_dir)?;
    let listener = listen::listen(&args.host, args.port).await?;
    let address =
        listener.local_addr().map_err(|source| ServerError::Io { what: "the listener has no address", source })?;
    let options = page_options(address)?;
    let clock = Clock::system();
    let store = Arc::new(Store::open(&directory, clock.now_ms())?);
    let binary = std::env::current_exe()
        .map_err(|source| ServerError::Io { what: "this program does not know its own place", source })?;
    let launcher = Arc::new(LocalLauncher::new(binary));
    let units = listen_for_units(args.units_listen).await?;
    let units_address =
        units.local_addr().map_err(|source| ServerError::Io { what: "the units' listener has no address", source })?;
    let known_hosts = directory.join("known_hosts");
    let hosts = Some(HostSettings { known_hosts, units: reachable_here(units_address) });
    let settings = Settings { config: file.tree, config_text: file.text, address, hosts };
    let service = Service::new(Arc::clone(&store), clock, launcher, settings)?.with_cloudlab(&store, cloudlab).await?;
    let mut end = Signals::new()?;
    let shutdown = service.shutdown.clone();
    let listener = listener.tap_io(|stream| {
        // Without it small answers wait for more; a connection that refuses is served all the same.
        let _ = stream.set_nodelay(true);
    });
    let server = axum::serve(listener, router(service.clone(), options))
        .with_graceful_shutdown(async move { shutdown.cancelled().await })
        .into_future();
    let server = tokio::spawn(server);
    let unit_routes = units_router(service.clone());
    let units = tokio::spawn(axum::serve(units, unit_routes).into_future());
    service.trials.load_testbeds().await?;
    service.trials.resume().await?;
    tracing::info!("trials are kept in {}", directory.display());
    // Whoever started the server may have closed its output; it serves all the same.
    let _ = writeln!(std::io::stdout(), "BFTGym is ready: http://{address}");
    end.received().await;
    tracing::info!("ending");
    service.end().await;
    if tokio::time::timeout(DRAIN_LIMIT, server).await.is_err() {
        tracing::warn!("some connections did not end in time and are cut");
    }
    units.abort();
    store.close().await;
    Ok(())
}

/// Where units on other hosts call: what is answered there is theirs alone. Without an address, only connections that come
/// back through SSH end there.
async fn listen_for_units(asked: Option<SocketAddr>) -> Result<TcpListener, ServerError> {
    let address = asked.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let failed = |source| ServerError::Listen { host: address.ip().to_string(), port: address.port(), source };
    TcpListener::bind(address).await.map_err(failed)
}

/// An address at which this machine reaches its own listener.
fn reachable_here(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        ip if !ip.is_unspecified() => address,
        ip if ip.is_ipv4() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        _ => SocketAddr::from((Ipv6Addr::LOCALHOST, address.port())),
    }
}
