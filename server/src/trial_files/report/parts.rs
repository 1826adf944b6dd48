//! The tables and texts of a report.

use super::Content;
use app::state::draft::differences;
use app::state::engine;
use app::state::format;
use app::state::overview::duration_ms;
use app::state::summary::{health_label, verdict_label, verdict_text};
use app::state::testbeds;
use app::state::timeline::tell::tell_all;
use app::state::trials::figures::milliseconds;
use leptos::prelude::*;
use model::trial::TrialState;
use model::unit::{UnitHealth, UnitRole};
use model::yaml;
use protocol::definitions;

fn pair(name: &'static str, value: String) -> impl IntoView {
    view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
}

/// The protocol's title where it is one that ships with BFTGym.
fn protocol_title(name: &str) -> String {
    definitions::find(name).map_or_else(|| name.to_owned(), |known| known.title.to_owned())
}

/// Name, state, verdict, note.
pub(super) fn heading(content: &Content) -> impl IntoView + use<> {
    let trial = &content.detail.summary;
    let reason = match &trial.state {
        TrialState::Failed { reason } => Some(view! { <p class="bad">"This trial failed: " {reason.clone()}</p> }),
        _ => None,
    };
    let note = (!trial.note.is_empty()).then(|| view! { <p class="note">{trial.note.clone()}</p> });
    let took = duration_ms(trial, None).map_or_else(|| format::NOTHING.to_owned(), format::duration_ms);
    view! {
        <header>
            <p class="kind">"Trial " {trial.id.to_string()}</p>
            <h1>{trial.name.clone()}</h1>
            <p><strong>{verdict_label(Some(trial))}</strong> ": " {verdict_text(Some(trial))} "."</p>
            {reason}
            {note}
            <dl>
                {pair("Protocol", protocol_title(&trial.protocol))}
                {pair("Replicas", trial.replicas.to_string())}
                {pair("Testbed", testbeds::label(&trial.testbed))}
                {pair("Engine", engine::label(trial.engine).to_owned())}
                {pair("State", trial.state.label().to_owned())}
                {pair("Started", format::utc_minute(trial.started_ms.unwrap_or(trial.created_ms)))}
                {pair("Duration", took)}
            </dl>
        </header>
    }
}

/// What it came to.
pub(super) fn figures(content: &Content) -> impl IntoView + use<> {
    let Some(figures) = content.detail.summary.figures else {
        return view! {
            <section><h2>"Figures"</h2><p class="muted">"The figures are worked out when the trial has ended."</p></section>
        }
        .into_any();
    };
    let throughput = figures.throughput.map_or_else(
        || format::NOTHING.to_owned(),
        |found| match found.half_width {
            Some(half) => format!("{} ± {} req/s", format::grouped(found.mean), format::grouped(half)),
            None => format!("{} req/s", format::grouped(found.mean)),
        },
    );
    let latency = |read: fn(&model::figures::LatencyFigures) -> f64| {
        figures
            .latency
            .map_or_else(|| format::NOTHING.to_owned(), |latency| format!("{} ms", milliseconds(read(&latency))))
    };
    let steady = figures.steady_ms.map(|(from, to)| {
        let at = |at_ms: i64| format::clock_tenths((at_ms - content.zero_ms) as f64 / 1_000.0);
        let text = format!(
            "Of the steady part, {} to {}: without the first two seconds (a quarter of a short trial) and the last \
             report. ± is the 95 % confidence interval of batch means.",
            at(from),
            at(to)
        );
        view! { <p class="muted">{text}</p> }
    });
    view! {
        <section>
            <h2>"Figures"</h2>
            <dl class="large">
                {pair("Throughput", throughput)}
                {pair("Latency p50", latency(|latency| latency.p50))}
                {pair("Latency p90", latency(|latency| latency.p90))}
                {pair("Latency p99", latency(|latency| latency.p99))}
                {pair("Latency max", latency(|latency| latency.max))}
                {pair("Requests answered", format::grouped(figures.requests as f64))}
            </dl>
            {steady}
        </section>
    }
    .into_any()
}

