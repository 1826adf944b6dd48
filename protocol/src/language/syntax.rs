//! A protocol file as it is written: names, not yet numbers.

use super::diagnostic::Place;
use super::expression::Expression;

/// Something with the place where it stands.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    /// Where.
    pub place: Place,
    /// What.
    pub value: T,
}

/// A whole protocol.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// `protocol.name`; empty where the file does not say.
    pub name: String,
    /// `protocol.replicas`: how many replicas for f faults; 3f + 1 where the file does not say.
    pub replicas: Placed<Expression>,
    /// `protocol.general.leader`.
    pub leader: Leader,
    /// `protocol.general.request-target`: the role that receives requests.
    pub request_target: Placed<String>,
    /// Integers under `protocol.general`, usable in expressions.
    pub constants: Vec<(String, i64)>,
    /// `plugins.role`.
    pub role_plugin: RolePlugin,
    /// `protocol.roles`.
    pub roles: Vec<Placed<String>>,
    /// `protocol.phases`.
    pub phases: Vec<Phase>,
    /// `protocol.transitions.from`, in file order.
    pub transitions: Vec<From>,
}

/// Who leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leader {
    /// The replica of the view.
    Stable,
    /// The next replica after each `benchmark.leader-rotate-interval` blocks.
    Rotating,
}

/// How roles map to replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolePlugin {
    /// One leader.
    Primary,
    /// Active replicas from the leader on, the last f passive (CheapBFT).
    Passive,
    /// Leaders of consecutive steps (chained HotStuff).
    QuorumCertificatePrimary,
}

/// A phase: states and messages that belong together.
#[derive(Clone, Debug)]
pub struct Phase {
    /// Its name.
    pub name: Placed<String>,
    /// Its states.
    pub states: Vec<Placed<String>>,
    /// Its messages.
    pub messages: Vec<Message>,
}

/// A declared message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its name.
    pub name: Placed<String>,
    /// Whether it carries the whole block, not only its digest.
    pub request_block: bool,
}

/// The transitions of a role out of a state.
#[derive(Clone, Debug)]
pub struct From {
    /// The role.
    pub role: Placed<String>,
    /// The state.
    pub state: Placed<String>,
    /// The ways out, tried in order.
    pub to: Vec<To>,
}

/// One way out of a state.
#[derive(Clone, Debug)]
pub struct To {
    /// Where it stands.
    pub place: Place,
    /// The next state.
    pub state: Placed<String>,
    /// What else changes.
    pub update: Update,
    /// When it may be taken.
    pub condition: Condition,
    /// What is sent: (role, message).
    pub responses: Vec<(Placed<String>, Placed<String>)>,
    /// Votes taken as given: (role, message).
    pub extra_tally: Vec<(Placed<String>, Placed<String>)>,
}

/// What a transition changes besides the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// Nothing.
    None,
    /// The block is executed, in sequence order.
    Sequence,
    /// The replica goes to the next view.
    View,
    /// The leader gathers consecutive sequence numbers first (Prime).
    Aggregation,
    /// Nothing; it is counted as the slow path.
    Slow,
}

/// When a transition may be taken.
#[derive(Clone, Debug)]
pub enum Condition {
    /// At once.
    Always,
    /// With a quorum of messages from different senders for one block.
    Message {
        /// The message.
        message: Placed<String>,
        /// How many senders.
        quorum: Placed<Expression>,
    },
    /// After a time.
    Timeout {
        /// Whether it counts from entering the state (else from the start of the sequence number).
        state_mode: bool,
        /// Multiplies the base.
        multiplier: u32,
    },
}
