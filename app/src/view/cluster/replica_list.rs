//! The replicas as a table with a box to choose each: for many of them, and for those who do not draw circles.

use crate::state::cluster::{Life, Replica};
use crate::state::format;
use crate::view::cluster::ring::toggle;
use crate::view::stage::Stage;
use leptos::prelude::*;

/// The table.
#[component]
pub(super) fn List() -> AnyView {
    let stage = Stage::get();
    let count = Memo::new(move |_| stage.cluster.with(|cluster| cluster.replicas.len() as u32));
    let all = move || count.get() > 0 && stage.selected.with(|selected| selected.len() as u32 == count.get());
    view! {
        <table class="replica-list">
            <thead>
                <tr>
                    <th>
                        <input
                            type="checkbox"
                            class="tick"
                            aria-label="All replicas"
                            prop:checked=all
                            on:change=move |event| {
                                let wanted = event_target_checked(&event);
                                stage.selected.set((0..count.get_untracked()).filter(|_| wanted).collect());
                            }
                        />
                    </th>
                    <th>"Replica"</th>
                    <th class="number">"View"</th>
                    <th class="number">"Block"</th>
                    <th class="number">"Config"</th>
                </tr>
            </thead>
            <tbody>
                {move || (0..count.get()).map(|number| view! { <Row number/> }).collect_view()}
            </tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(number: u32) -> AnyView {
    let stage = Stage::get();
    let replica = Memo::new(move |_| stage.cluster.with(|cluster| cluster.replica(number).cloned()));
    let newest = Memo::new(move |_| stage.cluster.with(|cluster| cluster.newest));
    let read = move |read: fn(&Replica) -> String| {
        move || replica.with(|replica| replica.as_ref().map(read)).unwrap_or_default()
    };
    let state = read(|replica| {
        let mut words: Vec<String> = replica.leads.then(|| "leader".to_owned()).into_iter().collect();
        words.extend(replica.troubles());
        if words.is_empty() { replica.life.label().to_lowercase() } else { words.join(", ") }
    });
    let applied = move || {
        replica.with(|replica| match replica.as_ref() {
            Some(Replica { life: Life::Up, behind_version: true, .. }) => format!("Waiting v{}", newest.get()),
            Some(Replica { life: Life::Up, applied, .. }) => format!("v{applied}"),
            _ => format::NOTHING.to_owned(),
        })
    };
    view! {
        <tr
            data-replica=number
            data-unit=read(|replica| replica.unit.to_string())
            data-health=read(|replica| replica.life.health().to_owned())
            data-life=read(|replica| replica.life.name())
            data-applied=read(|replica| replica.applied.to_string())
            data-behind=read(|replica| replica.behind_version.to_string())
            data-leader=read(|replica| replica.leads.to_string())
            data-lag=read(|replica| replica.lag.to_string())
        >
            <td>
                <input
                    type="checkbox"
                    class="tick"
                    aria-label=format!("Choose replica {number}")
                    prop:checked=move || stage.selected.with(|selected| selected.contains(&number))
                    on:change=move |_| stage.selected.update(|selected| toggle(selected, number))
                />
            </td>
            <td><strong>{number}</strong> " " <span class="muted">{state}</span></td>
            <td class="number">{read(|replica| number_or_nothing(replica.view))}</td>
            <td class="number">{read(|replica| number_or_nothing(replica.committed))}</td>
            <td class="number">{applied}</td>
        </tr>
    }
    .into_any()
}

fn number_or_nothing(number: Option<u64>) -> String {
    number.map_or_else(|| format::NOTHING.to_owned(), |number| format::grouped(number as f64))
}
