//! One call of the portal: redirects, refusals and the size of answers. A call is sent once; whether to repeat it is the
//! caller's decision.

use super::error::PortalError;
use super::moment;
use super::token::ApiToken;
use super::url::PortalUrl;
use super::wire::Refusal;
use reqwest::header::{CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Method, Response, StatusCode, Url};
use secrecy::zeroize::Zeroizing;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const TOKEN_HEADER: &str = "X-Api-Token";
const ELABORATE_HEADER: &str = "X-Api-Elaborate";
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Creating runs a program on the portal before it answers.
const ANSWER_LIMIT: Duration = Duration::from_secs(180);
/// Reading is held up by some seconds on purpose.
const READ_LIMIT: Duration = Duration::from_secs(30);
const MAX_REDIRECTS: usize = 3;
/// The longest answer that is read.
const MAX_ANSWER_BYTES: usize = 8 << 20;
/// The longest words of the portal that are passed on, characters.
const MAX_SAID: usize = 300;

/// The shortest token that is hidden in the portal's words, bytes: a word that was typed by mistake is no secret.
const SHORTEST_SECRET: usize = 12;

/// The way to the portal, with the token of one user.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    http: Client,
    url: PortalUrl,
    token: ApiToken,
}

/// A call.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    /// What it asks for, for messages: "the list of profiles".
    pub(super) what: &'static str,
    pub(super) method: Method,
    /// The path's parts below the portal's address.
    pub(super) path: &'a [&'a str],
    pub(super) query: &'a [(&'a str, &'a str)],
    /// Whether related objects are to be part of the answer.
    pub(super) elaborate: bool,
    pub(super) body: Option<Vec<u8>>,
}

impl<'a> Call<'a> {
    pub(super) fn new(what: &'static str, method: Method, path: &'a [&'a str]) -> Self {
        Self { what, method, path, query: &[], elaborate: false, body: None }
    }

    pub(super) fn json(mut self, body: &impl Serialize) -> Result<Self, PortalError> {
        let bytes = serde_json::to_vec(body).map_err(|error| PortalError::SetUp { reason: error.to_string() })?;
        self.body = Some(bytes);
        Ok(self)
    }
}

impl Transport {
    /// `authorities` names a PEM file with certificates to trust besides the system's.
    pub(super) fn new(url: PortalUrl, token: ApiToken, authorities: Option<&Path>) -> Result<Self, PortalError> {
        let mut builder = match url.is_encrypted() {
            true => crate::http::client().https_only(true),
            false => crate::http::plain_client(),
        };
        if let Some(path) = authorities {
            builder = builder.tls_certs_merge(read_authorities(path)?);
        }
        if url.is_loopback() {
            builder = builder.no_proxy();
        }
        let http = builder
            .redirect(Policy::none())
            .connect_timeout(CONNECT_LIMIT)
            .timeout(ANSWER_LIMIT)
            .user_agent(concat!("BFTGym/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| PortalError::SetUp {
                reason: format!("{}; are the system's certificates (ca-certificates) installed?", causes(&error)),
            })?;
        Ok(Self { http, url, token })
    }

    /// Makes a call and reads the object that it answers with.
    pub(super) async fn read<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, PortalError> {
        let what = call.what;
        // One of the answers repeats the token.
        let body = Zeroizing::new(self.send(call).await?);
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Err(self.foreign(what, "it is no JSON object".to_owned()));
        }
        serde_json::from_slice(&body).map_err(|error| self.foreign(what, self.clean(&error.to_string())))
    }

