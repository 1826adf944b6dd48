//! The fields of the form in which a sweep is defined.

use crate::state::draft::sentence;
use crate::state::sweeps::form::{Base, Faults, Form, Surroundings};
use crate::view::session::Session;
use crate::view::sweeps::axis::Axes;
use crate::view::sweeps::protocols::Protocols;
use leptos::prelude::*;
use model::sweep::{SweepOrder, SweepPlan};
use model::testbed::TestbedName;
use model::validate::Problem;

/// What the fields share.
#[derive(Clone, Copy)]
pub(crate) struct FormContext {
    /// What has been typed.
    pub(crate) form: RwSignal<Form>,
    /// What it is read against.
    pub(crate) around: Memo<Surroundings>,
    /// The plan, or what is wrong.
    pub(crate) read: Memo<Result<SweepPlan, Vec<Problem>>>,
}

/// What is wrong at a field.
#[component]
pub(crate) fn FieldProblem(#[prop(into)] key: String) -> impl IntoView {
    let FormContext { read, .. } = expect_context();
    let wrong = move || {
        read.with(|read| {
            let problems = read.as_ref().err()?.iter().filter(|problem| problem.key == key);
            let sentences: Vec<String> = problems.map(|problem| sentence(&problem.message)).collect();
            (!sentences.is_empty()).then(|| sentences.join(" "))
        })
    };
    move || wrong().map(|wrong| view! { <p class="field-error" role="alert">{wrong}</p> })
}

/// All fields.
#[component]
pub(crate) fn Fields() -> AnyView {
    view! {
        <div class="sweep-fields">
            <fieldset>
                <legend>"Name"</legend>
                <Text label="Sweep name" key="name" get=|form| form.name.clone() set=|form, text| form.name = text/>
            </fieldset>
            <Protocols/>
            <Axes/>
            <fieldset>
                <legend>"Each run"</legend>
                <div class="run-fields">
                    <Text label="Measured time" key="duration" get=|form| form.duration.clone() set=|form, text| form.duration = text/>
                    <Text label="Warm-up before it" key="warm-up" get=|form| form.warmup.clone() set=|form, text| form.warmup = text/>
                    <Text label="Repetitions" key="repetitions" get=|form| form.repetitions.clone() set=|form, text| form.repetitions = text/>
                    <Testbed/>
                </div>
                <Order/>
            </fieldset>
            <Surrounding/>
        </div>
    }
    .into_any()
}

#[component]
fn Text(label: &'static str, key: &'static str, get: fn(&Form) -> String, set: fn(&mut Form, String)) -> AnyView {
    let FormContext { form, read, .. } = expect_context();
    let wrong = move || read.with(|read| read.as_ref().err().is_some_and(|all| all.iter().any(|each| each.key == key)));
    let text = move || form.with(get);
    view! {
        <div>
            <label class="stacked">
                <span>{label}</span>
                <input
                    type="text"
                    autocomplete="off"
                    aria-invalid=move || wrong().to_string()
                    value=untrack(text)
                    prop:value=text
                    on:input=move |event| form.update(|form| set(form, event_target_value(&event)))
                />
            </label>
            <FieldProblem key/>
        </div>
    }
    .into_any()
}

/// Where it runs, when there is a choice.
#[component]
fn Testbed() -> AnyView {
    let session = Session::get();
    let FormContext { form, .. } = expect_context();
    let testbeds = Memo::new(move |_| {
        session.overview.with(|known| {
            let all = known.iter().flat_map(|known| &known.testbeds);
            all.map(|testbed| testbed.name.clone()).collect::<Vec<_>>()
        })
    });
    let choose = move |event| {
        if let Ok(name) = TestbedName::new(&event_target_value(&event)) {
            form.update(|form| form.testbed = name);
        }
    };
    view! {
        <Show when=move || { testbeds.with(Vec::len) > 1 }>
            <div>
                <label class="stacked">
                    <span>"Testbed"</span>
                    <select on:change=choose>
                        {move || testbeds.get().into_iter().map(|name| {
                            let chosen = untrack(|| form.with(|form| form.testbed == name));
                            view! { <option value=name.to_string() selected=chosen>{name.to_string()}</option> }
                        }).collect_view()}
                    </select>
                </label>
                <FieldProblem key="testbed"/>
            </div>
        </Show>
    }
    .into_any()
}

