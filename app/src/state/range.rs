//! The part of the time axis that a reader has zoomed into: always within the trial, and never narrower than a second.

/// The narrowest part shown, seconds.
const NARROWEST: f64 = 1.0;

/// Between two ends of a drag, whichever came first.
pub fn selected(one: f64, other: f64) -> (f64, f64) {
    let (low, high) = (one.min(other).max(0.0), one.max(other));
    (low, high.max(low + NARROWEST))
}

/// `factor` times as wide, with `at` (the middle without one) staying where it is.
pub fn zoomed((low, high): (f64, f64), at: Option<f64>, factor: f64, newest: f64) -> (f64, f64) {
    let whole = newest.max(10.0);
    let width = ((high - low) * factor).clamp(NARROWEST, whole);
    let at = at.unwrap_or(f64::midpoint(low, high));
    let share = (at - low) / (high - low);
    within(at - share * width, width, whole)
}

/// Moved by a share of its width.
pub fn panned((low, high): (f64, f64), share: f64, newest: f64) -> (f64, f64) {
    let width = high - low;
    within(low + share * width, width, newest.max(10.0).max(high))
}

/// As wide as `width`, around a place.
pub fn centred(at: f64, width: f64, newest: f64) -> (f64, f64) {
    within(at - width / 2.0, width, newest.max(10.0).max(width))
}

fn within(low: f64, width: f64, whole: f64) -> (f64, f64) {
    let low = low.min(whole - width).max(0.0);
    (low, low + width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_the_place_under_the_cursor() {
        assert_eq!(zoomed((0.0, 100.0), Some(20.0), 0.5, 100.0), (10.0, 60.0));
        assert_eq!(zoomed((40.0, 60.0), None, 2.0, 100.0), (30.0, 70.0));
        assert_eq!(zoomed((10.0, 60.0), Some(20.0), 100.0, 100.0), (0.0, 100.0));
        assert_eq!(zoomed((10.0, 11.0), Some(10.0), 0.5, 100.0), (10.0, 11.0));
    }

    #[test]
    fn panning_stops_at_both_ends() {
        assert_eq!(panned((10.0, 30.0), 0.5, 100.0), (20.0, 40.0));
        assert_eq!(panned((10.0, 30.0), -5.0, 100.0), (0.0, 20.0));
        assert_eq!(panned((10.0, 30.0), 50.0, 100.0), (80.0, 100.0));
    }

    #[test]
    fn a_place_is_in_the_middle_where_the_trial_goes_far_enough() {
        assert_eq!(centred(50.0, 20.0, 100.0), (40.0, 60.0));
        assert_eq!((centred(3.0, 20.0, 100.0), centred(99.0, 20.0, 100.0)), ((0.0, 20.0), (80.0, 100.0)));
    }

    #[test]
    fn a_drag_to_the_left_chooses_the_same_as_one_to_the_right() {
        assert_eq!(selected(30.0, 12.0), (12.0, 30.0));
        assert_eq!(selected(5.0, 5.2), (5.0, 6.0));
    }
}
