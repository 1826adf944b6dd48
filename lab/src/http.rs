//! What every HTTP client of this crate is built from.

use rustls::crypto::ring;

/// A builder whose cryptography is ring's. It trusts the system's certificates unless told otherwise.
pub(crate) fn client() -> reqwest::ClientBuilder {
    // Whoever comes second finds it installed.
    let _ = ring::default_provider().install_default();
    reqwest::Client::builder().referer(false)
}

/// A builder for clients that never use TLS: it does not look for the system's certificates, which a bare machine lacks.
pub(crate) fn plain_client() -> reqwest::ClientBuilder {
    client().tls_certs_only([]).no_proxy()
}
