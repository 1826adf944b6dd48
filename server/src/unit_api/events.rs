//! `PUT /w/<token>/events`: what a native controller tells of the launch and of its units.

use super::caller::{Caller, plausible_time, unavailable};
use super::report::MAX_LINE;
use crate::http::refuse;
use crate::service::Service;
use crate::trials::{Changes, Progress, Session};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use model::ids::UnitId;
use model::report::ControllerEvent;
use model::trial::LogLine;

const MAX_EVENTS: usize = 1_000;

/// Stores events and answers when they are durable.
pub(super) async fn events(State(service): State<Service>, caller: Caller, body: Bytes) -> Response {
    let Caller(session) = caller;
    let events = match serde_json::from_slice::<Vec<ControllerEvent>>(&body) {
        Ok(events) => events,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, format!("the body is no list of events: {error}")),
    };
    if let Err(sentence) = check(&session, &events) {
        return refuse(StatusCode::BAD_REQUEST, sentence);
    }
    let now_ms = service.clock.now_ms();
    let failed = events.iter().any(|event| matches!(event, ControllerEvent::Failed { .. }));
    let stored = service.trials.change(&session, move |progress| {
        let mut all = Changes::default();
        events.into_iter().for_each(|event| all.append(apply(progress, event, now_ms)));
        ((), all)
    });
    if let Err(error) = stored.await {
        return unavailable(&error);
    }
    if failed {
        session.give_up();
    }
    StatusCode::OK.into_response()
}

fn check(session: &Session, events: &[ControllerEvent]) -> Result<(), String> {
    if events.len() > MAX_EVENTS {
        return Err(format!("there are {} events; at most {MAX_EVENTS} fit in one batch", events.len()));
    }
    if events.iter().any(|event| matches!(event, ControllerEvent::Host { .. })) {
        return Err("an event tells of a host, which is the server's to tell".to_owned());
    }
    let units = events.iter().filter_map(|event| match event {
        ControllerEvent::UnitUp { unit, .. }
        | ControllerEvent::UnitDied { unit, .. }
        | ControllerEvent::Log { unit, .. } => Some(*unit),
        _ => None,
    });
    match units.into_iter().find(|unit| !session.has_unit(*unit)) {
        Some(UnitId(unit)) => Err(format!("an event's field unit is {unit}; the trial has no such unit")),
        None => Ok(()),
    }
}

/// What an event does to a trial.
pub(crate) fn apply(progress: &mut Progress, event: ControllerEvent, now_ms: i64) -> Changes {
    let time = |at_ms| plausible_time(at_ms, now_ms);
    let cut = |text: String| text.chars().take(MAX_LINE).collect::<String>();
    match event {
        ControllerEvent::PhaseStarted { phase, at_ms } => progress.phase_started(phase, time(at_ms)),
        ControllerEvent::PhaseEnded { phase, at_ms } => progress.phase_ended(phase, time(at_ms)),
        ControllerEvent::Failed { reason, at_ms } => progress.failed(cut(reason), time(at_ms)),
        ControllerEvent::UnitUp { unit, at_ms } => progress.unit_up(unit, time(at_ms)),
        ControllerEvent::UnitDied { unit, reason, at_ms } => progress.unit_died(unit, cut(reason), time(at_ms)),
        ControllerEvent::Log { unit, line, at_ms } => {
            progress.logged(LogLine { at_ms: time(at_ms), unit, text: cut(line) })
        }
        // Hosts are told of by the launcher, which has checked them.
        ControllerEvent::Host { status, .. } => progress.host(status),
        ControllerEvent::Stopped { .. } => progress.ended_in_order(),
    }
}
