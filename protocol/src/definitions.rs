//! The protocols that ship with BFTGym: files in the protocol language, nothing else.

/// A shipped protocol file.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// The name that commands and configurations use.
    pub name: &'static str,
    /// The name people read.
    pub title: &'static str,
    /// Where it was published.
    pub paper: &'static str,
    /// What it leaves out of the paper, for people.
    pub simplified: &'static str,
    /// Replicas for each tolerated fault, besides one more: 3 for n = 3f + 1.
    pub replicas_each_fault: u32,
}

impl Definition {
    /// The file. Whatever only lists protocols, as a page does, need not carry their files with it.
    pub fn text(&self) -> &'static str {
        FILES.iter().find(|(name, _)| *name == self.name).map_or("", |(_, text)| text)
    }

    /// How many replicas tolerate `f` faults.
    pub fn replicas(&self, f: u32) -> u32 {
        self.replicas_each_fault * f + 1
    }
}

/// The files by name.
const FILES: &[(&str, &str)] = &[
    ("pbft", include_str!("../definitions/pbft.yaml")),
    ("zyzzyva", include_str!("../definitions/zyzzyva.yaml")),
    ("poe", include_str!("../definitions/poe.yaml")),
    ("sbft", include_str!("../definitions/sbft.yaml")),
    ("hotstuff", include_str!("../definitions/hotstuff.yaml")),
    ("chained-hotstuff", include_str!("../definitions/chained-hotstuff.yaml")),
    ("tendermint", include_str!("../definitions/tendermint.yaml")),
    ("fab", include_str!("../definitions/fab.yaml")),
    ("cheapbft", include_str!("../definitions/cheapbft.yaml")),
    ("prime", include_str!("../definitions/prime.yaml")),
];

/// All shipped protocols.
pub const ALL: &[Definition] = &[
    Definition {
        name: "pbft",
        title: "PBFT",
        paper: "Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999",
        simplified: "No tentative execution. A read outside of the order may miss a write that another client just \
                     finished, as in the paper.",
        replicas_each_fault: 3,
    },
    Definition {
        name: "zyzzyva",
        title: "Zyzzyva",
        paper: "Kotla, Alvisi, Dahlin, Clement and Wong, Zyzzyva: Speculative Byzantine Fault Tolerance, SOSP 2007",
        simplified: "Replies carry a tag for each replica. Clients do not prove a leader's misbehaviour, replicas suspect it by timers. The \
                     view change is the corrected one of arXiv 1712.01367.",
        replicas_each_fault: 3,
    },
    Definition {
        name: "poe",
        title: "PoE",
        paper: "Gupta, Hellings, Rahnama and Sadoghi, Proof-of-Execution, EDBT 2021",
        simplified: "The variant with message authentication codes: support goes to all, and the view change trusts \
                     signed claims instead of certificates.",
        replicas_each_fault: 3,
    },
    Definition {
        name: "sbft",
        title: "SBFT",
        paper: "Golan Gueta et al., SBFT: a Scalable and Decentralized Trust Infrastructure, DSN 2019",
        simplified: "The primary collects on both paths, c = 0, and there is no execution collector: clients wait for \
                     f + 1 replies.",
        replicas_each_fault: 3,
    },
    Definition {
        name: "hotstuff",
        title: "HotStuff (two phases)",
        paper: "Yin, Malkhi, Reiter, Golan Gueta and Abraham, HotStuff: BFT Consensus with Linearity and Responsiveness, PODC 2019",
        simplified: "Two phases as in Fast-HotStuff and Jolteon, so that the view change carries 2f + 1 messages and is \
                     quadratic; blocks have numbered places instead of parents.",
        replicas_each_fault: 3,
    },
    Definition {
        name: "chained-hotstuff",
        title: "Chained HotStuff",
        paper: "Yin, Malkhi, Reiter, Golan Gueta and Abraham, HotStuff: BFT Consensus with Linearity and Responsiveness, PODC 2019, section 5",
        simplified: "Blocks have numbered places in a chain without gaps, and the view change carries 2f + 1 messages \
                     instead of one certificate. A silent replica costs a view change at each of its turns.",
        replicas_each_fault: 3,
    },
    Definition {
        name: "tendermint",
        title: "Tendermint",
        paper: "Buchman, Kwon and Milosevic, The latest gossip on BFT consensus, arXiv 1807.04938, 2018",
        simplified: "No gossip and equal voting power; the votes for nil of a failed round are one message. A silent replica costs \
                     a timeout at each of its turns.",
        replicas_each_fault: 3,
    },
    Definition {
        name: "fab",
        title: "FaB Paxos",
        paper: "Martin and Alvisi, Fast Byzantine Consensus, IEEE TDSC 2006",
        simplified: "Every replica is proposer, acceptor and learner in one; only the variant with 5f + 1 replicas, with the view \
                     change corrected as in arXiv 1712.01367.",
        replicas_each_fault: 5,
    },
    Definition {
        name: "cheapbft",
        title: "CheapBFT",
        paper: "Kapitza et al., CheapBFT: Resource-efficient Byzantine Fault Tolerance, EuroSys 2012",
        simplified: "The trusted counter is software. After the first view change all replicas are active (MinBFT), and \
                     there is no way back.",
        replicas_each_fault: 2,
    },
    Definition {
        name: "prime",
        title: "Prime",
        paper: "Amir, Coan, Kirsch and Lane, Prime: Byzantine Replication under Attack, IEEE TDSC 2011",
        simplified: "Places are dealt out to originators in turn instead of a matrix of summaries, and the bound on the \
                     leader is a fixed timer instead of measured round trips.",
        replicas_each_fault: 3,
    },
];

/// The shipped protocol of this name.
pub fn find(name: &str) -> Option<&'static Definition> {
    ALL.iter().find(|definition| definition.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_file_which_says_the_same_number_of_replicas() {
        for definition in ALL {
            for f in 1..=3 {
                let table = crate::language::compile(definition.text(), f).unwrap();
                assert_eq!(table.n, definition.replicas(f), "{}", definition.name);
            }
        }
    }
}
