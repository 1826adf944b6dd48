//! The replicated table. A copy of it shares what has not changed since, so that keeping the state of a checkpoint costs
//! little however large the table is.

use std::sync::Arc;

/// Records in a chunk: the unit of sharing between copies.
const CHUNK: usize = 1024;

/// Numbered records of 64 bits, all zero at first. Copying costs one pointer for each 1,024 records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    chunks: Vec<Arc<Vec<u64>>>,
    count: usize,
}

impl Records {
    /// `count` records of zero, at least one.
    pub fn new(count: u32) -> Self {
        let count = (count as usize).max(1);
        let empty = Arc::new(vec![0; CHUNK]);
        Self { chunks: vec![empty; count.div_ceil(CHUNK)], count }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The record that `number` names: numbers beyond the table start over.
    pub fn index_of(&self, number: u32) -> usize {
        number as usize % self.count
    }

    /// The value of a record; 0 beyond the table.
    pub fn get(&self, index: usize) -> u64 {
        self.chunks.get(index / CHUNK).map_or(0, |chunk| chunk[index % CHUNK])
    }

    /// Changes a record; beyond the table nothing happens.
    pub fn set(&mut self, index: usize, value: u64) {
        if index < self.count {
            Arc::make_mut(&mut self.chunks[index / CHUNK])[index % CHUNK] = value;
        }
    }

    /// The records that differ from an earlier state of the same table: index, then and now. Cost: O(changed chunks).
    pub fn changes_since<'a>(&'a self, earlier: &'a Self) -> impl Iterator<Item = (usize, u64, u64)> + 'a {
        let chunks = self.chunks.iter().zip(&earlier.chunks).enumerate();
        let changed = chunks.filter(|(_, (now, then))| !Arc::ptr_eq(now, then));
        changed
            .flat_map(|(chunk, (now, then))| {
                let values = then.iter().zip(now.iter()).enumerate();
                values.map(move |(offset, (then, now))| (chunk * CHUNK + offset, *then, *now))
            })
            .filter(|(_, then, now)| then != now)
    }

    /// All values, in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.count).map(|index| self.get(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_its_values_when_the_original_changes() {
        let mut records = Records::new(3_000);
        records.set(2_999, 7);
        let copy = records.clone();
        records.set(2_999, 8);
        records.set(5, 1);
        assert_eq!((copy.get(2_999), copy.get(5)), (7, 0));
        assert_eq!((records.get(2_999), records.get(5)), (8, 1));
        assert_eq!((records.index_of(3_001), records.iter().count()), (1, 3_000));
        assert!(Arc::ptr_eq(&copy.chunks[1], &records.chunks[1]));
        assert_eq!(records.changes_since(&copy).collect::<Vec<_>>(), [(5, 0, 1), (2_999, 7, 8)]);
    }
}
