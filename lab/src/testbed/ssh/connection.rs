//! An SSH connection: reaching a host, judging its key, and what is done over it afterwards.

use super::Access;
use super::command::RemoteCommand;
use super::known_hosts::{Judgement, fingerprint};
use super::lines::Lines;
use super::remote_host::{HostError, Output, RemoteHost, RemoteProcess};
use crate::host::MAX_LINE;
use async_trait::async_trait;
use bytes::Bytes;
use model::hosts::{Finding, FindingState, HostStep, SshHost};
use russh::client::{self, ChannelOpenHandle, Handle, Msg, Session};
use russh::keys::{Algorithm, PublicKey, PublicKeyOrCertificate};
use russh::{Channel, ChannelMsg, Disconnect, Preferred};
use std::borrow::Cow;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc};

/// How long a host may take to answer, and its SSH server to greet.
const PATIENCE: Duration = Duration::from_secs(10);
/// A connection on which nothing comes for this long is asked for a sign of life, ...
const KEEPALIVE: Duration = Duration::from_secs(3);
/// ... and given up after so many questions without an answer.
const KEEPALIVES: usize = 3;
/// The most that a command may say, bytes.
const MAX_OUTPUT: usize = 256 << 10;
/// How much input goes out in one piece, bytes.
const PIECE: usize = 256 << 10;
/// How many connections a host may bring back at a time.
const MAX_FORWARDED: usize = 1_024;

/// What is known of the host while the connection is made.
pub(super) struct Client {
    access: Access,
    host: SshHost,
    judged: Arc<Mutex<Option<Finding>>>,
    forwarded: Arc<Semaphore>,
}

/// A host that one is logged in to.
pub(super) struct Connection {
    handle: Handle<Client>,
    peer: IpAddr,
}

impl Client {
    fn judge(&self, key: &PublicKey) -> (bool, Finding) {
        let SshHost { address, port, .. } = &self.host;
        let (shown, algorithm) = (fingerprint(key), key.algorithm().to_string());
        let step = HostStep::HostKey;
        match self.access.known_hosts.judge(address, *port, key) {
            Judgement::Known => (true, Finding::good(step, format!("it is the known one: {algorithm} {shown}"))),
            Judgement::Unknown => {
                let text = format!("this host has not been seen before; it shows {algorithm} {shown}");
                let state = FindingState::UnknownHostKey { fingerprint: shown, algorithm, key: openssh(key) };
                (false, Finding { step, text, state })
            }
            Judgement::Changed { known, place } => {
                let text = format!("the host's key has changed: {known} is known ({place}), it shows {shown}");
                let mend =
                    "somebody may be listening in; only if you know that the host was set up anew, forget the old key \
                            and check again"
                        .to_owned();
                (false, Finding { step, text, state: FindingState::ChangedHostKey { known, shown, mend } })
            }
            Judgement::Revoked { place } => {
                (false, Finding::bad(step, format!("{place} marks its key as revoked"), "do not use this host"))
            }
            Judgement::Unreadable { reason } => {
                (false, Finding::bad(step, format!("the known keys cannot be read: {reason}"), "mend that file"))
            }
        }
    }
}

fn openssh(key: &PublicKey) -> String {
    key.to_openssh().unwrap_or_default()
}

impl client::Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let (right, finding) = match shown {
            PublicKeyOrCertificate::PublicKey { key, .. } => self.judge(key),
            // No authorities are known here, so a certificate says nothing.
            PublicKeyOrCertificate::Certificate(_) => {
                let mend = "let its SSH server show a plain host key";
                (false, Finding::bad(HostStep::HostKey, "it shows a certificate, which cannot be judged here", mend))
            }
        };
        *self.judged.lock().unwrap_or_else(PoisonError::into_inner) = Some(finding);
        Ok(right)
    }

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        channel: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        // Dropping the reply refuses.
        let Ok(permit) = Arc::clone(&self.forwarded).try_acquire_owned() else { return Ok(()) };
        reply.accept().await;
        let units = self.access.units;
        tokio::spawn(async move {
            let _permit = permit;
            if let Ok(mut stream) = TcpStream::connect(units).await {
                let _ = stream.set_nodelay(true);
                // Either end may hang up when it likes.
                let _ = tokio::io::copy_bidirectional(&mut channel.into_stream(), &mut stream).await;
            }
        });
        Ok(())
    }
}

