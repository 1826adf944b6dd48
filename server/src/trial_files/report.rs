//! `GET /trials/7/report`: a trial as one HTML file to read, print and keep. It brings its style and its drawings along and
//! refers to nothing outside.

mod chart;
mod parts;

use super::routes::file;
use crate::http::refuse;
use crate::service::Service;
use app::state::chart::newest_seconds;
use app::state::chart_kind::ChartKind;
use app::state::chart_table::file_name;
use app::state::marks::{Mark, marks};
use app::state::series::SeriesSet;
use app::state::trial::zero_ms;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use model::ids::TrialId;
use model::trial::TrialDetail;

/// How many points of a series are read at most: more than a drawing shows.
const MAX_POINTS: usize = 2_000;

/// What the parts of a report draw on.
struct Content {
    detail: TrialDetail,
    series: SeriesSet,
    marks: Vec<Mark>,
    /// The moment that times count from, milliseconds since the epoch.
    zero_ms: i64,
    /// The seconds that the charts show.
    time: (f64, f64),
}

/// Shows the report, or saves it with `?save=1`.
pub(super) async fn report(
    State(service): State<Service>,
    Path(trial): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Ok(trial) = trial.parse().map(TrialId) else {
        return refuse(StatusCode::NOT_FOUND, "a report's address has the number of its trial: /trials/7/report");
    };
    let store = service.trials.store();
    let unavailable = |error: store::StoreError| refuse(StatusCode::SERVICE_UNAVAILABLE, error.to_string());
    let detail = match store.trial(trial).await {
        Ok(Some(detail)) => detail,
        Ok(None) => {
            return refuse(StatusCode::NOT_FOUND, format!("there is no trial {trial}: choose one from the list"));
        }
        Err(error) => return unavailable(error),
    };
    let latencies = match store.latency_map(trial).await {
        Ok(latencies) => latencies,
        Err(error) => return unavailable(error),
    };
    let series = match store.chart_series(trial, MAX_POINTS).await {
        Ok(series) => SeriesSet::load(series, latencies),
        Err(error) => return unavailable(error),
    };
    let zero_ms = zero_ms(&detail);
    let content = Content {
        marks: marks(&detail, &series),
        time: (0.0, newest_seconds(&series, zero_ms).max(1.0)),
        zero_ms,
        series,
        detail,
    };
    let name = format!("trial {} {}", content.detail.summary.id, content.detail.summary.name);
    let name: String = file_name(&name, "report", "html").chars().filter(char::is_ascii).collect();
    let saved = query.is_some_and(|query| query.split('&').any(|pair| pair == "save=1"));
    file("text/html; charset=utf-8", &name, saved, document(&content))
}

fn document(content: &Content) -> String {
    let title = escaped(&content.detail.summary.name);
    let charts = ChartKind::ALL.into_iter().filter_map(|kind| chart::chart(kind, content)).collect_view();
    let body = view! {
        <main>
            {parts::heading(content)}
            {parts::figures(content)}
            <section class="charts"><h2>"Measurements"</h2><div class="grid">{charts}</div></section>
            {parts::marks(content)}
            {parts::settings(content)}
            {parts::schedule(content)}
            {parts::units(content)}
            {parts::environment(content)}
            {parts::log(content)}
            {parts::full(content)}
            <footer>"Written by BFTGym " {env!("CARGO_PKG_VERSION")} "."</footer>
        </main>
    };
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    let style = include_str!("report/report.css");
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title} · BFTGym report</title>\
         <style>\n{style}</style></head><body>{}</body></html>\n",
        body.to_html()
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
