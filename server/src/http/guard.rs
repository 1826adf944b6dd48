//! Who may call the control plane: pages that this server itself has served, and programs on this machine. Other pages
//! in the same browser may not, neither under a foreign name for this address nor by posting across.

use super::refusal::refuse;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

/// Lets a request pass, or refuses it with the reason.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    match check(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(sentence) => refuse(StatusCode::FORBIDDEN, sentence),
    }
}

fn check(method: &Method, headers: &HeaderMap) -> Result<(), String> {
    let text = |name: &header::HeaderName| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let host = text(&header::HOST).unwrap_or_default();
    if !is_loopback(&host) {
        return Err(format!(
            "this server answers to 127.0.0.1, localhost and [::1] only, not to {:?}: open it by one of these names",
            shorten(&host)
        ));
    }
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    if let Some(origin) = text(&header::ORIGIN) {
        let own = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        return if own.is_some_and(|own| own.eq_ignore_ascii_case(&host)) {
            Ok(())
        } else {
            Err(format!("a page of {:?} may not change anything here: use this server's own page", shorten(&origin)))
        };
    }
    // Browsers send one of the two headers; a program on this machine sends neither.
    match headers.get("sec-fetch-site").map(|site| site.as_bytes()) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err("another site's page may not change anything here: use this server's own page".to_owned()),
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name == "127.0.0.1" || name == "[::1]" || name.eq_ignore_ascii_case("localhost")
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

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["127.0.0.1:8999", "localhost", "LocalHost:1", "[::1]:8999", "[::1]"] {
            assert!(check(&Method::GET, &headers(&[("host", host)])).is_ok(), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:80", "localhost:80:80", "127.0.0.1:", ":8999", ""] {
            assert!(check(&Method::GET, &headers(&[("host", host)])).unwrap_err().contains("localhost"), "{host}");
        }
        assert!(check(&Method::GET, &HeaderMap::new()).is_err());
    }

    #[test]
    fn only_own_pages_and_programs_may_change_something() {
        let with = |name, value| headers(&[("host", "127.0.0.1:8999"), (name, value)]);
        for allowed in [
            with("origin", "http://127.0.0.1:8999"),
            with("sec-fetch-site", "same-origin"),
            with("sec-fetch-site", "none"),
            with("accept", "*/*"),
        ] {
            assert!(check(&Method::POST, &allowed).is_ok(), "{allowed:?}");
        }
        for refused in [
            with("origin", "http://127.0.0.1:9000"),
            with("origin", "http://localhost:8999"),
            with("origin", "null"),
            with("origin", "https://evil.example"),
            with("sec-fetch-site", "cross-site"),
            with("sec-fetch-site", "same-site"),
        ] {
            assert!(check(&Method::POST, &refused).is_err(), "{refused:?}");
            assert!(check(&Method::GET, &refused).is_ok(), "{refused:?}");
        }
    }
}
