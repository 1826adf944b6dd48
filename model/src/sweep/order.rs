//! In which order the runs of a plan come.

use super::plan::{SweepOrder, SweepPlan};

/// The numbers of all runs in the order in which they come. The same plan always has the same order, so that a sweep that
/// goes on later goes on in it.
pub fn run_order(plan: &SweepPlan) -> Vec<usize> {
    let runs = plan.run_count();
    match plan.order {
        SweepOrder::AsWritten => (0..runs).collect(),
        SweepOrder::Random => {
            let repetitions = plan.repetitions as usize;
            let mut draws = Draws::named(&plan.name);
            let mut order = Vec::with_capacity(runs);
            for repetition in 0..repetitions {
                let mut points: Vec<usize> = (0..plan.point_count()).collect();
                // Fisher and Yates: every order is as likely as any other.
                for last in (1..points.len()).rev() {
                    points.swap(last, draws.below(last + 1));
                }
                order.extend(points.into_iter().map(|point| point * repetitions + repetition));
            }
            order
        }
    }
}

/// Steele, Lea and Flood's SplitMix64: enough to shuffle with, and the same everywhere.
struct Draws(u64);

impl Draws {
    fn named(name: &str) -> Self {
        Self(name.bytes().fold(name.len() as u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into())))
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::tests::plan;
    use super::*;

    #[test]
    fn as_written_all_repetitions_of_a_point_come_before_the_next() {
        assert_eq!(run_order(&plan(&[])), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn in_random_order_each_round_has_every_point_once_and_the_order_stays_the_same() {
        let mut plan = plan(&[("benchmark.block-size", &["1", "2", "3", "4"])]);
        plan.order = SweepOrder::Random;
        let order = run_order(&plan);
        assert_eq!(order, run_order(&plan));
        for (round, runs) in order.chunks(8).enumerate() {
            let mut points: Vec<usize> = runs.iter().map(|run| run / 3).collect();
            assert!(runs.iter().all(|run| run % 3 == round));
            assert!(points != (0..8).collect::<Vec<_>>(), "shuffled");
            points.sort_unstable();
            assert_eq!(points, (0..8).collect::<Vec<_>>());
        }
    }
}
