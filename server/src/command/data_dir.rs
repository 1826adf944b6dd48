//! Where trials are kept when nothing else is said.

use crate::error::ServerError;
use std::ffi::OsString;
use std::path::PathBuf;

/// The named directory, else `bftgym` in the user's data directory.
///
/// # Errors
/// When there is neither.
pub(super) fn choose(named: Option<PathBuf>) -> Result<PathBuf, ServerError> {
    let variable = |name: &str| std::env::var_os(name);
    named.or_else(|| usual(variable("XDG_DATA_HOME"), variable("HOME"))).ok_or(ServerError::NoDataDirectory)
}

fn usual(data_home: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute = |text: OsString| Some(PathBuf::from(text)).filter(|path| path.is_absolute());
    let data_home = data_home.and_then(absolute);
    let base = data_home.or_else(|| home.and_then(absolute).map(|home| home.join(".local/share")))?;
    Some(base.join("bftgym"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_data_directory_is_found_as_the_desktop_specification_says() {
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(usual(Some("/data".into()), Some("/home/a".into())), path("/data/bftgym"));
        assert_eq!(usual(None, Some("/home/a".into())), path("/home/a/.local/share/bftgym"));
        assert_eq!(usual(Some("relative".into()), Some("/home/a".into())), path("/home/a/.local/share/bftgym"));
        assert_eq!(usual(Some("".into()), None), None);
        assert_eq!(choose(path("x")).unwrap(), PathBuf::from("x"));
    }
}
