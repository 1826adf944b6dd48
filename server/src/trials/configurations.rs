//! Configurations that are kept under a name, for everybody who uses this server.

use super::registry::Trials;
use super::starting::store_failed;
use app::backend::BackendError;
use model::configuration::{MOST_NAMED, NamedConfiguration, check_configuration_name, check_configuration_text};
use model::event::LiveEvent;
use model::validate::Problem;
use store::ConfigurationChange;

impl Trials {
    pub(super) async fn configuration(&self, name: String) -> Result<NamedConfiguration, BackendError> {
        let found = self.store.configuration(name.clone()).await.map_err(store_failed)?;
        found.ok_or_else(|| not_found(&name))
    }

    pub(super) async fn save_configuration(
        &self,
        name: &str,
        text: String,
        replace: bool,
    ) -> Result<String, BackendError> {
        let name = checked_name(name)?;
        check_configuration_text(&text).map_err(|message| invalid("text", message))?;
        let _in_order = self.configurations.lock().await;
        let kept = self.store.configurations().await.map_err(store_failed)?;
        let there = kept.iter().any(|one| one.name == name);
        if there && !replace {
            return Err(taken(&name));
        }
        if !there && kept.len() >= MOST_NAMED {
            let message = format!("{MOST_NAMED} configurations are kept already: delete one first");
            return Err(BackendError::Conflict { message });
        }
        let configuration = NamedConfiguration { name: name.clone(), text, updated_ms: self.clock.now_ms() };
        self.change_configurations(ConfigurationChange::Save { configuration, replace }).await?;
        Ok(name)
    }

    pub(super) async fn rename_configuration(&self, from: String, to: &str) -> Result<String, BackendError> {
        let to = checked_name(to)?;
        let _in_order = self.configurations.lock().await;
        let kept = self.store.configurations().await.map_err(store_failed)?;
        let is_there = |name: &str| kept.iter().any(|one| one.name == name);
        if !is_there(&from) {
            return Err(not_found(&from));
        }
        if to != from {
            if is_there(&to) {
                return Err(taken(&to));
            }
            self.change_configurations(ConfigurationChange::Rename { from, to: to.clone() }).await?;
        }
        Ok(to)
    }

    pub(super) async fn delete_configuration(&self, name: String) -> Result<NamedConfiguration, BackendError> {
        let _in_order = self.configurations.lock().await;
        let found = self.configuration(name.clone()).await?;
        self.change_configurations(ConfigurationChange::Delete { name }).await?;
        Ok(found)
    }

    /// First in the store, then for everybody to see.
    async fn change_configurations(&self, change: ConfigurationChange) -> Result<(), BackendError> {
        self.store.change_configurations(change).await.map_err(store_failed)?;
        let all = self.store.configurations().await.map_err(store_failed)?;
        self.tell(&LiveEvent::Configurations { all });
        Ok(())
    }
}

fn checked_name(name: &str) -> Result<String, BackendError> {
    check_configuration_name(name).map_err(|message| invalid("name", message))
}

fn invalid(key: &str, message: String) -> BackendError {
    BackendError::Invalid { problems: vec![Problem { key: key.to_owned(), message }] }
}

fn taken(name: &str) -> BackendError {
    let message = format!("there is a configuration {name:?} already: replace it, or choose another name");
    BackendError::Conflict { message }
}

fn not_found(name: &str) -> BackendError {
    BackendError::NotFound { message: format!("there is no configuration {name:?}: choose one from the list") }
}
