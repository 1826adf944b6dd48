//! The portal's words for states. Its document does not list them; these are those of Emulab, on which CloudLab runs.

use crate::cloudlab::manifest::is_host_name;
use crate::cloudlab::wire::AggregateNode;
use model::cloudlab::NodePhase;
use std::net::Ipv4Addr;

/// What a word for an experiment's state means here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Machines are looked for and loaded, or are about to be. Any word that is not known.
    Provisioning,
    /// Its machines are there.
    Provisioned,
    /// The portal is done with it.
    Ready,
    /// It is being ended.
    Ending,
    /// It did not work.
    Failed,
}

pub(super) fn word(status: &str) -> Word {
    match status.to_ascii_lowercase().as_str() {
        "provisioned" | "booting" | "booted" | "changing" | "imaging" => Word::Provisioned,
        "ready" => Word::Ready,
        "terminating" | "terminated" => Word::Ending,
        "failed" | "imaging-failed" | "canceled" | "quarantined" => Word::Failed,
        _ => Word::Provisioning,
    }
}

pub(super) fn node_phase(node: &AggregateNode) -> NodePhase {
    let raw = node.rawstate.to_ascii_uppercase();
    match node.status.to_ascii_lowercase().as_str() {
        "ready" => NodePhase::Ready,
        "failed" => NodePhase::Failed,
        "" if raw == "ISUP" => NodePhase::Ready,
        _ if raw.contains("FAIL") => NodePhase::Failed,
        _ if matches!(raw.as_str(), "BOOTING" | "REBOOTING" | "REBOOTED" | "TBSETUP" | "ISUP") => NodePhase::Booting,
        _ => NodePhase::Preparing,
    }
}

/// The most telling of the portal's three words for a machine's state.
pub(super) fn node_word(node: &AggregateNode) -> String {
    let words = [&node.rawstate, &node.state, &node.status];
    words.into_iter().find(|word| !word.is_empty()).cloned().unwrap_or_else(|| "unknown".to_owned())
}

/// Where a machine is, as far as the portal says so: it also sends `<notyet>`.
pub(super) fn places(node: &AggregateNode) -> (Option<String>, Option<Ipv4Addr>) {
    let host = Some(node.hostname.clone()).filter(|host| host.contains('.') && is_host_name(host));
    (host, node.ipv4.parse().ok())
}
