//! The experiment that Start uses: a file, or the one built in.

use super::headless::read_file;
use crate::error::ServerError;
use lab::experiment::Step;
use model::config::ConfigTree;
use model::validate::{Change, apply_changes, check_tree, unknown_replicas};
use model::yaml;
use std::path::{Path, PathBuf};

const USUAL: &str = "default.yaml";
const BUILT_IN: &str = include_str!("../../../default.yaml");

/// An experiment as its file has it.
#[derive(Debug)]
pub(super) struct ConfigFile {
    /// What it says.
    pub(super) tree: ConfigTree,
    /// Its text.
    pub(super) text: String,
}

/// Reads and checks the named file; without one `default.yaml` in the working directory if it is there, else the one
/// built in.
///
/// # Errors
/// When it cannot be read or has problems; all of them are named.
pub(super) fn read(named: Option<&Path>) -> Result<ConfigFile, ServerError> {
    let usual = Path::new(USUAL);
    let (path, text) = match named.or_else(|| usual.exists().then_some(usual)) {
        Some(path) => (path.to_owned(), read_file("the configuration", path)?),
        None => (PathBuf::from("(built in)"), BUILT_IN.to_owned()),
    };
    let tree = yaml::parse(&text).map_err(|source| ServerError::ConfigMalformed { path: path.clone(), source })?;
    let problems = check_tree(&tree);
    if problems.is_empty() {
        Ok(ConfigFile { tree, text })
    } else {
        Err(ServerError::ConfigProblems { path, problems })
    }
}

/// What it says alone.
///
/// # Errors
/// When it cannot be read or has problems; all of them are named.
pub fn load(named: Option<&Path>) -> Result<ConfigTree, ServerError> {
    read(named).map(|file| file.tree)
}

/// The same with what `--set` says.
///
/// # Errors
/// When the file or a setting has problems; all of them are named.
pub(super) fn with_settings(named: Option<&Path>, settings: &[(String, String)]) -> Result<ConfigTree, ServerError> {
    let mut tree = load(named)?;
    let changes: Vec<Change> =
        settings.iter().map(|(key, text)| Change { key: key.clone(), text: text.clone() }).collect();
    apply_changes(&mut tree, &changes)
        .map_err(|problems| ServerError::ConfigProblems { path: PathBuf::from("--set"), problems })?;
    Ok(tree)
}

/// Refuses a configuration that names replicas which the cluster does not have, from the start or in a step of a schedule.
///
/// # Errors
/// All of them, each at its key.
pub(super) fn check_replicas(
    path: Option<&Path>,
    tree: &ConfigTree,
    schedule: &[Step],
    count: u32,
) -> Result<(), ServerError> {
    let mut problems = unknown_replicas(tree, count);
    let mut changed = tree.clone();
    for step in schedule {
        step.items.iter().for_each(|item| item.apply_to(&mut changed));
        problems.extend(unknown_replicas(&changed, count));
    }
    problems.dedup();
    if problems.is_empty() {
        return Ok(());
    }
    Err(ServerError::ConfigProblems { path: path.map_or_else(|| PathBuf::from("--set"), Path::to_owned), problems })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_problems_is_refused_with_its_name_and_the_place() {
        let place = tempfile::TempDir::new().unwrap();
        let file = place.path().join("mine.yaml");
        assert!(load(Some(&file)).unwrap_err().to_string().contains("mine.yaml cannot be read"));
        std::fs::write(&file, "general:\n  f: [1\n").unwrap();
        assert!(load(Some(&file)).unwrap_err().to_string().contains("line "));
        std::fs::write(&file, "general:\n  f: 99\n").unwrap();
        let error = load(Some(&file)).unwrap_err();
        assert!(error.to_string().contains("general.f") && error.exit_code() == 64, "{error}");
    }

    #[test]
    fn the_built_in_experiment_is_valid() {
        assert_eq!(check_tree(&yaml::parse(BUILT_IN).unwrap()), []);
    }
}
