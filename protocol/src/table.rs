//! A protocol as the engine runs it: numbers instead of names, quorums evaluated, everything dense.

use crate::replica_set::ReplicaSet;
use model::ids::{ReplicaId, SequenceNumber, View};

/// A state, as an index into [`Table::states`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// The leader of the place.
    Primary,
    /// The leader of the next place.
    NextPrimary,
    /// The replica whose turn it is to bring in requests: place modulo n, whoever leads (Prime).
    Originator,
    /// All replicas but the leader.
    Backups,
    /// All replicas.
    Nodes,
    /// The replicas that take part: the leader and those after it, n - f in all (CheapBFT).
    Active,
    /// The others: the f replicas before the leader.
    Passive,
    /// The leader of the k-th step after the first.
    StepPrimary(u8),
    /// The clients.
    Client,
}

/// When a transition may be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        /// Whether only messages for the empty block count; it then replaces what was accepted.
        empty: bool,
    },
    /// The next place has reached one of these states (chained protocols).
    Next {
        /// The states.
        states: Vec<StateId>,
    },
    /// After a time.
    Timeout {
        /// Whether it counts from entering the state (else from the start of the place).
        state_mode: bool,
        /// Multiplies the base; state mode lasts 3 times, sequence mode 7 times base and multiplier.
        multiplier: u32,
    },
}

/// What a transition changes besides the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// Nothing.
    None,
    /// The block is executed with it, in order, before the responses go out.
    Sequence,
    /// The replica asks for the next view.
    View,
    /// The leader takes it for many consecutive places at once, every aggregation delay (Prime).
    Aggregation,
    /// Nothing; it counts as the slow path.
    Slow,
}

/// One transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// When.
    pub condition: Condition,
    /// The next state.
    pub next: StateId,
    /// What else changes.
    pub update: Update,
    /// What is sent.
    pub responses: Vec<(Role, MessageId)>,
    /// Votes taken as given.
    pub extra_tally: Vec<(Role, MessageId)>,
}

/// How a message is made credible to others than its receiver. The channel itself is always authenticated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Authentication {
    /// By the channel alone.
    #[default]
    Mac,
    /// By a tag for each replica, which each of them can verify for itself.
    Authenticator,
    /// By a signature, which others can verify.
    Signature,
    /// By a signature of which many for the same statement become one.
    Aggregate,
}

/// The certificate that a message carries: a verified set of votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateRule {
    /// The votes it consists of.
    pub of: MessageId,
    /// How many voters it needs.
    pub size: u32,
    /// Whether it is about the place before the message's own (chained protocols).
    pub previous: bool,
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
    /// How it is authenticated when the trial says "as the protocol does".
    pub authentication: Authentication,
    /// The certificate in it.
    pub certificate: Option<CertificateRule>,
}

/// The rules of one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRules {
    /// Whose.
    pub role: Role,
    /// By state, in file order; rules of the state `any` follow those of each state.
    pub by_state: Vec<Vec<Rule>>,
}

/// How the leader is replaced.
///
/// A replica that asks for the next view says of every open place what it has seen: *accepted* blocks (it left idle with
/// them) and a *proven* one (it reached one of `proven`). The choice follows Castro and Liskov (TOCS 2002, section 4.4):
/// a proven block counts when f + 1 replicas accepted it in that view or later; `fast` acceptances of one view alone also
/// force a block, which protocols need whose fast path decides without a second phase (corrected as in Abraham et al.,
/// arXiv 1712.01367).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewChangeRule {
    /// View-change messages that the new leader needs.
    pub quorum: u32,
    /// States that prove a block.
    pub proven: Vec<StateId>,
    /// Acceptances that force a block without proof; none where the protocol has no such path.
    pub fast: Option<u32>,
    /// The state in which carried-over blocks begin in the new view.
    pub resume: StateId,
    /// Multiplies 7 times the timer base: how long without progress before a replica asks for the next view.
    pub multiplier: u32,
}

