//! The folder of a trial, laid out as the framework expects its checkout to be: `config` beside `code`, in which its
//! processes run and write. So nothing in the checkout itself is touched.

use crate::error::LabError;
use model::bftbrain::{BftbrainLaunch, framework_config, framework_pool};
use model::config::{ConfigTree, ConfigValue};
use std::fs::{DirBuilder, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The largest protocol file of the framework that is taken, bytes.
const LARGEST: u64 = 1 << 20;
/// The most benchmark files that are told of.
const MOST: usize = 20;

/// The folder.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    /// The configuration as it is kept: without the trial's address, which is a secret.
    kept: String,
}

impl Directory {
    /// Makes it, with the configuration and the files of all protocols of the pool.
    pub(super) fn prepare(
        path: &Path,
        config: &ConfigTree,
        launch: &BftbrainLaunch,
        protocols: &Path,
    ) -> Result<Self, LabError> {
        for folder in ["config", "code/logs", "code/benchmarks"] {
            let folder = path.join(folder);
            let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
            made.map_err(|source| LabError::File { path: folder, source })?;
        }
        let mut kept = config.clone();
        kept.set("demo.update_port", ConfigValue::Text("kept-secret".to_owned()));
        let directory = Self { path: path.to_owned(), kept: framework_config(&kept, &launch.protocol) };
        directory.write("framework", &framework_config(config, &launch.protocol))?;
        for name in framework_pool(config, &launch.protocol) {
            match &launch.file {
                Some(text) if name == launch.protocol.as_str() => directory.write(&name, text)?,
                _ => directory.write(&name, &read(&protocols.join(format!("config.{name}.yaml")), &name)?)?,
            }
        }
        Ok(directory)
    }

    /// The folder itself.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the framework's processes run.
    pub(super) fn code(&self) -> PathBuf {
        self.path.join("code")
    }

    /// Takes the trial's address out, and gives the benchmark files.
    pub(super) fn finish(&self) -> Result<Vec<PathBuf>, LabError> {
        self.write("framework", &self.kept)?;
        let folder = self.path.join("code/benchmarks");
        let entries = std::fs::read_dir(&folder).map_err(|source| LabError::File { path: folder, source })?;
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).take(MOST).collect();
        files.sort();
        Ok(files)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), LabError> {
        let path = self.path.join("config").join(format!("config.{name}.yaml"));
        let open = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
        open.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|source| LabError::File { path, source })
    }
}

fn read(path: &Path, name: &str) -> Result<String, LabError> {
    let mut text = String::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(LARGEST).read_to_string(&mut text));
    read.map(|_| text).map_err(|error| LabError::Specification {
        reason: format!(
            "BFTBrain has no protocol {name}: {} cannot be read ({error}); take it out of switching.protocol-pool, or choose \
             another protocol",
            path.display()
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::bftbrain::FrameworkProtocol;

    #[test]
    fn everything_the_framework_reads_is_there_and_the_trials_address_is_gone_in_the_end() {
        let folder = tempfile::TempDir::new().unwrap();
        let (protocols, path) = (folder.path().join("config"), folder.path().join("trial-1"));
        std::fs::create_dir(&protocols).unwrap();
        std::fs::write(protocols.join("config.cheapbft.yaml"), "its roles").unwrap();
        let mut config = model::schema::default_tree();
        config.set("demo.update_port", ConfigValue::Text("8999/w/0a1b".into()));
        config.set("switching.protocol-pool", ConfigValue::List(vec![]));
        let launch = BftbrainLaunch {
            protocol: FrameworkProtocol::written_out("mine"),
            file: Some("my own".into()),
            notes: vec![],
            replicas: 4,
            patience_ms: 1_000,
            here: None,
            backend: None,
        };
        let directory = Directory::prepare(&path, &config, &launch, &protocols).unwrap();
        let text = |name: &str| std::fs::read_to_string(path.join("config").join(name)).unwrap();
        assert_eq!((text("config.cheapbft.yaml").as_str(), text("config.mine.yaml").as_str()), ("its roles", "my own"));
        assert!(text("config.framework.yaml").contains("update_port: 8999/w/0a1b\n"));
        std::fs::write(path.join("code/benchmarks/0001-mine.txt"), "").unwrap();
        let files = directory.finish().unwrap();
        assert_eq!(files, [path.join("code/benchmarks/0001-mine.txt")]);
        assert!(!text("config.framework.yaml").contains("0a1b"));
        config.set("switching.protocol-pool", ConfigValue::List(vec![ConfigValue::Text("sbft".into())]));
        let error = Directory::prepare(&path, &config, &launch, &protocols).unwrap_err().to_string();
        assert!(error.contains("no protocol sbft") && error.contains("switching.protocol-pool"), "{error}");
    }
}
