//! Pages, and parts of the playground, whose code the browser fetches when somebody first wants them, so that the playground
//! starts sooner. A build with the feature `split` cuts the WebAssembly at [`fetched_page!`] and [`fetched_part!`]; without
//! it all code is in the one file, and the same is shown.

use leptos::prelude::*;

/// Instead of a page whose code did not come: the server was away, or has been built anew since this page was opened.
#[component]
pub(super) fn NotFetched() -> impl IntoView {
    view! {
        <div class="page">
            <div class="card empty" role="alert">
                <h1>"This page did not load"</h1>
                <p>"The server did not send its code. See that the server runs, then load the page again."</p>
                <button on:click=|_| drop(window().location().reload())>"Load again"</button>
            </div>
        </div>
    }
}

/// Makes a module with the route of a page. `part` names the file that its code goes to; pages that share much have the
/// same one.
macro_rules! fetched_page {
    ($module:ident: $page:ident in $part:ident) => {
        mod $module {
            use super::$page;
            use leptos::prelude::*;
            use leptos_router::LazyRoute;

            /// The route of the page.
            pub(super) struct Route;

            #[cfg(feature = "split")]
            #[leptos::wasm_split::wasm_split($part, wasm_split_path = ::leptos::wasm_split, fallible, preload(preload))]
            fn page() -> Result<AnyView, leptos::wasm_split::SplitLoaderError> {
                Ok(view! { <$page/> }.into_any())
            }

            #[cfg(feature = "split")]
            impl LazyRoute for Route {
                fn data() -> Self {
                    Self
                }

                async fn view(_: Self) -> AnyView {
                    match page().await {
                        Ok(page) => page,
                        Err(_) => view! { <$crate::view::fetched::NotFetched/> }.into_any(),
                    }
                }

                async fn preload() {
                    // Where this fails, so does the view, which says so.
                    let _ = preload().await;
                }
            }

            #[cfg(not(feature = "split"))]
            impl LazyRoute for Route {
                fn data() -> Self {
                    Self
                }

                async fn view(_: Self) -> AnyView {
                    // The browser is told to ask for the file while the page is still on its way.
                    #[cfg(feature = "ssr")]
                    leptos::prefetch_lazy_fn_on_server(stringify!($part));
                    view! { <$page/> }.into_any()
                }
            }
        }
    };
}
pub(super) use fetched_page;

/// Instead of a part of a page whose code did not come.
#[component]
pub(super) fn PartNotFetched() -> impl IntoView {
    view! { <p class="field-error" role="alert">"The server did not send this part. Load the page again."</p> }
}

/// Makes a module whose function `part` shows a component in the browser, never on the server.
macro_rules! fetched_part {
    ($module:ident: $component:ident in $part:ident) => {
        mod $module {
            use super::$component;
            use leptos::prelude::*;

            /// The component, when its code is there.
            #[cfg(feature = "split")]
            pub(super) fn part() -> AnyView {
                let loaded = RwSignal::new_local(None);
                leptos::task::spawn_local_scoped(async move {
                    let view = match fetched().await {
                        Ok(view) => view,
                        Err(_) => view! { <$crate::view::fetched::PartNotFetched/> }.into_any(),
                    };
                    // It may not be wanted any more.
                    loaded.try_set(Some(view));
                });
                let view = move || {
                    loaded.track();
                    loaded.try_update_untracked(Option::take).flatten()
                };
                view.into_any()
            }

            #[cfg(feature = "split")]
            #[leptos::wasm_split::wasm_split($part, wasm_split_path = ::leptos::wasm_split, fallible)]
            fn fetched() -> Result<AnyView, leptos::wasm_split::SplitLoaderError> {
                Ok(view! { <$component/> }.into_any())
            }

            /// The component.
            #[cfg(not(feature = "split"))]
            pub(super) fn part() -> AnyView {
                view! { <$component/> }.into_any()
            }
        }
    };
}
pub(super) use fetched_part;
