//! The table of trials: sorted by a click on a heading, filled as the search says.

use crate::state::trials::column::Column;
use crate::state::trials::found;
use crate::view::session::Session;
use crate::view::trials::desk::Desk;
use crate::view::trials::row::Row;
use leptos::prelude::*;
use model::ids::TrialId;
use model::words::numbered;

/// How many rows are shown at first, and how many more at a click.
const ROWS: usize = 100;

/// The table, or why it is empty.
#[component]
pub(crate) fn Table() -> AnyView {
    let session = Session::get();
    let desk = Desk::get();
    let rows = RwSignal::new(ROWS);
    let outcome = Memo::new(move |_| {
        session.overview.with(|known| {
            let Some(known) = known else { return Ok(Vec::new()) };
            let title = |name: &str| {
                let known = known.protocols.iter().find(|protocol| protocol.name == name);
                known.map_or_else(|| name.to_owned(), |protocol| protocol.title.clone())
            };
            desk.settings.with(|settings| {
                let none = std::collections::HashMap::new();
                desk.query.with(|query| found(&known.trials, query, settings.as_ref().unwrap_or(&none), title))
            })
        })
    });
    let ids = Memo::new(move |_| outcome.with(|outcome| outcome.clone().unwrap_or_default()));
    let shown = move || ids.with(|ids| ids.iter().take(rows.get()).copied().collect::<Vec<TrialId>>());
    let hidden = move || ids.with(Vec::len).saturating_sub(rows.get());
    let all_selected = move || {
        let shown = shown();
        !shown.is_empty() && desk.selected.with(|selected| shown.iter().all(|id| selected.contains(id)))
    };
    let select_all = move |event: web_sys::Event| {
        let (on, shown) = (event_target_checked(&event), untrack(shown));
        desk.selected.update(|selected| {
            for id in shown {
                if on {
                    selected.insert(id)
                } else {
                    selected.remove(&id)
                };
            }
        });
    };
    let total = move || session.overview.with(|known| known.as_ref().map_or(0, |known| known.trials.len()));
    view! {
        <p class="found" id="search-problem" role="status">
            {move || match outcome.get() {
                Err(problem) => view! { <span class="field-error">{problem}</span> }.into_any(),
                Ok(ids) if desk.query.with(crate::state::trials::Query::filters) => view! {
                    <span class="muted">{format!("{} of {} trials", ids.len(), total())}</span>
                    <button type="button" class="small quiet" on:click=move |_| desk.query.update(crate::state::trials::Query::clear)>
                        "Show all"
                    </button>
                }
                .into_any(),
                Ok(ids) => view! {
                    <span class="muted">{numbered(ids.len(), "trial")}</span>
                }
                .into_any(),
            }}
        </p>
        <Show
            when=move || ids.with(|ids| !ids.is_empty())
            fallback=|| view! {
                <div class="card empty">
                    <h2>"Nothing found"</h2>
                    <p>"No trial fits the search and the filters."</p>
                </div>
            }
        >
            <div class="card table-scroll">
                <table class="trials">
                    <thead>
                        <tr>
                            <th class="select">
                                <input
                                    type="checkbox"
                                    class="tick"
                                    aria-label="Select all trials shown"
                                    prop:checked=all_selected
                                    on:change=select_all
                                />
                            </th>
                            {Column::ALL.map(|column| view! { <Heading column/> }).collect_view()}
                            <th><span class="hidden-visually">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=shown key=|id| *id let:id>
                            <Row id/>
                        </For>
                    </tbody>
                </table>
            </div>
            <Show when=move || { hidden() > 0 }>
                <button type="button" on:click=move |_| rows.update(|rows| *rows += ROWS)>
                    {move || format!("Show more ({} left)", hidden())}
                </button>
            </Show>
        </Show>
    }
    .into_any()
}

/// The heading of a column: a button that sorts by it.
#[component]
fn Heading(column: Column) -> impl IntoView {
    let desk = Desk::get();
    let sorted = Memo::new(move |_| desk.query.with(|query| (query.column == column).then_some(query.ascending)));
    let order = move || match sorted.get() {
        None => "none",
        Some(true) => "ascending",
        Some(false) => "descending",
    };
    let path = move || match sorted.get() {
        None => "M5 6.5 8 3.5l3 3M5 9.5l3 3 3-3",
        Some(true) => "M8 12.5v-9M4.5 7 8 3.5 11.5 7",
        Some(false) => "M8 3.5v9M4.5 9 8 12.5 11.5 9",
    };
    view! {
        <th class=format!("column-{:?}", column).to_lowercase() class:number=column.is_number() aria-sort=order>
            <button
                type="button"
                class="sort"
                title=column.help()
                on:click=move |_| desk.query.update(|query| query.sort_by(column))
            >
                {column.label()}
                <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true"><path d=path/></svg>
            </button>
        </th>
    }
}
