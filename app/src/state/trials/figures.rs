//! A trial's figures in words, for tables.

use crate::state::format;
use model::statistics::Estimate;
use model::trial::TrialSummary;

/// Mean throughput, `12,345`, or a dash.
pub fn throughput(trial: &TrialSummary) -> String {
    let mean = trial.figures.and_then(|figures| figures.throughput).map(|throughput| throughput.mean);
    mean.map_or_else(|| format::NOTHING.to_owned(), format::grouped)
}

/// Latency in ms, `12.3`, or a dash.
pub fn latency(value: Option<f64>) -> String {
    value.map_or_else(|| format::NOTHING.to_owned(), milliseconds)
}

/// Milliseconds without a suffix: `12.3`, `1,204`.
pub fn milliseconds(value: f64) -> String {
    if value >= 999.5 { format::grouped(value) } else { format::si(value) }
}

/// `12,345 ± 210`: a mean with half of its confidence interval.
pub fn estimate(estimate: Estimate, number: fn(f64) -> String) -> String {
    match estimate.half_width {
        Some(half) => format!("{} ± {}", number(estimate.mean), number(half)),
        None => number(estimate.mean),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_says_how_far_it_may_be_off_where_that_is_known() {
        assert_eq!(estimate(Estimate { mean: 12_345.4, half_width: Some(210.0) }, format::grouped), "12,345 ± 210");
        assert_eq!(estimate(Estimate { mean: 7.0, half_width: None }, milliseconds), "7");
        assert_eq!((latency(None), latency(Some(1_204.0))), (format::NOTHING.to_owned(), "1,204".to_owned()));
    }
}
