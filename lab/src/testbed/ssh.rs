//! Testbed `ssh`: trials on hosts that are reached over SSH.
//!
//! The server holds one SSH connection to each host, and in it one process: `bftgym host`, from a copy of this very
//! executable under a path with its hash. On the first host that process starts the controller; the controller asks the
//! server for workers, which has each started by the process of the host where it belongs. Everything secret (keys of
//! control channels, the trial's token) goes through these connections. Units talk to each other over TCP at their hosts'
//! internal addresses; they report to the server through a port that the host's SSH server forwards, or at an address that
//! a person set, which is tried before.
//!
//! A process on a host ends when its channel closes or falls silent, and takes its units with it: nothing is left running
//! when the server is killed or the network is cut.
//!
//! No remote command is made from input: there is a list of them ([`RemoteCommand`]), and the only things that differ in them
//! are the hash of the program, which is hexadecimal, and the public framework's name of a protocol, which has lower-case
//! letters, digits and dashes. Everything else goes through standard input.
//!
//! Hosts that somebody else provides (CloudLab, say) are a testbed of this kind as well: make a
//! [`SshTestbed`](model::hosts::SshTestbed) of them, and [`Access`] with a file of known host keys of its own, which goes
//! when the hosts are gone. Where a provider vouches for the keys, [`KnownHosts::trust`] takes them without a question.

mod check;
mod command;
mod connection;
mod examine;
mod framework;
mod key_place;
mod known_hosts;
mod known_keys;
mod launch;
mod lines;
mod login;
mod program;
mod relay;
mod remote_host;

pub use check::check;
pub use command::RemoteCommand;
pub use framework::launch_framework;
pub use key_place::KeyPlace;
pub use known_hosts::{Judgement, KnownHosts};
pub use launch::{SshRunning, launch};
pub use login::Passphrases;
pub use program::{Hash, Program, verify_this};
pub use remote_host::{HostError, Output, RemoteHost, RemoteProcess};

use std::net::SocketAddr;
use std::sync::Arc;

/// What is needed to get onto hosts and to let them answer. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Access {
    /// Which host keys are right.
    pub known_hosts: Arc<KnownHosts>,
    /// What opens encrypted keys.
    pub passphrases: Arc<Passphrases>,
    /// What runs on the hosts.
    pub program: Arc<Program>,
    /// Where the server listens for units, on this machine: connections that come back through SSH end there. Nothing but
    /// units' calls may be answered at this address.
    pub units: SocketAddr,
    /// A path at that address that is answered with 200, and nowhere else: `/w/probe/…`.
    pub probe_path: String,
    /// Where people put the keys that the hosts let in.
    pub key_place: KeyPlace,
}
