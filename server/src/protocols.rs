//! Which protocol a trial runs: one that ships with BFTGym, or a file of its own.

use crate::error::ServerError;
use lab::user_file;
use model::config::ConfigTree;
use model::ids::UnitId;
use model::unit::{UnitHealth, UnitRole, UnitStatus};
use model::words::numbered;
use protocol::definitions;
use protocol::language::{Severity, compile, document::MAX_PROTOCOL_BYTES};
use std::path::Path;

/// A protocol that has been found, but not been checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenProtocol {
    /// The name that trials are kept under.
    pub name: String,
    /// The file's text.
    pub text: String,
    /// Whether it ships with BFTGym: then its text need not be kept with every trial.
    pub is_shipped: bool,
}

/// How many units of each kind a trial has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialSize {
    /// Replicas, as the protocol's file says for the configured number of faults.
    pub replicas: u32,
    /// Client units.
    pub clients: u32,
}

impl ChosenProtocol {
    /// The shipped protocol of this name.
    pub fn shipped(name: &str) -> Option<Self> {
        let definition = definitions::find(name)?;
        Some(Self { name: definition.name.to_owned(), text: definition.text().to_owned(), is_shipped: true })
    }

    /// A protocol file's text.
    pub fn own(name: &str, text: String) -> Self {
        Self { name: name.to_owned(), text, is_shipped: false }
    }

    /// What `--protocol` names: a shipped protocol, else a file.
    ///
    /// # Errors
    /// When there is neither, or the file cannot be read.
    pub fn named(name_or_path: &str) -> Result<Self, ServerError> {
        if let Some(shipped) = Self::shipped(name_or_path) {
            return Ok(shipped);
        }
        let path = Path::new(name_or_path);
        let looks_like_a_path = name_or_path.contains('/') || path.extension().is_some();
        if !looks_like_a_path && !path.exists() {
            return Err(ServerError::UnknownProtocol { name: name_or_path.to_owned(), known: known_names() });
        }
        let text = read(path)?;
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("protocol");
        Ok(Self::own(stem, text))
    }

    /// How many units a trial of it has under this configuration.
    ///
    /// # Errors
    /// A sentence with the first error in the file, when it cannot run.
    pub fn size(&self, config: &ConfigTree) -> Result<TrialSize, String> {
        let f = config.tolerated_faults();
        let table = compile(&self.text, f).map_err(|diagnostics| {
            let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
            let errors: Vec<String> = errors.map(ToString::to_string).collect();
            let further = match errors.len() {
                0 | 1 => String::new(),
                count => format!(" ({})", numbered(count as u64 - 1, "further error")),
            };
            let first = errors.into_iter().next().unwrap_or_else(|| "the file cannot be read".to_owned());
            format!("the protocol {:?} cannot run: {first}{further}", self.name)
        })?;
        let clients = config.integer("benchmark.clients", 1).clamp(1, 16) as u32;
        Ok(TrialSize { replicas: table.n, clients })
    }

    /// The text that is kept with a trial.
    pub fn kept_text(&self) -> Option<String> {
        (!self.is_shipped).then(|| self.text.clone())
    }
}

impl TrialSize {
    /// All units of a trial that begins: the controller, the replicas, the clients.
    pub fn units(self) -> Vec<UnitStatus> {
        let unit = |unit| UnitStatus {
            unit: UnitId(unit),
            role: UnitRole::of(UnitId(unit), self.replicas),
            health: UnitHealth::Waiting,
            applied_version: 0,
        };
        (0..=self.replicas + self.clients).map(unit).collect()
    }
}

/// The names of all shipped protocols, for messages.
pub fn known_names() -> String {
    definitions::ALL.iter().map(|definition| definition.name).collect::<Vec<_>>().join(", ")
}

/// Reads a protocol file, but none that is too large to be one.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> Result<String, ServerError> {
    user_file::read_text(path, MAX_PROTOCOL_BYTES).map_err(|fault| ServerError::FileUnreadable {
        what: "the protocol file",
        path: path.to_owned(),
        fault,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::config::ConfigValue;

    #[test]
    fn the_protocols_file_says_how_many_replicas_there_are() {
        let mut config = ConfigTree::new();
        config.set("general.f", ConfigValue::Integer(2));
        config.set("benchmark.clients", ConfigValue::Integer(3));
        let mut protocol = ChosenProtocol::shipped("pbft").unwrap();
        let size = protocol.size(&config).unwrap();
        assert_eq!(size, TrialSize { replicas: 7, clients: 3 });
        let units = size.units();
        assert_eq!((units.len(), units[10].role, units[7].role), (11, UnitRole::Client(2), UnitRole::Replica(6)));
        protocol.text = protocol.text.replace("3f + 1", "5f + 1");
        assert_eq!(protocol.size(&config).unwrap().replicas, 11);
        protocol.text.push_str("\nnonsense: [");
        assert!(protocol.size(&config).unwrap_err().contains("\"pbft\" cannot run: line "));
    }

    #[test]
    fn a_name_is_a_shipped_protocol_and_all_else_a_file() {
        let place = tempfile::TempDir::new().unwrap();
        let file = place.path().join("mine.yaml");
        let missing = ChosenProtocol::named(file.to_str().unwrap()).unwrap_err();
        assert!(missing.to_string().contains("mine.yaml cannot be read"), "{missing}");
        std::fs::write(&file, "name: mine").unwrap();
        let own = ChosenProtocol::named(file.to_str().unwrap()).unwrap();
        assert_eq!((own.name.as_str(), own.kept_text().as_deref()), ("mine", Some("name: mine")));
        let shipped = ChosenProtocol::named("pbft").unwrap();
        assert_eq!((shipped.is_shipped, shipped.kept_text()), (true, None));
        let unknown = ChosenProtocol::named("paxos").unwrap_err().to_string();
        assert!(unknown.contains("\"paxos\"") && unknown.contains("pbft"), "{unknown}");
    }
}
