//! The listener.

use crate::error::ServerError;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use tokio::net::TcpListener;

/// Listens on an address of this machine; port 0 picks a free one. Whether it may go beyond this machine is for the caller to
/// say.
///
/// # Errors
/// When it is no address of this machine, or is taken.
pub async fn listen(host: &str, port: u16) -> Result<TcpListener, ServerError> {
    let address = parse_host(host)?;
    TcpListener::bind(SocketAddr::new(address, port)).await.map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => ServerError::PortInUse { host: host.to_owned(), port },
        _ => ServerError::Listen { host: host.to_owned(), port, source },
    })
}

/// The address that `--host` names.
pub(super) fn parse_host(host: &str) -> Result<IpAddr, ServerError> {
    match host {
        "localhost" => Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        host => host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse()
            .map_err(|_| ServerError::NoAddress { host: host.to_owned() }),
    }
}

/// An address under which others reach a listener: its own, or where that is every address, the one that this machine would
/// call others from. Nothing is sent to find out.
pub(super) fn reachable(bound: SocketAddr) -> SocketAddr {
    if !bound.ip().is_unspecified() {
        return bound;
    }
    // Addresses for documentation: they are nobody's.
    let (any, somebody) = if bound.is_ipv4() { ("0.0.0.0:0", "192.0.2.1:9") } else { ("[::]:0", "[2001:db8::1]:9") };
    let own = UdpSocket::bind(any).and_then(|socket| {
        socket.connect(somebody)?;
        socket.local_addr()
    });
    let own = own.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |own| own.ip());
    SocketAddr::new(own, bound.port())
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
    async fn names_and_addresses_of_other_machines_are_not_listened_on() {
        for host in ["example.org", "", "127.0.0.1:80"] {
            let error = listen(host, 0).await.unwrap_err().to_string();
            assert!(error.contains("0.0.0.0"), "{error}");
        }
        let error = listen("192.0.2.1", 0).await.unwrap_err().to_string();
        assert!(error.contains("192.0.2.1") && error.contains("--host"), "{error}");
    }

    #[test]
    fn the_link_of_a_server_on_every_address_has_one_that_can_be_called() {
        let bound = "127.0.0.1:8999".parse().unwrap();
        assert_eq!(reachable(bound), bound);
        let reached = reachable("0.0.0.0:8999".parse().unwrap());
        assert!(!reached.ip().is_unspecified() && reached.port() == 8999, "{reached}");
    }
}
