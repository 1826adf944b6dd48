//! A sweep's state as a word with a sign and a colour.

use crate::state::sweeps::words::tone;
use crate::view::badges::Sign;
use leptos::prelude::*;
use model::sweep::SweepSummary;

/// Where a sweep is in its life.
#[component]
pub(crate) fn SweepBadge(#[prop(into)] sweep: Signal<Option<SweepSummary>>) -> impl IntoView {
    move || {
        sweep.get().map(|sweep| {
            let (tone, label) = (tone(&sweep.state), sweep.state.label());
            view! {
                <span class=format!("badge {}", tone.class()) data-sweep-state=label title=sweep.state.reason().map(str::to_owned)>
                    <Sign tone/>
                    {label}
                </span>
            }
        })
    }
}
