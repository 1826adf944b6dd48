//! Values that change while a trial runs. A key that allows it takes, instead of a plain value, a mapping:
//!
//! ```yaml
//! timer:
//!   advance: true
//!   init: 0          # the value before `delay`
//!   delay: 5000      # ms since the start of the trial; 0 where it is left out
//!   fixed: { value: 40 }
//! ```
//!
//! and in the place of `fixed` one of
//!
//! * `uniform: { min: 10, max: 40 }`: drawn evenly (`low` and `high` are understood too),
//! * `normal: { mean: 20, deviation: 5 }`: drawn from a normal distribution, cut off at the key's range,
//! * `schedule: { values: [0, 40, 0], intervals: [2000, 3000] }`: each value for its interval in ms, the last one for good.
//!
//! A drawn value is drawn anew every [`REDRAW_US`]. A truth value is on when the number is above 0.

use crate::config::{ConfigTree, ConfigValue};
use crate::descriptor::Kind;
use crate::schema;

/// How long a drawn value stays in force, µs.
pub const REDRAW_US: u64 = 10_000;

/// The names of the forms, as they stand in the mapping.
const FORMS: [&str; 4] = ["fixed", "uniform", "normal", "schedule"];

/// A value over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Advanced {
    init: f64,
    delay_ms: u64,
    form: Form,
    least: f64,
    greatest: f64,
}

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Fixed(f64),
    Uniform { min: f64, max: f64 },
    Normal { mean: f64, deviation: f64 },
    Schedule { values: Vec<f64>, intervals: Vec<u64> },
}

impl Advanced {
    /// A value that never changes.
    pub fn fixed(value: f64) -> Self {
        Self { init: value, delay_ms: 0, form: Form::Fixed(value), least: f64::NEG_INFINITY, greatest: f64::INFINITY }
    }

    /// Reads a plain number, a truth value or a mapping with `advance: true`.
    ///
    /// # Errors
    /// A sentence that names the place within the mapping and what is expected there.
    pub fn parse(value: &ConfigValue) -> Result<Self, String> {
        let ConfigValue::Tree(tree) = value else {
            let wrong = || format!("expected a number, true or false, found {}", value.kind_name());
            return Ok(Self::fixed(number(value).ok_or_else(wrong)?));
        };
        if !tree.boolean("advance", false) {
            return Err("a value that changes over time needs advance: true".to_owned());
        }
        let known = |key: &str| FORMS.contains(&key) || matches!(key, "advance" | "init" | "delay");
        if let Some((key, _)) = tree.entries().iter().find(|(key, _)| !known(key)) {
            return Err(format!("{key} does not belong here; there are init, delay, {}", FORMS.join(", ")));
        }
        let init = match tree.get("init") {
            Some(init) => number(init).ok_or_else(|| expected("init", "a number, true or false", init))?,
            None => return Err("an advanced value needs init, its value before delay".to_owned()),
        };
        let delay_ms = match tree.get("delay") {
            Some(delay) => milliseconds("delay", delay)?,
            None => 0,
        };
        let mut given = FORMS.into_iter().filter_map(|name| Some((name, tree.get(name)?)));
        let form = match (given.next(), given.next()) {
            (None, _) => return Err(format!("an advanced value needs one of {}", FORMS.join(", "))),
            (Some((one, _)), Some((other, _))) => {
                return Err(format!("an advanced value takes one form, here are {one} and {other}"));
            }
            (Some((name, ConfigValue::Tree(form))), None) => Form::parse(name, form)?,
            (Some((name, other)), None) => return Err(expected(name, "a group of keys", other)),
        };
        Ok(Self { init, delay_ms, form, ..Self::fixed(init) })
    }

    /// The value at a known key of a configuration, kept within the key's range. Where the key is left out or does not
    /// make sense, its default holds: the checks at the start have said so already.
    pub fn of(tree: &ConfigTree, key: &str) -> Self {
        let descriptor = schema::descriptor(key);
        let default = || descriptor.map(|descriptor| descriptor.default_value());
        let parsed = tree.get(key).and_then(|value| Self::parse(value).ok());
        let value = parsed.or_else(|| Self::parse(&default()?).ok()).unwrap_or_else(|| Self::fixed(0.0));
        match descriptor.and_then(|descriptor| bounds(&descriptor.kind)) {
            Some((least, greatest)) => value.within(least, greatest),
            None => value,
        }
    }

