//! Only what differs between the trials, side by side.

use crate::state::compare::letter;
use crate::state::compare::settings::{Difference, differences, environments};
use crate::view::compare::desk::CompareDesk;
use leptos::prelude::*;
use model::trial::TrialDetail;

/// The tables of what differs: settings, and what the trials ran on.
#[component]
pub(crate) fn Differences() -> AnyView {
    let desk = CompareDesk::get();
    let read = move |read: fn(&[&TrialDetail]) -> Vec<Difference>| {
        Memo::new(move |_| desk.ready.with(|ready| read(&ready.iter().map(|trial| &trial.detail).collect::<Vec<_>>())))
    };
    let (settings, machines) = (read(differences), read(environments));
    let count = Memo::new(move |_| desk.ready.with(Vec::len));
    view! {
        <section class="card padded" aria-labelledby="differences-title">
            <h2 id="differences-title">"What differs"</h2>
            {move || match (settings.with(Vec::is_empty), count.get()) {
                (_, 0 | 1) => view! { <p class="muted">"Add another trial to see what differs."</p> }.into_any(),
                (true, _) => view! {
                    <p class="muted">"Nothing: the same protocol, the same settings and the same timeline."</p>
                }
                .into_any(),
                (false, _) => table(settings.get(), count.get()).into_any(),
            }}
        </section>
        <Show when=move || machines.with(|machines| !machines.is_empty())>
            <section class="card padded" aria-labelledby="machines-title">
                <h2 id="machines-title">"What they ran on differs, too"</h2>
                {move || table(machines.get(), count.get())}
            </section>
        </Show>
    }
    .into_any()
}

fn table(rows: Vec<Difference>, count: usize) -> impl IntoView {
    let rows = rows.into_iter().map(|row| {
        let values = row.values.into_iter().map(|value| view! { <td>{value}</td> }).collect_view();
        let key = (!row.key.is_empty() && row.key != row.label).then(|| view! { <br/><code>{row.key}</code> });
        let unit = (!row.unit.is_empty()).then(|| view! { <span class="muted">", " {row.unit}</span> });
        view! { <tr><th scope="row">{row.label} {unit} {key}</th>{values}</tr> }
    });
    view! {
        <div class="table-scroll">
            <table class="differences">
                <thead>
                    <tr>
                        <th>"Setting"</th>
                        {(0..count).map(|index| view! { <th>{letter(index).to_string()}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}
