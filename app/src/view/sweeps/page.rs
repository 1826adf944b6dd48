//! One sweep: how far it is, and what its runs came to, live while it runs.

use crate::conn::error::PageError;
use crate::conn::sweeps::cancel::cancel_sweep;
use crate::conn::sweeps::delete::delete_sweep;
use crate::conn::sweeps::open::load_sweep;
use crate::conn::sweeps::resume::resume_sweep;
use crate::state::chart_table::file_name;
use crate::state::sweeps::book::OpenSweep;
use crate::state::sweeps::dimension::Dimension;
use crate::state::sweeps::form::Form;
use crate::state::sweeps::metric::Metric;
use crate::state::sweeps::results::{PointResult, results};
use crate::state::sweeps::words;
use crate::view::export;
use crate::view::loaded::loaded;
use crate::view::session::Session;
use crate::view::sweeps::badge::SweepBadge;
use crate::view::sweeps::detail::PointDetail;
use crate::view::sweeps::failures::Failures;
use crate::view::sweeps::heat::Heat;
use crate::view::sweeps::lines::Lines;
use crate::view::sweeps::new_page::SweepDesk;
use crate::view::sweeps::progress::{ProgressBar, TimeLeft};
use crate::view::sweeps::table::PointTable;
use crate::view::time::LocalTime;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use model::ids::SweepId;
use model::sweep::{SweepPlan, SweepState, SweepSummary, write_grid_file};

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub(crate) struct SweepContext {
    /// The sweep.
    pub(crate) sweep: Memo<Option<OpenSweep>>,
    /// What each of its points came to.
    pub(crate) results: Memo<Vec<PointResult>>,
    /// Which metric is shown.
    pub(crate) metric: RwSignal<Metric>,
    /// The point that was chosen on the heat map, the lines or in the table.
    pub(crate) selected: RwSignal<Option<usize>>,
}

impl SweepContext {
    /// Reads the plan; the usual value before the sweep is there.
    pub(crate) fn plan<T: Default>(self, read: impl FnOnce(&SweepPlan) -> T) -> T {
        self.sweep.with(|sweep| sweep.as_ref().map(|sweep| read(&sweep.plan)).unwrap_or_default())
    }

    /// The name of a file with a part of the results.
    pub(crate) fn file(self, part: &str, ending: &str) -> String {
        let name = self.sweep.with_untracked(|sweep| sweep.as_ref().map(|sweep| sweep.plan.name.clone()));
        file_name(&name.unwrap_or_default(), part, ending)
    }
}

/// `/sweeps/:id`.
#[component]
pub(crate) fn SweepPage() -> AnyView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok().map(SweepId))));
    // What belongs to one sweep ends before the next one's begins: the address of a page may change to another sweep.
    view! { <div class="page sweep-page">{move || view! { <SweepAt id=id.get()/> }}</div> }.into_any()
}

#[component]
fn SweepAt(id: Option<SweepId>) -> AnyView {
    let view = Resource::new(
        move || id,
        |id| async move {
            match id {
                Some(id) => load_sweep(id).await,
                None => Err(PageError::Unreachable { message: "A sweep's address ends with its number.".to_owned() }),
            }
        },
    );
    loaded(view, ("This sweep", Some("Sweep")), |view| {
        Session::get().sweeps.update(|book| book.load_open(view));
        view! { <Sweep/> }.into_any()
    })
}

#[component]
fn Sweep() -> AnyView {
    let session = Session::get();
    let sweep = Memo::new(move |_| session.sweeps.with(|book| book.open.clone()));
    let context = SweepContext {
        sweep,
        results: Memo::new(move |_| sweep.with(|sweep| sweep.as_ref().map(results).unwrap_or_default())),
        metric: RwSignal::new(Metric::default()),
        selected: RwSignal::new(None),
    };
    provide_context(context);
    let summary = Memo::new(move |_| sweep.with(|sweep| sweep.as_ref().map(|sweep| sweep.summary.clone())));
    let varies = Memo::new(move |_| context.plan(|plan| !Dimension::varying(plan).is_empty()));
    let name = move || context.plan(|plan| plan.name.clone());
    view! {
        <Title text=untrack(name)/>
        <p class="crumb"><a href="/sweeps">"Sweeps"</a></p>
        <div class="status-line sweep-head">
            <h1>{name}</h1>
            <SweepBadge sweep=summary/>
            <Actions summary/>
        </div>
        <Reason summary/>
        <Progress summary/>
        <MetricChoice/>
        <Show when=move || varies.get()>
            <div class="sweep-results">
                <Heat/>
                <Lines/>
            </div>
        </Show>
        <PointDetail/>
        <PointTable/>
        <Failures/>
        <Plan/>
    }
    .into_any()
}

