//! TLS with a certificate and a key from files. Handshakes happen beside each other, so that one who dawdles holds up nobody.

use crate::error::ServerError;
use axum::serve::Listener;
use lab::user_file;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;
use zeroize::Zeroizing;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How many handshakes go on at the same time.
const HANDSHAKES: usize = 128;
/// How many of them with one address: whoever opens connections and says nothing has no place left for others otherwise.
const HANDSHAKES_EACH: usize = 16;
/// The largest file that is read, bytes.
const MAX_BYTES: usize = 4 << 20;

/// What the two files say. HTTP/2 is offered first: there a browser's tabs do not use up its six connections.
///
/// # Errors
/// When a file cannot be read or does not hold what it should, or the key is not that of the certificate.
pub fn server_config(certificates: &Path, key: &Path) -> Result<Arc<ServerConfig>, ServerError> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(certificates)?)
        .collect::<Result<_, _>>()
        .map_err(|error| refused(certificates, error.to_string()))?;
    if chain.is_empty() {
        return Err(refused(certificates, "there is no certificate in it".to_owned()));
    }
    let private =
        PrivateKeyDer::from_pem_slice(&Zeroizing::new(read(key)?)).map_err(|error| refused(key, error.to_string()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(certificates, error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| refused(key, error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn refused(path: &Path, reason: String) -> ServerError {
    ServerError::TlsFile { path: path.to_owned(), reason }
}

fn read(path: &Path) -> Result<Vec<u8>, ServerError> {
    user_file::read(path, MAX_BYTES).map_err(|fault| refused(path, format!("it {fault}")))
}

/// A listener whose connections have their handshake behind them.
#[derive(Debug)]
pub struct TlsListener {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl TlsListener {
    /// Takes over a listener. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn new(listener: TcpListener, config: Arc<ServerConfig>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, ready) = mpsc::channel(HANDSHAKES);
        tokio::spawn(shake_hands(listener, TlsAcceptor::from(config), sender));
        Ok(Self { address, ready })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The task ends after this only.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// How many handshakes go on, by address.
#[derive(Debug, Default)]
struct GoingOn(Mutex<HashMap<IpAddr, usize>>);

/// One of them; it ends when this is dropped.
#[derive(Debug)]
struct Turn {
    going_on: Arc<GoingOn>,
    peer: IpAddr,
}

impl GoingOn {
    /// One more with an address, unless there are as many as it may have.
    fn begin(self: &Arc<Self>, peer: IpAddr) -> Option<Turn> {
        let mut counts = self.counts();
        let count = counts.entry(peer).or_default();
        (*count < HANDSHAKES_EACH).then(|| *count += 1)?;
        Some(Turn { going_on: Arc::clone(self), peer })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut counts = self.going_on.counts();
        let left = counts.get(&self.peer).map_or(0, |count| count.saturating_sub(1));
        match left {
            0 => drop(counts.remove(&self.peer)),
            left => drop(counts.insert(self.peer, left)),
        }
    }
}

async fn shake_hands(
    mut listener: TcpListener,
    acceptor: TlsAcceptor,
    ready: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let places = Arc::new(Semaphore::new(HANDSHAKES));
    let going_on = Arc::<GoingOn>::default();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (stream, peer) = tokio::select! {
            connection = Listener::accept(&mut listener) => connection,
            () = ready.closed() => return,
        };
        let Some(turn) = going_on.begin(peer.ip()) else {
            tracing::debug!("no TLS with {peer}: {HANDSHAKES_EACH} handshakes with its address go on already");
            continue;
        };
        // Without it small answers wait for more; a connection that refuses is served all the same.
        let _ = stream.set_nodelay(true);
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        tokio::spawn(async move {
            let _held = (place, turn);
            match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                // The server may have ended meanwhile.
                Ok(Ok(stream)) => drop(ready.send((stream, peer)).await),
                Ok(Err(error)) => tracing::debug!("no TLS with {peer}: {error}"),
                Err(_) => tracing::debug!("no TLS with {peer}: it took too long"),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    #[test]
    fn one_address_has_a_part_of_the_handshakes_and_gets_places_back() {
        let going_on = Arc::<GoingOn>::default();
        let [greedy, other] = [[192, 0, 2, 1], [192, 0, 2, 2]].map(IpAddr::from);
        let mut turns: Vec<_> = (0..HANDSHAKES_EACH).map(|_| going_on.begin(greedy).unwrap()).collect();
        assert!(going_on.begin(greedy).is_none());
        drop(going_on.begin(other).unwrap());
        turns.pop();
        drop(going_on.begin(greedy).unwrap());
        drop(turns);
        assert!(going_on.counts().is_empty());
    }

    #[test]
    fn files_that_are_missing_empty_or_do_not_belong_together_are_named() {
        let folder = TempDir::new().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let pair = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (mine, other) = (pair(), pair());
        let certificate = write("certificate.pem", &mine.cert.pem());
        let key = write("key.pem", &mine.signing_key.serialize_pem());
        let foreign = write("foreign.pem", &other.signing_key.serialize_pem());
        let empty = write("empty.pem", "");
        let missing = folder.path().join("missing.pem");
        assert!(server_config(&certificate, &key).is_ok());
        for (certificate, key, named) in [
            (&missing, &key, "missing.pem"),
            (&empty, &key, "empty.pem"),
            (&certificate, &empty, "empty.pem"),
            (&certificate, &certificate, "certificate.pem"),
            (&certificate, &foreign, "foreign.pem"),
        ] {
            let error = server_config(certificate, key).unwrap_err().to_string();
            assert!(error.contains(named) && error.contains("--tls-cert"), "{error}");
        }
    }
}
