//! Lists that stay in order while single items come in.

/// Puts an item into a list that is in the order of `key`; after those of the same key.
pub fn insert<T, K: Ord>(list: &mut Vec<T>, item: T, key: impl Fn(&T) -> K) {
    let at = list.partition_point(|known| key(known) <= key(&item));
    list.insert(at, item);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_takes_its_place_behind_its_equals() {
        let mut list = vec![(1, 'a'), (2, 'b'), (2, 'c'), (4, 'd')];
        insert(&mut list, (2, 'e'), |item| item.0);
        insert(&mut list, (0, 'f'), |item| item.0);
        insert(&mut list, (9, 'g'), |item| item.0);
        assert_eq!(list.iter().map(|item| item.1).collect::<String>(), "fabcedg");
    }
}
