//! A protocol as the engine runs it: numbers instead of names, quorums evaluated, everything dense.

use crate::replica_set::ReplicaSet;
use model::ids::{ReplicaId, SequenceNumber, View};

/// A state, as an index into [`Table::states`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateId(pub u8);

impl StateId {
    /// The state of every block before anything happened.
    pub const IDLE: Self = Self(0);
    /// The state of an executed block.
    pub const EXECUTED: Self = Self(1);
}

/// A message, as an index into [`Table::messages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageId(pub u8);

/// Who is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The leader.
    Primary,
    /// All replicas but the leader.
    Backups,
    /// All replicas.
    Nodes,
    /// The leader and those after it, n - f in all.
    Active,
    /// The f replicas before the leader.
    Passive,
    /// The leader of the k-th step after the first (chained protocols).
    StepPrimary(u8),
    /// The clients.
    Client,
}

/// When a transition may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// At once.
    Always,
    /// A block of requests is ready (the message `request`).
    Request,
    /// As many messages from different senders for one block.
    Quorum {
        /// Which message.
        message: MessageId,
        /// How many senders.
        size: u32,
    },
    /// After a time.
    Timeout {
        /// Whether it counts from entering the state (else from the start of the sequence number).
        state_mode: bool,
        /// Multiplies the base.
        multiplier: u32,
    },
}

/// One transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// When.
    pub condition: Condition,
    /// The next state.
    pub next: StateId,
    /// Whether the block is executed with it, in sequence order, before the responses go out.
    pub executes: bool,
    /// Whether it counts as the slow path.
    pub slow: bool,
    /// What is sent.
    pub responses: Vec<(Role, MessageId)>,
    /// Votes taken as given.
    pub extra_tally: Vec<(Role, MessageId)>,
}

/// What is known of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageInfo {
    /// Its name.
    pub name: String,
    /// Whether it carries the block.
    pub carries_block: bool,
    /// The roles that send it; nobody else's counts.
    pub senders: Vec<Role>,
}

/// The rules of one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRules {
    /// Whose.
    pub role: Role,
    /// By state, in file order.
    pub by_state: Vec<Vec<Rule>>,
}

/// A lowered protocol. Its size is bounded by the file's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The protocol's name.
    pub name: String,
    /// Tolerated faults.
    pub f: u32,
    /// Replicas.
    pub n: u32,
    /// Whether the leader changes every so many blocks.
    pub rotating: bool,
    /// Where clients send their requests.
    pub request_target: Role,
    /// State names; 0 is idle, 1 is executed.
    pub states: Vec<String>,
    /// Messages.
    pub messages: Vec<MessageInfo>,
    /// The message that carries results to clients.
    pub reply: MessageId,
    /// Rules of the replicas' roles, in the order in which they are tried: primary, active and passive, nodes.
    pub replica_rules: Vec<RoleRules>,
    /// How many matching replies a client needs.
    pub reply_quorum: u32,
}

impl Table {
    /// The leader of a sequence number in a view.
    pub fn leader(&self, view: View, sequence: SequenceNumber, rotate_interval: u64) -> ReplicaId {
        let turns = if self.rotating { sequence.0 / rotate_interval.max(1) } else { 0 };
        ReplicaId(((view.0 % u64::from(self.n) + turns % u64::from(self.n)) % u64::from(self.n)) as u32)
    }

    /// The replicas that have `role` when `leader` leads. Clients are nobody here.
    pub fn members(&self, role: Role, leader: ReplicaId) -> ReplicaSet {
        let all = ReplicaSet::first(self.n);
        let from_leader = |start: u32, count: u32| {
            let mut set = ReplicaSet::EMPTY;
            for offset in start..start + count {
                set.insert(ReplicaId((leader.0 + offset) % self.n));
            }
            set
        };
        match role {
            Role::Primary => ReplicaSet::one(leader),
            Role::Nodes => all,
            Role::Backups => {
                let mut set = all;
                set.remove(leader);
                set
            }
            Role::Active => from_leader(0, self.n - self.f),
            Role::Passive => from_leader(self.n - self.f, self.f),
            Role::StepPrimary(step) => from_leader(u32::from(step), 1),
            Role::Client => ReplicaSet::EMPTY,
        }
    }
}
