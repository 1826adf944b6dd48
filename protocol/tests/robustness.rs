//! Nothing that arrives makes a replica panic or grow: damaged bytes, and well-formed messages with absurd contents that
//! passed every check of signatures.

mod common;
#[path = "robustness/files.rs"]
mod files;
#[path = "robustness/messages.rs"]
mod messages;

use bytes::Bytes;
use common::*;
use messages::Forger;
use model::ids::{ReplicaId, SequenceNumber};
use protocol::engine::{Input, Message, NoKeys, Output, Replica, Settings, Timer, codec};
use protocol::table::Table;
use std::sync::Arc;

/// Replica that is attacked; the attacker is another.
const VICTIM: ReplicaId = ReplicaId(1);
/// Timers, all of them.
const TIMERS: [Timer; 5] = [Timer::Propose, Timer::Progress, Timer::Place, Timer::Suspect, Timer::Aggregate];
/// Outputs that one message may lead to: enough to tell whom one answers all that one has, and no more.
const MOST_OUTPUTS: usize = 400;

fn victim(table: &Arc<Table>) -> (Replica, u64) {
    let config = config(&[
        ("benchmark.window", 8),
        ("benchmark.checkpoint-interval", 4),
        ("benchmark.block-size", 3),
        ("benchmark.aggregation-delay-ms", 5),
    ]);
    let settings = Settings::from_config(&config, VICTIM);
    let capacity = settings.log_capacity();
    (Replica::new(Arc::clone(table), settings, Arc::new(NoKeys)), capacity)
}

/// Gives a replica one input and looks at what it has become.
fn step(replica: &mut Replica, capacity: u64, now_us: u64, input: Input) {
    let about = format!("{input:?}");
    let mut outputs: Vec<Output> = Vec::new();
    replica.step(now_us, input, &mut outputs);
    assert!(outputs.len() <= MOST_OUTPUTS, "{} outputs for {about}", outputs.len());
    let last = replica.execution().last_executed();
    let kept = replica.execution().history_points().count() as u64;
    assert!(kept <= 2 * capacity + 2, "{kept} points of the history are kept after {about}");
    assert!(last < SequenceNumber(u64::MAX), "{about}");
}

#[test]
fn forged_messages_of_any_view_and_place_do_no_harm() {
    for name in protocols() {
        let table = table(name);
        for seed in 0..12 {
            let (mut replica, capacity) = victim(&table);
            let mut forger = Forger::new(&table, seed);
            let mut now_us = 0;
            for _ in 0..1_500 {
                now_us += forger.below(2_000);
                let input = match forger.below(12) {
                    0 => Input::Timer(TIMERS[forger.below(5) as usize]),
                    1 => Input::ProposalGap(forger.number()),
                    2 => Input::FromClient { unit: forger.below(3) as u16, message: forger.message() },
                    _ => Input::FromReplica { from: forger.sender(VICTIM), message: forger.message() },
                };
                step(&mut replica, capacity, now_us, input);
            }
        }
    }
}

#[test]
fn damaged_bytes_are_refused_or_are_messages_like_any_other() {
    for name in protocols() {
        let table = table(name);
        let (mut replica, capacity) = victim(&table);
        let mut forger = Forger::new(&table, 77);
        for round in 0..6_000u64 {
            let mut bytes = Vec::new();
            codec::encode(&forger.message(), &mut bytes);
            forger.damage(&mut bytes);
            let Ok(message) = codec::decode(Bytes::from(bytes)) else { continue };
            let from = forger.sender(VICTIM);
            step(&mut replica, capacity, round * 1_000, Input::FromReplica { from, message });
        }
    }
}

#[test]
fn one_replica_cannot_fill_the_memory_of_another() {
    for name in protocols() {
        let table = table(name);
        let (mut replica, _) = victim(&table);
        let mut forger = Forger::new(&table, 5);
        let mut size_after = |messages: usize| {
            for _ in 0..messages {
                let message = forger.message();
                replica.step(1_000, Input::FromReplica { from: ReplicaId(2), message }, &mut Vec::new());
            }
            format!("{replica:?}").len()
        };
        // What is bounded is full after the first half; without a bound the second would add as much again.
        let (half, whole) = (size_after(12_000), size_after(12_000));
        assert!(whole < half + half / 4, "{name}: {half} characters after half of the messages, {whole} after all");
    }
}

#[test]
fn a_vote_for_the_place_zero_is_refused() {
    for name in protocols() {
        let table = table(name);
        let (mut replica, capacity) = victim(&table);
        let mut forger = Forger::new(&table, 1);
        for kind in 0..=table.messages.len() {
            for from in [0, 2, 3] {
                let message = Message::Protocol(forger.vote(kind as u8, 0, 0));
                step(&mut replica, capacity, 0, Input::FromReplica { from: ReplicaId(from), message });
            }
        }
        assert_eq!(replica.execution().last_executed(), SequenceNumber(0));
    }
}
