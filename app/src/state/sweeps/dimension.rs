//! What varies in a sweep: the protocol, and each of its keys.

use model::descriptor::Kind;
use model::schema;
use model::sweep::{SweepPlan, shown_value};

/// Something that varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// The protocol.
    Protocol,
    /// A key, by its place among the plan's axes.
    Axis(usize),
}

impl Dimension {
    /// All dimensions of a plan that have more than one value.
    pub fn varying(plan: &SweepPlan) -> Vec<Self> {
        let all = std::iter::once(Self::Protocol).chain((0..plan.axes.len()).map(Self::Axis));
        all.filter(|dimension| dimension.count(plan) > 1).collect()
    }

    /// The name in the page's choices.
    pub fn name(self) -> String {
        match self {
            Self::Protocol => "protocol".to_owned(),
            Self::Axis(index) => index.to_string(),
        }
    }

    /// The dimension of a name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "protocol" => Some(Self::Protocol),
            name => name.parse().ok().map(Self::Axis),
        }
    }

    /// How many values it has.
    pub fn count(self, plan: &SweepPlan) -> usize {
        match self {
            Self::Protocol => plan.protocols.len(),
            Self::Axis(index) => plan.axes.get(index).map_or(0, |axis| axis.values.len()),
        }
    }

    /// What people call it, with its unit: `Block size, requests`.
    pub fn label(self, plan: &SweepPlan) -> String {
        let Self::Axis(index) = self else { return "Protocol".to_owned() };
        let Some(axis) = plan.axes.get(index) else { return String::new() };
        match schema::descriptor(&axis.key) {
            Some(known) if known.unit.is_empty() => known.label.to_owned(),
            Some(known) => format!("{}, {}", known.label, known.unit),
            None => axis.key.clone(),
        }
    }

    /// Its key in files.
    pub fn key(self, plan: &SweepPlan) -> String {
        match self {
            Self::Protocol => "protocol".to_owned(),
            Self::Axis(index) => plan.axes.get(index).map(|axis| axis.key.clone()).unwrap_or_default(),
        }
    }

    /// One of its values as people read it. `title` gives a protocol's title.
    pub fn value(self, plan: &SweepPlan, place: usize, title: &dyn Fn(&str) -> String) -> String {
        match self {
            Self::Protocol => plan.protocols.get(place).map(|protocol| title(&protocol.name)).unwrap_or_default(),
            Self::Axis(index) => {
                let Some((axis, text)) = plan.axes.get(index).and_then(|axis| Some((axis, axis.values.get(place)?)))
                else {
                    return String::new();
                };
                schema::descriptor(&axis.key).map_or_else(|| text.clone(), |known| shown_value(&known.kind, text))
            }
        }
    }

    /// Its values as numbers; none where they are none.
    pub fn numbers(self, plan: &SweepPlan) -> Option<Vec<f64>> {
        let Self::Axis(index) = self else { return None };
        let axis = plan.axes.get(index)?;
        let kind = schema::descriptor(&axis.key)?.kind;
        if !matches!(kind, Kind::Integer { .. } | Kind::Float { .. }) {
            return None;
        }
        axis.values.iter().map(|text| text.trim().parse().ok().filter(|number: &f64| number.is_finite())).collect()
    }

    /// Which of its values a point has.
    pub fn place(self, plan: &SweepPlan, point: usize) -> usize {
        let (protocol, places) = plan.coordinates(point);
        match self {
            Self::Protocol => protocol,
            Self::Axis(index) => places.get(index).copied().unwrap_or(0),
        }
    }
}

/// The short name of a key, for labels that have little room: its last part.
pub fn short_key(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::super::book::tests::plan;
    use super::*;

    #[test]
    fn what_varies_has_names_values_and_numbers_where_they_are_numbers() {
        let plan = plan();
        let all = Dimension::varying(&plan);
        assert_eq!(all, [Dimension::Protocol, Dimension::Axis(0), Dimension::Axis(1)]);
        assert!(all.iter().all(|dimension| Dimension::named(&dimension.name()) == Some(*dimension)));
        assert_eq!(Dimension::Axis(0).numbers(&plan), Some(vec![1.0, 10.0, 100.0]));
        assert_eq!((Dimension::Axis(1).numbers(&plan), Dimension::Protocol.numbers(&plan)), (None, None));
        assert_eq!(Dimension::Protocol.value(&plan, 1, &|name| name.to_uppercase()), "ZYZZYVA");
        assert_eq!(Dimension::Axis(1).value(&plan, 1, &|_| String::new()), "none");
        let one = model::sweep::SweepPlan { protocols: plan.protocols[..1].to_vec(), ..plan };
        assert_eq!(Dimension::varying(&one), [Dimension::Axis(0), Dimension::Axis(1)]);
    }
}