/// Why it stands still, where there is a reason.
#[component]
fn Reason(summary: Memo<Option<SweepSummary>>) -> impl IntoView {
    move || {
        summary.with(|summary| {
            let state = &summary.as_ref()?.state;
            let reason = state.reason()?.to_owned();
            Some(match state {
                SweepState::Failed { .. } => view! {
                    <p class="field-error" role="alert">"This sweep could not go on: " {reason}</p>
                }
                .into_any(),
                _ => view! {
                    <p class="muted" role="status">"Paused: " {reason} ". What was measured is kept; resume it to run the rest."</p>
                }
                .into_any(),
            })
        })
    }
}

/// What can be done with it.
#[component]
fn Actions(summary: Memo<Option<SweepSummary>>) -> AnyView {
    let session = Session::get();
    let desk = SweepDesk::get();
    let context = expect_context::<SweepContext>();
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<String>);
    let asking = RwSignal::new(false);
    let running = move || summary.with(|known| known.as_ref().is_some_and(|one| one.state == SweepState::Running));
    let resumable = move || summary.with(|known| known.as_ref().is_some_and(SweepSummary::can_resume));
    let id = move || summary.with_untracked(|known| known.as_ref().map(|one| one.id));
    let done = move |answer: Result<(), PageError>| {
        busy.set(false);
        failure.set(answer.err().map(|error| error.to_string()));
    };
    let begin = move || {
        busy.set(true);
        failure.set(None);
    };
    let cancel = move |_| {
        let Some(id) = id() else { return };
        begin();
        spawn_local(async move { done(cancel_sweep(id).await) });
    };
    let resume = move |_| {
        let Some(id) = id() else { return };
        begin();
        spawn_local(async move { done(resume_sweep(id).await) });
    };
    let navigate = use_navigate();
    let again = {
        let navigate = navigate.clone();
        move |_| {
            let server = untrack(|| session.start_config());
            if let Some(plan) = context.sweep.with_untracked(|sweep| sweep.as_ref().map(|sweep| sweep.plan.clone())) {
                desk.form.set(Form::of(&plan, &server));
                navigate("/sweeps/new", NavigateOptions::default());
            }
        }
    };
    let delete = StoredValue::new(move || {
        let Some(id) = id() else { return };
        begin();
        let navigate = navigate.clone();
        spawn_local(async move {
            let answer = delete_sweep(id).await;
            if answer.is_ok() {
                navigate("/sweeps", NavigateOptions::default());
            } else {
                done(answer);
            }
        });
    });
    let save = move |_| {
        let text = context.sweep.with_untracked(|sweep| sweep.as_ref().map(|sweep| write_grid_file(&sweep.plan)));
        export::text(&context.file("grid", "yaml"), &text.unwrap_or_default());
    };
    view! {
        <div class="sweep-actions">
            <Show when=running>
                <button type="button" disabled=move || busy.get() || !session.drives() on:click=cancel>
                    <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true"><path class="solid" d="M3 3h10v10H3z"/></svg>
                    "Cancel"
                </button>
            </Show>
            <Show when=resumable>
                <button type="button" class="primary" disabled=move || busy.get() || !session.drives() on:click=resume>
                    <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true"><path class="solid" d="M4 2.5v11l9-5.5z"/></svg>
                    "Resume"
                </button>
            </Show>
            <button type="button" on:click=again>"Change and run again"</button>
            <button type="button" class="quiet" on:click=save>"Save grid file"</button>
            <Show when=move || !running()>
                <Show
                    when=move || asking.get()
                    fallback=move || view! {
                        <button
                            type="button"
                            class="quiet"
                            disabled=move || !session.drives()
                            on:click=move |_| asking.set(true)
                        >
                            "Delete"
                        </button>
                    }
                >
                    <span class="muted">"Its trials stay."</span>
                    <button type="button" disabled=move || busy.get() on:click=move |_| delete.with_value(|delete| delete())>"Delete sweep"</button>
                    <button type="button" class="quiet" on:click=move |_| asking.set(false)>"Keep"</button>
                </Show>
            </Show>
        </div>
        {move || failure.get().map(|failure| view! { <p class="field-error" role="alert">{failure}</p> })}
    }
    .into_any()
}

