//! The groups of `fault.partition.groups`: "0,1|2,3".

use super::replica_number::replica_number;

/// How groups are written, for messages.
const FORM: &str = "write groups like 0,1|2,3, or nothing for no partition";

/// Reads the groups of a partition: replicas with commas between, groups with `|` between. Empty text is no partition.
/// Replicas that no group names are one more group together.
///
/// # Errors
/// A sentence that names the entry and shows how groups are written.
pub fn partition_groups(text: &str) -> Result<Vec<Vec<u32>>, String> {
    let mut groups: Vec<Vec<u32>> = Vec::new();
    if text.trim().is_empty() {
        return Ok(groups);
    }
    for part in text.split('|') {
        if part.trim().is_empty() {
            return Err(format!("a group names no replica; {FORM}"));
        }
        let mut group = Vec::new();
        for entry in part.split(',').map(str::trim) {
            let replica = replica_number(entry, FORM)?;
            if group.contains(&replica) || groups.iter().any(|other| other.contains(&replica)) {
                return Err(format!("replica {replica} is named twice; each belongs to one group"));
            }
            group.push(replica);
        }
        groups.push(group);
    }
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_replicas_with_commas_and_bars_between() {
        assert_eq!(partition_groups(" 0, 1 | 2,3 "), Ok(vec![vec![0, 1], vec![2, 3]]));
        assert_eq!(partition_groups("3"), Ok(vec![vec![3]]));
        assert_eq!(partition_groups("  "), Ok(vec![]));
    }

    #[test]
    fn a_slip_is_named_and_the_right_form_shown() {
        for (text, wanted) in [
            ("0,1|", "names no replica; write groups like 0,1|2,3"),
            ("0,one", "\"one\" is not a replica's number"),
            ("0;1", "\"0;1\" is not a replica's number"),
            ("0,,1", "\"\" is not a replica's number"),
            ("0,1|1", "replica 1 is named twice"),
            ("200", "out of range: 0 to 127"),
        ] {
            let message = partition_groups(text).unwrap_err();
            assert!(message.contains(wanted), "{text}: {message}");
        }
    }
}
