//! Small words with a sign and a colour: a trial's state and its verdict.

use crate::state::summary::{Tone, state_tone, verdict_label, verdict_text, verdict_tone};
use leptos::prelude::*;
use model::trial::{TrialState, TrialSummary};

/// The sign of a tone: colour is never alone.
#[component]
pub(crate) fn Sign(tone: Tone) -> impl IntoView {
    let path = match tone {
        Tone::Good => "M3 8.5 6.5 12 13 4.5",
        Tone::Bad => "M4 4l8 8M12 4l-8 8",
        Tone::Warning => "M8 3v6M8 12v1",
        Tone::Busy => "M8 3a5 5 0 1 1-5 5",
        Tone::Neutral => "M4 8h8",
    };
    view! {
        <svg class="sign" viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
            <path d=path/>
        </svg>
    }
}

/// Any word with its tone.
#[component]
pub(crate) fn Badge(tone: Tone, label: &'static str) -> impl IntoView {
    view! { <span class=format!("badge {}", tone.class())><Sign tone/>{label}</span> }
}

/// Where a trial is in its life; "Idle" without one.
#[component]
pub(crate) fn StateBadge(#[prop(into)] trial: Signal<Option<TrialSummary>>) -> impl IntoView {
    move || {
        let state = trial.get().map(|trial| trial.state);
        let tone = state.as_ref().map_or(Tone::Neutral, state_tone);
        let label = state.as_ref().map_or("Idle", TrialState::label);
        view! {
            <span class=format!("badge {}", tone.class()) data-trial-state=label>
                <Sign tone/>
                {label}
            </span>
        }
    }
}

/// What a trial's histories say.
#[component]
pub(crate) fn VerdictBadge(#[prop(into)] trial: Signal<Option<TrialSummary>>) -> impl IntoView {
    move || {
        let trial = trial.get();
        let tone = verdict_tone(trial.as_ref().and_then(|trial| trial.verdict.as_ref()));
        let (label, text) = (verdict_label(trial.as_ref()), verdict_text(trial.as_ref()));
        view! {
            <span class=format!("badge {}", tone.class()) data-verdict=label title=text>
                <Sign tone/>
                {label}
            </span>
        }
    }
}
