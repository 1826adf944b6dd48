//! The simulator's form, and what its run came to.

use crate::state::protocols::form::SimulatorForm;
use crate::view::protocols::result::RunResult;
use crate::view::protocols::run::Runner;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::language::compile;
use protocol::table::Table;
use std::sync::Arc;

/// One field of the form: its label, and where its text is.
type Field = (&'static str, fn(&mut SimulatorForm) -> &mut String);

/// The fields in order.
const FIELDS: [Field; 9] = [
    ("Seed", |form| &mut form.seed),
    ("Clients", |form| &mut form.clients),
    ("Requests each", |form| &mut form.requests),
    ("Until, ms", |form| &mut form.until_ms),
    ("Delay, ms", |form| &mut form.delay_ms),
    ("Loss, %", |form| &mut form.loss),
    ("Crashed replicas", |form| &mut form.crashed),
    ("Silent replicas", |form| &mut form.silent),
    ("Equivocating replicas", |form| &mut form.equivocators),
];

/// The simulator of the text in the editor.
#[component]
pub(crate) fn Simulator(text: RwSignal<String>, f: RwSignal<u32>) -> AnyView {
    let form = RwSignal::new(SimulatorForm::default());
    let runner = Runner::new();
    on_cleanup(move || runner.cancel());
    let table = move || -> Option<Arc<Table>> {
        match text.with_untracked(|text| compile(text, f.get_untracked())) {
            Ok(table) => Some(Arc::new(table)),
            Err(_) => {
                runner
                    .message
                    .set(Some("The file has errors, or f is too large for it. Mend the problems above first.".into()));
                None
            }
        }
    };
    let run = move || {
        let Some(table) = table() else { return };
        match form.with_untracked(|form| form.scenario(&table)) {
            Ok(scenario) => spawn_local(runner.run(scenario)),
            Err(problem) => runner.message.set(Some(problem)),
        }
    };
    let hunt = move |more: u32| {
        if let Some(table) = table() {
            let liars = table.f + more;
            spawn_local(runner.hunt(table, liars));
        }
    };
    let idle = move || runner.doing.with(Option::is_none);
    let fields = FIELDS.map(|(label, place)| {
        view! {
            <label class="stacked">
                <span>{label}</span>
                <input
                    type="text"
                    autocomplete="off"
                    prop:value=move || form.with(|form| place(&mut form.clone()).clone())
                    on:input=move |event| form.update(|form| *place(form) = event_target_value(&event))
                />
            </label>
        }
    });
    view! {
        <section class="card padded simulator" aria-labelledby="simulator-title">
            <h2 id="simulator-title">"Simulator"</h2>
            <p class="muted">"The same engine as in a trial, on a simulated network and clock, in this page. Replicas are numbers with commas between: 0, 1."</p>
            <form
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    run();
                }
            >
                <div class="simulator-fields">{fields.collect_view()}</div>
                <div class="simulator-buttons">
                    <button type="submit" class="primary" disabled=move || !idle()>"Simulate"</button>
                    <button type="button" disabled=move || !idle() on:click=move |_| hunt(0)>"Show me a run that breaks"</button>
                    <button type="button" class="quiet" disabled=move || !idle() on:click=move |_| hunt(1)>
                        "…with more than f liars"
                    </button>
                    <button type="button" disabled=idle on:click=move |_| runner.cancel()>"Cancel"</button>
                </div>
            </form>
            <p class="note" role="status">{move || runner.doing.get().or_else(|| runner.message.get())}</p>
            {move || runner.ended.get().map(|ended| view! { <RunResult ended/> })}
        </section>
    }
    .into_any()
}