/// What happened when: the flags on the charts.
pub(super) fn marks(content: &Content) -> impl IntoView + use<> {
    if content.marks.is_empty() {
        return view! { <section><h2>"Marks"</h2><p class="muted">"Nothing was changed while it ran."</p></section> }
            .into_any();
    }
    let rows = content.marks.iter().map(|mark| {
        view! {
            <tr>
                <td class="number">{format::clock_tenths(mark.at)}</td>
                <td>{mark.flag.clone()}</td>
                <td>{mark.text.clone()}</td>
            </tr>
        }
    });
    view! {
        <section>
            <h2>"Marks"</h2>
            <table>
                <thead><tr><th class="number">"At"</th><th>"Flag"</th><th>"What happened"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

/// The starting configuration where it differs from the defaults.
pub(super) fn settings(content: &Content) -> impl IntoView + use<> {
    let rows = differences(&content.detail.config);
    if rows.is_empty() {
        return view! {
            <section>
                <h2>"Starting configuration"</h2>
                <p class="muted">"It started with the default experiment."</p>
            </section>
        }
        .into_any();
    }
    let rows = rows.into_iter().map(|(descriptor, value, default)| {
        view! {
            <tr>
                <td>{descriptor.label} " " <code>{descriptor.key}</code></td>
                <td>{value} " " {descriptor.unit}</td>
                <td class="muted">{default}</td>
            </tr>
        }
    });
    view! {
        <section>
            <h2>"Starting configuration"</h2>
            <table>
                <thead><tr><th>"Setting"</th><th>"Value"</th><th>"Default"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

/// What was planned to change by itself.
pub(super) fn schedule(content: &Content) -> Option<impl IntoView + use<>> {
    let detail = &content.detail;
    let told = tell_all(&detail.config, &detail.schedule, detail.summary.replicas);
    let rows = detail.schedule.iter().zip(told).map(|(entry, text)| {
        let at = format::clock_tenths(entry.at_ms as f64 / 1_000.0);
        view! { <tr><td class="number">{at}</td><td>{text}</td></tr> }
    });
    (!detail.schedule.is_empty()).then(|| {
        view! {
            <section>
                <h2>"Timeline"</h2>
                <table>
                    <thead><tr><th class="number">"At"</th><th>"What changes by itself"</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </section>
        }
    })
}

/// Launch and units.
pub(super) fn units(content: &Content) -> impl IntoView + use<> {
    let phases = content.detail.phases.iter().map(|phase| {
        let took =
            phase.ended_ms.map_or_else(|| "not ended".to_owned(), |end| format::duration_ms(end - phase.started_ms));
        view! { <div><dt>{phase.name.label()}</dt><dd>{took}</dd></div> }
    });
    let rows = content.detail.units.iter().map(|unit| {
        let health = match &unit.health {
            UnitHealth::Died { reason, .. } => format!("Died: {reason}"),
            health => health_label(health).to_owned(),
        };
        view! { <tr><td>{unit.role.label()}</td><td>{health}</td><td class="number">{unit.applied_version}</td></tr> }
    });
    view! {
        <section>
            <h2>"Launch and units"</h2>
            <dl>{phases.collect_view()}</dl>
            <table>
                <thead><tr><th>"Unit"</th><th>"At the end"</th><th class="number">"Updates in force"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
}

/// What it ran on.
pub(super) fn environment(content: &Content) -> impl IntoView + use<> {
    let facts = content.detail.environment.iter();
    let facts = facts.map(|(name, value)| view! { <div><dt>{name.clone()}</dt><dd>{value.clone()}</dd></div> });
    view! { <section><h2>"Environment"</h2><dl>{facts.collect_view()}</dl></section> }
}

/// The last lines of the log.
pub(super) fn log(content: &Content) -> Option<impl IntoView + use<>> {
    let lines = content.detail.log.iter().map(|line| {
        let seconds = (line.at_ms - content.zero_ms) as f64 / 1_000.0;
        let unit = UnitRole::of(line.unit, content.detail.summary.replicas).label();
        format!("{seconds:>8.1} s  {unit:<12} {}\n", line.text)
    });
    let text: String = lines.collect();
    (!text.is_empty()).then(|| view! { <section><h2>"Log"</h2><pre>{text}</pre></section> })
}

/// The whole configuration and, if it is not one that ships, the protocol's file.
pub(super) fn full(content: &Content) -> impl IntoView + use<> {
    let protocol = content.detail.protocol_text.clone().map(|text| {
        view! { <details><summary>"Protocol file"</summary><pre>{text}</pre></details> }
    });
    view! {
        <section>
            <h2>"To run it again"</h2>
            <details><summary>"Whole configuration"</summary><pre>{yaml::write(&content.detail.config)}</pre></details>
            {protocol}
        </section>
    }
}
