//! What a simulated run came to: verdict, counts, latencies, and its chart.

use crate::state::protocols::words;
use crate::view::protocols::run::Ended;
use crate::view::protocols::sequence::SequenceChart;
use leptos::prelude::*;
use model::verdict::Verdict;

/// The result of a run.
#[component]
pub(crate) fn RunResult(ended: Ended) -> AnyView {
    let outcome = &ended.outcome;
    let wanted = u64::from(ended.scenario.clients) * ended.scenario.requests_a_client;
    let (tone, verdict) = match &outcome.verdict {
        Verdict::Diverged(_) => ("bad", "Diverged"),
        _ if outcome.completed < wanted => ("warning", "No progress"),
        _ => ("good", "Pass"),
    };
    let why = ended.parting.as_ref().map(|parting| parting.explanation());
    let blocks = outcome.executed.iter().map(|sequence| sequence.0).max().unwrap_or_default();
    let ms = |us: u64| format!("{:.3} ms", us as f64 / 1_000.0);
    let executed: Vec<String> = outcome.executed.iter().map(|sequence| sequence.0.to_string()).collect();
    let facts = [
        ("Answered", format!("{} of {wanted} requests", outcome.completed)),
        ("Latency", words::latency(outcome)),
        ("Simulated time", ms(outcome.ended_us)),
        ("Last block", format!("{} (of each replica)", executed.join(", "))),
        ("View", outcome.view.to_string()),
        ("Refused", format!("{} messages", outcome.refused)),
        ("Seed", ended.scenario.seed.to_string()),
    ];
    let facts = facts.map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> });
    let rows = outcome.messages.iter().map(|(name, count)| {
        let per_block = *count as f64 / blocks.max(1) as f64;
        view! { <tr><td>{name.clone()}</td><td class="number">{*count}</td><td class="number">{format!("{per_block:.2}")}</td></tr> }
    });
    view! {
        <div class="run-result" data-verdict=verdict>
            <p class="run-verdict"><span class=format!("badge {tone}")>{verdict}</span> {why.map(|why| view! { <span class="why">{why}</span> })}</p>
            {ended.note.clone().map(|note| view! { <p class="note">{note}</p> })}
            <SequenceChart ended=ended.clone()/>
            <div class="run-facts">
                <dl class="fact-list">{facts.collect_view()}</dl>
                <table>
                    <caption>"Messages between replicas"</caption>
                    <thead><tr><th>"Message"</th><th class="number">"Sent"</th><th class="number">"Per block"</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </div>
    }
    .into_any()
}
