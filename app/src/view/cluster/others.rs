//! Controller and clients, and in a line which units have the newest configuration.

use crate::state::marks::death_text;
use crate::state::summary::{applied_label, health_label, health_name};
use crate::view::session::Session;
use crate::view::stage::Stage;
use leptos::prelude::*;
use model::unit::{UnitHealth, UnitStatus};

/// The units beside the circle.
#[component]
pub(super) fn Others() -> AnyView {
    let stage = Stage::get();
    let session = Session::get();
    let others = Memo::new(move |_| stage.cluster.with(|cluster| (cluster.others.clone(), cluster.newest)));
    let update = Memo::new(move |_| stage.cluster.with(|cluster| cluster.update_text()));
    let deaths = Memo::new(move |_| session.detail.with(|detail| detail.as_ref().map(|detail| deaths(&detail.units))));
    view! {
        <div class="others">
            <ul aria-label="Other units">
                {move || others.with(|(others, newest)| others.iter().map(|status| chip(status, *newest)).collect_view())}
            </ul>
            <p class="update-text muted" role="status">{move || update.get()}</p>
            {move || deaths.get().filter(|deaths| !deaths.is_empty()).map(|deaths| view! {
                <div role="alert">
                    <ul class="deaths" tabindex="0" aria-label="Units that died">{deaths.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul>
                </div>
            })}
        </div>
    }
    .into_any()
}

fn chip(status: &UnitStatus, newest: u64) -> impl IntoView + use<> {
    let applied = applied_label(status, newest);
    let behind = applied.is_some() && status.applied_version < newest;
    view! {
        <li
            class="unit-chip"
            data-unit=status.unit.to_string()
            data-health=health_name(&status.health)
            data-applied=status.applied_version.to_string()
            data-behind=behind.to_string()
        >
            <span class="glyph" aria-hidden="true"></span>
            <span class="name">{status.role.label()}</span>
            <span class="applied">{applied.unwrap_or_else(|| health_label(&status.health).to_owned())}</span>
        </li>
    }
}

fn deaths(units: &[UnitStatus]) -> Vec<String> {
    let reason = |status: &UnitStatus| match &status.health {
        UnitHealth::Died { reason, .. } => Some(death_text(&status.role.label(), reason)),
        _ => None,
    };
    units.iter().filter_map(reason).collect()
}
