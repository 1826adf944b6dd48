//! What a trial keeps besides its samples: Updates, settings, log and environment.

use crate::state::draft::differences;
use crate::state::format;
use crate::state::marks::patch_text;
use crate::state::trial::zero_ms;
use crate::view::session::Session;
use leptos::prelude::*;
use model::trial::TrialDetail;
use model::unit::UnitRole;

/// A part of the record: read from the detail, drawn when it changes.
fn part<T, V>(read: fn(&TrialDetail) -> T, show: fn(T) -> V) -> impl Fn() -> Option<V>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    V: IntoView,
{
    let session = Session::get();
    let value = Memo::new(move |_| session.detail.with(|detail| detail.as_ref().map(read)));
    move || value.get().map(show)
}

/// Every Update with when it was sent and how many units have it.
#[component]
pub(crate) fn Patches() -> AnyView {
    let rows = |detail: &TrialDetail| {
        let zero = zero_ms(detail);
        let units = detail.units.len();
        let row = |record: &model::trial::PatchRecord| {
            let at = format::clock((record.patch.at_ms - zero) as f64 / 1000.0);
            let slowest = record.applied.iter().map(|(_, at_ms)| *at_ms).max();
            let took =
                slowest.map(|at_ms| format!(", the last after {}", format::duration_ms(at_ms - record.patch.at_ms)));
            let applied = format!("{} of {units} units{}", record.applied.len(), took.unwrap_or_default());
            (format!("v{}", record.patch.version), at, patch_text(&record.patch), applied)
        };
        detail.patches.iter().map(row).collect::<Vec<_>>()
    };
    let table = part(rows, |rows| {
        if rows.is_empty() {
            return view! { <p class="muted">"Nothing was changed while it ran."</p> }.into_any();
        }
        let rows = rows.into_iter().map(|(version, at, text, applied)| {
            view! { <tr><td>{version}</td><td class="number">{at}</td><td>{text}</td><td>{applied}</td></tr> }
        });
        view! {
            <div class="table-scroll"><table>
                <thead><tr><th>"Version"</th><th class="number">"Sent at"</th><th>"Change"</th><th>"In force on"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table></div>
        }
        .into_any()
    });
    view! { <section class="card padded"><h2>"Updates"</h2>{table}</section> }.into_any()
}

/// The starting configuration where it differs from the defaults.
#[component]
pub(crate) fn Settings() -> AnyView {
    let table = part(
        |detail| detail.config.clone(),
        |config| {
            let rows = differences(&config);
            if rows.is_empty() {
                return view! { <p class="muted">"It started with the default experiment."</p> }.into_any();
            }
            let rows = rows.into_iter().map(|(descriptor, value, default)| {
                view! {
                    <tr>
                        <td>{descriptor.label}<br/><code>{descriptor.key}</code></td>
                        <td>{value} " " <span class="muted">{descriptor.unit}</span></td>
                        <td class="muted">{default}</td>
                    </tr>
                }
            });
            view! {
                <div class="table-scroll"><table>
                    <thead><tr><th>"Setting"</th><th>"Value"</th><th>"Default"</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table></div>
            }
            .into_any()
        },
    );
    view! { <section class="card padded"><h2>"Starting configuration"</h2>{table}</section> }.into_any()
}

/// The last lines of the log.
#[component]
pub(crate) fn Log() -> AnyView {
    let lines = |detail: &TrialDetail| {
        let zero = zero_ms(detail);
        let line = |line: &model::trial::LogLine| {
            let seconds = (line.at_ms - zero) as f64 / 1000.0;
            let at = if seconds < 0.0 { format!("−{:.1}", -seconds) } else { format!("{seconds:.1}") };
            (at, UnitRole::of(line.unit, detail.summary.replicas).label(), line.text.clone())
        };
        detail.log.iter().map(line).collect::<Vec<_>>()
    };
    let list = part(lines, |lines| {
        if lines.is_empty() {
            return view! { <p class="muted">"No unit has said anything."</p> }.into_any();
        }
        let lines = lines.into_iter().map(|(at, unit, text)| {
            view! { <li><span class="at">{at} " s"</span><span class="who">{unit}</span><span>{text}</span></li> }
        });
        view! { <ol class="log" tabindex="0" aria-label="Log lines">{lines.collect_view()}</ol> }.into_any()
    });
    view! { <section class="card padded"><h2>"Log"</h2>{list}</section> }.into_any()
}

/// What the trial ran on.
#[component]
pub(crate) fn Environment() -> AnyView {
    let list = part(
        |detail| detail.environment.clone(),
        |environment| {
            let rows =
                environment.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> });
            view! { <dl class="pairs">{rows.collect_view()}</dl> }
        },
    );
    view! { <section class="card padded"><h2>"Environment"</h2>{list}</section> }.into_any()
}
