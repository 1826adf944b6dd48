//! The timeline below the cluster: what the running trial does by itself, and what the next one is to do.

mod entries;
mod form;
mod strip;

use crate::state::timeline::Timeline;
use crate::view::session::Session;
use crate::view::stage::{Stage, elapsed_ms, next_config};
use entries::{Planned, Running};
use form::EntryForm;
use leptos::prelude::*;
use model::config::ConfigTree;
use std::time::Duration;
use strip::Strip;

/// How often the strip follows the clock.
const TICK: Duration = Duration::from_millis(250);

/// What the parts of the timeline share.
#[derive(Clone, Copy)]
struct TimelineContext {
    /// How long the active trial's clients have been sending, ms; none when none does.
    elapsed: RwSignal<Option<u64>>,
    /// The configuration of the next start.
    config: Memo<ConfigTree>,
    /// Which entry is in the form; none for a new one.
    editing: RwSignal<Option<usize>>,
}

/// The panel.
#[component]
pub(crate) fn TimelinePanel() -> AnyView {
    let stage = Stage::get();
    let session = Session::get();
    let elapsed = RwSignal::new(None::<u64>);
    let sending = Memo::new(move |_| {
        session.active().is_some_and(|active| active.started_ms.is_some() && session.open.get() == Some(active.id))
    });
    Effect::new(move |_| {
        if !sending.get() {
            elapsed.set(None);
            return;
        }
        let tick = move || elapsed.set(Some(elapsed_ms(session)));
        tick();
        if let Ok(handle) = set_interval_with_handle(tick, TICK) {
            on_cleanup(move || handle.clear());
        }
    });
    let context =
        TimelineContext { elapsed, config: Memo::new(move |_| next_config(session)), editing: RwSignal::new(None) };
    provide_context(context);
    let recorded =
        Memo::new(move |_| session.detail.with(|detail| detail.as_ref().map_or(0, |detail| detail.patches.len())));
    let take_over = move |_| {
        let taken = session.detail.with_untracked(|detail| detail.as_ref().map(Timeline::of_trial));
        if let Some(taken) = taken {
            context.editing.set(None);
            stage.timeline.set(taken);
        }
    };
    view! {
        <div class="timeline">
            <Strip/>
            <Running/>
            <Planned/>
            <EntryForm/>
            <Show when=move || { recorded.get() > 0 }>
                <div class="take-over">
                    <p class="muted">
                        {move || match recorded.get() {
                            1 => "The trial shown changed once while it ran.".to_owned(),
                            count => format!("The trial shown changed {count} times while it ran."),
                        }}
                    </p>
                    <button type="button" on:click=take_over>"Use these changes in the next start"</button>
                </div>
            </Show>
        </div>
    }
    .into_any()
}
