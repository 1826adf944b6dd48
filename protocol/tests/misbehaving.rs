//! Protocol files that compile, and do not do what a protocol should: every run ends, within bounds, and is reported as what
//! it is.

mod common;

use common::*;
use model::verdict::Verdict;
use protocol::simulator::{Network, Outcome, Scenario, simulate};
use std::sync::Arc;

const UNTIL_US: u64 = 3_000_000;

/// PBFT with pieces of its text replaced, and a run of it.
fn changed(replacements: &[(&str, &str)]) -> Outcome {
    let mut text = protocol::definitions::find("pbft").unwrap().text().to_owned();
    for (from, to) in replacements {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let table = protocol::language::compile(&text, 1).unwrap_or_else(|findings| panic!("{findings:?}"));
    let settings = [("benchmark.retransmit-interval-ms", 100), ("benchmark.timeout-trigger-interval-ms", 10)];
    simulate(&Scenario {
        table: Arc::new(table),
        until_us: UNTIL_US,
        ..scenario("pbft", 1, config(&settings), Network::steady(200), 5)
    })
}

/// The commit that everybody waits for is never sent.
const DEADLOCK: (&str, &str) = ("- { target: nodes, message: commit }", "- { target: nodes, message: ready }");
const READY: (&str, &str) = ("        - commit\n", "        - commit\n        - ready\n");

fn assert_stands_still(outcome: &Outcome) {
    assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::NoProgress, 0), "{outcome:?}");
    assert_eq!(outcome.ended_us, UNTIL_US, "{outcome:?}");
    assert!(outcome.executed.iter().all(|executed| executed.0 == 0), "{outcome:?}");
}

#[test]
fn a_protocol_that_deadlocks_has_made_no_progress() {
    let outcome = changed(&[DEADLOCK, READY]);
    assert_stands_still(&outcome);
    // Views change in vain, ever more rarely: a protocol that stands still is no load.
    assert!(outcome.view > 0, "{outcome:?}");
    assert!(outcome.messages.iter().map(|(_, count)| count).sum::<u64>() < 30_000, "{outcome:?}");
}

#[test]
fn a_protocol_that_goes_in_circles_comes_back_from_every_message() {
    let back = "      # Committed: 2f + 1 replicas are prepared.";
    let circle = "      - role: nodes
        state: prepared
        to:
          - state: pre-prepared
            condition: { type: message, message: prepare, quorum: 2f }

";
    let outcome = changed(&[DEADLOCK, READY, (back, &format!("{circle}{back}"))]);
    assert_stands_still(&outcome);
}

#[test]
fn a_protocol_that_says_the_same_at_every_timeout_floods_nobody() {
    let back = "      # Committed: 2f + 1 replicas are prepared.";
    let shout = "      - role: nodes
        state: prepared
        to:
          - state: pre-prepared
            condition: { type: timeout, mode: state }
            response:
              - { target: nodes, message: prepare }
              - { target: nodes, message: ready }

";
    let outcome = changed(&[DEADLOCK, READY, (back, &format!("{shout}{back}"))]);
    assert_stands_still(&outcome);
    assert!(outcome.messages.iter().map(|(_, count)| count).sum::<u64>() < 300_000, "{outcome:?}");
}

#[test]
fn a_protocol_that_never_replies_executes_and_has_made_no_progress() {
    let outcome = changed(&[(
        "            condition: { type: message, message: commit, quorum: 2f + 1 }
            response:
              - { target: client, message: reply }
",
        "            condition: { type: message, message: commit, quorum: 2f + 1 }\n",
    )]);
    assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::NoProgress, 0), "{outcome:?}");
    assert!(outcome.executed.iter().all(|executed| executed.0 > 0), "{outcome:?}");
}
