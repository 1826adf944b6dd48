//! `bftgym serve`: the page and the trials.

use super::exposure::Exposure;
use super::signals::Signals;
use super::{config, data_dir, listen, open_files};
use crate::access::{Access, Hosts, Login};
use crate::bftbrain::BftbrainSettings;
use crate::cli::ServeArgs;
use crate::clock::Clock;
use crate::cloudlab::CloudlabSettings;
use crate::error::ServerError;
use crate::http::{page_options, router, serve, serve_plain, units_router};
use crate::service::Service;
use crate::tls::{self, TlsListener};
use crate::trials::{HostSettings, LocalLauncher, Settings};
use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{AccessStore, Store};
use tokio::net::TcpListener;

/// How long open connections may take to end after the streams have.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// Serves until SIGINT or SIGTERM.
pub(super) async fn run(args: ServeArgs) -> Result<(), ServerError> {
    let file = config::read(args.config.as_deref())?;
    let cloudlab = CloudlabSettings::read(&args.cloudlab)?;
    let exposure = Exposure::of(&args.host, &args.access)?;
    let tls = exposure.tls.as_ref().map(|(certificates, key)| tls::server_config(certificates, key)).transpose()?;
    let directory = data_dir::choose(args.data_dir)?;
    open_files::raise_limit();
    let listener = listen::listen(&args.host, args.port).await?;
    let address = address_of(&listener)?;
    let options = page_options(address)?;
    let clock = Clock::system();
    let store = Arc::new(Store::open(&directory, clock.now_ms())?);
    let binary = std::env::current_exe()
        .map_err(|source| ServerError::Io { what: "this program does not know its own place", source })?;
    let launcher = Arc::new(LocalLauncher::new(binary));
    let units = listen_for_units(args.units_listen).await?;
    let units_address = reachable_here(address_of(&units)?);
    let known_hosts = directory.join("known_hosts");
    let hosts = Some(HostSettings { known_hosts, units: units_address });
    // Units on this machine call over plain HTTP on the loopback address; where the page does not, at the units' own door.
    let local = if exposure.local_http { address } else { units_address };
    let bftbrain = BftbrainSettings::read(&args.bftbrain, &directory)?;
    let settings = Settings { config: file.tree, config_text: file.text, address: local, hosts, bftbrain };
    let (access, token) = access(&exposure, address, &directory, &clock).await?;
    let service = Service::new(Arc::clone(&store), clock, launcher, settings)?
        .with_cloudlab(&store, &directory, cloudlab)
        .await?;
    let mut end = Signals::new()?;
    let routes = router(service.clone(), access, options);
    let page = match tls {
        None => tokio::spawn(serve_plain(listener, routes, service.shutdown.clone())),
        Some(config) => {
            let listener = TlsListener::new(listener, config)
                .map_err(|source| ServerError::Io { what: "the listener has no address", source })?;
            tokio::spawn(serve(listener, routes, service.shutdown.clone()))
        }
    };
    let units = tokio::spawn(serve_plain(units, units_router(service.clone()), service.shutdown.clone()));
    service.trials.load_testbeds().await?;
    service.trials.resume().await?;
    tracing::info!("trials are kept in {}", directory.display());
    announce(&exposure, address, token.as_deref());
    end.received().await;
    tracing::info!("ending");
    service.end().await;
    for server in [page, units] {
        if tokio::time::timeout(DRAIN_LIMIT, server).await.is_err() {
            tracing::warn!("some connections did not end in time and are cut");
        }
    }
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

fn address_of(listener: &TcpListener) -> Result<SocketAddr, ServerError> {
    listener.local_addr().map_err(|source| ServerError::Io { what: "the listener has no address", source })
}

/// Who may use the server, and the token of the link that is printed.
async fn access(
    exposure: &Exposure,
    address: SocketAddr,
    directory: &Path,
    clock: &Clock,
) -> Result<(Access, Option<String>), ServerError> {
    let hosts = Hosts::new(address, exposure.public.clone()).over_tls(exposure.tls.is_some());
    if !exposure.login {
        return Ok((Access::open(hosts), None));
    }
    let port = exposure.public.as_ref().map_or(address.port(), crate::access::PublicUrl::port);
    let login = Login::new(AccessStore::open(directory)?, clock.clone(), port, exposure.secure);
    let token = login.start_token().await?;
    Ok((Access::with_login(hosts, login), Some(token)))
}

/// Says where the page is. The token is behind the `#`, which browsers keep to themselves.
fn announce(exposure: &Exposure, address: SocketAddr, token: Option<&str>) {
    let scheme = if exposure.tls.is_some() { "https" } else { "http" };
    let own = format!("{scheme}://{}", listen::reachable(address));
    let url = exposure.public.as_ref().map_or(own, crate::access::PublicUrl::origin);
    let mut text = format!("BFTGym is ready: {url}\n");
    if let Some(token) = token {
        text += &format!("Sign in with this link, which is valid until the next start: {url}/login#token={token}\n");
    }
    // Whoever started the server may have closed its output; it serves all the same.
    let mut output = std::io::stdout();
    let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
}