    /// Makes a call and reads its answer to the end.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Vec<u8>, PortalError> {
        let mut url = self.url.join(call.path);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(call.query);
        }
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.once(&call, url.clone()).await?;
            let status = answer.status();
            tracing::debug!("portal: {} {} answered {status}", call.method, url.path());
            if matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT) {
                url = self.redirected(&call, &url, &answer)?;
                continue;
            }
            if status.is_redirection() {
                return Err(self.foreign(call.what, format!("status {} would change the call", status.as_u16())));
            }
            let wait = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
            let body = self.bounded(call.what, answer).await?;
            return if status.is_success() { Ok(body) } else { Err(self.refusal(status, wait.as_deref(), &body)) };
        }
        Err(self.foreign(call.what, format!("it redirects more than {MAX_REDIRECTS} times")))
    }

    async fn once(&self, call: &Call<'_>, url: Url) -> Result<Response, PortalError> {
        let mut token = HeaderValue::from_str(self.token.expose())
            .map_err(|_| PortalError::SetUp { reason: "the token does not fit into a header".to_owned() })?;
        token.set_sensitive(true);
        let mut request = self.http.request(call.method.clone(), url).header(TOKEN_HEADER, token);
        if call.method == Method::GET {
            request = request.timeout(READ_LIMIT);
        }
        if call.elaborate {
            request = request.header(ELABORATE_HEADER, "true");
        }
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        request.send().await.map_err(|error| self.unreachable(&error))
    }

    /// Where a redirect leads: only to the same host and port, and never from an encrypted call to an open one, so that
    /// the token stays where it belongs. Servers behind a proxy are known to write `http` where they mean `https`.
    fn redirected(&self, call: &Call<'_>, from: &Url, answer: &Response) -> Result<Url, PortalError> {
        let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let to = location.and_then(|location| from.join(location).ok());
        let same = |to: &Url| {
            to.host() == from.host()
                && to.port_or_known_default() == from.port_or_known_default()
                && matches!(to.scheme(), "http" | "https")
                && to.username().is_empty()
                && to.password().is_none()
        };
        match to.filter(same) {
            Some(to) => {
                let mut url = from.clone();
                url.set_path(to.path());
                url.set_query(to.query());
                Ok(url)
            }
            None => Err(self.foreign(call.what, "it redirects to another server, which must not see the token".into())),
        }
    }

    async fn bounded(&self, what: &'static str, mut answer: Response) -> Result<Vec<u8>, PortalError> {
        let too_long = || self.foreign(what, format!("it has more than {MAX_ANSWER_BYTES} bytes"));
        let announced = answer.content_length().unwrap_or_default();
        if announced > MAX_ANSWER_BYTES as u64 {
            return Err(too_long());
        }
        let mut body = Vec::with_capacity(announced as usize);
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.unreachable(&error))? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(too_long());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn refusal(&self, status: StatusCode, wait: Option<&str>, body: &[u8]) -> PortalError {
        let said = self.said(status, body);
        match status.as_u16() {
            // The portal's framework answers 400 to a token that is none, and 401 also to what the user may not do.
            400 if said.starts_with("Token ") || said.starts_with("X-API-Token") => PortalError::TokenRefused { said },
            401 if said.to_lowercase().contains("permission") => PortalError::Forbidden { said },
            401 => PortalError::TokenRefused { said },
            403 => PortalError::Forbidden { said },
            404 => PortalError::NotFound { said },
            429 => PortalError::Busy { said, wait: moment::retry_after(wait, now_ms()) },
            status @ 500.. => PortalError::Broken { status, said },
            status => PortalError::Refused { status, said },
        }
    }

    /// The portal's reason, as one short line.
    fn said(&self, status: StatusCode, body: &[u8]) -> String {
        let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
        let reasons: Vec<String> = refusal
            .error
            .into_iter()
            .chain(refusal.detail)
            .chain(refusal.errors)
            .map(|reason| reason.as_str().map_or_else(|| reason.to_string(), str::to_owned))
            .map(|reason| self.clean(&reason))
            .filter(|reason| !reason.is_empty())
            .collect();
        match reasons.is_empty() {
            true => status.canonical_reason().unwrap_or("no reason given").to_lowercase(),
            false => reasons.join("; ").chars().take(MAX_SAID).collect(),
        }
    }

    /// Foreign text as it may be shown: one line, short, and without the token, should it be repeated there.
    fn clean(&self, text: &str) -> String {
        let token = self.token.expose();
        let hidden = if token.len() < SHORTEST_SECRET { text.to_owned() } else { text.replace(token, "…") };
        let line = hidden.split(|character: char| character.is_control() || character.is_whitespace());
        let words: Vec<_> = line.filter(|word| !word.is_empty()).collect();
        words.join(" ").trim_end_matches('.').chars().take(MAX_SAID).collect()
    }

    fn unreachable(&self, error: &reqwest::Error) -> PortalError {
        let reason = match (error.is_timeout(), error.is_connect()) {
            (true, true) => "no connection within 10 s; check the network".to_owned(),
            (true, false) => "it took too long to answer; try again later".to_owned(),
            _ => self.clean(&causes(error)),
        };
        PortalError::Unreachable { place: self.url.place(), reason }
    }

    pub(super) fn foreign(&self, what: &'static str, reason: String) -> PortalError {
        PortalError::Foreign { what, place: self.url.place(), reason }
    }
}

/// The largest file of certificates that is read, bytes.
const MAX_AUTHORITIES: usize = 4 << 20;

fn read_authorities(path: &Path) -> Result<Vec<Certificate>, PortalError> {
    let failed = |reason: String| PortalError::SetUp {
        reason: format!("the certificates in {} cannot be used: {reason}", path.display()),
    };
    let pem = crate::user_file::read(path, MAX_AUTHORITIES).map_err(|fault| failed(format!("the file {fault}")))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|error| failed(causes(&error)))?;
    if found.is_empty() { Err(failed("there is none in PEM form".to_owned())) } else { Ok(found) }
}

/// The innermost reason of an error: the outer ones repeat the address.
fn causes(error: &reqwest::Error) -> String {
    let mut inner: &dyn Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
