//! The commands without a page, as scripts meet them: real clusters, files, exit statuses.

use model::trial::{TrialState, Verdict};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use store::Store;
use tempfile::TempDir;

struct Place(TempDir);

struct Ended {
    code: Option<i32>,
    out: String,
    errors: String,
}

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn command(&self, arguments: &[&str], files: &[&Path]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bftgym"));
        command.args(arguments).args(files).env("BFTGYM_DATA_DIR", self.data()).current_dir(self.0.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str], files: &[&Path]) -> Ended {
        Ended::of(self.command(arguments, files).spawn().unwrap())
    }
}

impl Ended {
    fn of(child: Child) -> Self {
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), errors: text(output.stderr) }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.errors))
    }
}

#[test]
fn a_run_ends_in_json_and_is_kept_as_a_trial_with_its_samples_changes_and_verdict() {
    let place = Place::new();
    let faults = place.file("faults.yaml", "- at: 1s\n  set: {fault.slow-proposal.timer: 40}\n");
    let ended = place.run(
        &[
            "run",
            "--json",
            "--duration",
            "2s",
            "--warmup",
            "500ms",
            "--name",
            "a run",
            "--set",
            "benchmark.seed=7",
            "--faults",
        ],
        &[&faults],
    );
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    let json = ended.json();
    assert_eq!(
        (&json["verdict"]["verdict"], &json["name"], &json["trial"]),
        (&"pass".into(), &"a run".into(), &1.into())
    );
    assert!(json["throughput_req_s"].as_f64().unwrap() > 0.0 && json["latency_ms"]["p99"].as_f64().unwrap() > 0.0);
    assert_eq!(json["faults"][0]["change"], "fault.slow-proposal.timer = 40");
    assert!(json["faults"][0]["throughput_before_req_s"].as_f64().unwrap() > 0.0);
    let replicas = json["replicas"].as_array().unwrap();
    assert_eq!((replicas.len(), &replicas[3]["replica"]), (4, &3.into()));
    assert!(replicas.iter().all(|replica| replica["executed"].as_u64().unwrap() > 0));

    let store = Store::open(&place.data(), i64::MAX).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let summary = store.trials().await.unwrap().remove(0);
        assert_eq!((&summary.state, &summary.verdict), (&TrialState::Finished, &Some(Verdict::Pass)));
        assert_eq!((summary.name.as_str(), summary.replicas), ("a run", 4));
        let detail = store.trial(summary.id).await.unwrap().unwrap();
        assert_eq!((detail.patches.len(), detail.phases.len(), detail.units.len()), (1, 5, 6));
        assert_eq!(detail.config.integer("benchmark.seed", 0), 7);
        let series = store.series(summary.id, 4_000).await.unwrap();
        assert!(series.iter().any(|series| series.metric == "throughput" && series.entity == 4));
        assert!(!store.latencies(summary.id).await.unwrap().is_empty());
    });
}

#[test]
fn a_run_that_is_interrupted_ends_in_order_and_prints_what_there_is() {
    let place = Place::new();
    let mut child =
        place.command(&["run", "--json", "--no-store", "--duration", "10m", "--warmup", "0s"], &[]).spawn().unwrap();
    // The first line of progress says that clients send.
    let mut errors = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("req/s") {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut errors, &mut line).unwrap() > 0, "it ended early");
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ended = Ended::of(child);
    let json = ended.json();
    assert_eq!((&json["stopped_early"], &json["trial"]), (&true.into(), &Value::Null));
    assert!(matches!(ended.code, Some(0 | 3)), "{:?}", ended.code);
    assert!(!place.data().exists());
}

#[test]
fn what_is_wrong_is_said_before_anything_starts_and_the_exit_status_says_usage() {
    let place = Place::new();
    let schedule = place.file("faults.yaml", "- at: 1s\n  set: {fault.slow-proposal.timr: 40}\n- at: 40s\n  set: {}\n");
    let own = place.file("own.yaml", "name: own\n");
    let grid = place.file("grid.yaml", "set:\n  benchmark.block-size: [1, x]\n");
    let large = place.file("large.yaml", &"#".repeat(2 << 20));
    let missing = place.0.path().join("missing.yaml");
    for (arguments, files, wanted) in [
        (&["run", "--faults"][..], vec![schedule.as_path()], "faults.yaml: line 2, column 9: fault.slow-proposal.timr"),
        (&["run", "--faults"], vec![&missing], "missing.yaml cannot be read"),
        (&["run", "--protocol", "paxos"], vec![], "there is no protocol \"paxos\""),
        (&["run", "--protocol"], vec![&own], "\"own\" cannot run: line"),
        (&["run", "--set", "general.f=99"], vec![], "general.f: 99 is out of range"),
        (&["run", "--name", " "], vec![], "the trial needs a name"),
        (&["run", "--duration", "soon"], vec![], "as in 30s"),
        (&["run", "--nonsense"], vec![], "--nonsense"),
        (&["sweep"], vec![&grid], "grid.yaml: line 2, column 29: benchmark.block-size: \"x\""),
        (&["run", "--duration", "0s"], vec![], "nothing is measured in no time"),
        (&["run", "--set", "foo.bar=1"], vec![], "foo.bar: there is no such key, and none that is similar"),
        (&["check"], vec![&missing], "missing.yaml cannot be read"),
        (&["check"], vec![Path::new("/dev/zero")], "the protocol file /dev/zero cannot be read: it is a device"),
        (&["run", "--faults"], vec![Path::new("/dev/zero")], "the schedule /dev/zero cannot be read: it is a device"),
        (&["run", "--faults"], vec![&large], "large.yaml is too large: it has more than 1048576 bytes"),
        (&["run", "--config"], vec![&large], "the configuration"),
        (&["sweep"], vec![&large], "the grid"),
    ] {
        let ended = place.run(arguments, &files);
        assert_eq!((ended.code, ended.out.as_str()), (Some(64), ""), "{arguments:?}: {}", ended.errors);
        assert!(ended.errors.contains(wanted), "{arguments:?}: {}", ended.errors);
    }
    let both = place.run(&["run", "--faults"], &[&schedule]).errors;
    assert!(both.contains("faults.yaml: line 3, column 7: the change comes when the experiment has ended"), "{both}");
}

