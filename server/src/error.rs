//! What can go wrong with the server itself, in sentences.

use lab::LabError;
use lab::experiment::FileProblem;
use lab::user_file::FileFault;
use model::validate::Problem;
use model::yaml::YamlError;
use std::path::{Path, PathBuf};
use store::StoreError;
use thiserror::Error;

/// The exit status of a command that was not called as it has to be (EX_USAGE of sysexits.h): not 2, which says that
/// histories diverged.
pub const USAGE: u8 = 64;

/// Errors of this layer.
#[derive(Debug, Error)]
pub enum ServerError {
    /// What is to be listened on is no address.
    #[error("--host {host}: this is no IP address; use 127.0.0.1 for this machine alone, or 0.0.0.0 for all networks")]
    NoAddress {
        /// What was asked for.
        host: String,
    },
    /// Others would sign in over an unprotected connection.
    #[error(
        "{place}: without TLS, whoever listens in on the network can drive, too; give --tls-cert and --tls-key, or the https \
         address of a reverse proxy as --public-url, or, in a network that you trust, --plain-http"
    )]
    InTheClear {
        /// Where.
        place: String,
    },
    /// A file for TLS is not what it should be.
    #[error("{} cannot be used for TLS: {reason}; --tls-cert takes certificates and --tls-key their private key, both PEM", path.display())]
    TlsFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// There is no such token.
    #[error("there is no token {name:?}; bftgym token list names all")]
    UnknownToken {
        /// What was asked for.
        name: String,
    },
    /// The port is taken.
    #[error(
        "port {port} on {host} is in use by another program; choose another with --port, or --port 0 for any free one"
    )]
    PortInUse {
        /// The address.
        host: String,
        /// The port.
        port: u16,
    },
    /// The address cannot be listened on for another reason.
    #[error("cannot listen on {host}, port {port}: {source}; choose another with --host and --port")]
    Listen {
        /// The address.
        host: String,
        /// The port.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// The experiment's file is no configuration.
    #[error("the configuration {} is not valid: {source}", path.display())]
    ConfigMalformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: YamlError,
    },
    /// The experiment's file has values that do not fit.
    #[error("the configuration {} has problems: {}", path.display(), list(problems))]
    ConfigProblems {
        /// The file.
        path: PathBuf,
        /// All of them.
        problems: Vec<Problem>,
    },
    /// A testbed's file has mistakes.
    #[error("the testbed {} has problems: {}", path.display(), list(problems))]
    TestbedProblems {
        /// The file.
        path: PathBuf,
        /// All of them.
        problems: Vec<Problem>,
    },
    /// There is no place for the data.
    #[error("there is no home directory to keep the data in; name a directory with --data-dir")]
    NoDataDirectory,
    /// `Leptos.toml` is damaged.
    #[error("{file} cannot be used: {reason}; restore it from the repository")]
    PageOptions {
        /// The file.
        file: &'static str,
        /// Why.
        reason: String,
    },
    /// The operating system gave no randomness.
    #[error("the operating system gave no random numbers: {reason}")]
    Randomness {
        /// Why.
        reason: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An experiment.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// A file that was named cannot be read, or is none that is read.
    #[error("{what} {} {fault}", path.display())]
    FileUnreadable {
        /// What it should be: `the protocol file`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        fault: FileFault,
    },
    /// There is no such protocol.
    #[error("there is no protocol {name:?}; choose one of: {known}; or name a protocol file by its path")]
    UnknownProtocol {
        /// What was asked for.
        name: String,
        /// All that there are.
        known: String,
    },
    /// A file that was named on the command line has problems.
    #[error("{}", list_places(path, problems))]
    FileProblems {
        /// The file.
        path: PathBuf,
        /// All of them.
        problems: Vec<FileProblem>,
    },
    /// A file or directory cannot be written.
    #[error("{} cannot be written: {source}; choose another directory with --out", path.display())]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The same sweep runs in another process.
    #[error("another process runs this sweep and holds {}; wait for it, or stop it", path.display())]
    SweepRuns {
        /// Its journal.
        path: PathBuf,
    },
    /// The chosen protocol cannot run.
    #[error("{reason}; bftgym check names everything that is wrong with a protocol file")]
    Protocol {
        /// A sentence.
        reason: String,
    },
    /// What was asked of the simulator does not fit together.
    #[error("{reason}")]
    Simulation {
        /// A sentence with the mend.
        reason: String,
    },
    /// CloudLab's portal, or the token for it, cannot be used.
    #[error("{option}: {reason}")]
    Cloudlab {
        /// The option or the variable.
        option: &'static str,
        /// A sentence with the mend.
        reason: String,
    },
    /// A measurement could not be taken.
    #[error("the measurement failed: {reason}")]
    Measurement {
        /// Why.
        reason: String,
    },
    /// The runtime or the listener failed.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
}

impl ServerError {
    /// 64 where the command line, or a file that it names, has to be changed; 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NoAddress { .. }
            | Self::InTheClear { .. }
            | Self::TlsFile { .. }
            | Self::UnknownToken { .. }
            | Self::PortInUse { .. }
            | Self::ConfigMalformed { .. }
            | Self::ConfigProblems { .. }
            | Self::TestbedProblems { .. }
            | Self::NoDataDirectory
            | Self::FileUnreadable { .. }
            | Self::FileProblems { .. }
            | Self::Protocol { .. }
            | Self::Cloudlab { .. }
            | Self::Simulation { .. }
            | Self::UnknownProtocol { .. } => USAGE,
            _ => 1,
        }
    }
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn list_places(path: &Path, problems: &[FileProblem]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("{}: {problem}", path.display())).collect();
    lines.join("\n        ")
}
