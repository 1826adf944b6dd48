//! The grid of a trial's units: how each is doing and which configuration it has in force.

use crate::state::marks::death_text;
use crate::state::summary::{applied_label, health_label, health_name};
use leptos::prelude::*;
use model::unit::{UnitHealth, UnitStatus};

/// One cell a unit.
#[component]
pub(crate) fn Units(
    /// The units.
    #[prop(into)]
    units: Signal<Vec<UnitStatus>>,
    /// The newest configuration version.
    #[prop(into)]
    newest: Signal<u64>,
) -> AnyView {
    let deaths = move || {
        let reason = |status: &UnitStatus| match &status.health {
            UnitHealth::Died { reason, .. } => {
                let text = death_text(&status.role.label(), reason);
                Some(view! { <li>{text}</li> })
            }
            _ => None,
        };
        let deaths: Vec<_> = units.with(|units| units.iter().filter_map(reason).collect());
        (!deaths.is_empty()).then(|| view! { <div role="alert"><ul class="deaths">{deaths}</ul></div> })
    };
    let cells = move || {
        let newest = newest.get();
        units.with(|units| units.iter().map(|status| cell(status, newest)).collect_view())
    };
    view! {
        <ul class="units" aria-label="Units">{cells}</ul>
        {deaths}
    }
    .into_any()
}

fn cell(status: &UnitStatus, newest: u64) -> impl IntoView + use<> {
    let health = health_name(&status.health);
    let applied = applied_label(status, newest);
    let behind = applied.is_some() && status.applied_version < newest;
    view! {
        <li
            class="unit-cell"
            data-unit=status.unit.to_string()
            data-health=health
            data-applied=status.applied_version.to_string()
            data-behind=behind.to_string()
        >
            <span class="glyph" aria-hidden="true"></span>
            <span class="name">{status.role.label()}</span>
            <span class="health">{health_label(&status.health)}</span>
            <span class="applied">{applied}</span>
        </li>
    }
}
