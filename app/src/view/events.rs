//! What happened in the trial, as a list: every mark of the charts, for those who use no mouse and for all who look for one.

use crate::state::format;
use crate::state::marks::Mark;
use crate::state::range;
use crate::view::context::ChartContext;
use crate::view::menu::Menu;
use leptos::prelude::*;

/// The width of what is shown around a chosen event, seconds.
const AROUND: f64 = 20.0;

/// The list, behind a button. An event that has the focus or the pointer is under the cursor of all charts; choosing it
/// shows its surroundings.
#[component]
pub(crate) fn Events() -> AnyView {
    let context = expect_context::<ChartContext>();
    let count = Memo::new(move |_| context.marks.with(Vec::len));
    let point = move |at: f64| context.cursor.set(Some(at));
    let row = move |mark: Mark| {
        let at = mark.at;
        let choose = move |_| {
            let newest = context.newest.get_untracked();
            context.zoom.set(Some(range::centred(at, AROUND, newest)));
            point(at);
        };
        view! {
            <li>
                <button
                    type="button"
                    data-event=mark.kind.name()
                    on:click=choose
                    on:focus=move |_| point(at)
                    on:pointerenter=move |_| point(at)
                    on:blur=move |_| context.cursor.set(None)
                >
                    <span class="at">{format::clock_tenths(at)}</span>
                    <span class="kind">{mark.kind.label()}</span>
                    <span class="what">{mark.text}</span>
                </button>
            </li>
        }
    };
    view! {
        <Menu class="events" label=view! { "Events " <span class="count">{move || count.get()}</span> }.into_any()>
            <Show
                when=move || { count.get() > 0 }
                fallback=|| view! {
                    <p class="muted">"Updates, faults, view changes and deaths are listed here, and marked on the charts."</p>
                }
            >
                <ol aria-label="Events">
                    <For
                        each=move || context.marks.get()
                        key=|mark| (mark.text.clone(), mark.at.to_bits())
                        children=row
                    />
                </ol>
            </Show>
        </Menu>
    }
    .into_any()
}
