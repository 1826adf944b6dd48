//! One trial in the list.

use crate::state::format;
use crate::state::overview::duration_ms;
use crate::state::summary::verdict_label;
use crate::state::trials::column::ran_on;
use crate::state::trials::figures::{latency, throughput};
use crate::view::badges::{StateBadge, VerdictBadge};
use crate::view::session::Session;
use crate::view::time::{LocalTime, RunningFor};
use crate::view::trials::desk::{Desk, Field};
use crate::view::trials::edit::{DeleteButton, EditButton, NameField, NoteField, PinButton, is_edited};
use leptos::prelude::*;
use model::ids::TrialId;
use model::trial::TrialSummary;

/// A trial's row. It stays the same when the trial changes, so that what is being written, and the focus, stay too.
#[component]
pub(crate) fn Row(id: TrialId) -> AnyView {
    let session = Session::get();
    let desk = Desk::get();
    let trial = Memo::new(move |_| {
        session
            .overview
            .with(|known| known.as_ref().and_then(|known| known.trials.iter().find(|trial| trial.id == id).cloned()))
    });
    let of = move |read: fn(&TrialSummary) -> String| {
        Signal::derive(move || trial.with(|trial| trial.as_ref().map(read).unwrap_or_default()))
    };
    let (name, note) = (of(|trial| trial.name.clone()), of(|trial| trial.note.clone()));
    let title = Signal::derive(move || {
        trial.with(|trial| trial.as_ref().map(|trial| session.protocol_title(&trial.protocol)).unwrap_or_default())
    });
    let pinned = Signal::derive(move || trial.with(|trial| trial.as_ref().is_some_and(|trial| trial.pinned)));
    let active = Signal::derive(move || trial.with(|trial| trial.as_ref().is_some_and(|trial| !trial.state.is_over())));
    let started = Memo::new(move |_| {
        trial.with(|trial| trial.as_ref().map(|trial| trial.started_ms.unwrap_or(trial.created_ms)))
    });
    let duration = Memo::new(move |_| {
        trial.with(|trial| {
            let trial = trial.as_ref()?;
            Some((duration_ms(trial, None), trial.started_ms.filter(|_| trial.state.is_active())))
        })
    });
    let select = move |event: web_sys::Event| {
        let on = event_target_checked(&event);
        desk.selected.update(|selected| {
            if on {
                selected.insert(id);
            } else {
                selected.remove(&id);
            }
        });
    };
    let (writes_name, writes_note) = (is_edited(id, Field::Name), is_edited(id, Field::Note));
    view! {
        <tr data-trial=id.to_string() class:pinned=pinned>
            <td class="select">
                <input
                    type="checkbox"
                    class="tick"
                    aria-label=move || format!("Select {}", name.get())
                    prop:checked=move || desk.selected.with(|selected| selected.contains(&id))
                    on:change=select
                />
            </td>
            <td class="name">
                <Show when=move || !writes_name.get() fallback=|| view! { <NameField/> }>
                    <a href=format!("/trials/{id}")>{name}</a>
                </Show>
                <Show when=move || writes_note.get()>
                    <NoteField/>
                </Show>
                <Show when=move || !writes_note.get() && !note.with(String::is_empty)>
                    <p class="row-note" title=note>{note}</p>
                </Show>
                <p class="row-facts">
                    {title} " · " {of(ran_on)} " · " {of(|trial| trial.state.label().to_owned())} " · "
                    {of(|trial| verdict_label(Some(trial)).to_owned())}
                </p>
            </td>
            <td class="column-protocol">{title}</td>
            <td class="column-replicas number">{of(|trial| trial.replicas.to_string())}</td>
            <td class="column-testbed">{of(ran_on)}</td>
            <td class="column-state"><StateBadge trial=trial/></td>
            <td class="column-verdict"><VerdictBadge trial=trial/></td>
            <td class="column-throughput number">{of(throughput)}</td>
            <td class="column-p50 number">
                {of(|trial| latency(trial.figures.and_then(|figures| figures.latency).map(|found| found.p50)))}
            </td>
            <td class="column-p99 number">
                {of(|trial| latency(trial.figures.and_then(|figures| figures.latency).map(|found| found.p99)))}
            </td>
            <td class="column-started">{move || started.get().map(|at_ms| view! { <LocalTime at_ms/> })}</td>
            <td class="column-duration number">
                {move || match duration.get() {
                    Some((Some(took), _)) => format::duration_ms(took).into_any(),
                    Some((None, Some(started_ms))) => view! { <RunningFor started_ms/> }.into_any(),
                    _ => format::NOTHING.into_any(),
                }}
            </td>
            <td class="actions">
                <PinButton trial=id pinned name/>
                <EditButton trial=id field=Field::Name label=Signal::derive(move || format!("Rename {}", name.get())) text=name/>
                <EditButton trial=id field=Field::Note label=Signal::derive(move || format!("Write a note on {}", name.get())) text=note/>
                <DeleteButton trial=id name active/>
            </td>
        </tr>
    }
    .into_any()
}
