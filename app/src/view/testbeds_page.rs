//! Where trials can run besides this machine.

use crate::view::cloudlab::CloudlabSection;
use leptos::prelude::*;
use leptos_meta::Title;

/// `/testbeds`.
#[component]
pub(crate) fn TestbedsPage() -> AnyView {
    view! {
        <Title text="Testbeds"/>
        <div class="page">
            <h1>"Testbeds"</h1>
            <CloudlabSection/>
        </div>
    }
    .into_any()
}
