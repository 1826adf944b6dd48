//! The entries as lists: those of the running trial with how far they are, and those of the next start to be edited.

use crate::state::format;
use crate::state::timeline::{Progress, progress, tell};
use crate::view::session::Session;
use crate::view::stage::Stage;
use crate::view::timeline::TimelineContext;
use leptos::prelude::*;

/// What the trial that is shown does by itself, and how far it is.
#[component]
pub(super) fn Running() -> AnyView {
    let session = Session::get();
    let TimelineContext { elapsed, .. } = expect_context();
    let lines = Memo::new(move |_| {
        session.detail.with(|detail| {
            let Some(detail) = detail else { return Vec::new() };
            let trial = &detail.summary;
            // Of an ended trial, its own clock tells what it reached.
            let ran = || Some(trial.ended_ms?.saturating_sub(trial.started_ms?).max(0).unsigned_abs());
            let reached = elapsed.get().or_else(ran);
            let progress = progress(&detail.schedule, reached, trial.state.is_active());
            let texts = tell::tell_all(&detail.config, &detail.schedule, trial.replicas);
            let times = detail.schedule.iter().map(|entry| entry.at_ms);
            times.zip(texts).zip(progress).map(|((at_ms, text), progress)| (at_ms, text, progress)).collect()
        })
    });
    let heading = move || match session.active().is_some() {
        true => "The running trial",
        false => "The trial shown",
    };
    view! {
        <Show when=move || lines.with(|lines| !lines.is_empty())>
            <section aria-label="Schedule of the trial shown">
                <h3>{heading}</h3>
                <ol class="entries">
                    {move || lines.get().into_iter().map(|(at_ms, text, progress)| view! {
                        <li data-progress=progress.label()>
                            <span class="at">{seconds(at_ms)}</span>
                            <span class="what">{text}</span>
                            <span class="progress">{sign(progress)} {progress.label()}</span>
                        </li>
                    }).collect_view()}
                </ol>
            </section>
        </Show>
    }
    .into_any()
}

fn sign(progress: Progress) -> &'static str {
    match progress {
        Progress::Done => "✓ ",
        Progress::Next => "▸ ",
        Progress::Ahead | Progress::Missed => "",
    }
}

/// "20 s", "1:30".
fn seconds(at_ms: u64) -> String {
    if at_ms < 60_000 { format!("{} s", at_ms as f64 / 1_000.0) } else { format::clock(at_ms as f64 / 1_000.0) }
}

/// What the next trial is to do by itself.
#[component]
pub(super) fn Planned() -> AnyView {
    let stage = Stage::get();
    let TimelineContext { config, editing, .. } = expect_context();
    let count = Memo::new(move |_| stage.cluster.with(|cluster| cluster.replicas.len() as u32));
    let lines = Memo::new(move |_| {
        stage.timeline.with(|timeline| {
            config.with(|config| {
                let mut config = config.clone();
                let meant = timeline.schedule_by_entry(&config);
                let of = |(entry, change): (&crate::state::timeline::Entry, Option<_>)| {
                    let text = change.map_or_else(
                        || "Changes nothing then".to_owned(),
                        |change: model::schedule::ScheduledChange| {
                            let text = tell::tell(&config, &change.changes, count.get(), change.at_ms);
                            crate::state::faults::action::put(&mut config, &change.changes);
                            text
                        },
                    );
                    (entry.at_ms, text)
                };
                timeline.entries().iter().zip(meant).map(of).collect::<Vec<_>>()
            })
        })
    });
    let problems = Memo::new(move |_| stage.timeline.with(|timeline| config.with(|config| timeline.problems(config))));
    let rows = move || {
        let rows = lines.get().into_iter().enumerate().map(|(index, (at_ms, text))| {
            let name = format!("{}: {text}", seconds(at_ms));
            view! {
                <li class:editing=move || editing.get() == Some(index)>
                    <span class="at">{seconds(at_ms)}</span>
                    <span class="what">{text}</span>
                    <span class="tools">
                        <button
                            type="button"
                            class="icon"
                            title="Edit"
                            aria-label=format!("Edit {name}")
                            on:click=move |_| editing.set(Some(index))
                        >
                            <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M3 13h2.5l7-7L10 3.5l-7 7zM8.5 5 11 7.5"/></svg>
                        </button>
                        <button
                            type="button"
                            class="icon"
                            title="Remove"
                            aria-label=format!("Remove {name}")
                            on:click=move |_| {
                                editing.set(None);
                                stage.timeline.update(|timeline| timeline.remove(index));
                            }
                        >
                            <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8"/></svg>
                        </button>
                    </span>
                </li>
            }
        });
        rows.collect_view()
    };
    let any = Memo::new(move |_| lines.with(|lines| !lines.is_empty()));
    view! {
        <section aria-label="Schedule of the next start">
            <header>
                <h3>"The next start"</h3>
                <Show when=move || any.get()>
                    <button
                        type="button"
                        class="quiet small"
                        on:click=move |_| {
                            editing.set(None);
                            stage.timeline.update(|timeline| timeline.clear());
                        }
                    >
                        "Remove all"
                    </button>
                </Show>
            </header>
            <Show
                when=move || any.get()
                fallback=|| view! {
                    <p class="muted">"Nothing is planned. What you add here happens by itself, as often as you start."</p>
                }
            >
                <ol class="entries">{rows}</ol>
            </Show>
            {move || problems.get().into_iter().map(|problem| view! {
                <p class="field-error" role="alert">{problem.to_string()}</p>
            }).collect_view()}
        </section>
    }
    .into_any()
}
