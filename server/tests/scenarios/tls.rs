//! TLS of the program itself: a certificate from files, its sessions, and units that reach the server all the same.

use crate::fixture::{body, status};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A server with a certificate for "localhost", ended when this is dropped.
struct Server {
    child: Child,
    port: u16,
    token: String,
    certificate: CertificateDer<'static>,
    _data: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended by itself is not there to be told.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start() -> Self {
        let data = TempDir::new().unwrap();
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (data.path().join("certificate.pem"), data.path().join("key.pem"));
        std::fs::write(&certificate, pair.cert.pem()).unwrap();
        std::fs::write(&key, pair.signing_key.serialize_pem()).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_bftgym"))
            .args(["serve", "--login", "--port", "0", "--data-dir"])
            .arg(data.path())
            .arg("--tls-cert")
            .arg(&certificate)
            .arg("--tls-key")
            .arg(&key)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let ready = lines.next().unwrap();
        let port = ready.strip_prefix("BFTGym is ready: https://127.0.0.1:").unwrap().parse().unwrap();
        let token = lines.next().unwrap().split_once("/login#token=").unwrap().1.to_owned();
        Self { child, port, token, certificate: pair.cert.der().clone(), _data: data }
    }

    async fn connect(&self, protocols: &[&[u8]]) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap()
    }

    async fn call(&self, method: &str, path: &str, headers: &str, content: &str) -> String {
        let mut stream = self.connect(&[b"http/1.1"]).await;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n{content}",
            self.port,
            content.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

#[tokio::test]
async fn with_tls_the_session_stays_on_tls_and_local_units_still_report() {
    let server = Server::start();
    assert_eq!(status(&server.call("GET", "/", "Accept: text/html\r\n", "").await), 401);
    let answer = server.call("POST", "/login", "", &format!("token={}", server.token)).await;
    assert_eq!(status(&answer), 303, "{answer}");
    let line = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    assert!(line.starts_with(&format!("__Host-bftgym-{}=", server.port)) && line.ends_with("; Secure"), "{line}");

    let session = format!("Cookie: {}\r\nContent-Type: application/json\r\n", line.split(';').next().unwrap());
    let start = r#"{"request":{"name":"over TLS","protocol":"pbft","changes":[]}}"#;
    assert_eq!(body(&server.call("POST", "/api/start", &session, start).await), r#"{"Ok":1}"#);
    loop {
        let answer = server.call("POST", "/api/read/detail", &session, r#"{"trial":1}"#).await;
        assert!(!answer.contains(r#""state":"failed""#), "{answer}");
        if answer.contains(r#""state":"running""#) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let answer = server.call("POST", "/api/stop", &session, r#"{"trial":1}"#).await;
    assert_eq!(status(&answer), 200, "{answer}");
}

#[tokio::test]
async fn http_2_is_spoken_where_the_browser_offers_it_and_plain_http_is_not() {
    let server = Server::start();
    let mut stream = server.connect(&[b"h2", b"http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    // The preface and an empty SETTINGS frame (RFC 9113, 3.4); the server's first frame is SETTINGS, too.
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[3], 4, "{frame:?}");

    let mut plain = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // It may be cut instead of ended.
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/"), "{answer:?}");
    // One that says nothing holds up nobody.
    let _silent = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    assert_eq!(status(&server.call("GET", "/healthz", "", "").await), 200);
}

/// A frame of HTTP/2 (RFC 9113, 4.1) of stream 1, or of none.
fn frame(kind: u8, flags: u8, stream: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], content].concat()
}

/// The next frame: its kind, its flags, what is in it.
async fn next_frame(stream: &mut TlsStream<TcpStream>) -> (u8, u8, Vec<u8>) {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    let mut content = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
    stream.read_exact(&mut content).await.unwrap();
    (head[3], head[4], content)
}

#[tokio::test]
async fn over_http_2_a_refusal_arrives_whole_while_its_request_is_still_being_sent() {
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const RESET: u8 = 3;
    const SETTINGS: u8 = 4;
    const PING: u8 = 6;
    const END_STREAM: u8 = 1;
    const END_HEADERS: u8 = 4;
    let server = Server::start();
    let host = format!("localhost:{}", server.port);
    // POST, https, a path and an authority in figures and plain text (RFC 7541, 6.1 and 6.2.2).
    let request = |path: &str, more: &[u8]| {
        let texts =
            [(4, path), (1, host.as_str())].map(|(name, text)| [&[name, text.len() as u8], text.as_bytes()].concat());
        frame(HEADERS, END_HEADERS, 1, &[&[0x83, 0x87], &texts.concat()[..], more].concat())
    };
    // The length of the body that is announced, as a field that has a number in the table: content-length is 28.
    let five_million = [&[0x0f, 28 - 15, 7][..], b"5000000"].concat();
    let origin = [&[0x00, 6][..], b"origin", &[20], b"https://evil.example"].concat();
    let plain_origin = format!("http://{host}");
    let plain_origin = [&[0x00, 6][..], b"origin", &[plain_origin.len() as u8], plain_origin.as_bytes()].concat();
    for (path, more, sentence) in [
        ("/api/stop", &[][..], "Sign in first"),
        ("/api/stop", &origin, "evil.example"),
        // The page of the same name without TLS is another one.
        ("/api/stop", &plain_origin, "use this server's own page"),
        ("/login", &five_million, "larger than"),
    ] {
        let mut stream = server.connect(&[b"h2"]).await;
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
        stream.write_all(&request(path, more)).await.unwrap();
        stream.write_all(&frame(DATA, 0, 1, &[b'x'; 10_000])).await.unwrap();
        let mut answer = Vec::new();
        loop {
            let (kind, flags, content) = next_frame(&mut stream).await;
            assert_ne!(kind, RESET, "{sentence}");
            if kind == DATA {
                answer.extend(content);
            }
            if matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0 {
                break;
            }
        }
        assert!(String::from_utf8_lossy(&answer).contains(sentence), "{}", String::from_utf8_lossy(&answer));
        // What was on its way is taken as well: before the answer to a question that comes after it, nothing is reset.
        stream.write_all(&frame(DATA, 0, 1, &[b'x'; 10_000])).await.unwrap();
        stream.write_all(&frame(PING, 0, 0, b"question")).await.unwrap();
        loop {
            let (kind, _, content) = next_frame(&mut stream).await;
            assert_ne!(kind, RESET, "{sentence}");
            if kind == PING && content == b"question" {
                break;
            }
        }
    }
}

#[test]
fn a_certificate_that_is_none_is_refused_before_anything_is_served() {
    let data = TempDir::new().unwrap();
    let serve = |arguments: &[&Path]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bftgym"));
        command.args(["serve", "--port", "0", "--data-dir"]).arg(data.path());
        let output = command.args(arguments).output().unwrap();
        assert!(output.stdout.is_empty());
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let file = data.path().join("nothing.pem");
    std::fs::write(&file, "nothing").unwrap();
    let (cert, key) = (Path::new("--tls-cert"), Path::new("--tls-key"));
    let (code, message) = serve(&[cert, &file, key, &file]);
    assert!(code == Some(64) && message.contains("nothing.pem"), "{message}");
    let (code, message) = serve(&[cert, &file]);
    assert!(code == Some(64) && message.contains("--tls-key"), "{message}");
}