/// Reaches a host and judges its key; both are found well when it answers with a connection.
pub(super) async fn connect(
    access: &Access,
    host: &SshHost,
    findings: &mut Vec<Finding>,
) -> Result<(Handle<Client>, IpAddr), Finding> {
    let stream = reach(host).await?;
    let _ = stream.set_nodelay(true);
    let peer = stream.peer_addr().map_err(|error| unreachable(host, &error))?.ip();
    findings.push(Finding::good(HostStep::Reach, format!("{peer} answers on port {}", host.port)));
    let judged = Arc::new(Mutex::new(None));
    let client = Client {
        access: access.clone(),
        host: host.clone(),
        judged: Arc::clone(&judged),
        forwarded: Arc::new(Semaphore::new(MAX_FORWARDED)),
    };
    let config = Arc::new(configuration(&access.known_hosts.algorithms(&host.address, host.port)));
    let greeted = tokio::time::timeout(PATIENCE, client::connect_stream(config, stream, client)).await;
    let verdict = judged.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (greeted, verdict) {
        (Ok(Ok(handle)), Some(verdict)) => {
            findings.push(verdict);
            Ok((handle, peer))
        }
        (_, Some(verdict)) if !verdict.state.is_fine() => Err(verdict),
        (Ok(Err(error)), _) => Err(Finding::bad(
            HostStep::HostKey,
            format!("what answers on port {} of {} does not agree on SSH: {error}", host.port, host.address),
            "check the port; an SSH server must listen there, with an Ed25519 or ECDSA host key",
        )),
        _ => Err(Finding::bad(
            HostStep::HostKey,
            format!("what answers on port {} of {} does not greet as an SSH server does", host.port, host.address),
            "check the port, and look whether the host is overloaded",
        )),
    }
}

async fn reach(host: &SshHost) -> Result<TcpStream, Finding> {
    let address = host.address.as_str();
    let unknown = |text: String| Finding::bad(HostStep::Reach, text, "check its spelling, or give the IP address");
    let addresses: Vec<SocketAddr> =
        match tokio::time::timeout(PATIENCE, tokio::net::lookup_host((address, host.port))).await {
            Ok(Ok(found)) => found.collect(),
            Ok(Err(error)) => return Err(unknown(format!("the name {address} cannot be looked up: {error}"))),
            Err(_) => vec![],
        };
    if addresses.is_empty() {
        return Err(unknown(format!("nobody knows an address of {address}")));
    }
    match tokio::time::timeout(PATIENCE, TcpStream::connect(&addresses[..])).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(unreachable(host, &error)),
        Err(_) => Err(Finding::bad(
            HostStep::Reach,
            format!("{} does not answer within {} s", host.label(), PATIENCE.as_secs()),
            "check its address, whether it is up, and whether a firewall is between",
        )),
    }
}

fn unreachable(host: &SshHost, error: &std::io::Error) -> Finding {
    let mend = match error.kind() {
        ErrorKind::ConnectionRefused => "start an SSH server there, or correct the port",
        _ => "check its address, whether it is up, and the network between",
    };
    Finding::bad(HostStep::Reach, format!("{} cannot be reached: {error}", host.label()), mend)
}

fn configuration(known: &[Algorithm]) -> client::Config {
    let usual = Preferred::default();
    let (first, others): (Vec<_>, Vec<_>) = usual.key.iter().cloned().partition(|one| known.contains(one));
    let key = Cow::Owned(first.into_iter().chain(others).collect());
    client::Config {
        preferred: Preferred { key, ..usual },
        keepalive_interval: Some(KEEPALIVE),
        keepalive_max: KEEPALIVES,
        nodelay: true,
        ..client::Config::default()
    }
}

fn lost(error: russh::Error) -> HostError {
    HostError::Lost { reason: error.to_string() }
}

