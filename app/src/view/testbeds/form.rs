//! The form of a testbed.

use crate::state::draft::sentence;
use crate::state::testbeds::{HostDraft, TestbedDraft};
use crate::view::testbeds::desk::Desk;
use leptos::prelude::*;

/// Name, hosts, and the way back to the server.
#[component]
pub(crate) fn TestbedForm() -> AnyView {
    let desk = Desk::get();
    let rows = Memo::new(move |_| {
        let rows = |draft: &TestbedDraft| draft.hosts.iter().map(|host| host.row).collect::<Vec<_>>();
        desk.draft.with(|draft| draft.as_ref().map(rows).unwrap_or_default())
    });
    let change = move |change: &dyn Fn(&mut TestbedDraft)| {
        desk.draft.update(|draft| {
            if let Some(draft) = draft {
                change(draft);
            }
        });
    };
    view! {
        <form
            class="card padded testbed-form"
            novalidate
            aria-labelledby="testbed-form-title"
            on:submit=move |event| {
                event.prevent_default();
                desk.save();
            }
        >
            <h2 id="testbed-form-title">"Testbed"</h2>
            <div class="general">
                <Field
                    label="Name"
                    key="name".to_owned()
                    hint="Letters, digits and dashes"
                    read=|draft| draft.name.clone()
                    write=|draft, text| draft.name = text
                />
                <Field
                    label="Server's address for units"
                    key="backend".to_owned()
                    hint="Empty: reports come back through SSH"
                    read=|draft| draft.backend.clone()
                    write=|draft, text| draft.backend = text
                />
            </div>
            <Problem key="hosts".to_owned()/>
            <ol class="host-rows">
                <For each=move || rows.get() key=|row| *row let:row>
                    <HostRow row/>
                </For>
            </ol>
            <div class="actions">
                <button type="button" on:click=move |_| change(&TestbedDraft::add_host)>"Add host"</button>
                <span class="space"></span>
                <button type="button" class="quiet" on:click=move |_| desk.draft.set(None)>"Discard"</button>
                <button type="submit" class="primary">"Save"</button>
            </div>
        </form>
    }
    .into_any()
}

/// The place of a row now.
fn place_of(draft: &TestbedDraft, row: u32) -> Option<usize> {
    draft.hosts.iter().position(|host| host.row == row)
}

#[component]
fn HostRow(row: u32) -> impl IntoView {
    let desk = Desk::get();
    let place = Memo::new(move |_| desk.draft.with(|draft| draft.as_ref().and_then(|draft| place_of(draft, row))));
    let field = move |label: &'static str,
                      name: &'static str,
                      hint: &'static str,
                      read: fn(&HostDraft) -> String,
                      write: fn(&mut HostDraft, String)| {
        let value = untrack(|| {
            desk.draft.with(|draft| {
                let draft = draft.as_ref()?;
                draft.hosts.get(place_of(draft, row)?).map(read)
            })
        });
        let key = Memo::new(move |_| format!("hosts[{}].{name}", place.get().unwrap_or_default()));
        let problem = Memo::new(move |_| problem_at(desk, &key.get()));
        view! {
            <label class=format!("stacked host-{name}")>
                <span>{label}</span>
                <input
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=hint
                    value=value.unwrap_or_default()
                    aria-invalid=move || problem.with(Option::is_some).to_string()
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        desk.heed(&key.get_untracked());
                        desk.draft.update(|draft| {
                            let found = draft.as_mut().and_then(|draft| {
                                let place = place_of(draft, row)?;
                                draft.hosts.get_mut(place)
                            });
                            if let Some(host) = found {
                                write(host, text);
                            }
                        });
                    }
                />
                {move || problem.get().map(|text| view! { <span class="field-error" role="alert">{text}</span> })}
            </label>
        }
    };
    let remove = move |_| {
        desk.problems.set(Vec::new());
        desk.draft.update(|draft| {
            if let Some(draft) = draft {
                draft.hosts.retain(|host| host.row != row);
            }
        });
    };
    view! {
        <li>
            {field("Address", "address", "node0.example.org", |host| host.address.clone(), |host, text| host.address = text)}
            {field("User", "user", "alice", |host| host.user.clone(), |host, text| host.user = text)}
            {field("Port", "port", "22", |host| host.port.clone(), |host, text| host.port = text)}
            {field("Private key file", "key", "SSH agent", |host| host.key.clone(), |host, text| host.key = text)}
            {field(
                "Internal addresses",
                "internal",
                "as Address",
                |host| host.internal.clone(),
                |host, text| host.internal = text,
            )}
            {field("Units", "units", "a share", |host| host.units.clone(), |host, text| host.units = text)}
            <button type="button" class="icon" aria-label="Remove this host" title="Remove this host" on:click=remove>
                <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8"/></svg>
            </button>
        </li>
    }
}

#[component]
fn Field(
    label: &'static str,
    key: String,
    hint: &'static str,
    read: fn(&TestbedDraft) -> String,
    write: fn(&mut TestbedDraft, String),
) -> impl IntoView {
    let desk = Desk::get();
    let value = untrack(|| desk.draft.with(|draft| draft.as_ref().map(read).unwrap_or_default()));
    let key = StoredValue::new(key);
    let problem = Memo::new(move |_| key.with_value(|key| problem_at(desk, key)));
    view! {
        <label class="stacked">
            <span>{label}</span>
            <input
                type="text"
                autocomplete="off"
                spellcheck="false"
                placeholder=hint
                value=value
                aria-invalid=move || problem.with(Option::is_some).to_string()
                on:input=move |event| {
                    let text = event_target_value(&event);
                    key.with_value(|key| desk.heed(key));
                    desk.draft.update(|draft| {
                        if let Some(draft) = draft {
                            write(draft, text);
                        }
                    });
                }
            />
            {move || problem.get().map(|text| view! { <span class="field-error" role="alert">{text}</span> })}
        </label>
    }
}

#[component]
fn Problem(key: String) -> impl IntoView {
    let desk = Desk::get();
    let problem = Memo::new(move |_| problem_at(desk, &key));
    move || problem.get().map(|text| view! { <p class="field-error" role="alert">{text}</p> })
}

fn problem_at(desk: Desk, key: &str) -> Option<String> {
    desk.problems.with(|problems| {
        let found = problems.iter().find(|problem| problem.key == key);
        found.map(|problem| sentence(&problem.message))
    })
}
