//! A short run of every fuzz target: the inputs of its corpus, and what a seeded generator makes of them. Longer ones:
//! `fuzz/Cargo.toml`.

#[allow(missing_docs, unreachable_pub, dead_code)]
#[path = "../../fuzz/src/lib.rs"]
mod targets;

use bytes::Bytes;
use model::ids::{SequenceNumber, View};
use protocol::engine::{ClientId, Message, Request, codec};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use targets::{TARGETS, Target};

/// Inputs of each target besides its corpus.
const ROUNDS: u64 = 3_000;
/// Says which input to run again: `protocol_file:0a61`.
const REPLAY: &str = "BFTGYM_FUZZ_REPLAY";

/// A generator of numbers (splitmix64): the same inputs on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound.max(1) as u64) as usize
    }
}

/// One to four small damages, among them pieces of other inputs.
fn mutate(input: &mut Vec<u8>, other: &[u8], numbers: &mut Numbers) {
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(input.len() + 1);
        match numbers.below(6) {
            0 => input.truncate(at),
            1 => input.insert(at, numbers.below(256) as u8),
            2 if at < input.len() => input[at] ^= 1 << numbers.below(8),
            3 if at < input.len() => input[at] = [0, 1, 0x7f, 0x80, 0xff, b'\n'][numbers.below(6)],
            4 if at < input.len() => _ = input.remove(at),
            _ => {
                let start = numbers.below(other.len() + 1);
                let end = (start + numbers.below(40)).min(other.len());
                input.splice(at..at, other[start..end].iter().copied());
            }
        }
    }
}

/// Inputs to begin with: those of the repository, and whatever the programs themselves would write.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(name);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut inputs: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    assert!(!inputs.is_empty(), "{} is empty", folder.display());
    let bodies = messages();
    match name {
        "frames" => inputs.push(bodies.iter().fold(vec![0], |mut stream, body| {
            let covered = lab::auth::Covered::Whole;
            lab::frame::write(&mut stream, None, 0, lab::frame::Body { head: body, follow: 0, covered: &covered });
            stream
        })),
        "messages" => inputs.extend(bodies.iter().map(|body| [&[0], body.as_slice()].concat())),
        "protocol_file" => {
            let shipped = protocol::definitions::ALL.iter();
            inputs.extend(shipped.map(|definition| [&[0], definition.text().as_bytes()].concat()));
        }
        _ => {}
    }
    inputs
}

fn messages() -> Vec<Vec<u8>> {
    let state = Bytes::from_static(&[0; 64]);
    let request = Request {
        client: ClientId { unit: 0, index: 1 },
        timestamp: 1,
        record: 2,
        compute: 0,
        reply_bytes: 3,
        read_only: false,
        payload: Bytes::from_static(b"small").into(),
        proof: Bytes::new(),
    };
    let messages = [
        Message::Fetch { view: View(1), after: SequenceNumber(3) },
        Message::Checkpoint { sequence: SequenceNumber(10), digest: [1; 32], proven: true, signature: Bytes::new() },
        Message::Snapshot { sequence: SequenceNumber(10), state },
        Message::NewView { view: View(2), proof: Vec::new() },
        Message::Requests(Vec::new()),
        Message::Requests(vec![request.clone(), Request { payload: Bytes::from(vec![7; 300]).into(), ..request }]),
    ];
    let encode = |message: &Message| {
        let mut bytes = Vec::new();
        codec::encode(message, &mut bytes);
        bytes
    };
    messages.iter().map(encode).collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn try_input(name: &str, target: Target, input: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| target(input))).is_err() {
        let input = hexadecimal(input);
        panic!("{name} failed; to replay it:\n{REPLAY}={name}:{input} cargo test -p lab --test fuzz_targets replays");
    }
}

fn short_run(name: &str) {
    let target = TARGETS.iter().find(|(known, _)| *known == name).unwrap().1;
    let inputs = corpus(name);
    for input in &inputs {
        try_input(name, target, input);
    }
    let mut numbers = Numbers(0);
    // Files of protocols are thousands of times larger than messages.
    let rounds = if name == "protocol_file" { ROUNDS / 4 } else { ROUNDS };
    for _ in 0..rounds {
        let mut input = inputs[numbers.below(inputs.len())].clone();
        let other = &inputs[numbers.below(inputs.len())];
        mutate(&mut input, other, &mut numbers);
        try_input(name, target, &input);
    }
}

#[test]
fn frames_of_any_bytes_are_read_or_refused() {
    short_run("frames");
}

#[test]
fn messages_of_any_bytes_are_taken_or_refused() {
    short_run("messages");
}

#[test]
fn protocol_files_of_any_text_have_findings_or_run() {
    short_run("protocol_file");
}

#[test]
fn changes_of_the_configuration_are_refused_or_leave_it_valid() {
    short_run("config_patch");
}

#[test]
fn forged_snapshots_change_nothing() {
    short_run("snapshot");
}

/// Runs the input that the environment names; without one, an input that is known to be harmless.
#[test]
fn replays_an_input() {
    let named = std::env::var(REPLAY).unwrap_or_else(|_| "config_patch:".to_owned());
    let (name, input) = named.split_once(':').expect("write it as target:hexadecimal");
    let digits = |at: usize| u8::from_str_radix(&input[at..at + 2], 16).expect("hexadecimal digits");
    let input: Vec<u8> = (0..input.len()).step_by(2).map(digits).collect();
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target's name");
    target(&input);
}