    /// The same, never below `least` nor above `greatest`.
    #[must_use]
    pub fn within(self, least: f64, greatest: f64) -> Self {
        Self { least, greatest, ..self }
    }

    /// Whether it is the same at all times.
    pub fn is_constant(&self) -> bool {
        matches!(self.form, Form::Fixed(value) if value == self.init || self.delay_ms == 0)
    }

    /// The value `elapsed_ms` after the start of the trial. `draw` gives evenly distributed numbers.
    pub fn value_at(&self, elapsed_ms: u64, draw: &mut dyn FnMut() -> u64) -> f64 {
        let value = match elapsed_ms.checked_sub(self.delay_ms) {
            Some(since) => self.form.value_at(since, draw),
            None => self.init,
        };
        // Not `clamp`: it panics where the bounds are not in order.
        value.max(self.least).min(self.greatest)
    }

    /// The values that are named: the place within the mapping, and the value. Draws lie around or between them.
    pub fn named_values(&self) -> Vec<(&'static str, f64)> {
        let mut named = vec![("init", self.init)];
        match &self.form {
            Form::Fixed(value) => named.push(("fixed.value", *value)),
            Form::Uniform { min, max } => named.extend([("uniform.min", *min), ("uniform.max", *max)]),
            Form::Normal { mean, .. } => named.push(("normal.mean", *mean)),
            Form::Schedule { values, .. } => named.extend(values.iter().map(|value| ("schedule.values", *value))),
        }
        named
    }

    /// Whether the values are the named ones and nothing between.
    pub fn is_drawn(&self) -> bool {
        matches!(self.form, Form::Uniform { .. } | Form::Normal { .. })
    }
}

impl Form {
    fn parse(name: &str, form: &ConfigTree) -> Result<Self, String> {
        let place = |key: &str| format!("{name}.{key}");
        let need = |keys: &[&str]| {
            let found = keys.iter().find_map(|key| Some((*key, form.get(key)?)));
            let (key, value) = found.ok_or_else(|| format!("{} is missing", place(keys[0])))?;
            number(value).ok_or_else(|| expected(&place(key), "a number", value))
        };
        let list = |key: &str| match form.get(key) {
            Some(ConfigValue::List(items)) => Ok(items),
            Some(other) => Err(expected(&place(key), "a list", other)),
            None => Err(format!("{} is missing", place(key))),
        };
        let keys: &[&str] = match name {
            "fixed" => &["value"],
            "uniform" => &["min", "max", "low", "high"],
            "normal" => &["mean", "deviation"],
            _ => &["values", "intervals"],
        };
        if let Some((key, _)) = form.entries().iter().find(|(key, _)| !keys.contains(&key.as_str())) {
            return Err(format!("{} is not known; there are {}", place(key), keys.join(", ")));
        }
        match name {
            "fixed" => Ok(Self::Fixed(need(&["value"])?)),
            "uniform" => {
                let (min, max) = (need(&["min", "low"])?, need(&["max", "high"])?);
                if min > max {
                    return Err(format!("uniform.min ({min}) is above uniform.max ({max})"));
                }
                Ok(Self::Uniform { min, max })
            }
            "normal" => {
                let (mean, deviation) = (need(&["mean"])?, need(&["deviation"])?);
                if deviation < 0.0 {
                    return Err(format!("normal.deviation is {deviation}; it cannot be negative"));
                }
                Ok(Self::Normal { mean, deviation })
            }
            _ => {
                let wrong = |item| expected("schedule.values", "numbers", item);
                let values: Vec<f64> = list("values")?
                    .iter()
                    .map(|item| number(item).ok_or_else(|| wrong(item)))
                    .collect::<Result<_, _>>()?;
                let intervals: Vec<u64> = list("intervals")?
                    .iter()
                    .map(|item| milliseconds("schedule.intervals", item))
                    .collect::<Result<_, _>>()?;
                if values.is_empty() {
                    return Err("schedule.values needs at least one value".to_owned());
                }
                if values.len() > 1_000 {
                    return Err(format!("schedule.values has {} values; 1000 are allowed", values.len()));
                }
                if intervals.len() + 1 != values.len() {
                    return Err(format!(
                        "schedule.intervals needs one entry fewer than schedule.values: {} for {} values, found {}",
                        values.len() - 1,
                        values.len(),
                        intervals.len()
                    ));
                }
                Ok(Self::Schedule { values, intervals })
            }
        }
    }