/// The slow path of a speculative protocol's client (Zyzzyva).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitRule {
    /// Equal replies that make a certificate.
    pub replies: u32,
    /// Multiplies 3 times the timer base: how long the client waits for the fast path.
    pub multiplier: u32,
    /// The message with the certificate, from the client to all replicas.
    pub commit: MessageId,
    /// What replicas answer.
    pub acknowledgement: MessageId,
    /// How many answers the client needs.
    pub acknowledgements: u32,
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
    /// Blocks between leaders, where the protocol itself says; else the configuration's.
    pub rotate_interval: Option<u64>,
    /// Most blocks in agreement at once, where the protocol itself limits them.
    pub window: Option<u64>,
    /// Whether a block is proposed only when the one before has its certificate, and empty blocks drive the pipeline.
    pub chained: bool,
    /// Whether blocks are executed before they are final, so that a view change may roll them back.
    pub speculative: bool,
    /// Whether replicas hold a trusted counter that never vouches for two blocks at one place of a view (CheapBFT).
    pub trusted_counter: bool,
    /// Whether replicas answer read-only requests at once.
    pub read_only: bool,
    /// Equal answers that a read-only request needs.
    pub read_only_quorum: u32,
    /// Where clients send their requests.
    pub request_target: Role,
    /// State names; 0 is idle, 1 is executed.
    pub states: Vec<String>,
    /// Messages.
    pub messages: Vec<MessageInfo>,
    /// The message that carries results to clients.
    pub reply: MessageId,
    /// Rules of the replicas' roles, in the order in which they are tried: originator, primary, backups, active and
    /// passive, nodes.
    pub replica_rules: Vec<RoleRules>,
    /// How many matching replies a client needs.
    pub reply_quorum: u32,
    /// The client's slow path.
    pub commit: Option<CommitRule>,
    /// How the leader is replaced; none: never.
    pub view_change: Option<ViewChangeRule>,
}

/// How leaders take turns within a view, where the protocol has them do so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Blocks between leaders, by the configuration.
    pub interval: u64,
    /// The last place that the view carries over. In a chain all up to there are for the leader of the view, and turns
    /// begin after it: else a silent replica has its turn amid what has to be certified again, view after view.
    pub carried: SequenceNumber,
}

impl Rotation {
    /// The leader of the view leads all its places.
    pub const NONE: Self = Self { interval: u64::MAX, carried: SequenceNumber(0) };
}

impl Table {
    /// The leader of a sequence number in a view.
    pub fn leader(&self, view: View, sequence: SequenceNumber, rotation: Rotation) -> ReplicaId {
        let interval = self.rotate_interval.unwrap_or(rotation.interval).max(1);
        let turns = match (self.rotating, self.chained) {
            (false, _) => 0,
            (true, false) => sequence.0 / interval,
            (true, true) => sequence.0.saturating_sub(rotation.carried.next().0) / interval,
        };
        let n = u64::from(self.n);
        ReplicaId(((view.0 % n + turns % n) % n) as u32)
    }

    /// Whether a checkpoint has to be proven with signatures to those who lag. Of the n - f replicas that made it stable f
    /// may lie and f be gone; with n < 3f + 1 no f + 1 are left whose word alone would do.
    pub fn certifies_checkpoints(&self) -> bool {
        self.n <= 3 * self.f
    }

    /// The replica that announces a view.
    pub fn view_leader(&self, view: View) -> ReplicaId {
        ReplicaId((view.0 % u64::from(self.n)) as u32)
    }

    /// Whether `role` brings requests into blocks.
    pub fn proposer(&self) -> Role {
        let proposes = |rules: &&RoleRules| {
            rules.by_state[usize::from(StateId::IDLE.0)].iter().any(|rule| rule.condition == Condition::Request)
        };
        self.replica_rules.iter().find(proposes).map_or(Role::Primary, |rules| rules.role)
    }

    /// The replicas that have `role` at a place of a view. Clients are nobody here.
    pub fn members(&self, role: Role, view: View, sequence: SequenceNumber, rotation: Rotation) -> ReplicaSet {
        let all = ReplicaSet::first(self.n);
        if role == Role::Nodes {
            return all;
        }
        let leader = self.leader(view, sequence, rotation);
        let from_leader = |start: u32, count: u32| {
            let mut set = ReplicaSet::EMPTY;
            for offset in start..start + count {
                set.insert(ReplicaId((leader.0 + offset) % self.n));
            }
            set
        };
        // After a view change nobody knows any more which replicas to leave out: all take part.
        let passive = if self.trusted_counter && view > View(0) { 0 } else { self.f };
        match role {
            Role::Primary => ReplicaSet::one(leader),
            Role::NextPrimary => ReplicaSet::one(self.leader(view, sequence.next(), rotation)),
            Role::Originator => ReplicaSet::one(ReplicaId((sequence.0 % u64::from(self.n)) as u32)),
            Role::Nodes => all,
            Role::Backups => {
                let mut set = all;
                set.remove(leader);
                set
            }
            Role::Active => from_leader(0, self.n - passive),
            Role::Passive => from_leader(self.n - passive, passive),
            Role::StepPrimary(step) => from_leader(u32::from(step), 1),
            Role::Client => ReplicaSet::EMPTY,
        }
    }
}
