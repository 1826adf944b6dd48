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
    /// Asks the server a question over HTTP as the framework's units will, and says the answer's first line. Host, port and
    /// path come as lines of standard input.
    AskBackend,
    /// Takes the framework's configuration from standard input and puts it where its script looks for it.
    ReceiveFrameworkConfig,
    /// Runs a protocol with the framework's script, until standard input ends.
    RunFramework(FrameworkProtocol),
}

const SCRIPTS: &str = r#"cd "$HOME/BFTBrain/scripts""#;
const FOLDER: &str = r#"d="$HOME/.cache/bftgym/bin""#;
/// Removes copies that were begun and given up: those of a process that is gone, and what nobody has written to for an hour.
/// Several hosts may share a home, so only processes of this one are judged.
const SWEEP: &str = r#"for p in "$d"/*/part."$(uname -n)".*; do kill -0 "${p##*.}" 2>/dev/null || rm -f "$p"; done; find "$d" -mindepth 2 -maxdepth 2 -name "part.*" -mmin +60 -exec rm -f {} + 2>/dev/null"#;
/// A shell that is killed, also by words that nobody hears, forgets what it wanted to do at its end, unless it has a say.
const HUNG_UP: &str = r#"trap "exit 1" HUP INT PIPE TERM"#;

impl RemoteCommand {
    /// The text for the SSH server.
    pub fn line(&self) -> String {
        match self {
            Self::Survey(hash) => script(&format!(
                r#"{FOLDER}; mkdir -p "$d"; {SWEEP}; echo "bftgym system $(uname -s)"; echo "bftgym machine $(uname -m)"; echo "bftgym disk"; df -Pk "$d" 2>/dev/null || df -Pk "$HOME"; echo "bftgym program $([ -x "$d/{hash}/bftgym" ] && echo yes || echo no)""#
            )),
            Self::Receive(hash) => script(&format!(
                r#"set -e; umask 077; {FOLDER}; find "$d" -mindepth 1 -maxdepth 1 -type d -mtime +30 -exec rm -rf {{}} + 2>/dev/null || true; mkdir -p "$d/{hash}"; t="$d/{hash}/part.$(uname -n).$$"; trap "rm -f \"$t\"" EXIT; {HUNG_UP}; cat > "$t"; chmod 700 "$t"; "$t" verify {hash}; mv -f "$t" "$d/{hash}/bftgym""#
            )),
            Self::Probe(hash) => program(hash, "probe"),
            Self::Host(hash) => program(hash, "host"),
            Self::FindFramework => script(&format!(
                r#"{SCRIPTS} 2>/dev/null; echo "bftgym script $([ -x run_miyuki.sh ] && echo yes || echo no)"; echo "bftgym servers $(grep -c . servers.txt)""#
            )),
            // As the framework's script, this needs Bash.
            Self::AskBackend => {
                r#"exec timeout 15 bash -c 'read -r h; read -r p; read -r t; exec 3<>"/dev/tcp/$h/$p" && printf "GET %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n" "$t" "$h" "$p" >&3 && head -n 1 <&3'"#.to_owned()
            }
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
    use std::io::Write;
    use std::path::Path;
    use std::process::{Command, Stdio};

    /// The command in a home of its own, as an SSH server runs it.
    fn at_home(home: &Path, command: &RemoteCommand) -> Command {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &command.line()]).env("HOME", home);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        shell
    }

    fn files(folder: &Path) -> Vec<String> {
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_copy_that_is_cut_off_leaves_nothing_behind_even_when_nobody_hears_the_reason() {
        let home = tempfile::tempdir().unwrap();
        let hash = Hash::of(b"program");
        let mut copying = at_home(home.path(), &RemoteCommand::Receive(hash.clone())).spawn().unwrap();
        let folder = home.path().join(format!(".cache/bftgym/bin/{hash}"));
        // The system kills a program of which only the beginning is there, and the shell wants to say so.
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        copying.stdin.as_mut().unwrap().write_all(&program[..1 << 20]).unwrap();
        while !folder.exists() || files(&folder).is_empty() {
            std::thread::yield_now();
        }
        drop((copying.stdout.take(), copying.stderr.take(), copying.stdin.take()));
        assert!(!copying.wait().unwrap().success());
        assert_eq!(files(&folder), [""; 0]);
    }

    #[test]
    fn copies_that_were_given_up_are_swept_away_and_those_that_go_on_are_not() {
        let home = tempfile::tempdir().unwrap();
        let hash = Hash::of(b"program");
        let folder = home.path().join(format!(".cache/bftgym/bin/{hash}"));
        std::fs::create_dir_all(&folder).unwrap();
        let here = String::from_utf8(Command::new("uname").arg("-n").output().unwrap().stdout).unwrap();
        let mut ended = Command::new("true").spawn().unwrap();
        ended.wait().unwrap();
        let goes_on = format!("part.{}.{}", here.trim(), std::process::id());
        let gone = format!("part.{}.{}", here.trim(), ended.id());
        // A host that shares the home, and an earlier version.
        let (elsewhere, old) = (format!("part.not-{}.1", here.trim()), "part.1");
        for name in [&goes_on, &gone, &elsewhere, old, "bftgym"] {
            std::fs::write(folder.join(name), "").unwrap();
        }
        let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(7_200);
        for name in [old, "bftgym"] {
            std::fs::File::options().write(true).open(folder.join(name)).unwrap().set_modified(long_ago).unwrap();
        }
        let output = at_home(home.path(), &RemoteCommand::Survey(hash)).output().unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).contains("bftgym program no"), "{output:?}");
        let mut left = ["bftgym".to_owned(), goes_on, elsewhere];
        left.sort();
        assert_eq!(files(&folder), left);
    }

    #[test]
    fn scripts_are_quoted_once_and_understood_by_the_shell() {
        let hash = Hash::of(b"program");
        let all = [RemoteCommand::Survey, RemoteCommand::Receive, RemoteCommand::Probe, RemoteCommand::Host];
        let framework = [
            RemoteCommand::FindFramework,
            RemoteCommand::AskBackend,
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
