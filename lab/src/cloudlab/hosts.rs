//! The machines of an experiment as hosts to log in to.

use model::cloudlab::{Experiment, NodePhase};
use std::net::Ipv4Addr;

/// The port of SSH where the manifest names none.
const SSH_PORT: u16 = 22;

/// A machine that CloudLab lent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LentHost {
    /// Its name in the profile.
    pub name: String,
    /// Where to call it from outside: a host name or an address.
    pub host: String,
    /// The port to call.
    pub port: u16,
    /// The user to log in as; none where neither token nor manifest say one.
    pub user: Option<String>,
    /// Its address in the experiment's LAN, where there is one: what its units tell each other.
    pub internal: Option<Ipv4Addr>,
}

/// The machines that are up and can be called, in the order of their names.
pub fn hosts(experiment: &Experiment) -> Vec<LentHost> {
    let up = experiment.nodes.iter().filter(|node| node.phase == NodePhase::Ready);
    up.filter_map(|node| {
        let owner = |user: &String| node.accounts.iter().find(|account| account.user == *user);
        // All members of the project have accounts there; without the token's user any single one will do.
        let account = match &experiment.user {
            Some(user) => owner(user),
            None => Some(&node.accounts).filter(|accounts| accounts.len() == 1).and_then(|accounts| accounts.first()),
        };
        let named = account.map(|account| account.host.clone());
        let host = named.or_else(|| node.host.clone()).or_else(|| node.address.map(|address| address.to_string()))?;
        Some(LentHost {
            name: node.name.clone(),
            host,
            port: account.map_or(SSH_PORT, |account| account.port),
            user: experiment.user.clone().or_else(|| account.map(|account| account.user.clone())),
            internal: node.lan,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::cloudlab::{Account, ExperimentNode, ExperimentRequest};

    fn account(user: &str, port: u16) -> Account {
        Account { user: user.into(), host: "pc1.example.org".into(), port }
    }

    fn experiment(user: Option<&str>, accounts: Vec<Account>) -> Experiment {
        let request = ExperimentRequest::read(["bft", "proj", "P/x"], ["2", "", "4"]).unwrap();
        let mut experiment = Experiment::new(1, request, 0);
        experiment.user = user.map(str::to_owned);
        let node = |name: &str, phase| ExperimentNode {
            name: name.into(),
            phase,
            word: String::new(),
            host: None,
            address: Some([192, 0, 2, 1].into()),
            lan: Some([10, 10, 1, 1].into()),
            accounts: accounts.clone(),
        };
        experiment.nodes = vec![node("node0", NodePhase::Ready), node("node1", NodePhase::Booting)];
        experiment
    }

    #[test]
    fn machines_that_are_up_are_called_as_the_tokens_user() {
        let found = hosts(&experiment(Some("ann"), vec![account("bob", 22), account("ann", 2222)]));
        let expected = LentHost {
            name: "node0".into(),
            host: "pc1.example.org".into(),
            port: 2222,
            user: Some("ann".into()),
            internal: Some([10, 10, 1, 1].into()),
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn without_an_account_of_the_user_the_public_address_is_called() {
        let found = hosts(&experiment(Some("ann"), vec![account("bob", 2222)]));
        assert_eq!((found[0].host.as_str(), found[0].port, found[0].user.as_deref()), ("192.0.2.1", 22, Some("ann")));
        let found = hosts(&experiment(None, vec![account("bob", 2222)]));
        assert_eq!((found[0].port, found[0].user.as_deref()), (2222, Some("bob")));
        let found = hosts(&experiment(None, vec![account("bob", 1), account("ann", 2)]));
        assert_eq!((found[0].port, found[0].user.as_deref()), (22, None));
    }
}
