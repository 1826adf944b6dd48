//! Signing in and out: a small page that needs neither the experiments nor WebAssembly.

use super::form::pairs;
use super::refusal::refuse;
use crate::access::{Access, Denied, Pass};
use crate::service::Service;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, RequestExt};
use std::net::SocketAddr;

const PAGE: &str = include_str!("login.html");
const SCRIPT: &str = include_str!("login.js");
/// Where in the page the reason of a refusal goes.
const REASON: &str = "<!-- reason -->";
/// The page loads and runs nothing but this server's files.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// The files that the page consists of, and what tells others that the server is there.
const FOR_ALL: [&str; 6] = ["/login", "/login.js", "/theme.js", "/favicon.svg", "/pkg/bftgym.css", "/healthz"];
/// A token with its name in a form is much shorter, bytes.
const MAX_FORM: usize = 1024;

/// Whether a request is answered without a pass.
pub(super) fn is_for_all(method: &Method, path: &str) -> bool {
    match *method {
        Method::GET | Method::HEAD => FOR_ALL.contains(&path),
        Method::POST => path == "/login",
        _ => false,
    }
}

/// The routes.
pub(super) fn routes(access: Access) -> Router<Service> {
    Router::new()
        .route("/login", get(show).post(sign_in))
        .route("/login.js", get(|| async { ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT) }))
        .route("/logout", post(sign_out))
        .layer(Extension(access))
}

/// Refuses who is not let in: a person with the page that says how to get in, a program with a sentence.
pub(super) fn deny(denied: &Denied, method: &Method, headers: &HeaderMap) -> Response {
    let (status, sentence) = words(denied);
    let reads_pages = headers.get(header::ACCEPT).is_some_and(|kinds| contains(kinds, "text/html"));
    let mut response = if reads_pages && matches!(*method, Method::GET | Method::HEAD) {
        // Whoever has shown nothing yet has done nothing wrong: the page itself says what to do.
        page(status, if matches!(denied, Denied::SignIn) { "" } else { &sentence })
    } else {
        refuse(status, sentence)
    };
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"BFTGym\""));
    }
    if let Denied::Wait { seconds } = denied {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}

fn words(denied: &Denied) -> (StatusCode, String) {
    match denied {
        Denied::SignIn => (
            StatusCode::UNAUTHORIZED,
            "Sign in first: open the link that the server printed when it started. Programs send a token of \
             bftgym token new in the header Authorization: Bearer."
                .to_owned(),
        ),
        Denied::WrongToken => (
            StatusCode::UNAUTHORIZED,
            "This token is not valid: it is mistyped, has expired or was revoked, or the server was started again since. \
             Take the newest link."
                .to_owned(),
        ),
        Denied::Wait { seconds } => (
            StatusCode::TOO_MANY_REQUESTS,
            format!("There were too many wrong tokens. Try again in {seconds} s."),
        ),
        Denied::Store(error) => {
            tracing::error!("{error}");
            let sentence = "Nobody can be let in now: tokens cannot be looked up. The server's log says why.";
            (StatusCode::SERVICE_UNAVAILABLE, sentence.to_owned())
        }
    }
}

fn contains(value: &HeaderValue, text: &str) -> bool {
    value.to_str().is_ok_and(|value| value.contains(text))
}

/// The page. The sentence is one of ours and has nothing in it that HTML would read.
fn page(status: StatusCode, sentence: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // With none, browsers do not say that a form comes from this page.
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    (status, headers, PAGE.replace(REASON, sentence)).into_response()
}

async fn show(Extension(access): Extension<Access>) -> Response {
    match access.login() {
        Some(_) => page(StatusCode::OK, ""),
        None => Redirect::to("/").into_response(),
    }
}

/// Takes a form with the field `token`. A script (`Accept: application/json`) gets a status, a form the next page.
async fn sign_in(Extension(access): Extension<Access>, request: Request) -> Response {
    let Some(login) = access.login() else { return Redirect::to("/").into_response() };
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let headers = request.headers().clone();
    let is_script = headers.get(header::ACCEPT).is_some_and(|kinds| contains(kinds, "application/json"));
    let body: Bytes = request.extract().await.unwrap_or_default();
    let form = pairs(&body[..body.len().min(MAX_FORM)]);
    let token = form.iter().find(|(field, _)| field == "token").map_or("", |(_, token)| token.as_str());
    match login.sign_in(token, peer).await {
        Ok(session) => {
            let cookie = [(header::SET_COOKIE, session.cookie)];
            if is_script {
                (StatusCode::NO_CONTENT, cookie).into_response()
            } else {
                (cookie, Redirect::to("/")).into_response()
            }
        }
        // A form is answered with the page, as one that asks for a page.
        Err(denied) => deny(&denied, if is_script { &Method::POST } else { &Method::GET }, &headers),
    }
}

async fn sign_out(pass: Option<Extension<Pass>>) -> Response {
    let cookie = match pass {
        Some(Extension(pass)) => pass.sign_out().await,
        None => Ok(None),
    };
    match cookie {
        Ok(Some(cookie)) => (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response(),
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => {
            tracing::error!("{error}");
            refuse(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
        }
    }
}
