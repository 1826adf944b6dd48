//! All routes: the page and the stream behind the guard, the units' prefix with the trial's token only.

use super::{body, guard, headers, login, page};
use crate::access::Access;
use crate::live;
use crate::service::Service;
use crate::trial_files;
use crate::unit_api;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use leptos::config::LeptosOptions;

/// What units may reach, and nothing else.
pub fn units_router(service: Service) -> Router {
    units().with_state(service)
}

/// The whole server.
pub fn router(service: Service, access: Access, options: LeptosOptions) -> Router {
    let control = page::page(&service, &access, options)
        .route("/stream", get(live::stream))
        .route("/missed", get(live::missed))
        .route("/healthz", get(|| async { "ok\n" }))
        .merge(login::routes(access.clone()))
        .layer(from_fn(body::limit_control))
        .layer(from_fn_with_state(access.clone(), guard::guard))
        .layer(from_fn(headers::secure));
    // Files are larger than what else comes in: their routes have limits of their own.
    let files = trial_files::routes().layer(from_fn_with_state(access, guard::guard)).layer(from_fn(headers::secure));
    control.merge(files).merge(units()).with_state(service)
}

fn units() -> Router<Service> {
    unit_api::routes().layer(from_fn(body::limit_unit))
}
