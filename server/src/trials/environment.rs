//! What a trial runs on: facts for whoever reads it later.

use std::path::Path;

/// Version, system and machine, as far as the system tells.
pub fn facts() -> Vec<(String, String)> {
    let release = read("/etc/os-release");
    let system = line_value(&release, "PRETTY_NAME", '=').unwrap_or_else(|| std::env::consts::OS.to_owned());
    let processors = read("/proc/cpuinfo");
    let memory = line_value(&read("/proc/meminfo"), "MemTotal", ':')
        .and_then(|text| text.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()))
        .map(|kib| format!("{} MiB", kib / 1024));
    let cores = std::thread::available_parallelism().ok().map(|cores| cores.to_string());
    let facts = [
        ("BFTGym", Some(env!("CARGO_PKG_VERSION").to_owned())),
        ("Build", Some(if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned())),
        ("System", Some(system)),
        ("Kernel", Some(read("/proc/sys/kernel/osrelease").trim().to_owned())),
        ("Processor", line_value(&processors, "model name", ':').or_else(|| Some(std::env::consts::ARCH.to_owned()))),
        ("Cores", cores),
        ("Memory", memory),
    ];
    let known =
        facts.into_iter().filter_map(|(name, fact)| Some((name.to_owned(), fact.filter(|fact| !fact.is_empty())?)));
    known.collect()
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The value of the first line `name<separator>value`, without quotes.
fn line_value(text: &str, name: &str, separator: char) -> Option<String> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(separator)?;
        (key.trim() == name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_name_and_unquoted() {
        let text = "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n";
        assert_eq!(line_value(text, "PRETTY_NAME", '=').as_deref(), Some("Debian GNU/Linux 12"));
        assert_eq!(line_value("model name\t: EPYC\n", "model name", ':').as_deref(), Some("EPYC"));
        assert_eq!(line_value(text, "MISSING", '='), None);
    }

    #[test]
    fn the_version_and_the_cores_are_always_known() {
        let facts = facts();
        assert!(facts.iter().any(|(name, _)| name == "BFTGym") && facts.iter().any(|(name, _)| name == "Cores"));
    }
}
