//! Configurations that are kept under a name.

use crate::error::StoreError;
use model::configuration::{ConfigurationLine, NamedConfiguration};
use rusqlite::{Connection, OptionalExtension, params};

/// What is to be done to them.
#[derive(Clone, Debug)]
pub enum ConfigurationChange {
    /// Keeps one; where the name is taken, only when it may `replace` what is there.
    Save {
        /// What is kept.
        configuration: NamedConfiguration,
        /// Whether one of this name may go.
        replace: bool,
    },
    /// Gives one another name.
    Rename {
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// Forgets one.
    Delete {
        /// Its name.
        name: String,
    },
}

/// Carries a change out; says whether there was anything to do: not where a new name is taken, or an old one unknown.
pub(crate) fn change(db: &Connection, change: &ConfigurationChange) -> Result<bool, StoreError> {
    let changed = match change {
        ConfigurationChange::Save { configuration: NamedConfiguration { name, text, updated_ms }, replace } => {
            let sql = match replace {
                true => "INSERT OR REPLACE INTO configuration (name, text, updated_ms) VALUES (?1, ?2, ?3)",
                false => "INSERT OR IGNORE INTO configuration (name, text, updated_ms) VALUES (?1, ?2, ?3)",
            };
            db.prepare_cached(sql).and_then(|mut insert| insert.execute(params![name, text, updated_ms]))
        }
        ConfigurationChange::Rename { from, to } => db
            .prepare_cached("UPDATE OR IGNORE configuration SET name = ?2 WHERE name = ?1")
            .and_then(|mut update| update.execute(params![from, to])),
        ConfigurationChange::Delete { name } => {
            db.prepare_cached("DELETE FROM configuration WHERE name = ?1").and_then(|mut delete| delete.execute([name]))
        }
    };
    changed.map(|rows| rows > 0).map_err(StoreError::statement("change the saved configurations"))
}

/// All of them by name, without their texts.
pub(crate) fn lines(db: &Connection) -> Result<Vec<ConfigurationLine>, StoreError> {
    let read = || {
        let mut select =
            db.prepare_cached("SELECT name, updated_ms FROM configuration ORDER BY name COLLATE NOCASE, name")?;
        let rows = select.query_map([], |row| Ok(ConfigurationLine { name: row.get(0)?, updated_ms: row.get(1)? }))?;
        rows.collect::<Result<Vec<_>, _>>()
    };
    read().map_err(StoreError::statement("read the saved configurations"))
}

/// The one of this name.
pub(crate) fn named(db: &Connection, name: &str) -> Result<Option<NamedConfiguration>, StoreError> {
    db.prepare_cached("SELECT text, updated_ms FROM configuration WHERE name = ?1")
        .and_then(|mut select| {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(NamedConfiguration { name: name.to_owned(), text: row.get(0)?, updated_ms: row.get(1)? })
            };
            select.query_row([name], read).optional()
        })
        .map_err(StoreError::statement("read a saved configuration"))
}
