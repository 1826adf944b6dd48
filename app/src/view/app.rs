//! The document, the routes, and what starts once the page has come to life in the browser.

use crate::conn::overview::opening;
use crate::view::cloudlab::ExpiryBanner;
use crate::view::compare::page::ComparePage;
use crate::view::fetched::fetched_page;
use crate::view::header::{ConnectionBanner, Header};
use crate::view::hydrated::Hydrated;
use crate::view::playground::PlaygroundPage;
use crate::view::protocols::list::ProtocolsPage;
use crate::view::protocols::own::OwnProtocols;
use crate::view::protocols::page::ProtocolPage;
use crate::view::session::Session;
use crate::view::stage::Stage;
use crate::view::sweeps::{NewSweepPage, SweepDesk, SweepPage, SweepsPage};
use crate::view::testbeds::page::TestbedsPage;
use crate::view::theme::Theme;
use crate::view::trial_page::TrialPage;
use crate::view::trials::desk::Desk;
use crate::view::trials::page::TrialsPage;
use crate::view::trials::toasts::Toasts;
use leptos::prelude::*;
use leptos_meta::{Link, MetaTags, Stylesheet, Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{Lazy, SsrMode, path};

fetched_page!(trials: TrialsPage in records);
fetched_page!(trial: TrialPage in records);
fetched_page!(compare: ComparePage in records);
fetched_page!(sweeps: SweepsPage in sweeps);
fetched_page!(new_sweep: NewSweepPage in sweeps);
fetched_page!(sweep: SweepPage in sweeps);
fetched_page!(protocols: ProtocolsPage in protocols);
fetched_page!(protocol: ProtocolPage in protocols);
fetched_page!(testbeds: TestbedsPage in testbeds);

/// The HTML document around the page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="description" content="An interactive playground for Byzantine-fault-tolerant consensus"/>
                <script src="/theme.js"></script>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The page.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let session = Session::new(opening());
    let theme = Theme::new();
    provide_context(session);
    provide_context(theme);
    let own = OwnProtocols::new();
    provide_context(own);
    provide_context(Stage::new());
    provide_context(SweepDesk::new());
    provide_context(Desk::new());

    Effect::new(move |_| {
        if !Hydrated::get() {
            return;
        }
        theme.attach();
        own.attach();
        if let Some(root) = document().document_element() {
            // Setting a valid attribute name does not fail.
            let _ = root.set_attribute("data-hydrated", "true");
        }
    });
    Effect::new(move |_| {
        if Hydrated::get() && session.overview.with(Option::is_some) {
            session.follow();
            session.load_cloudlab();
        }
    });

    view! {
        <Stylesheet id="leptos" href="/pkg/bftgym.css"/>
        <Link rel="icon" type_="image/svg+xml" href="/favicon.svg"/>
        <Title formatter=|text: String| if text.is_empty() { "BFTGym".to_owned() } else { format!("{text} · BFTGym") }/>
        <Router>
            <a class="skip" href="#main">"Skip to the content"</a>
            <Header/>
            <ConnectionBanner/>
            <ExpiryBanner/>
            <main id="main" tabindex="-1">
                <Routes fallback=NotFound>
                    <Route path=path!("/") view=PlaygroundPage ssr=SsrMode::Async/>
                    <Route path=path!("/trials") view={Lazy::<trials::Route>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/sweeps") view={Lazy::<sweeps::Route>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/sweeps/new") view={Lazy::<new_sweep::Route>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/sweeps/:id") view={Lazy::<sweep::Route>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/compare") view={Lazy::<compare::Route>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/protocols") view={Lazy::<protocols::Route>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/protocols/:name") view={Lazy::<protocol::Route>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/testbeds") view={Lazy::<testbeds::Route>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/trials/:id") view={Lazy::<trial::Route>::new()} ssr=SsrMode::Async/>
                </Routes>
            </main>
            <Toasts/>
        </Router>
    }
}

#[component]
fn NotFound() -> impl IntoView {
    view! {
        <Title text="Not found"/>
        <div class="page">
            <div class="card empty">
                <h1>"There is no such page"</h1>
                <p>"Go to the " <a href="/">"playground"</a> " or the " <a href="/trials">"list of trials"</a> "."</p>
            </div>
        </div>
    }
}
