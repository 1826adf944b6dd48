//! The form for a new experiment.

use super::Offered;
use crate::conn::cloudlab::create::create_experiment;
use crate::state::cloudlab::Draft;
use crate::state::draft::sentence;
use crate::view::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::cloudlab::DEFAULT_PROFILE;
use model::validate::Problem;

/// The fields: key, label, how they are typed, and where they are in the draft.
type Input = (&'static str, &'static str, &'static str, fn(&mut Draft) -> &mut Option<String>);

const INPUTS: [Input; 6] = [
    ("name", "Name", "text", |draft| &mut draft.name),
    ("project", "Project", "text", |draft| &mut draft.project),
    ("profile", "Profile", "text", |draft| &mut draft.profile),
    ("nodes", "Machines", "numeric", |draft| &mut draft.nodes),
    ("node_type", "Node type", "text", |draft| &mut draft.node_type),
    ("hours", "Hours", "numeric", |draft| &mut draft.hours),
];

/// Name, project, profile, machines, type, hours, and the button that asks for them.
#[component]
pub(super) fn CreateForm() -> AnyView {
    let session = Session::get();
    let draft = RwSignal::new(Draft::default());
    let refused = RwSignal::new(Vec::<Problem>::new());
    let failure = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let tried = RwSignal::new(false);
    let Offered(offers) = expect_context();
    let profiles = move || {
        let own = offers.with(|offers| offers.profiles.clone());
        options(std::iter::once(DEFAULT_PROFILE.to_owned()).chain(own).collect())
    };
    let projects = move || options(offers.with(|offers| offers.projects.clone()));
    let shown = Memo::new(move |_| {
        let mut fields = <[String; 6]>::default();
        session.cloudlab.with(|view| {
            if let Some(view) = view {
                fields = draft.with(|draft| draft.shown(view));
            }
        });
        fields
    });
    let problems = Memo::new(move |_| {
        let mut found = refused.get();
        if tried.get() {
            session.cloudlab.with(|view| {
                let read = view.as_ref().map(|view| draft.with(|draft| draft.read(view)));
                found.extend(read.and_then(Result::err).into_iter().flatten());
            });
        }
        found
    });
    let problem = move |key: &'static str| {
        problems.with(|found| found.iter().find(|one| one.key == key).map(|one| sentence(&one.message)))
    };
    let submit = move || {
        tried.set(true);
        refused.set(Vec::new());
        failure.set(None);
        let request = session
            .cloudlab
            .with_untracked(|view| view.as_ref().and_then(|view| draft.with_untracked(|draft| draft.read(view)).ok()));
        let Some(request) = request else { return };
        busy.set(true);
        spawn_local(async move {
            let answer = create_experiment(request).await;
            busy.set(false);
            match answer {
                Ok(_) => {
                    tried.set(false);
                    draft.update(|draft| draft.name = None);
                }
                Err(error) if !error.problems().is_empty() => {
                    let token = error.problems().iter().find(|one| one.key == "token" || one.key == "id");
                    failure.set(token.map(|one| sentence(&one.message)));
                    refused.set(error.problems().to_vec());
                }
                Err(error) => failure.set(Some(sentence(&error.to_string()))),
            }
        });
    };
    let input = move |index: usize, (key, label, mode, place): Input| {
        let id = format!("experiment-{key}");
        let error_id = format!("{id}-problem");
        let list = match key {
            "profile" => Some("experiment-profiles"),
            "project" => Some("experiment-projects"),
            _ => None,
        };
        let placeholder = if key == "node_type" { "any" } else { "" };
        view! {
            <div class="experiment-field" data-field=key>
                <label class="stacked" for=id.clone()><span>{label}</span></label>
                <input
                    type="text"
                    id=id
                    list=list
                    inputmode=mode
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=placeholder
                    value=untrack(|| shown.with(|fields| fields[index].clone()))
                    prop:value=move || shown.with(|fields| fields[index].clone())
                    aria-invalid=move || problem(key).is_some().to_string()
                    aria-describedby=error_id.clone()
                    on:input=move |event| {
                        refused.update(|refused| refused.retain(|one| one.key != key));
                        draft.update(|draft| *place(draft) = Some(event_target_value(&event)));
                    }
                />
                <div id=error_id>
                    {move || problem(key).map(|problem| view! { <p class="field-error" role="alert">{problem}</p> })}
                </div>
            </div>
        }
    };
    view! {
        <section class="card padded" aria-labelledby="create-title">
            <h3 id="create-title">"New experiment"</h3>
            <form
                class="experiment-form"
                novalidate
                aria-labelledby="create-title"
                on:submit=move |event| {
                    event.prevent_default();
                    if !busy.get_untracked() {
                        submit();
                    }
                }
            >
                {INPUTS.into_iter().enumerate().map(|(index, field)| input(index, field)).collect_view()}
                <datalist id="experiment-projects">{projects}</datalist>
                <datalist id="experiment-profiles">{profiles}</datalist>
                <div class="buttons">
                    <button type="submit" class="primary" disabled=move || busy.get()>
                        {move || if busy.get() { "Asking CloudLab…" } else { "Create" }}
                    </button>
                    <span class="muted">"CloudLab answers at once, and needs some minutes to bring the machines up."</span>
                </div>
                <div class="problems">
                    {move || failure.get().map(|failure| view! { <p class="field-error" role="alert">{failure}</p> })}
                </div>
            </form>
        </section>
    }
    .into_any()
}

fn options(names: Vec<String>) -> impl IntoView {
    names.into_iter().map(|name| view! { <option value=name></option> }).collect_view()
}
