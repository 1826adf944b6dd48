//! What units of the public framework get when they poll: all changes so far, the latest value of each key.

use model::patch::{Patch, PatchItem};

/// The items of all patches merged. A key keeps the place at which it first appeared.
pub(super) fn merge(patches: &[Patch]) -> Vec<PatchItem> {
    let mut merged: Vec<PatchItem> = Vec::new();
    for item in patches.iter().flat_map(|patch| &patch.items) {
        match merged.iter_mut().find(|known| known.key == item.key) {
            Some(known) => known.clone_from(item),
            None => merged.push(item.clone()),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::config::ConfigValue;

    fn patch(version: u64, items: &[(&str, i64)]) -> Patch {
        let item = |(key, value): &(&str, i64)| PatchItem {
            kind: "int".into(),
            key: (*key).into(),
            value: ConfigValue::Integer(*value),
        };
        Patch { version, at_ms: 0, items: items.iter().map(item).collect() }
    }

    #[test]
    fn the_latest_value_of_each_key_stands_where_the_key_first_appeared() {
        let merged = merge(&[patch(1, &[("b", 1), ("a", 1)]), patch(2, &[("c", 1), ("b", 9)])]);
        assert_eq!(
            serde_json::to_string(&merged).unwrap(),
            r#"[{"type":"int","key":"b","value":9},{"type":"int","key":"a","value":1},{"type":"int","key":"c","value":1}]"#
        );
        assert_eq!(serde_json::to_string(&merge(&[])).unwrap(), "[]");
    }
}
