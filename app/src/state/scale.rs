//! Axes: a linear map from values to pixels, and round ticks.

/// A linear map from `low..high` to `from..to` (pixels; `from` may be larger, as on a y axis).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The smallest value shown.
    pub low: f64,
    /// The largest value shown; larger than `low`.
    pub high: f64,
    /// Where `low` is.
    pub from: f64,
    /// Where `high` is.
    pub to: f64,
}

impl Scale {
    /// Where a value is drawn.
    pub fn pixel(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// The value at a place, kept within the axis.
    pub fn value(&self, pixel: f64) -> f64 {
        let share = if self.to == self.from { 0.0 } else { (pixel - self.from) / (self.to - self.from) };
        self.low + share.clamp(0.0, 1.0) * (self.high - self.low)
    }
}

/// The ticks of a y axis: about `count` of them, at 1, 2 or 5 times a power of ten apart, from at or below `smallest` to
/// at or above `largest`. Where there is nothing between the two the axis is one wide.
pub fn value_axis(smallest: f64, largest: f64, count: usize) -> Vec<f64> {
    let smallest = if smallest.is_finite() { smallest } else { 0.0 };
    let largest = if largest.is_finite() && largest > smallest { largest } else { smallest + 1.0 };
    let step = round_step((largest - smallest) / count.max(1) as f64);
    let first = (smallest / step + 1e-9).floor();
    let last = (largest / step - 1e-9).ceil().max(first + 1.0);
    (0..=(last - first) as usize).map(|index| (first + index as f64) * step).collect()
}

/// The smallest of 1, 2 and 5 times a power of ten that is not below a value; 1 where there is none.
pub fn round_up(value: f64) -> f64 {
    if value.is_finite() && value > 0.0 { round_step(value) } else { 1.0 }
}

fn round_step(raw: f64) -> f64 {
    let power = 10f64.powf(raw.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= raw * 0.999_999).unwrap_or(10.0);
    factor * power
}

/// The steps that read well on a clock, seconds.
const CLOCK_STEPS: [f64; 14] =
    [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0];

/// Ticks within `low..=high` seconds, at most `count` of them, at steps that read well as m:ss.
pub fn time_ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let raw = (high - low).max(1e-9) / count.max(1) as f64;
    let step = CLOCK_STEPS.into_iter().find(|step| *step >= raw).unwrap_or_else(|| (raw / 3600.0).ceil() * 3600.0);
    let first = (low / step).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|index| index as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_ticks_are_round_and_reach_the_largest_value() {
        assert_eq!(value_axis(0.0, 97.0, 4), [0.0, 50.0, 100.0]);
        assert_eq!(value_axis(0.0, 3.2, 4), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(value_axis(1210.0, 1390.0, 4), [1200.0, 1250.0, 1300.0, 1350.0, 1400.0]);
        assert_eq!(value_axis(0.0, 0.0, 4).last(), Some(&1.0));
        assert_eq!(value_axis(0.0, f64::NAN, 4).last(), Some(&1.0));
        for largest in [0.001, 0.7, 1.0, 9.99, 12_345.0, 5e9] {
            let ticks = value_axis(0.0, largest, 4);
            let top = ticks[ticks.len() - 1];
            assert!(top >= largest * 0.999_999 && top <= largest * 2.6, "{largest} {top}");
            assert!((2..=6).contains(&ticks.len()), "{largest} {ticks:?}");
        }
    }

    #[test]
    fn time_ticks_lie_within_and_are_not_too_many() {
        assert_eq!(time_ticks(0.0, 30.0, 6), [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0]);
        assert_eq!(time_ticks(63.0, 125.0, 3), [90.0, 120.0]);
        for high in [1.0, 10.0, 61.0, 4000.0, 90_000.0] {
            let ticks = time_ticks(0.0, high, 8);
            assert!(!ticks.is_empty() && ticks.len() <= 9, "{high} {ticks:?}");
        }
    }

    #[test]
    fn a_number_is_rounded_up_to_a_plain_one() {
        assert_eq!([0.3, 1.0, 12.0, 501.0, 0.0, f64::NAN].map(round_up), [0.5, 1.0, 20.0, 1000.0, 1.0, 1.0]);
    }

    #[test]
    fn a_scale_maps_there_and_back() {
        let scale = Scale { low: 0.0, high: 50.0, from: 100.0, to: 0.0 };
        assert_eq!(scale.pixel(25.0), 50.0);
        assert_eq!(scale.value(50.0), 25.0);
        assert_eq!(scale.value(1e9), 0.0);
    }
}
