//! One hour of 31 replicas with a report of each unit every quarter of a second, as the page keeps and draws it: bounded in
//! points, with every spike.

use app::state::chart::{PlotOptions, newest_seconds, plot};
use app::state::chart_kind::ChartKind;
use app::state::marks::marks;
use app::state::series::{MAX_POINTS, SeriesSet};
use model::latency::LatencyReport;
use model::metric;
use model::series::LivePoint;
use model::testbed::{Engine, TestbedName};
use model::trial::{TrialDetail, TrialState, TrialSummary};
use std::collections::BTreeSet;

const REPLICAS: u32 = 31;
const REPORTS: i64 = 4 * 3_600;
const CLIENT: u32 = REPLICAS;
/// The report in which something happens.
const SPIKE: i64 = 9_001;
const PIXELS: usize = 640;

fn trial() -> TrialDetail {
    TrialDetail {
        summary: TrialSummary {
            id: model::ids::TrialId(1),
            name: "an hour".into(),
            protocol: "pbft".into(),
            replicas: REPLICAS,
            testbed: TestbedName::default(),
            engine: Engine::default(),
            created_ms: 0,
            started_ms: Some(0),
            ended_ms: None,
            state: TrialState::Running,
            verdict: None,
            note: String::new(),
            pinned: false,
            figures: None,
        },
        config: model::schema::default_tree(),
        phases: vec![],
        patches: vec![],
        units: vec![],
        hosts: vec![],
        log: vec![],
        environment: vec![],
        protocol_text: None,
        schedule: vec![],
    }
}

fn an_hour() -> SeriesSet {
    let mut set = SeriesSet::default();
    let (prepares, bytes) = (metric::messages_of_type("PREPARE"), metric::bytes_of_type("PREPARE"));
    for report in 0..REPORTS {
        let at_ms = report * 250;
        let spike = if report == SPIKE { 40.0 } else { 1.0 };
        let mut points = Vec::with_capacity(31 * 8);
        let mut add = |metric: &str, entity: u32, value: f64| {
            points.push(LivePoint { metric: metric.to_owned(), entity, at_ms, value });
        };
        for replica in 0..REPLICAS {
            let wave = (report as f64 / 70.0 + f64::from(replica)).sin();
            add(metric::LAST_EXECUTED, replica, (report * 200 + i64::from(replica)) as f64);
            add(metric::VIEW, replica, (report / 5_000) as f64);
            add(metric::LEADER, replica, (report / 5_000) as f64);
            add(metric::CPU, replica, (40.0 + wave) * spike);
            add(metric::MEMORY, replica, (24.0 + wave) * spike);
            add(metric::SLOW_PATH, replica, (report / 3) as f64);
            add(&prepares, replica, 100.0 * spike);
            if replica == 0 {
                add(&bytes, replica, 9_000.0);
            }
        }
        add(metric::THROUGHPUT, CLIENT, 9_000.0 / spike);
        for name in [metric::LATENCY_P50, metric::LATENCY_P90, metric::LATENCY_P99, metric::LATENCY_MAX] {
            add(name, CLIENT, 3.0 * spike);
        }
        set.push(&points);
        let bands = vec![(35, 2_000), (if report == SPIKE { 61 } else { 37 }, 1)];
        set.push_latencies(&[LatencyReport { entity: CLIENT, at_ms, bands }]);
    }
    set
}

#[test]
fn an_hour_of_31_replicas_is_drawn_with_a_bounded_number_of_points_and_every_spike() {
    let (set, trial) = (an_hour(), trial());
    let newest = newest_seconds(&set, 0);
    assert_eq!(newest, (REPORTS - 1) as f64 / 4.0);
    for name in [metric::CPU, metric::LAST_EXECUTED, metric::THROUGHPUT] {
        assert!(set.of_metric(name).all(|(_, points)| points.len() <= MAX_POINTS), "{name}");
    }
    for (time, pixels) in [((0.0, newest), PIXELS), ((2_000.0, 2_600.0), PIXELS), ((2_250.0, 2_251.0), PIXELS)] {
        let options = PlotOptions { time, pixels, ticks: 4, hidden: BTreeSet::new() };
        for kind in ChartKind::ALL {
            let plot = plot(kind, &set, &trial.summary, 0, &options);
            // With many lines, each has a point or two for a few pixels.
            let most = if kind == ChartKind::Histogram { PIXELS / 5 * 3 } else { 2 * PIXELS * 10 };
            assert!(plot.drawn_points() <= most, "{kind:?}: {} points", plot.drawn_points());
            assert!(plot.drawn_points() > 0, "{kind:?}");
            let highest = plot.lines.iter().flat_map(|line| &line.points).map(|point| point.1).fold(0.0, f64::max);
            match kind {
                ChartKind::Processor => assert!(highest > 1_500.0, "{highest}"),
                ChartKind::Latency => assert_eq!(highest, 120.0),
                ChartKind::Messages => assert!(highest > 31.0 * 100.0, "{highest}"),
                ChartKind::Histogram => {
                    let heat = plot.heat.as_ref().unwrap();
                    let cells = || heat.columns.iter().flat_map(|column| &column.cells);
                    assert_eq!(cells().filter(|cell| cell.0 == 61).count(), 1);
                }
                _ => {}
            }
        }
    }
    // What happens at 2,250.25 s is seen there, as the views that changed meanwhile are.
    let views: Vec<_> = marks(&trial, &set).into_iter().map(|mark| mark.at).collect();
    assert_eq!(views, [1_250.0, 2_500.0]);
}
