//! Every message that is awaited is sent, and the other way round; certificates can be made and checked.

use super::Findings;
use crate::language::facts::BUILT_IN_MESSAGES;
use crate::table::Authentication;

pub(super) fn check(findings: &mut Findings<'_>) {
    let protocol = findings.protocol;
    let slow = super::slow_path(findings);
    let speculates = protocol.has_message_plugin("speculate");
    let awaiting =
        |name: &str| protocol.ways(false).chain(protocol.ways(true)).find(|(_, to)| super::awaits(to) == Some(name));
    let tallied = |name: &str| {
        protocol
            .transitions
            .iter()
            .flat_map(|from| &from.to)
            .flat_map(|to| &to.extra_tally)
            .any(|(_, it)| it.value == name)
    };
    for name in protocol.message_names() {
        let engine_sends = speculates && slow.as_ref().is_some_and(|path| path.acknowledgement.value == name);
        let engine_takes = speculates && slow.as_ref().is_some_and(|path| path.commit.value == name);
        let sent = name == "request" || engine_sends || tallied(name) || protocol.sending(name).next().is_some();
        let awaited = engine_takes || awaiting(name).is_some();
        match (sent, awaited) {
            (false, true) => {
                let place = awaiting(name).map_or(protocol.transitions_place, |(_, to)| to.place);
                let message = format!("{name} is awaited here, but nobody sends it");
                findings.warning("never-sent", place, message, "Add it to a response, or do not wait for it");
            }
            (true, false) if name != "request" => {
                let sending = protocol.sending(name).next();
                let place = sending.map_or(protocol.transitions_place, |(_, to)| to.place);
                let message = format!("{name} is sent here, but nobody waits for it");
                findings.warning("never-awaited", place, message, "Add a condition on it, or do not send it");
            }
            (false, false) if !BUILT_IN_MESSAGES.contains(&name) => {
                let place = protocol.message(name).map_or(protocol.transitions_place, |message| message.name.place);
                let message = format!("{name} is neither sent nor awaited");
                findings.warning("unused-message", place, message, "Remove it");
            }
            _ => {}
        }
    }
    certificates(findings);
}

fn certificates(findings: &mut Findings<'_>) {
    let (protocol, f) = (findings.protocol, findings.f);
    for message in protocol.declared() {
        let Some(certificate) = &message.certificate else { continue };
        let (name, of) = (&message.name.value, certificate.of.value.as_str());
        let votes = protocol.message(of).map(|votes| votes.authentication).unwrap_or_default();
        if votes == Authentication::Mac {
            let text = format!("{name} carries {of} as a proof, but {of} is not signed: its readers cannot check it");
            let mend = format!("Declare {of} with authentication: signature or aggregate");
            findings.warning("certificate-not-signed", certificate.of.place, text, mend);
        }
        let Ok(size) = protocol.evaluate(&certificate.quorum.value, f) else { continue };
        // What the sender has in hand when it sends the certificate.
        let collected: Vec<i64> = if certificate.previous {
            protocol.ways(false).filter(|(_, to)| super::awaits(to) == Some(of)).collect()
        } else {
            protocol.sending(name).filter(|(_, to)| super::awaits(to) == Some(of)).collect::<Vec<_>>()
        }
        .iter()
        .filter_map(|(_, to)| protocol.quorum(&to.condition, f))
        .collect();
        let place = certificate.quorum.place;
        match collected.iter().copied().max() {
            None => {
                let text =
                    format!("nobody collects {of} before it sends {name}: there is nothing to make a certificate of");
                findings.warning(
                    "certificate-without-votes",
                    certificate.of.place,
                    text,
                    format!("Send {name} with a quorum of {of}"),
                );
            }
            Some(most) if size < most => {
                let text = format!("{name} is accepted with {size} of {of}, but {most} are awaited before it is sent");
                findings.warning("certificate-too-small", place, text, "Use the quorum that the sender waits for");
            }
            Some(_) if collected.iter().any(|count| *count < size) => {
                let text = format!("{name} needs {size} of {of}, but may be sent with fewer");
                findings.warning("certificate-too-large", place, text, "Use the quorum that the sender waits for");
            }
            Some(_) => {}
        }
    }
}