    fn value_at(&self, since_ms: u64, draw: &mut dyn FnMut() -> u64) -> f64 {
        match self {
            Self::Fixed(value) => *value,
            Self::Uniform { min, max } => min + (max - min) * unit(draw()),
            Self::Normal { mean, deviation } => {
                // Twelve uniform draws add up to a deviation of one (Irwin and Hall): unlike logarithms and cosines, sums
                // are the same on every platform, bit for bit.
                let sum: f64 = (0..12).map(|_| unit(draw())).sum();
                mean + deviation * (sum - 6.0)
            }
            Self::Schedule { values, intervals } => {
                let mut end = 0u64;
                let past = intervals.iter().take_while(|interval| {
                    end = end.saturating_add(**interval);
                    since_ms >= end
                });
                values[past.count()]
            }
        }
    }
}

/// Evenly distributed numbers for [`Advanced::value_at`] in the stretch of [`REDRAW_US`] with this number: the same seed and
/// stretch give the same numbers, however often one asks (SplitMix64).
pub fn draws(seed: u64, stretch: u64) -> impl FnMut() -> u64 {
    let mut state = mixed(seed).wrapping_add(mixed(stretch.wrapping_add(1)));
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(state)
    }
}

fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// A number of [0, 1) from the upper 53 bits.
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

fn bounds(kind: &Kind) -> Option<(f64, f64)> {
    match kind {
        Kind::Integer { min, max } => Some((*min as f64, *max as f64)),
        Kind::Float { min, max } => Some((*min, *max)),
        Kind::Boolean => Some((0.0, 1.0)),
        _ => None,
    }
}

fn number(value: &ConfigValue) -> Option<f64> {
    let found = value.as_f64().or_else(|| value.as_bool().map(|on| f64::from(u8::from(on))));
    found.filter(|number| number.is_finite())
}

fn milliseconds(place: &str, value: &ConfigValue) -> Result<u64, String> {
    match value.as_i64() {
        Some(whole @ 0..=1_000_000_000_000) => Ok(whole as u64),
        _ => Err(expected(place, "a whole number of ms, 0 or more", value)),
    }
}

