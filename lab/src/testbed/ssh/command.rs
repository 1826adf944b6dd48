//! All commands that are ever run on a host.

use super::program::Hash;
use model::bftbrain::FrameworkProtocol;

/// A command. SSH servers hand commands to the user's shell as one text, so none of them has any input in it but the hash
/// of the program and the framework's name of a protocol, whose characters are known; `/bin/sh` is asked for by name, since the user's shell may be another.
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
    /// Tells whether the public framework is there, and how many hosts its list names.
    FindFramework,
    /// Takes the framework's configuration from standard input and puts it where its script looks for it.
    ReceiveFrameworkConfig,
    /// Runs a protocol with the framework's script, until standard input ends.
    RunFramework(FrameworkProtocol),
}

const SCRIPTS: &str = r#"cd "$HOME/BFTBrain/scripts""#;
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
            Self::FindFramework => script(&format!(
                r#"{SCRIPTS} 2>/dev/null; echo "bftgym script $([ -x run_miyuki.sh ] && echo yes || echo no)"; echo "bftgym servers $(grep -c . servers.txt)""#
            )),
            Self::ReceiveFrameworkConfig => script(&format!(
                r#"set -e; umask 077; {SCRIPTS}; t="config.gridsearch.output.yaml"; cat > "$t.part"; mv -f "$t.part" "$t""#
            )),
            // A script whose listener is gone still has to end what it started.
            Self::RunFramework(protocol) => {
                script(&format!(r#"{SCRIPTS} && trap "" PIPE && exec ./run_miyuki.sh {protocol} -- 2>&1"#))
            }
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
        let framework = [
            RemoteCommand::FindFramework,
            RemoteCommand::ReceiveFrameworkConfig,
            RemoteCommand::RunFramework(FrameworkProtocol::written_out("$(reboot); 'x'")),
        ];
        let programs = all.map(|command| command(hash.clone()));
        for command in programs.iter().chain(&framework).map(RemoteCommand::line) {
            assert_eq!(command.matches('\'').count(), 2, "{command}");
            assert!(Command::new("/bin/sh").args(["-n", "-c", &command]).status().unwrap().success(), "{command}");
        }
    }
}
