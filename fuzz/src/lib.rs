//! What is fuzzed: each target takes any bytes and panics only where something is wrong. libFuzzer runs them for hours, the
//! tests of lab for seconds.

use bytes::Bytes;
use lab::frame::{FrameReader, Opened};
use model::config::ConfigTree;
use model::ids::{ReplicaId, SequenceNumber};
use model::patch::Patch;
use model::schema;
use model::validate::{Change, apply_changes, check_changes, check_tree};
use protocol::engine::{Input, Message, NoKeys, Output, Replica, Sender, Settings, codec, verify};
use protocol::language::{Severity, check_text, compile};
use protocol::table::Table;
use std::sync::{Arc, OnceLock};

/// A target.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const TARGETS: [(&str, Target); 5] = [
    ("frames", frames),
    ("messages", messages),
    ("protocol_file", protocol_file),
    ("config_patch", config_patch),
    ("snapshot", snapshot),
];

/// Replica that is attacked.
const VICTIM: ReplicaId = ReplicaId(1);

/// What arrives on a connection: frames, messages in them, their signatures. The first byte says whether tags count.
pub fn frames(data: &[u8]) {
    let Some((mode, stream)) = data.split_first() else { return };
    let mut reader = FrameReader::new(stream, lab::auth::control_keys(&[7; 32], true).receiving);
    if mode % 2 == 0 {
        reader.trust();
    }
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else { return };
    for _ in 0..100 {
        match runtime.block_on(reader.next_opened(open)) {
            Ok(body) => message(usize::from(*mode), body),
            Err(lab::frame::FrameError::NotAuthentic) => {}
            Err(_) => return,
        }
    }
}

/// A body that is a message, as units take it.
fn open(body: Bytes) -> Option<Opened<Bytes>> {
    let (_, head, payloads) = codec::open(body.clone()).ok()?;
    Some(Opened { contents: body, head, payloads })
}

/// A message's bytes; the first one chooses the protocol.
pub fn messages(data: &[u8]) {
    if let Some((protocol, body)) = data.split_first() {
        message(usize::from(*protocol), Bytes::copy_from_slice(body));
    }
}

fn message(protocol: usize, body: Bytes) {
    let Ok(message) = codec::decode(body) else { return };
    let encoded = encode(&message);
    let again = codec::decode(encoded.clone()).unwrap_or_else(|error| panic!("{error} in {message:?}"));
    assert_eq!(encode(&again), encoded, "{message:?}");
    let table = &tables()[protocol % tables().len()];
    let settings = Settings::from_config(&schema::default_tree(), VICTIM);
    for from in [Sender::Replica(ReplicaId(2)), Sender::Client(0)] {
        if verify(table, &settings, &NoKeys, from, &message) {
            take(table, &settings, from, message.clone());
        }
    }
}

fn take(table: &Arc<Table>, settings: &Settings, from: Sender, message: Message) {
    let input = match from {
        Sender::Replica(from) => Input::FromReplica { from, message },
        Sender::Client(unit) => Input::FromClient { unit, message },
    };
    let mut outputs: Vec<Output> = Vec::new();
    Replica::new(Arc::clone(table), settings.clone(), Arc::new(NoKeys)).step(1_000, input, &mut outputs);
    assert!(outputs.len() <= 10_000, "{} outputs", outputs.len());
}

fn encode(message: &Message) -> Bytes {
    let mut bytes = Vec::new();
    codec::encode(message, &mut bytes);
    Bytes::from(bytes)
}

fn tables() -> &'static [Arc<Table>] {
    static TABLES: OnceLock<Vec<Arc<Table>>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let compiled = protocol::definitions::ALL.iter().filter_map(|definition| compile(definition.text(), 1).ok());
        compiled.map(Arc::new).collect()
    })
}

/// A protocol file; the first byte chooses f.
pub fn protocol_file(data: &[u8]) {
    let Some((f, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let f = u32::from(f % 4) + 1;
    let findings = check_text(text, f);
    let lines = text.lines().count() + 2;
    assert!(findings.iter().all(|found| found.place.line <= lines), "{findings:?}");
    let has_errors = findings.iter().any(|finding| finding.severity == Severity::Error);
    assert!(!(has_errors && compile(text, f).is_ok()), "it has errors, and compiles");
}

/// A change of the configuration: lines of `key=value`, or a patch as units get it.
pub fn config_patch(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let changes: Vec<Change> = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| Change { key: key.to_owned(), text: value.to_owned() })
        .collect();
    let mut tree = schema::default_tree();
    // Whether they may take effect in a running trial is another question, with the same right to an answer.
    let _ = check_changes(&tree, &changes);
    if apply_changes(&mut tree, &changes).is_ok() {
        assert_eq!(check_tree(&tree), [], "{changes:?}");
    }
    if let Ok(patch) = serde_json::from_str::<Patch>(text) {
        let mut tree = ConfigTree::new();
        patch.apply_to(&mut tree);
        // Whatever it holds now, a replica takes its settings from it.
        let _ = Settings::from_config(&tree, VICTIM);
    }
}

/// A snapshot that others vouch for nothing of: well-formed or not, it must change nothing.
pub fn snapshot(data: &[u8]) {
    let Some((place, state)) = data.split_first() else { return };
    let (sequence, state) = (SequenceNumber(u64::from(*place)), Bytes::copy_from_slice(state));
    for table in tables() {
        let settings = Settings::from_config(&schema::default_tree(), VICTIM);
        let mut replica = Replica::new(Arc::clone(table), settings, Arc::new(NoKeys));
        let before = replica.execution().checkpoint_digest();
        // A restored state is worth something only with a digest that enough replicas vouch for.
        let _ = replica.execution().restore(sequence, state.clone());
        for from in [0, 2, 3] {
            let message = Message::Snapshot { sequence, state: state.clone() };
            replica.step(1_000, Input::FromReplica { from: ReplicaId(from), message }, &mut Vec::new());
        }
        assert_eq!(replica.execution().checkpoint_digest(), before, "{} took a forged snapshot", table.name);
    }
}
