//! `GET /trials/export?ids=3,5`: whole trials as lines of JSON, written piece by piece as the reader takes them.

use super::routes::{file, named};
use crate::http::refuse;
use crate::service::Service;
use app::state::chart_table::file_name;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use futures::{StreamExt, stream};
use model::ids::TrialId;
use model::report::HistoryPoint;
use model::trial::{LogLine, TrialDetail};
use model::trial_file::{MAX_POINTS_IN_LINE, TrialHead, TrialLine};
use model::verdict::Compared;
use std::io::{Error, Result};
use std::sync::Arc;
use store::{Store, StoreError};
use tokio::sync::mpsc;

/// How many lines wait for a reader that is slower than the store.
const QUEUE: usize = 16;
/// The most values that are no numbers in a file.
const MAX_TEXTS: u32 = 100_000;
/// The most bytes of a trial's log in a file: it stands in one line of the file, which an import bounds.
const MAX_LOG_BYTES: usize = 4 << 20;

/// Sends the trials one after the other.
pub(super) async fn export(State(service): State<Service>, RawQuery(query): RawQuery) -> Response {
    let ids = match named(query.as_deref()) {
        Ok(ids) => ids,
        Err(sentence) => return refuse(StatusCode::BAD_REQUEST, sentence),
    };
    let mut details = Vec::new();
    for id in ids {
        match service.trials.store().trial(id).await {
            Ok(Some(detail)) => details.push(detail),
            Ok(None) => return refuse(StatusCode::NOT_FOUND, format!("there is no trial {id}")),
            Err(error) => return refuse(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
        }
    }
    let name = match details.as_slice() {
        [only] => file_name(&format!("trial {} {}", only.summary.id, only.summary.name), "bftgym", "jsonl"),
        all => format!("{}-trials-bftgym.jsonl", all.len()),
    };
    let (sender, receiver) = mpsc::channel(QUEUE);
    tokio::spawn(write_all(Arc::clone(&service.trials), details, sender));
    // Fused: what compresses it asks again after its end.
    let lines = stream::unfold(receiver, |mut receiver| async move {
        let line = receiver.recv().await?;
        Some((line, receiver))
    })
    .fuse();
    let name: String = name.chars().filter(char::is_ascii).collect();
    file("application/x-ndjson", &name, true, Body::from_stream(lines))
}

/// The newest lines of a log that have at most so many bytes together.
fn newest(mut log: Vec<LogLine>, most: usize) -> Vec<LogLine> {
    let mut bytes = 0;
    let too_old = log.iter().rposition(|line| {
        bytes += line.text.len();
        bytes > most
    });
    log.drain(..too_old.map_or(0, |last| last + 1));
    log
}

type Sender = mpsc::Sender<Result<Bytes>>;

async fn write_all(trials: Arc<crate::trials::Trials>, details: Vec<TrialDetail>, sender: Sender) {
    for detail in details {
        let written = Writer { store: trials.store(), sender: &sender, lines: 0 }.write(detail).await;
        if let Err(error) = written {
            // The file ends without its last line, so that its reader sees that it is not whole. A reader that is gone
            // needs none.
            let _ = sender.send(Err(Error::other(error.to_string()))).await;
            return;
        }
    }
}

struct Writer<'a> {
    store: &'a Store,
    sender: &'a Sender,
    lines: u64,
}

impl Writer<'_> {
    async fn write(mut self, mut detail: TrialDetail) -> std::result::Result<(), StoreError> {
        let trial = detail.summary.id;
        detail.log = newest(self.store.log(trial).await?, MAX_LOG_BYTES);
        self.send(&TrialLine::Head(Box::new(TrialHead::of(detail, env!("CARGO_PKG_VERSION"))))).await?;
        self.lines = 0;
        for series in self.store.series_names(trial).await? {
            let points = self.store.numbers(&series).await?;
            for part in points.chunks(MAX_POINTS_IN_LINE) {
                let (metric, entity) = (series.metric.clone(), series.entity);
                self.send(&TrialLine::Numbers { metric, entity, points: part.to_vec() }).await?;
            }
        }
        for text in self.store.texts(trial, MAX_TEXTS).await? {
            let (metric, entity, at_ms) = (text.metric, text.entity, text.at_ms);
            self.send(&TrialLine::Text { metric, entity, at_ms, text: text.text }).await?;
        }
        for latency in self.store.latencies(trial).await? {
            let (entity, at_ms) = (latency.entity, latency.at_ms);
            self.send(&TrialLine::Latency { entity, at_ms, histogram: latency.histogram }).await?;
        }
        for what in [Compared::History, Compared::State] {
            self.votes(trial, what).await?;
        }
        self.send(&TrialLine::End { lines: self.lines }).await
    }

    async fn votes(&mut self, trial: TrialId, what: Compared) -> std::result::Result<(), StoreError> {
        let mut votes = self.store.votes(trial, what).await?;
        votes.sort_by_key(|vote| vote.entity);
        for of_entity in votes.chunk_by(|one, next| one.entity == next.entity) {
            for part in of_entity.chunks(MAX_POINTS_IN_LINE) {
                let points: Vec<HistoryPoint> = part.iter().map(|vote| vote.point.clone()).collect();
                self.send(&TrialLine::Votes { what, entity: part[0].entity, points }).await?;
            }
        }
        Ok(())
    }

    async fn send(&mut self, line: &TrialLine) -> std::result::Result<(), StoreError> {
        let written = serde_json::to_vec(line)
            .map_err(|error| StoreError::Statement { action: "write a line of the file", reason: error.to_string() });
        let mut line = written?;
        line.push(b'\n');
        self.lines += 1;
        // Nobody reads any more: there is no reason to go on.
        self.sender.send(Ok(line.into())).await.map_err(|_| StoreError::Closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ids::UnitId;

    #[test]
    fn of_a_log_that_is_too_long_for_a_file_the_newest_lines_are_kept() {
        let log: Vec<_> =
            (0..5).map(|at_ms| LogLine { at_ms, unit: UnitId(1), text: "ten bytes.".to_owned() }).collect();
        let times = |most| newest(log.clone(), most).iter().map(|line| line.at_ms).collect::<Vec<_>>();
        assert_eq!((times(50), times(49)), (vec![0, 1, 2, 3, 4], vec![1, 2, 3, 4]));
        assert_eq!((times(20), times(5)), (vec![3, 4], vec![]));
    }
}
