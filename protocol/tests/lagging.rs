//! A replica that lags and leads: what others have decided stands.

mod common;

use common::*;
use model::ids::{ReplicaId, SequenceNumber};
use model::verdict::Verdict;
use protocol::engine::execution::Execution;
use protocol::engine::message::ProtocolMessage;
use protocol::engine::{Block, ClientId, Input, Message, NoKeys, Output, Payload, Replica, Request, Settings, Timer};
use protocol::simulator::simulate;
use std::sync::Arc;

fn request(timestamp: u64) -> Request {
    Request {
        client: ClientId { unit: 0, index: 0 },
        timestamp,
        record: 1,
        compute: 0,
        reply_bytes: 0,
        read_only: false,
        payload: Payload::default(),
        proof: bytes::Bytes::new(),
    }
}

/// A replica's announcement of a checkpoint.
fn announced(from: u32, sequence: u64) -> Input {
    let (sequence, digest, signature) = (SequenceNumber(sequence), Default::default(), bytes::Bytes::new());
    Input::FromReplica {
        from: ReplicaId(from),
        message: Message::Checkpoint { sequence, digest, proven: true, signature },
    }
}

#[test]
fn a_leader_proposes_nothing_where_others_have_decided_a_block_that_it_has_yet_to_execute() {
    let settings = Settings::from_config(&config(&[("benchmark.block-size", 1)]), replica(0));
    let mut leader = Replica::new(table("pbft"), settings.clone(), Arc::new(NoKeys));
    let [first, second] = [1, 2].map(|timestamp| Block::new(vec![request(timestamp)]));
    let decided =
        |sequence, block: &Block| Message::Decided { sequence: SequenceNumber(sequence), block: block.clone() };
    let mut outputs = Vec::new();
    let mut step = |input| leader.step(1_000, input, &mut outputs);
    for from in [2, 3].map(ReplicaId) {
        step(Input::FromReplica { from, message: decided(2, &second) });
    }
    for timestamp in [3, 4] {
        step(Input::FromClient { unit: 0, message: Message::Requests(vec![request(timestamp)]) });
    }
    for from in [2, 3].map(ReplicaId) {
        step(Input::FromReplica { from, message: decided(1, &first) });
    }
    let proposed: Vec<u64> = outputs
        .iter()
        .filter_map(|output| match output {
            Output::Send { message: Message::Protocol(ProtocolMessage { sequence, block: Some(_), .. }), .. } => {
                Some(sequence.0)
            }
            _ => None,
        })
        .collect();
    assert!(proposed.contains(&1) && proposed.contains(&3) && !proposed.contains(&2), "{proposed:?}");
    let mut expected = Execution::new(settings.dataset_size, settings.remembered_replies());
    [first, second].iter().for_each(|block| expected.execute(block, &mut Vec::new()));
    assert_eq!(leader.execution().last_executed(), SequenceNumber(2));
    assert_eq!(leader.execution().history(), expected.history());
}

#[test]
fn a_replica_is_behind_by_what_f_plus_1_others_say_and_not_by_what_one_does() {
    let settings = Settings::from_config(&config(&[]), replica(3));
    let mut lagging = Replica::new(table("pbft"), settings, Arc::new(NoKeys));
    let mut hears = |from, sequence| {
        lagging.step(1_000, announced(from, sequence), &mut Vec::new());
        lagging.take_largest_lag()
    };
    assert_eq!(hears(0, 1_000_000), 0, "one may lie");
    assert_eq!(hears(1, 100), 100);
    assert_eq!(hears(2, 200), 200);
    assert_eq!(lagging.take_largest_lag(), 0, "it is told once");
}

/// It once found itself alone in asking for another view when the others had nothing more to do, and had no say from then on.
#[test]
fn a_replica_that_misses_what_others_have_asks_them_before_it_suspects_the_leader() {
    let settings = Settings::from_config(&config(&[]), replica(2));
    let mut lagging = Replica::new(table("pbft"), settings, Arc::new(NoKeys));
    let mut outputs = Vec::new();
    lagging.step(0, Input::FromClient { unit: 0, message: Message::Requests(vec![request(1)]) }, &mut outputs);
    for from in [0, 3] {
        lagging.step(0, announced(from, 100), &mut outputs);
    }
    let mut now_us = 0;
    for _ in 0..8 {
        lagging.step(now_us, Input::Timer(Timer::Suspect), &mut outputs);
        let next = |output: &Output| match output {
            Output::SetTimer { timer: Timer::Suspect, at_us } => Some(*at_us),
            _ => None,
        };
        now_us = outputs.iter().rev().find_map(next).expect("it looks again");
    }
    let sent = |wanted: fn(&Message) -> bool| {
        outputs.iter().any(|output| matches!(output, Output::Send { message, .. } if wanted(message)))
    };
    assert!(sent(|message| matches!(message, Message::Fetch { .. })), "{outputs:?}");
    assert!(!sent(|message| matches!(message, Message::ViewChange(_))), "{outputs:?}");
}

/// The others had seen it in the block of a replica that fell behind, and its place was left empty.
#[test]
fn a_request_whose_block_came_to_nothing_is_brought_in_by_the_others() {
    let outcome = simulate(&unruly("prime", 6_455));
    assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::Pass, 40), "{outcome:?}");
}

/// Schedules in which a replica that lagged beyond its log became the leader, and once proposed over what was decided.
#[test]
fn schedules_that_once_parted_replicas_of_hotstuff_pass() {
    for seed in [796, 2_292, 7_728, 8_077] {
        let outcome = simulate(&unruly("hotstuff", seed));
        assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::Pass, 40), "seed {seed}: {outcome:?}");
    }
}
