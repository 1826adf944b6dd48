//! The trials that were deleted since the server was started, with the way back.

use crate::conn::deleted::load_deleted;
use crate::state::format;
use crate::view::session::Session;
use crate::view::trials::desk::Desk;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::trial::TrialSummary;

/// The list; there while something can come back.
#[component]
pub(crate) fn Deleted() -> AnyView {
    let session = Session::get();
    let desk = Desk::get();
    let gone = RwSignal::new(Vec::<TrialSummary>::new());
    let listed =
        Memo::new(move |_| session.overview.with(|known| known.as_ref().map_or(0, |known| known.trials.len())));
    Effect::new(move |_| {
        // Deleted or put back here or in another tab.
        listed.track();
        spawn_local(async move {
            if let Ok(deleted) = load_deleted().await
                && gone.try_with_untracked(|known| *known != deleted) == Some(true)
            {
                gone.set(deleted);
            }
        });
    });
    view! {
        <Show when=move || gone.with(|gone| !gone.is_empty())>
            <details class="card padded deleted">
                <summary>{move || format!("Recently deleted ({})", gone.with(Vec::len))}</summary>
                <p class="muted">"They can come back until the server is started again."</p>
                <ul>
                    <For each=move || gone.get() key=|trial| trial.id let:trial>
                        <li>
                            <span>{trial.name.clone()}</span>
                            <span class="muted">{format::utc_minute(trial.started_ms.unwrap_or(trial.created_ms))}</span>
                            <button
                                type="button"
                                class="small"
                                disabled=move || !session.drives()
                                aria-label=format!("Put {} back", trial.name)
                                on:click=move |_| desk.restore(vec![trial.id])
                            >
                                "Put back"
                            </button>
                        </li>
                    </For>
                </ul>
            </details>
        </Show>
    }
    .into_any()
}
