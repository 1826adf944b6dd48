//! What can be wrong with a testbed on paper. None of these texts ever becomes part of a command; they are checked so that
//! a mistake is found before anything is tried.

use super::placement::read_units;
use super::{MAX_HOSTS, SshHost, SshTestbed};
use crate::validate::Problem;
use std::collections::BTreeSet;

const MAX_TEXT: usize = 255;
const MAX_PATH: usize = 1_024;

pub(super) fn check(testbed: &SshTestbed) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut problem = |key: String, message: String| problems.push(Problem { key, message });
    if testbed.name.is_local() {
        problem("name".into(), "\"local\" is this machine: choose another name".into());
    }
    if let Some(Err(message)) = testbed.backend.as_deref().map(check_backend) {
        problem("backend".into(), message);
    }
    match testbed.hosts.len() {
        0 => problem("hosts".into(), "there are none: name at least one".into()),
        count if count > MAX_HOSTS => {
            problem("hosts".into(), format!("there are {count}; at most {MAX_HOSTS} fit"));
        }
        _ => {}
    }
    let mut seen = BTreeSet::new();
    for (place, host) in testbed.hosts.iter().enumerate().take(MAX_HOSTS) {
        let mut at = |field: &str, result: Result<(), String>| {
            if let Err(message) = result {
                problem(format!("hosts[{place}].{field}"), message);
            }
        };
        at("address", check_address(&host.address));
        at("user", check_user(&host.user));
        at("port", if host.port == 0 { Err("0 is no port; the usual one is 22".into()) } else { Ok(()) });
        at("key", host.key.as_deref().map_or(Ok(()), check_path));
        at("internal", check_internal(host));
        at("units", host.units.as_deref().map_or(Ok(()), |units| read_units(units).map(drop)));
        if !seen.insert((host.address.clone(), host.port)) {
            at("address", Err(format!("{} is there twice: give one entry all its units", host.label())));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn check_address(address: &str) -> Result<(), String> {
    if address.is_empty() {
        return Err("the host needs a name or an IP address".into());
    }
    if address.starts_with('-') {
        return Err(format!("{} begins with a dash: no host name does", shorten(address)));
    }
    check_characters(address, |character| matches!(character, '.' | '-' | '_' | ':'), "a host name or an IP address")
}

fn check_user(user: &str) -> Result<(), String> {
    if user.is_empty() {
        return Err("who logs in there? Give the user's name".into());
    }
    check_characters(user, |character| matches!(character, '.' | '-' | '_' | '@' | '+'), "a user's name")
}

fn check_characters(text: &str, others: impl Fn(char) -> bool, what: &str) -> Result<(), String> {
    if text.len() > MAX_TEXT {
        return Err(format!("it has {} bytes; {what} has at most {MAX_TEXT}", text.len()));
    }
    match text.chars().find(|character| !character.is_ascii_alphanumeric() && !others(*character)) {
        Some(character) => Err(format!("{} has {character:?}, which {what} cannot have", shorten(text))),
        None => Ok(()),
    }
}

fn check_path(path: &str) -> Result<(), String> {
    if path.trim().is_empty() {
        return Err("the key's path is empty: leave the field out to use the SSH agent".into());
    }
    if path.len() > MAX_PATH {
        return Err(format!("the key's path has {} bytes; at most {MAX_PATH} fit", path.len()));
    }
    if path.chars().any(char::is_control) {
        return Err("the key's path has a line break or a control character".into());
    }
    Ok(())
}

fn check_internal(host: &SshHost) -> Result<(), String> {
    match host.internal.iter().find(|address| address.is_unspecified() || address.is_multicast()) {
        Some(address) => Err(format!("{address} is no address that another host can call")),
        None => Ok(()),
    }
}

fn check_backend(backend: &str) -> Result<(), String> {
    let sentence = || format!("{} is not host:port, as in 10.0.0.1:8998", shorten(backend));
    let (host, port) = backend.rsplit_once(':').ok_or_else(sentence)?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    check_address(bare)?;
    match port.parse::<u16>() {
        Ok(port) if port > 0 => Ok(()),
        _ => Err(sentence()),
    }
}

fn shorten(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    format!("{short:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testbed::TestbedName;

    fn testbed(host: SshHost) -> SshTestbed {
        SshTestbed { name: TestbedName::new("lab").unwrap(), backend: None, hosts: vec![host] }
    }

    fn good() -> SshHost {
        SshHost { address: "node0.example.org".into(), user: "alice".into(), ..SshHost::default() }
    }

    #[test]
    fn quotes_blanks_dollars_and_line_breaks_are_refused_in_every_field_with_its_name() {
        assert_eq!(check(&testbed(good())), Ok(()));
        for bad in ["a b", "a'b", "a\"b", "$(reboot)", "a;b", "a\nb", "-oProxyCommand=x", "", &"x".repeat(300)] {
            let found = check(&testbed(SshHost { address: bad.into(), ..good() })).unwrap_err();
            assert_eq!(found[0].key, "hosts[0].address", "{bad:?}");
        }
        for bad in ["a b", "$(id)", "a\nb", "`id`", ""] {
            let found = check(&testbed(SshHost { user: bad.into(), ..good() })).unwrap_err();
            assert_eq!(found[0].key, "hosts[0].user", "{bad:?}");
            let found = check(&testbed(SshHost { units: Some(bad.into()), ..good() })).unwrap_err();
            assert_eq!(found[0].key, "hosts[0].units", "{bad:?}");
        }
        for bad in ["", "a\nb", &"x".repeat(2_000)] {
            let found = check(&testbed(SshHost { key: Some(bad.into()), ..good() })).unwrap_err();
            assert_eq!(found[0].key, "hosts[0].key", "{bad:?}");
        }
        for bad in ["10.0.0.1", "10.0.0.1:0", "10.0.0.1:99999", "a b:80", "http://x:80", ":80"] {
            let found = check(&SshTestbed { backend: Some(bad.into()), ..testbed(good()) }).unwrap_err();
            assert_eq!(found[0].key, "backend", "{bad:?}");
        }
        assert_eq!(check(&SshTestbed { backend: Some("[fd00::1]:8998".into()), ..testbed(good()) }), Ok(()));
    }

    #[test]
    fn a_host_that_is_there_twice_and_addresses_that_nobody_can_call_are_refused() {
        let twice = SshTestbed { hosts: vec![good(), good()], ..testbed(good()) };
        assert!(check(&twice).unwrap_err()[0].message.contains("there twice"));
        let host = SshHost { internal: vec!["0.0.0.0".parse().unwrap()], ..good() };
        assert!(check(&testbed(host)).unwrap_err()[0].message.contains("no address that another host can call"));
        let many = SshTestbed { hosts: vec![], ..testbed(good()) };
        assert!(check(&many).unwrap_err()[0].message.contains("at least one"));
    }
}
