//! A built checkout and a Java to run it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The class without which nothing was built.
const CLASS: &str = "com/gbft/framework/coordination/CoordinatorServer.class";
const BUILD: &str = "build it: mvn package dependency:copy-dependencies, in its folder code";

/// Where everything is that a trial needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// The program `java`.
    pub java: PathBuf,
    /// The folder with the framework's own protocol files.
    pub protocols: PathBuf,
    classes: PathBuf,
    libraries: PathBuf,
}

impl Installation {
    /// Looks for it. Without a home of Java, `JAVA_HOME` and the path of programs are asked.
    ///
    /// # Errors
    /// A sentence that names what is missing and the mend.
    pub fn find(checkout: &Path, java_home: Option<&Path>) -> Result<Self, String> {
        let variable = std::env::var_os("JAVA_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let programs = std::env::var_os("PATH").unwrap_or_default();
        Self::find_with(checkout, java_home, variable.as_deref(), &programs)
    }

    fn find_with(
        checkout: &Path,
        java_home: Option<&Path>,
        variable: Option<&Path>,
        programs: &OsString,
    ) -> Result<Self, String> {
        if !checkout.join("code").is_dir() {
            return Err(format!("{} is no checkout of BFTBrain: it has no folder code", checkout.display()));
        }
        // The processes run in another folder.
        let checkout = checkout.canonicalize().map_err(|error| format!("{}: {error}", checkout.display()))?;
        let (classes, libraries) = (checkout.join("code/target/classes"), checkout.join("code/target/dependency"));
        if !classes.join(CLASS).is_file() {
            return Err(format!("BFTBrain is not built: {} is missing; {BUILD}", classes.join(CLASS).display()));
        }
        if !libraries.is_dir() {
            return Err(format!("BFTBrain's libraries are missing: there is no {}; {BUILD}", libraries.display()));
        }
        let java = java(java_home, variable, programs)?;
        Ok(Self { java, protocols: checkout.join("config"), classes, libraries })
    }

    /// What Java is told of where classes are.
    pub fn class_path(&self) -> OsString {
        let mut path = self.classes.clone().into_os_string();
        path.push(":");
        path.push(self.libraries.join("*"));
        path
    }
}

fn java(home: Option<&Path>, variable: Option<&Path>, programs: &OsString) -> Result<PathBuf, String> {
    let in_home = |home: &Path| home.join("bin/java");
    if let Some(home) = home {
        let java = in_home(home);
        let missing = || format!("there is no Java at {}: correct --bftbrain-java-home", java.display());
        return if java.is_file() { Ok(java) } else { Err(missing()) };
    }
    let of_variable = variable.map(in_home).filter(|java| java.is_file());
    let of_path = || std::env::split_paths(programs).map(|folder| folder.join("java")).find(|java| java.is_file());
    of_variable.or_else(of_path).ok_or_else(|| {
        "there is no Java: install a JDK, or name its home with --bftbrain-java-home or in the variable JAVA_HOME"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn put(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }

    #[test]
    fn each_missing_part_is_named_with_its_mend_until_everything_is_there() {
        let folder = tempfile::TempDir::new().unwrap();
        let (checkout, home) = (folder.path().join("BFTBrain"), folder.path().join("jdk"));
        let nowhere = OsString::from("");
        let find = |home: Option<&Path>| Installation::find_with(&checkout, home, None, &nowhere);
        assert!(find(None).unwrap_err().contains("is no checkout of BFTBrain"));
        fs::create_dir_all(checkout.join("code")).unwrap();
        let unbuilt = find(None).unwrap_err();
        assert!(unbuilt.contains("not built") && unbuilt.contains("mvn package"), "{unbuilt}");
        put(&checkout.join("code/target/classes").join(CLASS));
        assert!(find(None).unwrap_err().contains("libraries are missing"));
        fs::create_dir_all(checkout.join("code/target/dependency")).unwrap();
        assert!(find(None).unwrap_err().contains("there is no Java: install a JDK"));
        assert!(find(Some(&home)).unwrap_err().contains("correct --bftbrain-java-home"));
        put(&home.join("bin/java"));
        let found = find(Some(&home)).unwrap();
        assert_eq!(found.java, home.join("bin/java"));
        let path = found.class_path().into_string().unwrap();
        assert!(path.contains("/code/target/classes:") && path.ends_with("/code/target/dependency/*"), "{path}");
        // The variable goes before the path of programs.
        let other = folder.path().join("other");
        put(&other.join("java"));
        let programs = OsString::from(&other);
        let found = Installation::find_with(&checkout, None, Some(&home), &programs).unwrap();
        assert_eq!(found.java, home.join("bin/java"));
        let found = Installation::find_with(&checkout, None, Some(folder.path()), &programs).unwrap();
        assert_eq!(found.java, other.join("java"));
    }
}
