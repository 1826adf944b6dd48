//! The listener, on this machine only.

use crate::error::ServerError;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;

/// Listens on a loopback address; port 0 picks a free one.
///
/// # Errors
/// When the address is beyond this machine, or is taken.
pub async fn listen(host: &str, port: u16) -> Result<TcpListener, ServerError> {
    let address = match host {
        "localhost" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        host => host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok(),
    };
    let address =
        address.filter(IpAddr::is_loopback).ok_or_else(|| ServerError::NotLoopback { host: host.to_owned() })?;
    TcpListener::bind(SocketAddr::new(address, port)).await.map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => ServerError::PortInUse { host: host.to_owned(), port },
        _ => ServerError::Listen { host: host.to_owned(), port, source },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_named_with_the_mend() {
        let first = listen("127.0.0.1", 0).await.unwrap();
        let port = first.local_addr().unwrap().port();
        let error = listen("localhost", port).await.unwrap_err();
        assert!(error.to_string().contains(&port.to_string()) && error.to_string().contains("--port"), "{error}");
    }

    #[tokio::test]
    async fn nothing_beyond_this_machine_is_listened_on() {
        for host in ["0.0.0.0", "192.168.0.1", "::", "example.org", ""] {
            let error = listen(host, 0).await.unwrap_err().to_string();
            assert!(error.contains("no login yet") && error.contains("127.0.0.1"), "{error}");
        }
    }
}