#[test]
fn a_sweep_that_was_killed_goes_on_with_what_is_left() {
    let place = Place::new();
    let grid = place.file(
        "grid.yaml",
        "name: two blocks\nduration: 500ms\nwarm-up: 100ms\nrepetitions: 2\n\
         set:\n  benchmark.block-size: [5, 10]\n  benchmark.report-interval-ms: 50\n",
    );
    let mut first = place.command(&["sweep"], &[&grid]).spawn().unwrap();
    let journal = || {
        let entries = std::fs::read_dir(place.data().join("sweeps")).ok()?;
        entries.flatten().map(|entry| entry.path()).next()
    };
    let lines = || journal().map_or(0, |path| std::fs::read_to_string(path).unwrap().lines().count());
    while lines() == 0 {
        assert!(first.try_wait().unwrap().is_none(), "it ended early");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    first.kill().unwrap();
    first.wait().unwrap();
    let done = lines();
    assert!((1..4).contains(&done), "{done} runs were done");
    // What was being written when it was killed has no line end.
    let path = journal().unwrap();
    let torn = std::fs::read_to_string(&path).unwrap() + "{\"run\":3,\"repet";
    std::fs::write(&path, torn).unwrap();

    let second = place.run(&["sweep", "--json"], &[&grid]);
    assert_eq!(second.code, Some(0), "{}", second.errors);
    assert!(second.errors.contains(&format!("4 runs, {done} of them done")), "{}", second.errors);
    assert_eq!((lines(), journal().unwrap()), (4, path));
    let json = second.json();
    let points = json["points"].as_array().unwrap();
    assert_eq!((points.len(), &points[1]["settings"]["benchmark.block-size"]), (2, &"10".into()));
    for point in points {
        assert_eq!((&point["runs"], &point["verdicts"]["pass"]), (&2.into(), &2.into()), "{point}");
        assert!(point["throughput_req_s"]["half_width"].as_f64().is_some(), "{point}");
    }
    let third = place.run(&["sweep", "--csv"], &[&grid]);
    assert!(third.errors.contains("4 runs, 4 of them done"), "{}", third.errors);
    let csv: Vec<&str> = third.out.lines().collect();
    assert!(csv[0].starts_with("protocol,benchmark.block-size,benchmark.report-interval-ms,runs,throughput_req_s,"));
    assert!(csv.len() == 3 && csv[1].starts_with("pbft,5,50,2,"), "{csv:?}");

    let store = Store::open(&place.data(), i64::MAX).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let names = runtime.block_on(store.trials()).unwrap().into_iter().map(|trial| trial.name).collect::<Vec<_>>();
    assert!(names.contains(&"two blocks: pbft, block-size=10, report-interval-ms=50 (2 of 2)".to_owned()), "{names:?}");
}

#[test]
fn a_protocol_file_is_checked_with_the_places_of_what_is_wrong() {
    let place = Place::new();
    let text = protocol::definitions::find("pbft").unwrap().text();
    let good = place.file("good.yaml", text);
    let ended = place.run(&["check", "--f", "2"], &[&good]);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    assert!(ended.out.contains("no errors") && ended.out.contains("7 replicas for f = 2"), "{}", ended.out);
    let bad = place.file("bad.yaml", &text.replace("quorum: 2f + 1", "quorum: 9f"));
    let ended = place.run(&["check"], &[&bad]);
    assert_eq!(ended.code, Some(1));
    let first = ended.out.lines().next().unwrap();
    assert!(first.contains("bad.yaml:") && first.contains(": error quorum-too-large: "), "{first}");
    let json = place.run(&["check", "--json"], &[&bad]).json();
    assert_eq!((&json["diagnostics"][0]["code"], &json["f"]), (&"quorum-too-large".into(), &1.into()));
    assert!(json["errors"].as_u64().unwrap() > 0 && json["replicas"].is_null());
    // What is too large is a finding as well, although it is not read to its end.
    let large = place.file("large.yaml", &"#".repeat(10 << 20));
    let ended = place.run(&["check"], &[&large]);
    assert_eq!(ended.code, Some(1), "{}", ended.errors);
    assert!(ended.out.contains("large.yaml:1:1: error file-too-large: "), "{}", ended.out);
    let json = place.run(&["check", "--json"], &[&large]).json();
    assert_eq!((&json["diagnostics"][0]["code"], &json["errors"]), (&"file-too-large".into(), &1.into()));
}

#[test]
fn a_size_of_payloads_that_no_request_has_is_noted_on_standard_error() {
    let place = Place::new();
    let size = ["--set", "workload.payload.request-size=64"];
    let times = ["--json", "--no-store", "--duration", "300ms", "--warmup", "100ms"];
    let ended = place.run(&[&["run"][..], &times, &size].concat(), &[]);
    assert!(ended.errors.contains("--set workload.distribution=0,0,1,0"), "{}", ended.errors);
    assert_eq!(ended.json()["request_bytes"], 0);
}
