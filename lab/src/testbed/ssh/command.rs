//! All commands that are ever run on a host.

use super::program::Hash;

/// A command. SSH servers hand commands to the user's shell as one text, so none of them has any input in it but the hash
/// of the program, whose characters are known; `/bin/sh` is asked for by name, since the user's shell may be another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoteCommand {
    /// Tells system, machine, room on the disk, and whether the program is there.
    Survey(Hash),
    /// Takes the program from standard input, checks its hash, and puts it in place.
    Receive(Hash),
    /// Answers a [`crate::host::ProbeRequest`].
    Probe(Hash),
    /// Runs units: [`crate::host`].
    Host(Hash),
}

const FOLDER: &str = r#"d="$HOME/.cache/bftgym/bin""#;

impl RemoteCommand {
    /// The text for the SSH server.
    pub fn line(&self) -> String {
        match self {
            Self::Survey(hash) => script(&format!(
                r#"{FOLDER}; mkdir -p "$d"; echo "bftgym system $(uname -s)"; echo "bftgym machine $(uname -m)"; echo "bftgym disk"; df -Pk "$d" 2>/dev/null || df -Pk "$HOME"; echo "bftgym program $([ -x "$d/{hash}/bftgym" ] && echo yes || echo no)""#
            )),
            Self::Receive(hash) => script(&format!(
                r#"set -e; umask 077; {FOLDER}; find "$d" -mindepth 1 -maxdepth 1 -type d -mtime +30 -exec rm -rf {{}} + 2>/dev/null || true; mkdir -p "$d/{hash}"; t="$d/{hash}/part.$$"; trap "rm -f \"$t\"" EXIT; cat > "$t"; chmod 700 "$t"; "$t" verify {hash}; mv -f "$t" "$d/{hash}/bftgym""#
            )),
            Self::Probe(hash) => program(hash, "probe"),
            Self::Host(hash) => program(hash, "host"),
        }
    }
}

/// None of the scripts has a single quote.
fn script(text: &str) -> String {
    format!("exec /bin/sh -c '{text}'")
}

fn program(hash: &Hash, verb: &str) -> String {
    script(&format!(r#"exec "$HOME/.cache/bftgym/bin/{hash}/bftgym" {verb}"#))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn scripts_are_quoted_once_and_understood_by_the_shell() {
        let hash = Hash::of(b"program");
        let all = [RemoteCommand::Survey, RemoteCommand::Receive, RemoteCommand::Probe, RemoteCommand::Host];
        for command in all.map(|command| command(hash.clone()).line()) {
            assert_eq!(command.matches('\'').count(), 2, "{command}");
            assert!(Command::new("/bin/sh").args(["-n", "-c", &command]).status().unwrap().success(), "{command}");
        }
    }
}
