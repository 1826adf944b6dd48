//! What SSH costs: the same trial on this machine alone and on six hosts that are this machine too, each in a network
//! namespace of its own, in turns. Needs root, as the tests of hosts do. `cargo bench -p server --bench ssh_overhead`

#[allow(dead_code, reason = "the tests of hosts use the rest of it")]
#[path = "../tests/ssh_hosts/network.rs"]
mod network;
#[allow(dead_code, reason = "the tests of hosts use the rest of it")]
#[path = "../tests/ssh_hosts/server.rs"]
mod server;

use crate::network::{HostKind, inside};
use crate::server::{Server, points, testbed};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const HOSTS: usize = 6;
const ROUNDS: usize = 3;
const MEASURED: Duration = Duration::from_secs(12);

fn main() {
    inside("ssh_overhead", &[HostKind::default(); HOSTS], |laboratory| {
        let server = Server::start(laboratory);
        server.set_up(&testbed(laboratory, HOSTS));
        let mut found = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (place, name) in ["local", "lab"].into_iter().enumerate() {
                found[place].push(throughput(&server, name));
            }
        }
        let [local, ssh] = found.map(|mut each| {
            each.sort_by(f64::total_cmp);
            each[ROUNDS / 2]
        });
        let less = 100.0 * (1.0 - ssh / local);
        println!(
            "PBFT, n = 4, median of {ROUNDS}: local {local:.0} req/s, over SSH on {HOSTS} hosts {ssh:.0} req/s, {less:.1} % less"
        );
        let began = Instant::now();
        let trial = start(&server, "lab", &[("general.f", "10"), ("benchmark.closed-loop.num-client", "1")]);
        server.wait_for(trial, |view| points(view, "throughput") > 0);
        println!("32 units on {HOSTS} hosts: {:.1} s from Start to the first sample", began.elapsed().as_secs_f64());
        server.stop(trial);
    });
}

fn start(server: &Server, testbed: &str, changes: &[(&str, &str)]) -> i64 {
    let changes: Vec<Value> = changes.iter().map(|(key, text)| json!({ "key": key, "text": text })).collect();
    let request = json!({ "name": testbed, "protocol": "pbft", "testbed": testbed, "changes": changes });
    server.call("start", &json!({ "request": request })).unwrap().as_i64().unwrap()
}

/// The mean of the steady part of a trial, requests/s.
fn throughput(server: &Server, testbed: &str) -> f64 {
    let began = Instant::now();
    let trial = start(server, testbed, &[]);
    server.wait_for(trial, |view| points(view, "throughput") > 0);
    println!("{testbed}: {:.2} s from Start to the first sample", began.elapsed().as_secs_f64());
    std::thread::sleep(MEASURED);
    server.stop(trial);
    let figures = |view: &Value| view["detail"]["summary"]["figures"]["throughput"]["mean"].as_f64();
    figures(&server.wait_for(trial, |view| figures(view).is_some())).unwrap_or_default()
}