impl Connection {
    /// A connection whose user has been let in.
    pub(super) fn new(handle: Handle<Client>, peer: IpAddr) -> Self {
        Self { handle, peer }
    }

    async fn exec(&self, command: &RemoteCommand) -> Result<Channel<Msg>, HostError> {
        let mut channel = self.handle.channel_open_session().await.map_err(lost)?;
        channel.exec(true, command.line()).await.map_err(lost)?;
        loop {
            match channel.wait().await {
                Some(ChannelMsg::Success) => return Ok(channel),
                Some(ChannelMsg::Failure) => return Err(HostError::Refused { what: "run a command" }),
                Some(ChannelMsg::WindowAdjusted { .. }) => {}
                other => return Err(HostError::Lost { reason: format!("no answer to a command, but {other:?}") }),
            }
        }
    }
}

#[async_trait]
impl RemoteHost for Connection {
    fn peer(&self) -> IpAddr {
        self.peer
    }

    async fn run(
        &self,
        command: &RemoteCommand,
        input: Bytes,
        sent: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Output, HostError> {
        let (mut read, write) = self.exec(command).await?.split();
        let feed = async {
            let mut gone = 0;
            while gone < input.len() {
                let end = (gone + PIECE).min(input.len());
                write.data_bytes(input.slice(gone..end)).await?;
                gone = end;
                sent(gone as u64);
            }
            write.eof().await
        };
        let listen = async {
            let (mut output, mut errors, mut status) = (Vec::new(), Vec::new(), None);
            while let Some(message) = read.wait().await {
                match message {
                    ChannelMsg::Data { data } => output.extend_from_slice(&data),
                    ChannelMsg::ExtendedData { data, .. } => errors.extend_from_slice(&data),
                    ChannelMsg::ExitStatus { exit_status } => status = Some(exit_status),
                    ChannelMsg::Close => break,
                    _ => {}
                }
                if output.len() + errors.len() > MAX_OUTPUT {
                    return Err(HostError::TooMuch { limit: MAX_OUTPUT });
                }
            }
            let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
            Ok(Output { status, output: text(output), errors: text(errors) })
        };
        tokio::pin!(listen);
        // A command that has enough before its input is out has ended: what it said counts.
        tokio::select! {
            output = &mut listen => output,
            _ = feed => listen.await,
        }
    }

    async fn start(&self, command: &RemoteCommand) -> Result<RemoteProcess, HostError> {
        let (mut read, write) = self.exec(command).await?.split();
        let (input, mut to_send) = mpsc::channel::<String>(256);
        let (queue, lines) = mpsc::channel(1_024);
        tokio::spawn(async move {
            while let Some(mut line) = to_send.recv().await {
                line.push('\n');
                if write.data_bytes(line.into_bytes()).await.is_err() {
                    return;
                }
            }
            // The end of its input is how it is told to end; when the connection is gone it has ended already.
            let _ = write.eof().await;
        });
        tokio::spawn(async move {
            let mut whole = Lines::new(MAX_LINE);
            while let Some(message) = read.wait().await {
                match message {
                    ChannelMsg::Data { data } => {
                        let Some(found) = whole.take(&data) else { return };
                        for line in found {
                            if queue.send(line).await.is_err() {
                                return;
                            }
                        }
                    }
                    ChannelMsg::ExtendedData { data, .. } => {
                        tracing::info!(target: "host", "{}", String::from_utf8_lossy(&data).trim_end());
                    }
                    ChannelMsg::Close => return,
                    _ => {}
                }
            }
        });
        Ok(RemoteProcess { input, lines })
    }

    async fn forward(&self) -> Result<u16, HostError> {
        let refused = HostError::Refused { what: "forward a port" };
        match self.handle.tcpip_forward("127.0.0.1", 0).await {
            Ok(port) => u16::try_from(port).ok().filter(|port| *port > 0).ok_or(refused),
            Err(russh::Error::RequestDenied) => Err(refused),
            Err(error) => Err(lost(error)),
        }
    }

    async fn close(&self) {
        // One that is gone needs no farewell.
        let _ = self.handle.disconnect(Disconnect::ByApplication, "", "en").await;
    }
}
