//! What can be done with all selected trials at once.

use crate::state::compare::address::{Comparison, MAX_TRIALS};
use crate::view::session::Session;
use crate::view::trials::desk::Desk;
use leptos::prelude::*;
use model::ids::TrialId;
use model::words::numbered;

/// The bar; there while something is selected.
#[component]
pub(crate) fn BulkBar() -> AnyView {
    let session = Session::get();
    let desk = Desk::get();
    // What was deleted elsewhere is no longer selected.
    let chosen = Memo::new(move |_| {
        session.overview.with(|known| {
            let trials = known.iter().flat_map(|known| &known.trials);
            desk.selected.with(|selected| {
                trials.filter(|trial| selected.contains(&trial.id)).map(|trial| trial.id).collect::<Vec<TrialId>>()
            })
        })
    });
    let count = move || chosen.with(Vec::len);
    let comparable = move || (2..=MAX_TRIALS).contains(&count());
    let compare = move || {
        // Oldest first: the baseline is the one that was there before the others.
        let trials = chosen.get().into_iter().rev().collect();
        format!("/compare{}", Comparison { trials, ..Comparison::default() }.query())
    };
    let export = move || {
        let ids: Vec<_> = chosen.get().iter().map(ToString::to_string).collect();
        format!("/trials/export?ids={}", ids.join(","))
    };
    let delete = move |_| {
        let trials = chosen.get_untracked();
        let what = numbered(trials.len(), "trial");
        desk.delete(trials, what);
    };
    view! {
        <Show when=move || { count() > 0 }>
            <div class="bulk-bar" role="region" aria-label="Selected trials">
                <strong>{move || format!("{} selected", count())}</strong>
                <Show
                    when=comparable
                    fallback=move || view! {
                        <span class="muted">{format!("Select 2 to {MAX_TRIALS} trials to compare them.")}</span>
                    }
                >
                    <a class="button primary" href=compare>"Compare"</a>
                </Show>
                <a class="button" href=export download="" rel="external">"Export"</a>
                <button type="button" disabled=move || !session.drives() on:click=delete>"Delete"</button>
                <button type="button" class="quiet" on:click=move |_| desk.selected.update(std::collections::BTreeSet::clear)>
                    "Clear the selection"
                </button>
            </div>
        </Show>
    }
    .into_any()
}
