//! A verdict in words, with who says what where not all agree.

use model::verdict::{Divergence, Verdict};

/// Characters of a digest that are shown: enough to tell a handful apart.
const SHOWN: usize = 8;

/// The verdict; below one of divergence a line for each digest.
pub(super) fn text(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Diverged(found) => {
            let lines: Vec<String> = groups(found).iter().map(|line| format!("\n  {line}")).collect();
            format!("Diverged: {found}{}", lines.concat())
        }
        verdict => verdict.label().to_owned(),
    }
}

/// `abcd1234…: replicas 0, 1`, in the order of the first who names the digest.
fn groups(found: &Divergence) -> Vec<String> {
    let mut digests: Vec<&str> = Vec::new();
    for (_, digest) in found.replicas.iter().chain(&found.clients) {
        if !digests.contains(&digest.as_str()) {
            digests.push(digest);
        }
    }
    let line = |digest: &str| {
        let who = [named("replica", &found.replicas, digest), named("client", &found.clients, digest)];
        let short: String = digest.chars().take(SHOWN).collect();
        let cut = if short.len() < digest.len() { "…" } else { "" };
        format!("{short}{cut}: {}", who.into_iter().flatten().collect::<Vec<_>>().join(" and "))
    };
    digests.into_iter().map(line).collect()
}

fn named(what: &str, of: &[(u32, String)], digest: &str) -> Option<String> {
    let numbers: Vec<String> =
        of.iter().filter(|(_, theirs)| theirs == digest).map(|(number, _)| number.to_string()).collect();
    match numbers.len() {
        0 => None,
        1 => Some(format!("{what} {}", numbers[0])),
        _ => Some(format!("{what}s {}", numbers.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::verdict::Compared;

    #[test]
    fn a_divergence_names_who_agrees_with_whom_and_on_what() {
        let (one, other) = ("abcd1234ef", "0badcafe00");
        let named = |votes: &[(u32, &str)]| votes.iter().map(|(voter, hash)| (*voter, (*hash).to_owned())).collect();
        let found = Divergence {
            sequence: 8,
            what: Compared::History,
            replicas: named(&[(0, one), (1, other), (2, one)]),
            clients: named(&[(0, other), (1, "short")]),
        };
        assert_eq!(
            text(&Verdict::Diverged(found)),
            "Diverged: Replicas 0, 1, 2 and clients 0, 1 do not agree on the blocks up to sequence 8\
             \n  abcd1234…: replicas 0, 2\n  0badcafe…: replica 1 and client 0\n  short: client 1"
        );
        assert_eq!(text(&Verdict::NoProgress), "No progress");
    }
}