#[component]
fn Order() -> AnyView {
    let FormContext { form, .. } = expect_context();
    let random = move || form.with(|form| form.order == SweepOrder::Random);
    let set = move |event| {
        let order = if event_target_checked(&event) { SweepOrder::Random } else { SweepOrder::AsWritten };
        form.update(|form| form.order = order);
    };
    view! {
        <label class="switch">
            <input type="checkbox" checked=untrack(random) prop:checked=random on:change=set/>
            <span>
                <strong>"Random order"</strong>
                <span class="muted">" In rounds that have every point once, so that what drifts while the sweep runs spreads over all points."</span>
            </span>
        </label>
    }
    .into_any()
}

/// The configuration and the faults that all runs have.
#[component]
fn Surrounding() -> AnyView {
    let FormContext { form, around, .. } = expect_context();
    let changed = move || {
        around.with(|around| {
            let flat = |tree: &model::ConfigTree| {
                tree.flatten().iter().map(|(key, value)| (key.clone(), value.to_string())).collect::<Vec<_>>()
            };
            let server = flat(&around.server);
            flat(&around.playground).into_iter().filter(|pair| !server.contains(pair)).count()
        })
    };
    let entries = move || around.with(|around| around.timeline.len());
    // What came with a file or an earlier sweep can be chosen again after something else was.
    let kept = StoredValue::new((None::<Base>, None::<Faults>));
    Effect::new(move |_| {
        form.with(|form| {
            kept.update_value(|kept| {
                if matches!(form.base, Base::Kept(_)) {
                    kept.0 = Some(form.base.clone());
                }
                if matches!(form.faults, Faults::Kept(_)) {
                    kept.1 = Some(form.faults.clone());
                }
            });
        });
    });
    let base = move |name: &'static str, label: Signal<String>, make: fn(Option<Base>) -> Base| {
        let chosen = move || form.with(|form| name == base_name(&form.base));
        view! {
            <button type="button" aria-pressed=move || chosen().to_string() on:click=move |_| {
                let next = make(kept.get_value().0);
                form.update(|form| form.base = next);
            }>{label}</button>
        }
    };
    let faults = move |name: &'static str, label: Signal<String>, make: fn(Option<Faults>) -> Faults| {
        let chosen = move || form.with(|form| name == faults_name(&form.faults));
        view! {
            <button type="button" aria-pressed=move || chosen().to_string() on:click=move |_| {
                let next = make(kept.get_value().1);
                form.update(|form| form.faults = next);
            }>{label}</button>
        }
    };
    let text = |text: &'static str| Signal::stored(text.to_owned());
    let has_kept_base = move || form.with(|form| matches!(form.base, Base::Kept(_))) || kept.get_value().0.is_some();
    let has_kept_faults =
        move || form.with(|form| matches!(form.faults, Faults::Kept(_))) || kept.get_value().1.is_some();
    view! {
        <fieldset>
            <legend>"All runs have"</legend>
            <div class="surrounding">
                <span class="muted" id="base-label">"Configuration"</span>
                <div class="segments" role="group" aria-labelledby="base-label">
                    {base("server", text("As the server started"), |_| Base::Server)}
                    {base("playground", Signal::derive(move || format!("The playground’s ({} changed)", changed())), |_| Base::Playground)}
                    <Show when=has_kept_base>
                        {base("kept", text("As it was"), |kept| kept.unwrap_or_default())}
                    </Show>
                </div>
                <span class="muted" id="faults-label">"Changes during a run"</span>
                <div class="segments" role="group" aria-labelledby="faults-label">
                    {faults("none", text("None"), |_| Faults::None)}
                    {faults("playground", Signal::derive(move || format!("The playground’s timeline ({})", entries())), |_| Faults::Playground)}
                    <Show when=has_kept_faults>
                        {faults("kept", text("As it was"), |kept| kept.unwrap_or_default())}
                    </Show>
                </div>
            </div>
            <p class="note">"Times of changes count from the end of the warm-up."</p>
            <FieldProblem key="config"/>
            <FieldProblem key="faults"/>
        </fieldset>
    }
    .into_any()
}

fn base_name(base: &Base) -> &'static str {
    match base {
        Base::Server => "server",
        Base::Playground => "playground",
        Base::Kept(_) => "kept",
    }
}

fn faults_name(faults: &Faults) -> &'static str {
    match faults {
        Faults::None => "none",
        Faults::Playground => "playground",
        Faults::Kept(_) => "kept",
    }
}
