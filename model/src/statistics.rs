//! Means with their 95 % confidence intervals.

/// The two-sided 95 % quantiles of Student's t distribution for 1 to 30 degrees of freedom. This one column of the table is
/// all that is needed; a crate for it would bring a library of linear algebra along.
const STUDENT: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/// A mean, and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half the width of the 95 % confidence interval; none for less than two values.
    pub half_width: Option<f64>,
}

/// The mean of repeated measurements; none without any.
pub fn estimate(values: &[f64]) -> Option<Estimate> {
    let count = values.len();
    if count == 0 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count as f64;
    if count == 1 {
        return Some(Estimate { mean, half_width: None });
    }
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1) as f64;
    Some(Estimate { mean, half_width: Some(student(count - 1) * (variance / count as f64).sqrt()) })
}

/// The mean of values that come one after the other and depend on each other, such as the rates of consecutive intervals.
/// Its interval comes from the means of `batches` parts of equal length, which depend on each other far less (batch means;
/// Law, Simulation Modeling and Analysis, section 9.5). None without any value; without an interval where fewer than two
/// parts have values.
pub fn batch_means(values: &[f64], batches: usize) -> Option<Estimate> {
    let mean = estimate(values)?.mean;
    let batches = batches.clamp(1, values.len());
    let batch = |index: usize| &values[index * values.len() / batches..(index + 1) * values.len() / batches];
    let means: Vec<f64> = (0..batches).filter_map(|index| Some(estimate(batch(index))?.mean)).collect();
    Some(Estimate { mean, half_width: estimate(&means)?.half_width })
}

/// Beyond the table the quantile approaches the normal distribution's; between, the next lower tabulated row is taken,
/// which makes the interval a little too wide rather than too narrow.
fn student(freedom: usize) -> f64 {
    match freedom {
        0..=30 => STUDENT[freedom.saturating_sub(1)],
        31..=39 => 2.042,
        40..=59 => 2.021,
        60..=119 => 2.000,
        120..=999 => 1.980,
        _ => 1.962,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_follows_students_distribution() {
        // Mean 20, standard deviation 2: the half width is t(2) * 2 / sqrt(3).
        let three = estimate(&[18.0, 20.0, 22.0]).unwrap();
        assert!(
            (three.mean - 20.0).abs() < 1e-9 && (three.half_width.unwrap() - 4.303 * 2.0 / 3f64.sqrt()).abs() < 1e-9
        );
        assert_eq!(estimate(&[7.0]), Some(Estimate { mean: 7.0, half_width: None }));
        assert_eq!(estimate(&[]), None);
        assert_eq!(estimate(&[5.0; 200]), Some(Estimate { mean: 5.0, half_width: Some(0.0) }));
    }

    #[test]
    fn batches_hide_what_swings_within_them_and_show_what_drifts_across_them() {
        let swinging: Vec<f64> = (0..200).map(|index| if index % 2 == 0 { 90.0 } else { 110.0 }).collect();
        assert_eq!(batch_means(&swinging, 10), Some(Estimate { mean: 100.0, half_width: Some(0.0) }));
        let drifting: Vec<f64> = (0..200).map(f64::from).collect();
        let estimate = batch_means(&drifting, 10).unwrap();
        assert!((estimate.mean - 99.5).abs() < 1e-9 && estimate.half_width.unwrap() > 20.0, "{estimate:?}");
        assert_eq!(batch_means(&[7.0], 10), Some(Estimate { mean: 7.0, half_width: None }));
        assert_eq!(batch_means(&[], 10), None);
        assert_eq!(batch_means(&[1.0, 2.0, 3.0], 2).unwrap().mean, 2.0);
    }

    #[test]
    fn the_quantile_never_grows_with_the_degrees_of_freedom() {
        assert!((1..1_100).map(student).collect::<Vec<_>>().windows(2).all(|pair| pair[0] >= pair[1]));
    }
}