fn expected(place: &str, what: &str, found: &ConfigValue) -> String {
    format!("{place}: expected {what}, found {} ({found})", found.kind_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(yaml: &str) -> Result<Advanced, String> {
        let tree = crate::yaml::parse(&format!("key: {yaml}")).unwrap();
        Advanced::parse(tree.get("key").unwrap())
    }

    fn at(value: &Advanced, elapsed_ms: u64) -> f64 {
        value.value_at(elapsed_ms, &mut draws(7, elapsed_ms))
    }

    #[test]
    fn a_plain_number_and_a_truth_value_are_the_same_at_all_times() {
        for (text, wanted) in [("40", 40.0), ("0.5", 0.5), ("true", 1.0), ("false", 0.0)] {
            let value = parse(text).unwrap();
            assert!(value.is_constant());
            assert_eq!((at(&value, 0), at(&value, 1_000_000)), (wanted, wanted), "{text}");
        }
    }

    #[test]
    fn a_fixed_value_follows_the_initial_one_after_the_delay() {
        let value = parse("{advance: true, init: 1, delay: 5000, fixed: {value: 9}}").unwrap();
        assert!(!value.is_constant());
        assert_eq!([0, 4_999, 5_000, 90_000].map(|ms| at(&value, ms)), [1.0, 1.0, 9.0, 9.0]);
    }

    #[test]
    fn a_schedule_gives_each_value_its_interval_and_the_last_one_for_good() {
        let value =
            parse("{advance: true, init: 5, delay: 100, schedule: {values: [0, 40, 7], intervals: [200, 300]}}")
                .unwrap();
        assert_eq!(
            [99, 100, 299, 300, 599, 600, 1_000_000].map(|ms| at(&value, ms)),
            [5.0, 0.0, 0.0, 40.0, 40.0, 7.0, 7.0]
        );
    }

    #[test]
    fn uniform_draws_fill_their_range_evenly_and_repeat_with_the_seed() {
        for text in ["{min: 10, max: 40}", "{low: 10, high: 40}"] {
            let value = parse(&format!("{{advance: true, init: 0, uniform: {text}}}")).unwrap();
            let drawn: Vec<f64> = (0..4_000).map(|ms| at(&value, ms)).collect();
            assert_eq!(drawn, (0..4_000).map(|ms| at(&value, ms)).collect::<Vec<_>>());
            assert!(drawn.iter().all(|drawn| (10.0..40.0).contains(drawn)));
            let mean = drawn.iter().sum::<f64>() / 4_000.0;
            assert!((24.0..26.0).contains(&mean), "{mean}");
            assert!(drawn.iter().any(|drawn| *drawn < 11.0) && drawn.iter().any(|drawn| *drawn > 39.0));
        }
    }

    #[test]
    fn normal_draws_have_their_mean_and_deviation_and_stay_in_the_keys_range() {
        let value = parse("{advance: true, init: 0, normal: {mean: 20, deviation: 5}}").unwrap();
        let drawn: Vec<f64> = (0..4_000).map(|ms| at(&value, ms)).collect();
        let mean = drawn.iter().sum::<f64>() / 4_000.0;
        let deviation = (drawn.iter().map(|drawn| (drawn - mean).powi(2)).sum::<f64>() / 4_000.0).sqrt();
        assert!((19.5..20.5).contains(&mean), "{mean}");
        assert!((4.7..5.3).contains(&deviation), "{deviation}");
        let bounded = value.within(18.0, 22.0);
        assert!((0..4_000).all(|ms| (18.0..=22.0).contains(&at(&bounded, ms))));
    }

    #[test]
    fn a_key_of_the_configuration_brings_its_range_and_its_default() {
        let tree = crate::yaml::parse(
            "fault: {timeout: {generator: {advance: true, init: -4, delay: 10, fixed: {value: 1.0e9}}}}",
        )
        .unwrap();
        let value = Advanced::of(&tree, "fault.timeout.generator");
        assert_eq!((at(&value, 0), at(&value, 10)), (0.0, 60_000.0));
        assert_eq!(at(&Advanced::of(&tree, "fault.slow-proposal.attacking"), 0), 1.0);
        assert_eq!(at(&Advanced::of(&tree, "no.such-key"), 0), 0.0);
    }

    #[test]
    fn what_is_wrong_with_a_mapping_is_named_with_its_place() {
        for (text, wanted) in [
            ("{advance: true, fixed: {value: 1}}", "needs init"),
            ("{advance: true, init: 0}", "needs one of fixed, uniform, normal, schedule"),
            ("{advance: true, init: 0, fixed: {value: 1}, uniform: {min: 0, max: 1}}", "here are fixed and uniform"),
            ("{advance: true, init: 0, fixed: {valu: 1}}", "fixed.valu is not known; there are value"),
            ("{advance: true, init: 0, fixed: {}}", "fixed.value is missing"),
            ("{advance: true, init: 0, fixed: 4}", "fixed: expected a group of keys"),
            ("{advance: true, init: soon, fixed: {value: 1}}", "init: expected a number"),
            ("{advance: true, init: 0, delay: -1, fixed: {value: 1}}", "delay: expected a whole number of ms"),
            ("{advance: true, init: 0, uniform: {min: 3, max: 1}}", "uniform.min (3) is above uniform.max (1)"),
            ("{advance: true, init: 0, normal: {mean: 3, deviation: -1}}", "cannot be negative"),
            ("{advance: true, init: 0, schedule: {values: [1, 2], intervals: []}}", "1 for 2 values, found 0"),
            ("{advance: true, init: 0, schedule: {values: [], intervals: []}}", "at least one value"),
            ("{advance: true, init: 0, sometimes: 3}", "sometimes does not belong here"),
            ("{init: 0}", "needs advance: true"),
            ("[1]", "expected a number, true or false, found a list"),
        ] {
            let message = parse(text).unwrap_err();
            assert!(message.contains(wanted), "{text}: {message}");
        }
    }
}
