//! Whose number is whose in a trial of the public framework. It numbers replicas and clients together, in the order in which
//! their processes came: nearly always the client is last, as here, but not always. The client is the one who reports
//! throughput; until it has, nobody's number is sure, and samples wait.

use model::metric::THROUGHPUT;
use std::collections::HashSet;
use store::Sample;

/// How many samples wait at most.
const MOST: usize = 5_000;

/// What is known of the numbers.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    client: Option<u32>,
    held: Vec<Sample>,
    seen: HashSet<(u32, String)>,
}

/// What becomes of samples that came.
#[derive(Debug, Default, PartialEq)]
pub struct Numbered {
    /// Those whose numbers are sure, with our numbers.
    pub samples: Vec<Sample>,
    /// The client's number, when it has just been learnt and is not the usual one.
    pub odd_client: Option<u32>,
}

impl Numbering {
    /// Takes samples of a trial with this number of replicas.
    pub(super) fn take(&mut self, replicas: u32, samples: Vec<Sample>) -> Numbered {
        let mut numbered = Numbered::default();
        if let Some(client) = samples.iter().find(|sample| sample.metric == THROUGHPUT).map(|sample| sample.entity)
            && self.client != Some(client)
        {
            self.client = Some(client);
            numbered.odd_client = (client != replicas).then_some(client);
            self.seen = HashSet::new();
        }
        let again = |sample: &Sample| self.seen.contains(&(sample.entity, sample.metric.clone()));
        // A second round without a client's word: it is dead, or never was.
        let given_up = self.held.len() >= MOST || samples.iter().any(again);
        match self.client.or(given_up.then_some(replicas)) {
            Some(client) => {
                numbered.samples = std::mem::take(&mut self.held);
                numbered.samples.extend(samples);
                for sample in &mut numbered.samples {
                    sample.entity = ours(sample.entity, client, replicas);
                }
            }
            None => {
                self.seen.extend(samples.iter().map(|sample| (sample.entity, sample.metric.clone())));
                self.held.extend(samples);
            }
        }
        numbered
    }
}

/// Our number of an entity: replicas first, in their order, then the client.
fn ours(entity: u32, client: u32, replicas: u32) -> u32 {
    if entity == client {
        replicas
    } else if entity > client && entity <= replicas {
        entity - 1
    } else {
        entity
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::SampleValue;

    fn sample(entity: u32, metric: &str) -> Vec<Sample> {
        vec![Sample { entity, metric: metric.into(), at_ms: 0, value: SampleValue::Number(f64::from(entity)) }]
    }

    fn entities(numbered: &Numbered) -> Vec<u32> {
        numbered.samples.iter().map(|sample| sample.entity).collect()
    }

    #[test]
    fn samples_wait_until_the_client_has_shown_itself_and_get_our_numbers() {
        let mut numbering = Numbering::default();
        for entity in [0, 4, 3] {
            assert_eq!(numbering.take(4, sample(entity, "last-executed-sequence")), Numbered::default());
        }
        let shown = numbering.take(4, sample(3, THROUGHPUT));
        assert_eq!((entities(&shown), shown.odd_client), (vec![0, 3, 4, 4], Some(3)));
        let later = numbering.take(4, sample(4, "last-executed-sequence"));
        assert_eq!((entities(&later), later.odd_client), (vec![3], None));
        assert_eq!(numbering.take(4, sample(3, THROUGHPUT)).odd_client, None, "it is told once");
    }

    #[test]
    fn usual_numbers_stay_and_nothing_waits_for_ever() {
        let mut numbering = Numbering::default();
        assert_eq!(entities(&numbering.take(4, sample(4, THROUGHPUT))), [4]);
        assert_eq!(entities(&numbering.take(4, sample(2, "slow-path"))), [2]);
        let mut dead = Numbering::default();
        assert_eq!(dead.take(4, sample(2, "slow-path")), Numbered::default());
        assert_eq!(entities(&dead.take(4, sample(2, "slow-path"))), [2, 2]);
        assert_eq!(entities(&dead.take(4, sample(70, "slow-path"))), Vec::<u32>::new());
    }
}
