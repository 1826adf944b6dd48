//! Who may call the control plane: pages that this server itself has served, and programs; where there is a login, those who
//! signed in. Other pages in the same browser may not, neither under a foreign name for this address nor by posting across.
//! What somebody may do is decided here and nowhere else, by method and path: a route that is new is for drivers only.

use super::body::{announced, drain};
use super::login;
use super::refusal::refuse;
use crate::access::{Access, Hosts, Pass, may};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use model::access::WATCHING_ONLY;
use std::net::SocketAddr;

/// Lets a request pass, with what it was let in with, or refuses it with the reason.
pub(super) async fn guard(State(access): State<Access>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match judge(&access, &parts).await {
        Ok(pass) => {
            if let Some(pass) = pass {
                parts.extensions.insert(pass);
            }
            next.run(Request::from_parts(parts, body)).await
        }
        Err(refused) => {
            drain(announced(&parts.headers), body);
            refused
        }
    }
}

/// What a request is let in with, if it has to show something, or the refusal.
async fn judge(access: &Access, request: &Parts) -> Result<Option<Pass>, Response> {
    check(&access.hosts, &request.method, &request.uri, &request.headers)
        .map_err(|sentence| refuse(StatusCode::FORBIDDEN, sentence))?;
    let peer = request.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    match access.admit(&request.headers, peer).await {
        Ok(pass) if may(pass.role(), &request.method, request.uri.path()) => Ok(Some(pass)),
        // Whoever watches may sign in as a driver.
        Ok(_) if login::is_for_all(&request.method, request.uri.path()) => Ok(None),
        Ok(_) => Err(refuse(
            StatusCode::FORBIDDEN,
            format!("{WATCHING_ONLY}. Ask a driver to do it, or to let you in with a driver's token."),
        )),
        // Whoever goes on without a pass is not given the experiments either.
        Err(_) if login::is_for_all(&request.method, request.uri.path()) => Ok(None),
        Err(denied) => Err(login::deny(&denied, &request.method, &request.headers)),
    }
}

fn check(hosts: &Hosts, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), String> {
    let text = |name: &header::HeaderName| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    // HTTP/2 has the name in the address; where a request says it twice, both have to be right.
    let named = uri.authority().map(|authority| authority.as_str().into());
    let host = named.clone().or_else(|| text(&header::HOST)).unwrap_or_default();
    if let Some(wrong) =
        [Some(host.clone()), text(&header::HOST)].into_iter().flatten().find(|host| !hosts.answers_to(host))
    {
        return Err(format!(
            "this server answers to {} only, not to {:?}: open it by one of these names, or start it with --public-url",
            hosts.words(),
            shorten(&wrong)
        ));
    }
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    if let Some(origin) = text(&header::ORIGIN) {
        return if hosts.is_own_page(&origin, &host) {
            Ok(())
        } else {
            Err(format!("a page of {:?} may not change anything here: use this server's own page", shorten(&origin)))
        };
    }
    // Browsers send one of the two headers; a program sends neither.
    match headers.get("sec-fetch-site").map(|site| site.as_bytes()) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err("another site's page may not change anything here: use this server's own page".to_owned()),
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn hosts() -> Hosts {
        Hosts::new("127.0.0.1:8999".parse().unwrap(), Some("https://gym.example.org".parse().unwrap()))
    }

    fn checked(method: &Method, uri: &str, headers: &HeaderMap) -> Result<(), String> {
        check(&hosts(), method, &uri.parse().unwrap(), headers)
    }

    #[test]
    fn only_names_of_this_server_are_answered() {
        for host in ["127.0.0.1:8999", "localhost", "gym.example.org"] {
            assert!(checked(&Method::GET, "/", &headers(&[("host", host)])).is_ok(), "{host}");
        }
        for host in ["evil.example", ":8999", ""] {
            let error = checked(&Method::GET, "/", &headers(&[("host", host)])).unwrap_err();
            assert!(error.contains("localhost") && error.contains("--public-url"), "{error}");
        }
        assert!(checked(&Method::GET, "/", &HeaderMap::new()).is_err());
    }

    #[test]
    fn a_name_in_the_address_counts_and_does_not_hide_another_in_the_header() {
        assert!(checked(&Method::GET, "https://gym.example.org/", &HeaderMap::new()).is_ok());
        assert!(checked(&Method::GET, "https://evil.example/", &headers(&[("host", "localhost")])).is_err());
        assert!(checked(&Method::GET, "https://localhost/", &headers(&[("host", "evil.example")])).is_err());
    }

    #[test]
    fn a_page_of_the_same_name_without_tls_may_not_change_what_is_called_over_it() {
        let hosts = hosts().over_tls(true);
        // HTTP/1.1 names the host in a header, HTTP/2 in the address.
        for (uri, named) in [("/", Some("127.0.0.1:8999")), ("https://127.0.0.1:8999/", None)] {
            let posted = |origin| {
                let mut headers = headers(&[("origin", origin)]);
                headers.extend(named.map(|host| (Some(header::HOST), host.parse().unwrap())));
                check(&hosts, &Method::POST, &uri.parse().unwrap(), &headers)
            };
            assert!(posted("https://127.0.0.1:8999").is_ok(), "{uri}");
            assert!(posted("http://127.0.0.1:8999").unwrap_err().contains("own page"), "{uri}");
        }
    }

    #[test]
    fn only_own_pages_and_programs_may_change_something() {
        let with = |name, value| headers(&[("host", "127.0.0.1:8999"), (name, value)]);
        for allowed in [
            with("origin", "http://127.0.0.1:8999"),
            with("origin", "https://gym.example.org"),
            with("sec-fetch-site", "same-origin"),
            with("sec-fetch-site", "none"),
            with("accept", "*/*"),
        ] {
            assert!(checked(&Method::POST, "/", &allowed).is_ok(), "{allowed:?}");
        }
        for refused in [
            with("origin", "http://127.0.0.1:9000"),
            with("origin", "http://localhost:8999"),
            with("origin", "http://gym.example.org"),
            with("origin", "null"),
            with("origin", "https://evil.example"),
            with("sec-fetch-site", "cross-site"),
            with("sec-fetch-site", "same-site"),
        ] {
            assert!(checked(&Method::POST, "/", &refused).is_err(), "{refused:?}");
            assert!(checked(&Method::GET, "/", &refused).is_ok(), "{refused:?}");
        }
    }
}
