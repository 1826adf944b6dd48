//! The portal behind TLS.

use crate::portal::{ID, TOKEN};
use lab::cloudlab::{ApiToken, PortalClient, PortalError, PortalUrl};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Serves one answer over TLS, then tells what it was sent; nothing where the handshake failed.
async fn serve_once() -> (u16, String, tokio::task::JoinHandle<Option<String>>) {
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".into()]).unwrap().signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let served = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(stream).await.ok()?;
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.ok()?;
        let body = format!("{{\"id\":\"{ID}\",\"user\":\"ann\"}}");
        let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.ok()?;
        stream.shutdown().await.ok()?;
        Some(String::from_utf8_lossy(&request[..length]).into_owned())
    });
    (port, authority.pem(), served)
}

fn client(port: u16, authorities: Option<&std::path::Path>) -> Result<PortalClient, PortalError> {
    let url = PortalUrl::parse(&format!("https://localhost:{port}")).unwrap();
    PortalClient::new(url, ApiToken::new(TOKEN.into()).unwrap(), authorities)
}

#[tokio::test]
async fn a_certificate_of_a_named_authority_is_trusted() {
    let (port, authority, served) = serve_once().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority).unwrap();
    let info = client(port, Some(file.path())).unwrap().token().await.unwrap();
    assert_eq!(info.user.as_deref(), Some("ann"));
    assert!(served.await.unwrap().unwrap().contains(TOKEN));
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused_before_the_token_is_sent() {
    let (port, _, served) = serve_once().await;
    let (_, other, _) = serve_once().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), other).unwrap();
    let error = client(port, Some(file.path())).unwrap().token().await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
    assert_eq!(served.await.unwrap(), None);
}

#[test]
fn a_file_without_certificates_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = client(1, Some(file.path())).unwrap_err().to_string();
    assert!(error.contains(&file.path().display().to_string()), "{error}");
}
