//! The summary: a row a trial, with its differences from the baseline.

use crate::state::compare::letter;
use crate::state::compare::table::{Cell, Row, percent_text, rows};
use crate::state::format;
use crate::state::trials::figures::{estimate, milliseconds};
use crate::view::compare::desk::CompareDesk;
use crate::view::legend::Swatch;
use crate::view::session::Session;
use leptos::prelude::*;

/// The table.
#[component]
pub(crate) fn SummaryTable() -> AnyView {
    let desk = CompareDesk::get();
    let all = Memo::new(move |_| {
        let baseline = desk.comparison.with(|comparison| comparison.baseline());
        desk.summaries.with(|summaries| desk.groups.with(|groups| rows(summaries, groups, baseline)))
    });
    let several = move || all.with(|all| all.iter().any(|row| row.members.len() > 1));
    view! {
        <section class="card table-scroll" aria-labelledby="summary-title">
            <h2 id="summary-title" class="hidden-visually">"Summary"</h2>
            <table class="comparison">
                <thead>
                    <tr>
                        <th>"Trial"</th>
                        <th>"Protocol"</th>
                        <th class="number">"Throughput, req/s"</th>
                        <th class="number">"p50, ms"</th>
                        <th class="number">"p99, ms"</th>
                        <th>"Verdict"</th>
                        <th>"Baseline"</th>
                        <th><span class="hidden-visually">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{move || all.get().into_iter().map(|row| view! { <TrialRow row/> }).collect_view()}</tbody>
            </table>
            <p class="muted footnote">
                "Means of the steady part: without the first two seconds (a quarter of a short trial). ± is the 95 % confidence interval, "
                {move || if several() { "of batch means for one trial, over the repetitions where several are shown as one." } else { "of batch means." }}
            </p>
        </section>
    }
    .into_any()
}

#[component]
fn TrialRow(row: Row) -> impl IntoView {
    let desk = CompareDesk::get();
    let session = Session::get();
    let letters: Vec<String> = row.members.iter().map(|member| letter(*member).to_string()).collect();
    let runs = (row.members.len() > 1).then(|| format!("{} runs", row.members.len()));
    let title = untrack(|| session.protocol_title(&row.protocol));
    let trial = row.trial;
    let members = row.members.clone();
    let remove = move |_| {
        let gone: Vec<_> = desk.summaries.with_untracked(|all| {
            members.iter().filter_map(|member| all.get(*member)).map(|summary| summary.id).collect()
        });
        desk.change(|comparison| {
            gone.into_iter().fold(comparison, crate::state::compare::address::Comparison::without)
        });
    };
    let choose = move |_| {
        desk.change(|mut comparison| {
            comparison.chosen = Some(trial);
            comparison
        });
    };
    view! {
        <tr data-trial=trial.to_string() data-baseline=row.is_baseline.to_string()>
            <td class="name">
                <span class="letter">{letters.join(", ")}</span>
                <Swatch style=row.members[0]/>
                <a href=format!("/trials/{trial}")>{row.name.clone()}</a>
                {runs.map(|runs| view! { <span class="muted">{runs}</span> })}
            </td>
            <td>{title}</td>
            <Value cell=row.throughput number=format::grouped more_is_better=true/>
            <Value cell=row.p50 number=milliseconds more_is_better=false/>
            <Value cell=row.p99 number=milliseconds more_is_better=false/>
            <td>{row.verdicts.join(", ")}</td>
            <td>
                <label class="inline">
                    <input
                        type="radio"
                        name="baseline"
                        prop:checked=row.is_baseline
                        checked=row.is_baseline
                        aria-label=format!("Measure against {}", row.name)
                        on:change=choose
                    />
                    {row.is_baseline.then_some("baseline")}
                </label>
            </td>
            <td class="actions">
                <button type="button" class="icon" title="Leave it out" aria-label=format!("Leave {} out", row.name) on:click=remove>
                    <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8"/></svg>
                </button>
            </td>
        </tr>
    }
}

/// A value, and how far it is from the baseline's: sign, arrow and word, and a colour for better and worse.
#[component]
fn Value(cell: Option<Cell>, number: fn(f64) -> String, more_is_better: bool) -> impl IntoView {
    let Some(cell) = cell else {
        return view! { <td class="number">{format::NOTHING}</td> }.into_any();
    };
    let difference = cell.percent.map(|percent| {
        let (text, word) = percent_text(percent);
        let (path, tone) = match word {
            "higher" => ("M8 12.5v-9M4.5 7 8 3.5 11.5 7", if more_is_better { "good" } else { "bad" }),
            "lower" => ("M8 3.5v9M4.5 9 8 12.5 11.5 9", if more_is_better { "bad" } else { "good" }),
            _ => ("M4 8h8", "neutral"),
        };
        view! {
            <span class=format!("difference {tone}") data-percent=format!("{percent:.1}")>
                <svg viewBox="0 0 16 16" width="11" height="11" aria-hidden="true"><path d=path/></svg>
                {text} " " {word}
            </span>
        }
    });
    view! { <td class="number">{estimate(cell.value, number)} {difference}</td> }.into_any()
}