/// The bar, what is left, and the run that is underway.
#[component]
fn Progress(summary: Memo<Option<SweepSummary>>) -> AnyView {
    let session = Session::get();
    let context = expect_context::<SweepContext>();
    let words = move || summary.with(|known| known.as_ref().map(words::progress));
    let now = move || {
        let current = summary.with(|known| known.as_ref().and_then(|one| one.current.clone()))?;
        let state = session.overview.with(|known| {
            let trials = known.iter().flat_map(|known| &known.trials);
            trials.filter(|trial| trial.id == current.trial).map(|trial| trial.state.label()).next()
        });
        let label = context.plan(|plan| {
            let (point, repetition) = plan.place_of_run(current.run);
            let at = model::sweep::point(plan, point).label();
            if plan.repetitions > 1 { format!("{at} ({} of {})", repetition + 1, plan.repetitions) } else { at }
        });
        Some(view! {
            <p class="now">
                <span class="muted">{state.unwrap_or("Starting")} ": "</span>
                <a href=format!("/trials/{}", current.trial)>{label}</a>
            </p>
        })
    };
    view! {
        <section class="card padded sweep-progress" aria-label="Progress">
            <ProgressBar sweep=summary/>
            <p class="figures">
                <strong>{words}</strong>
                <span class="muted"><TimeLeft sweep=summary/></span>
            </p>
            {now}
        </section>
    }
    .into_any()
}

#[component]
fn MetricChoice() -> AnyView {
    let context = expect_context::<SweepContext>();
    let choose = move |event| {
        if let Some(metric) = Metric::named(&event_target_value(&event)) {
            context.metric.set(metric);
        }
    };
    view! {
        <div class="sweep-choice">
            <label class="stacked">
                <span>"Metric"</span>
                <select on:change=choose prop:value=move || context.metric.get().name()>
                    {Metric::ALL.map(|metric| view! {
                        <option value=metric.name() selected=untrack(|| context.metric.get()) == metric>
                            {metric.title()} ", " {metric.unit()}
                        </option>
                    }).collect_view()}
                </select>
            </label>
            <p class="muted">"Means of the repetitions; ± and bars are 95 % confidence intervals (Student’s t)."</p>
        </div>
    }
    .into_any()
}

/// What it was asked to run.
#[component]
fn Plan() -> AnyView {
    let session = Session::get();
    let context = expect_context::<SweepContext>();
    let facts = move || {
        context.sweep.with(|sweep| {
            let OpenSweep { plan, summary, .. } = sweep.as_ref()?;
            let protocols: Vec<String> =
                plan.protocols.iter().map(|protocol| session.protocol_title(&protocol.name)).collect();
            let order = match plan.order {
                model::sweep::SweepOrder::AsWritten => "Point by point",
                model::sweep::SweepOrder::Random => "Random, every point once in each round",
            };
            let axes: Vec<_> = (0..plan.axes.len())
                .map(|index| {
                    let dimension = Dimension::Axis(index);
                    let values: Vec<String> = (0..dimension.count(plan))
                        .map(|place| dimension.value(plan, place, &|_| String::new()))
                        .collect();
                    view! { <div><dt>{dimension.label(plan)}</dt><dd>{values.join(" · ")}</dd></div> }
                })
                .collect();
            let changes = plan.schedule.len();
            Some(view! {
                <dl class="facts">
                    <div><dt>"Protocols"</dt><dd>{protocols.join(" · ")}</dd></div>
                    {axes}
                    <div><dt>"Measured"</dt><dd>{words::times(plan)}</dd></div>
                    <div><dt>"Repetitions"</dt><dd>{plan.repetitions}</dd></div>
                    <div><dt>"Order"</dt><dd>{order}</dd></div>
                    <div><dt>"Testbed"</dt><dd>{plan.testbed.to_string()}</dd></div>
                    {(changes > 0).then(|| view! { <div><dt>"Changes during each run"</dt><dd>{changes}</dd></div> })}
                    <div><dt>"Created"</dt><dd><LocalTime at_ms=summary.created_ms/></dd></div>
                </dl>
            })
        })
    };
    view! {
        <section class="card padded" aria-labelledby="sweep-plan">
            <h2 id="sweep-plan">"Plan"</h2>
            {facts}
        </section>
    }
    .into_any()
}
