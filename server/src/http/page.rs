//! The page: rendered here, taken over by its WebAssembly in the browser; its files come from the built site.

use crate::access::{Access, AccessDesk, Pass};
use crate::cloudlab::CloudlabHost;
use crate::error::ServerError;
use crate::service::Service;
use crate::sweeps::SweepHost;
use crate::trials::Host;
use app::access::Desk;
use app::backend::cloudlab::CloudlabBackend;
use app::{App, Backend, Opening, SweepBackend, shell};
use axum::Router;
use axum::extract::Request;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::middleware::{self, Next};
use axum::response::Response;
use leptos::config::{LeptosOptions, get_configuration};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{
    AxumRouteListing, LeptosRoutes, ResponseOptions, file_and_error_handler_with_context, generate_route_list,
};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

const OPTIONS_FILE: &str = "Leptos.toml";

/// The page's routes, listed once a process. Listing them renders the page with every resource of the process
/// suppressed, so a page that another server of this process is answering meanwhile would wait for its data for ever.
static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();

/// Where the built page is, from `Leptos.toml` in the working directory if there is one.
///
/// # Errors
/// When that file is not readable as what it should be.
pub fn page_options(address: SocketAddr) -> Result<LeptosOptions, ServerError> {
    let mut options = if Path::new(OPTIONS_FILE).exists() {
        get_configuration(Some(OPTIONS_FILE))
            .map_err(|error| ServerError::PageOptions { file: OPTIONS_FILE, reason: error.to_string() })?
            .leptos_options
    } else {
        LeptosOptions::builder().output_name("bftgym").site_root("target/site").build()
    };
    options.site_addr = address;
    Ok(options)
}

/// The page's routes, its server functions and its files. Files that were compressed when the page was built go out as
/// they are; the rest is compressed on the way, the live stream never, and neither the WebAssembly of a build for
/// development: compressing its many megabytes takes longer than loading them from this machine. Who has no pass gets no experiments: what is public
/// has none in it, whatever page it turns out to be.
pub(super) fn page(service: &Service, access: &Access, options: LeptosOptions) -> Router<Service> {
    let backend: Arc<dyn Backend> = Arc::new(Host(Arc::clone(&service.trials)));
    let sweeps: Arc<dyn SweepBackend> = Arc::new(SweepHost(Arc::clone(&service.sweeps)));
    let cloudlab =
        service.cloudlab.clone().map(|cloudlab| Arc::new(CloudlabHost(cloudlab)) as Arc<dyn CloudlabBackend>);
    let desk: Arc<dyn Desk> = Arc::new(AccessDesk(access.clone()));
    let open = {
        let backend = Arc::clone(&backend);
        middleware::from_fn(move |request: Request, next: Next| open(Arc::clone(&backend), request, next))
    };
    let context = move || {
        let parts = use_context::<Parts>();
        let extensions = parts.as_ref().map(|parts| &parts.extensions);
        if let Some(opening) = extensions.and_then(|known| known.get::<Opening>()) {
            provide_context(opening.clone());
        }
        if let Some(pass) = extensions.and_then(|known| known.get::<Pass>()) {
            provide_context(Arc::clone(&backend));
            provide_context(Arc::clone(&sweeps));
            if let Some(cloudlab) = &cloudlab {
                provide_context(Arc::clone(cloudlab));
            }
            provide_context(Arc::clone(&desk));
            provide_context(pass.visitor());
        }
        send_policy();
    };
    let compressed = DefaultPredicate::new().and(NotForContentType::const_new("application/wasm"));
    let render = {
        let options = options.clone();
        move || shell(options.clone())
    };
    let routes = ROUTES.get_or_init(|| generate_route_list(App)).clone();
    Router::new()
        .leptos_routes_with_context(&options, routes, context.clone(), render)
        .fallback(file_and_error_handler_with_context::<LeptosOptions, _>(context, shell))
        .layer(open)
        .layer(CompressionLayer::new().compress_when(compressed))
        .with_state(options)
}

/// Loads what a page opens with before it is rendered. Server functions are posted; files have an ending.
async fn open(backend: Arc<dyn Backend>, mut request: Request, next: Next) -> Response {
    let is_page = request.method() == Method::GET && !request.uri().path().contains('.');
    let visitor = request.extensions().get::<Pass>().map(Pass::visitor);
    if let (true, Some(visitor)) = (is_page, visitor) {
        let opening = Opening::load(backend.as_ref(), visitor).await;
        request.extensions_mut().insert(opening);
    }
    next.run(request).await
}

/// What a page may load and run: this server's files, and the inline scripts of this very answer. A value that the
/// browser sets by script (the place of a mark on a chart) is no inline style.
fn send_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    // `cargo leptos watch` tells the page on a port of its own to load again.
    let watched = if std::env::var_os("LEPTOS_WATCH").is_some() { " ws:" } else { "" };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; \
         connect-src 'self'{watched}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.insert_header(CONTENT_SECURITY_POLICY, value);
    }
}
