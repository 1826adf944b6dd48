//! Where a sweep is defined: the form, and beside it how much it asks for and Start.

use crate::conn::sweeps::read_grid::read_grid;
use crate::conn::sweeps::start::start_sweep;
use crate::state::chart_table::file_name;
use crate::state::sweeps::form::{Form, Surroundings};
use crate::state::sweeps::words::about;
use crate::view::export;
use crate::view::file_button::YamlFileButton;
use crate::view::protocols::exchange::import;
use crate::view::protocols::own::OwnProtocols;
use crate::view::session::Session;
use crate::view::stage::{Stage, next_config};
use crate::view::sweeps::form::{Fields, FormContext};
use crate::view::with_overview::WithOverview;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use model::sweep::write_grid_file;
use model::words::{numbered, plural};
use model::yaml::MAX_CONFIG_BYTES;

/// What has been typed into the form: kept while other pages of this tab are open.
#[derive(Clone, Copy)]
pub(crate) struct SweepDesk {
    /// The form.
    pub(crate) form: RwSignal<Form>,
}

impl SweepDesk {
    /// That of this tab.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// A form that nobody has typed into.
    pub(crate) fn new() -> Self {
        Self { form: RwSignal::new(Form::default()) }
    }
}

/// `/sweeps/new`.
#[component]
pub(crate) fn NewSweepPage() -> AnyView {
    view! {
        <Title text="New sweep"/>
        <div class="page sweep-new">
            <p class="crumb"><a href="/sweeps">"Sweeps"</a></p>
            <h1>"New sweep"</h1>
            <WithOverview what="The configuration"><Desk/></WithOverview>
        </div>
    }
    .into_any()
}

#[component]
fn Desk() -> AnyView {
    let session = Session::get();
    let own = OwnProtocols::get();
    let stage = Stage::get();
    let form = SweepDesk::get().form;
    let around = Memo::new(move |_| {
        let playground = next_config(session);
        Surroundings {
            server: session.start_config(),
            timeline: stage.timeline.with(|timeline| timeline.schedule(&playground)),
            playground,
            own: own.kept.get(),
        }
    });
    let read = Memo::new(move |_| form.with(|form| around.with(|around| form.read(around))));
    provide_context(FormContext { form, around, read });
    view! {
        <div class="sweep-desk">
            <section class="card padded" aria-label="Definition"><Fields/></section>
            <Summary/>
        </div>
    }
    .into_any()
}

/// How much is asked for, and Start.
#[component]
fn Summary() -> AnyView {
    let session = Session::get();
    let FormContext { form, around, read } = expect_context();
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<String>);
    let size = Memo::new(move |_| form.with(|form| around.with(|around| form.size(around))));
    let factors = move || {
        let plan = read.with(|read| read.as_ref().ok().cloned())?;
        let mut parts = vec![numbered(plan.protocols.len(), "protocol")];
        parts.extend(plan.axes.iter().map(|axis| {
            let known = model::schema::descriptor(&axis.key);
            let label = known.map_or(axis.key.clone(), |known| known.label.to_lowercase());
            format!("{} × {label}", axis.values.len())
        }));
        parts.push(numbered(plan.repetitions, "repetition"));
        Some(parts.into_iter().map(|part| view! { <li>{part}</li> }).collect_view())
    };
    let wrong = move || read.with(|read| read.as_ref().err().map_or(0, Vec::len));
    let navigate = use_navigate();
    let start = move |_| {
        let Ok(plan) = read.get_untracked() else { return };
        busy.set(true);
        failure.set(None);
        let navigate = navigate.clone();
        spawn_local(async move {
            let answer = start_sweep(plan).await;
            busy.set(false);
            match answer {
                Ok(sweep) => navigate(&format!("/sweeps/{sweep}"), NavigateOptions::default()),
                Err(error) => {
                    if error.problems().is_empty() {
                        failure.set(Some(error.to_string()));
                    } else {
                        form.update(|form| form.refuse(error.problems().to_vec()));
                    }
                }
            }
        });
    };
    view! {
        <aside class="card padded sweep-summary" aria-label="What it takes">
            <h2>"What it takes"</h2>
            <p class="size" data-runs=move || size.get().runs.to_string()>
                <strong>{move || size.get().runs.to_string()}</strong>
                " " {move || plural(&size.get().runs, "run")}
                <span class="muted">{move || format!(" in {}", numbered(size.get().points, "point"))}</span>
            </p>
            <p>"about " <strong>{move || about(size.get().expected_ms)}</strong></p>
            <ul class="factors muted">{factors}</ul>
            <button type="button" class="primary" disabled=move || busy.get() || { wrong() > 0 } || !session.drives() on:click=start>
                <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true"><path class="solid" d="M4 2.5v11l9-5.5z"/></svg>
                "Start sweep"
            </button>
            <div role="status">
                {move || match wrong() {
                    0 => None,
                    1 => Some("Correct the marked value first.".to_owned()),
                    count => Some(format!("Correct {count} marked values first.")),
                }
                .map(|text| view! { <p class="muted">{text}</p> })}
            </div>
            {move || failure.get().map(|failure| view! { <p class="field-error" role="alert">{failure}</p> })}
            <GridFile/>
        </aside>
    }
    .into_any()
}

/// The way in and out as a file that `bftgym sweep` reads.
#[component]
fn GridFile() -> AnyView {
    let session = Session::get();
    let FormContext { form, read, .. } = expect_context();
    let message = RwSignal::new(None::<(bool, Vec<String>)>);
    let take = move |event: web_sys::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        import(&input, ("grid", MAX_CONFIG_BYTES), move |file| match file {
            Err(problem) => message.set(Some((false, vec![problem]))),
            Ok((name, text)) => spawn_local(async move {
                match read_grid(text).await {
                    Ok(plan) => {
                        let server = untrack(|| session.start_config());
                        form.set(Form::of(&plan, &server));
                        message.set(Some((true, vec![format!("Read {name}.")])));
                    }
                    Err(error) if error.problems().is_empty() => message.set(Some((false, vec![error.to_string()]))),
                    Err(error) => {
                        let line = |problem: &model::validate::Problem| {
                            format!("{name}, {}: {}", problem.key, problem.message)
                        };
                        message.set(Some((false, error.problems().iter().map(line).collect())));
                    }
                }
            }),
        });
    };
    let give = move |_| {
        if let Ok(plan) = read.get_untracked() {
            export::text(&file_name(&plan.name, "grid", "yaml"), &write_grid_file(&plan));
        }
    };
    let said = move || {
        message.get().map(|(good, lines)| {
            let class = if good { "muted" } else { "field-error" };
            lines.into_iter().map(|line| view! { <p class=class>{line}</p> }).collect_view()
        })
    };
    view! {
        <div class="grid-file">
            <h3>"Grid file"</h3>
            <p class="muted">"The same sweep for " <code>"bftgym sweep"</code> "."</p>
            <div class="row">
                <button type="button" disabled=move || read.with(Result::is_err) on:click=give>"Export"</button>
                <YamlFileButton label="Import" take/>
            </div>
            <div role="status">{said}</div>
        </div>
    }
    .into_any()
}
