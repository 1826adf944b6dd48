//! What this server knows of the public framework BFTBrain: where it is on this machine, and how it is started. These are
//! the server's options and keys of `Leptos.toml`; nothing of it comes from a page.

use crate::cli::BftbrainArgs;
use crate::error::ServerError;
use lab::bftbrain::Installation;
use model::bftbrain::BftbrainHere;
use model::ids::TrialId;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

const FILE: &str = "Leptos.toml";
/// The largest such file that is read, bytes.
const LARGEST: usize = 1 << 20;
const PATIENCE: Duration = Duration::from_secs(60);

/// The framework's settings.
#[derive(Clone, Debug, Default)]
pub struct BftbrainSettings {
    /// A built checkout on this machine.
    pub checkout: Option<PathBuf>,
    /// Java's home.
    pub java_home: Option<PathBuf>,
    /// How long each step of a launch may take; a minute unless said.
    pub patience: Option<Duration>,
    /// `host:port` at which units on other hosts reach this server.
    pub backend: Option<String>,
    /// Where the files of trials go.
    pub directory: PathBuf,
}

/// The keys of the file, beside those of the page's host.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Keys {
    bftbrain_checkout: Option<PathBuf>,
    bftbrain_java_home: Option<PathBuf>,
    bftbrain_patience: Option<String>,
    bftbrain_backend: Option<String>,
}

impl BftbrainSettings {
    /// Reads options, and where they do not say, `Leptos.toml` in the working directory. `data` is the data directory.
    ///
    /// # Errors
    /// When that file is damaged, or a value is not what it should be.
    pub fn read(args: &BftbrainArgs, data: &Path) -> Result<Self, ServerError> {
        let text = lab::user_file::read_text(Path::new(FILE), LARGEST).unwrap_or_default();
        Self::of(args, &text, data).map_err(|reason| ServerError::PageOptions { file: FILE, reason })
    }

    fn of(args: &BftbrainArgs, text: &str, data: &Path) -> Result<Self, String> {
        let file: toml::Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
        let section = ["package", "metadata", "leptos"]
            .iter()
            .try_fold(toml::Value::Table(file), |value, key| value.get(key).cloned());
        let keys: Keys = match section {
            Some(section) => section.try_into().map_err(|error: toml::de::Error| error.to_string())?,
            None => Keys::default(),
        };
        let patience = keys.bftbrain_patience.as_deref().map(model::duration::parse_duration).transpose();
        let patience = patience.map_err(|reason| format!("bftbrain-patience: {reason}"))?;
        let backend = args.bftbrain_backend.clone().or(keys.bftbrain_backend);
        if let Some(backend) = &backend {
            check_address(backend)?;
        }
        Ok(Self {
            checkout: args.bftbrain_checkout.clone().or(keys.bftbrain_checkout),
            java_home: args.bftbrain_java_home.clone().or(keys.bftbrain_java_home),
            patience: args.bftbrain_patience.or(patience),
            backend,
            // Its place is told in the trial's log.
            directory: std::path::absolute(data.join("bftbrain")).map_err(|error| error.to_string())?,
        })
    }

    /// Why trials of it cannot run on this machine, with the mend; none when they can.
    pub fn missing_here(&self) -> Option<String> {
        let Some(checkout) = &self.checkout else {
            return Some(
                "this server was started without a checkout of BFTBrain: name a built one with --bftbrain-checkout"
                    .to_owned(),
            );
        };
        Installation::find(checkout, self.java_home.as_deref()).err()
    }

    /// How a trial of it is started on this machine.
    pub fn here(&self, trial: TrialId) -> Option<BftbrainHere> {
        Some(BftbrainHere {
            checkout: self.checkout.clone()?,
            java_home: self.java_home.clone(),
            directory: self.directory.join(format!("trial-{trial}")),
        })
    }

    /// How long each step of a launch may take, ms.
    pub fn patience_ms(&self) -> u64 {
        self.patience.unwrap_or(PATIENCE).as_millis().try_into().unwrap_or(u64::MAX)
    }
}

/// The framework pastes it into addresses as it is.
fn check_address(address: &str) -> Result<(), String> {
    let good = |each: char| each.is_ascii_alphanumeric() || matches!(each, '.' | '-' | ':' | '[' | ']');
    let port =
        address.rsplit_once(':').and_then(|(host, port)| (!host.is_empty()).then(|| port.parse::<u16>().ok())?);
    match port {
        Some(1..) if address.chars().all(good) => Ok(()),
        _ => Err(format!("bftbrain-backend: {address:?} is no host:port, such as gym.example.org:8998")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[package.metadata.leptos]\noutput-name = \"bftgym\"\nsite-root = \"target/site\"\n\
                        bftbrain-checkout = \"/opt/BFTBrain\"\nbftbrain-patience = \"90s\"\n\
                        bftbrain-backend = \"gym.example.org:8998\"\n";

    #[test]
    fn options_go_before_the_file_and_the_files_other_keys_are_the_pages() {
        let settings = BftbrainSettings::of(&BftbrainArgs::default(), TEXT, Path::new("/data")).unwrap();
        assert_eq!(settings.checkout.as_deref(), Some(Path::new("/opt/BFTBrain")));
        let here = settings.here(TrialId(7)).unwrap();
        assert_eq!((here.directory.as_path(), settings.patience_ms()), (Path::new("/data/bftbrain/trial-7"), 90_000));
        let args = BftbrainArgs {
            bftbrain_checkout: Some("/srv/BFTBrain".into()),
            bftbrain_backend: Some("[fd00::1]:8998".into()),
            ..BftbrainArgs::default()
        };
        let settings = BftbrainSettings::of(&args, TEXT, Path::new("/data")).unwrap();
        assert_eq!(settings.checkout.as_deref(), Some(Path::new("/srv/BFTBrain")));
        assert_eq!(settings.backend.as_deref(), Some("[fd00::1]:8998"));
        // The reader of the page's options takes the same file.
        let place = tempfile::TempDir::new().unwrap();
        let file = place.path().join("Leptos.toml");
        std::fs::write(&file, TEXT).unwrap();
        let options = leptos::config::get_configuration(Some(file.to_str().unwrap())).unwrap();
        assert_eq!(options.leptos_options.output_name.as_ref(), "bftgym");
    }

    #[test]
    fn a_damaged_file_and_wrong_values_are_named_and_nothing_at_all_is_fine() {
        let of = |text: &str| BftbrainSettings::of(&BftbrainArgs::default(), text, Path::new("/data"));
        assert!(of("").unwrap().missing_here().unwrap().contains("--bftbrain-checkout"));
        assert!(of("= nonsense").is_err());
        let wrong = |line: &str| of(&format!("[package.metadata.leptos]\n{line}\n")).unwrap_err();
        assert!(wrong("bftbrain-patience = \"soon\"").starts_with("bftbrain-patience: "));
        assert!(wrong("bftbrain-backend = \"http://a b\"").contains("is no host:port"));
        assert!(wrong("bftbrain-checkout = 7").contains("string"));
    }
}
