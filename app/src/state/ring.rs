//! Where the replicas stand around their circle, how large they are drawn, and where the arrow keys lead.

use std::f64::consts::TAU;

/// The drawing's width and height.
pub const SIZE: (f64, f64) = (320.0, 284.0);
/// The circle's centre.
pub const CENTRE: (f64, f64) = (160.0, 136.0);

/// How much is written on a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// Its number within, the last committed block and what is the matter below.
    Full,
    /// Its number within, the last committed block below.
    Short,
    /// Its number within.
    Number,
    /// Nothing: there are too many of them.
    Nothing,
}

/// How a circle of so many replicas is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ring {
    count: u32,
    /// A replica's radius.
    pub node: f64,
    /// The radius that answers to a click: as large as fits, up to that of a thumb.
    pub reach: f64,
    /// What is written on each.
    pub writing: Writing,
}

/// Beyond so many, every other replica steps inwards, so that they stay apart.
const ONE_CIRCLE: u32 = 40;

impl Ring {
    /// The circle of `count` replicas.
    pub fn of(count: u32) -> Self {
        let (writing, most) = match count {
            0..=7 => (Writing::Full, 22.0),
            8..=13 => (Writing::Short, 16.0),
            14..=31 => (Writing::Number, 13.0),
            _ => (Writing::Nothing, 9.0),
        };
        let mut ring = Self { count, node: most, reach: most, writing };
        let apart = ring.apart();
        ring.node = most.min(apart * 0.42);
        ring.reach = (apart / 2.0).clamp(ring.node, 24.0);
        ring
    }

    /// The least distance between the centres of two.
    fn apart(&self) -> f64 {
        let chord = |radius: f64, count: u32| 2.0 * radius * (TAU / 2.0 / f64::from(count.max(2))).sin();
        match (self.count > ONE_CIRCLE, self.count.is_multiple_of(2)) {
            (false, _) => chord(self.radius(0), self.count),
            (true, true) => chord(self.radius(1), self.count / 2),
            // The first and the last one are next to each other on the outer circle.
            (true, false) => chord(self.radius(0), self.count),
        }
    }

    fn radius(&self, number: u32) -> f64 {
        match (self.writing, self.count > ONE_CIRCLE && number % 2 == 1) {
            (Writing::Full, _) => 96.0,
            (Writing::Short, _) => 104.0,
            (_, true) => 100.0,
            (_, false) => 118.0,
        }
    }

    /// Where a replica stands: the first on top, the others clockwise.
    pub fn place(&self, number: u32) -> (f64, f64) {
        let angle = TAU * f64::from(number) / f64::from(self.count.max(1)) - TAU / 4.0;
        let radius = self.radius(number);
        let rounded = |value: f64| (value * 10.0).round() / 10.0;
        (rounded(CENTRE.0 + radius * angle.cos()), rounded(CENTRE.1 + radius * angle.sin()))
    }

    /// Where a key leads from a replica; none for keys that lead nowhere.
    pub fn step(&self, from: u32, key: &str) -> Option<u32> {
        let last = self.count.checked_sub(1)?;
        match key {
            "ArrowRight" | "ArrowDown" => Some(if from >= last { 0 } else { from + 1 }),
            "ArrowLeft" | "ArrowUp" => Some(if from == 0 { last } else { from - 1 }),
            "Home" => Some(0),
            "End" => Some(last),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_replicas_touch_and_all_are_within_the_drawing_for_every_size_of_cluster() {
        for count in 1..=128 {
            let ring = Ring::of(count);
            let places: Vec<_> = (0..count).map(|number| ring.place(number)).collect();
            for (index, a) in places.iter().enumerate() {
                let room = if ring.writing == Writing::Full { 16.0 } else { 0.0 };
                assert!(a.0 - ring.node >= 0.0 && a.0 + ring.node <= SIZE.0, "{count}: {a:?}");
                assert!(a.1 - ring.node >= room && a.1 + ring.node + room <= SIZE.1, "{count}: {a:?}");
                for b in &places[index + 1..] {
                    let distance = (a.0 - b.0).hypot(a.1 - b.1);
                    assert!(distance > 2.0 * ring.node, "{count}: {a:?} and {b:?} are {distance} apart");
                }
            }
        }
    }

    #[test]
    fn the_first_stands_on_top_and_the_others_follow_clockwise() {
        let ring = Ring::of(4);
        assert_eq!(ring.place(0), (160.0, 40.0));
        assert_eq!(ring.place(1), (256.0, 136.0));
        assert_eq!(ring.place(2), (160.0, 232.0));
    }

    #[test]
    fn arrows_lead_around_the_circle() {
        let ring = Ring::of(4);
        assert_eq!((ring.step(3, "ArrowRight"), ring.step(0, "ArrowUp")), (Some(0), Some(3)));
        assert_eq!((ring.step(1, "End"), ring.step(2, "Home"), ring.step(2, "a")), (Some(3), Some(0), None));
        assert_eq!(Ring::of(0).step(0, "ArrowRight"), None);
    }
}
