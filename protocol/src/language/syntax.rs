//! A protocol file as it is written: names, not yet numbers.

use super::diagnostic::Place;
use super::expression::Expression;
use crate::table::{Authentication, Update};

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
    /// `protocol.general.rotate-every`.
    pub rotate_every: Option<u64>,
    /// `protocol.general.window`.
    pub window: Option<u64>,
    /// `protocol.general.speculative`.
    pub speculative: bool,
    /// `protocol.general.trusted-counter`.
    pub trusted_counter: bool,
    /// Integers under `protocol.general`, usable in expressions.
    pub constants: Vec<(String, i64)>,
    /// `plugins.role`.
    pub role_plugin: RolePlugin,
    /// `plugins.message`.
    pub message_plugins: Vec<Placed<String>>,
    /// `plugins.pipeline`.
    pub pipeline: Pipeline,
    /// `protocol.roles`.
    pub roles: Vec<Placed<String>>,
    /// `protocol.phases`.
    pub phases: Vec<Phase>,
    /// `protocol.view-change`.
    pub view_change: Option<ViewChange>,
    /// Where the transitions stand.
    pub transitions_place: Place,
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

/// How blocks follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipeline {
    /// Each place for itself.
    Direct,
    /// As direct; the public framework batches messages of consecutive places.
    QuorumCertificates,
    /// Each proposal carries the certificate of the place before.
    Chained,
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
    /// How it convinces others than its receiver.
    pub authentication: Authentication,
    /// The votes that it carries.
    pub certificate: Option<Certificate>,
}

/// The votes that a message carries.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Which message they are.
    pub of: Placed<String>,
    /// How many voters it needs.
    pub quorum: Placed<Expression>,
    /// Whether it is about the place before.
    pub previous: bool,
}

/// The section `protocol.view-change`.
#[derive(Clone, Debug)]
pub struct ViewChange {
    /// Where it stands.
    pub place: Place,
    /// View-change messages that the new leader needs; n - f where the file does not say.
    pub quorum: Option<Placed<Expression>>,
    /// States that prove a block.
    pub proven: Vec<Placed<String>>,
    /// Acceptances that carry a block over without proof.
    pub fast: Option<Placed<Expression>>,
    /// The state in which carried-over blocks begin; idle where the file does not say.
    pub resume: Option<Placed<String>>,
    /// Multiplies the timer.
    pub multiplier: u32,
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
        /// Whether only messages for the empty block count.
        empty: bool,
    },
    /// When the next place has reached one of these states.
    Next {
        /// The states.
        states: Vec<Placed<String>>,
    },
    /// After a time.
    Timeout {
        /// Whether it counts from entering the state (else from the start of the sequence number).
        state_mode: bool,
        /// Multiplies the base.
        multiplier: u32,
    },
}
