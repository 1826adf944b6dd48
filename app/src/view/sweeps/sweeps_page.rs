//! The list of sweeps.

use crate::conn::sweeps::list::load_sweeps;
use crate::state::sweeps::words;
use crate::view::loaded::loaded;
use crate::view::session::Session;
use crate::view::sweeps::badge::SweepBadge;
use crate::view::sweeps::progress::{ProgressBar, TimeLeft};
use crate::view::time::LocalTime;
use leptos::prelude::*;
use leptos_meta::Title;
use model::ids::SweepId;

/// `/sweeps`.
#[component]
pub(crate) fn SweepsPage() -> AnyView {
    let lines = Resource::new(|| (), |()| load_sweeps());
    view! {
        <Title text="Sweeps"/>
        <div class="page sweeps">
            <header class="page-head">
                <h1>"Sweeps"</h1>
                <a class="button primary" href="/sweeps/new">"New sweep"</a>
            </header>
            <p class="muted">
                "A sweep runs one trial after the other over a grid of protocols and settings, each point several times, and shows means with their confidence intervals."
            </p>
            {loaded(lines, ("The sweeps", None), |lines| {
                Session::get().sweeps.update(|book| book.load(lines));
                view! { <Table/> }.into_any()
            })}
        </div>
    }
    .into_any()
}

#[component]
fn Table() -> AnyView {
    let session = Session::get();
    let ids = Memo::new(move |_| {
        session.sweeps.with(|book| book.lines().into_iter().map(|line| line.id).collect::<Vec<_>>())
    });
    view! {
        <Show
            when=move || ids.with(|ids| !ids.is_empty())
            fallback=|| view! {
                <div class="card empty">
                    <h2>"No sweeps yet"</h2>
                    <p>"For example: how does throughput change with the block size, for PBFT and for HotStuff? "
                        <a href="/sweeps/new">"Define the first one"</a> "."</p>
                </div>
            }
        >
            <div class="card table-scroll" tabindex="0" role="region" aria-label="Sweeps">
                <table class="trials sweep-list">
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"State"</th>
                            <th scope="col">"Runs"</th>
                            <th scope="col">"Time left"</th>
                            <th scope="col">"Testbed"</th>
                            <th scope="col">"Created"</th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || ids.get() key=|id| *id let:id><Row id/></For>
                    </tbody>
                </table>
            </div>
        </Show>
    }
    .into_any()
}

#[component]
fn Row(id: SweepId) -> AnyView {
    let session = Session::get();
    let line = Memo::new(move |_| session.sweeps.with(|book| book.line(id)));
    let text = move |read: fn(&model::sweep::SweepSummary) -> String| {
        line.with(|line| line.as_ref().map(read).unwrap_or_default())
    };
    view! {
        <tr data-sweep=id.to_string()>
            <td><a href=format!("/sweeps/{id}")>{move || text(|line| line.name.clone())}</a></td>
            <td><SweepBadge sweep=line/></td>
            <td class="runs"><ProgressBar sweep=line/> <span>{move || text(words::progress)}</span></td>
            <td><TimeLeft sweep=line/></td>
            <td>{move || text(|line| line.testbed.to_string())}</td>
            <td><LocalTime at_ms=untrack(|| line.with(|line| line.as_ref().map_or(0, |line| line.created_ms)))/></td>
        </tr>
    }
    .into_any()
}
