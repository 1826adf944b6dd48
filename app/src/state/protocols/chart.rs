//! The chart of a run: replicas side by side, time downwards, an arrow for each message.
//!
//! Time is drawn to scale, but for long stretches in which nothing happens: these are cut short.

use protocol::simulator::TraceEvent;
use std::collections::BTreeSet;

/// The longest stretch without events, pixels.
const MOST_GAP: f64 = 48.0;
/// The least distance of two moments, pixels.
const LEAST_GAP: f64 = 3.0;
/// Room above the first moment, pixels.
const TOP: f64 = 16.0;

/// An arrow or a mark of the chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The event's position in the trace.
    pub event: usize,
    /// What it is.
    pub kind: ItemKind,
    /// Where it begins, pixels from the top.
    pub from_y: f64,
    /// Where it ends, likewise; the same for marks.
    pub to_y: f64,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// From one lifeline to another.
    Arrow {
        /// The sender.
        from: u32,
        /// The receiver.
        to: u32,
        /// The message's name with its place.
        label: String,
    },
    /// A sign on a lifeline.
    Mark {
        /// The replica.
        replica: u32,
        /// "executed", "view", or "refused".
        kind: &'static str,
        /// The words at it.
        label: String,
    },
    /// A line across all lifelines.
    Line {
        /// "change" or "diverged".
        kind: &'static str,
        /// The words at it.
        label: String,
    },
}

/// The chart of a trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// Everything, by where it begins.
    pub items: Vec<Item>,
    /// Moments for the axis: simulated ms and pixels.
    pub ticks: Vec<(f64, f64)>,
    /// The whole height, pixels.
    pub height: f64,
    /// The longest arrow from top to bottom, pixels.
    pub longest: f64,
}

/// Lays a trace out. `zoom` is the pixels for a millisecond; `wanted` says which events are shown.
pub fn layout(events: &[TraceEvent], zoom: f64, wanted: &dyn Fn(usize, &TraceEvent) -> bool) -> Chart {
    let shown: Vec<(usize, &TraceEvent)> =
        events.iter().enumerate().filter(|(index, event)| wanted(*index, event)).collect();
    let mut moments = BTreeSet::new();
    for (_, event) in &shown {
        let (begin_us, end_us) = times(event);
        moments.extend([begin_us, end_us]);
    }
    let mut places: Vec<(u64, f64)> = Vec::with_capacity(moments.len());
    let (mut y, mut last) = (TOP, None);
    for moment in moments {
        if let Some(last) = last {
            y += ((moment - last) as f64 / 1_000.0 * zoom).clamp(LEAST_GAP, MOST_GAP);
        }
        places.push((moment, y));
        last = Some(moment);
    }
    let at = |moment: u64| places.binary_search_by_key(&moment, |place| place.0).map_or(TOP, |index| places[index].1);
    let mut items: Vec<Item> = shown
        .iter()
        .filter_map(|(index, event)| {
            let (begin_us, end_us) = times(event);
            Some(Item { event: *index, kind: kind(event)?, from_y: at(begin_us), to_y: at(end_us) })
        })
        .collect();
    items.sort_by(|one, other| one.from_y.total_cmp(&other.from_y));
    let longest = items.iter().map(|item| item.to_y - item.from_y).fold(0.0, f64::max);
    Chart { longest, ticks: ticks(&places), height: y + 2.0 * TOP, items }
}

/// About one moment for each 60 pixels.
fn ticks(places: &[(u64, f64)]) -> Vec<(f64, f64)> {
    let mut found: Vec<(f64, f64)> = Vec::new();
    for (moment, y) in places {
        if found.last().is_none_or(|(_, last)| y - last >= 60.0) {
            found.push((*moment as f64 / 1_000.0, *y));
        }
    }
    found
}

/// When it begins and ends, µs.
fn times(event: &TraceEvent) -> (u64, u64) {
    match event {
        TraceEvent::Message { sent_us, at_us, .. } => (*sent_us, *at_us),
        TraceEvent::Refused { at_us, .. }
        | TraceEvent::Executed { at_us, .. }
        | TraceEvent::View { at_us, .. }
        | TraceEvent::Change { at_us, .. }
        | TraceEvent::Completed { at_us, .. }
        | TraceEvent::Diverged { at_us, .. } => (*at_us, *at_us),
    }
}

fn kind(event: &TraceEvent) -> Option<ItemKind> {
    Some(match event {
        TraceEvent::Message { from, to, message, sequence, .. } => {
            let label = sequence.map_or_else(|| message.clone(), |sequence| format!("{message} {sequence}"));
            ItemKind::Arrow { from: *from, to: *to, label }
        }
        TraceEvent::Refused { to, message, .. } => {
            ItemKind::Mark { replica: *to, kind: "refused", label: format!("refuses {message}") }
        }
        TraceEvent::Executed { replica, sequence, .. } => {
            ItemKind::Mark { replica: *replica, kind: "executed", label: format!("executed {sequence}") }
        }
        TraceEvent::View { replica, view, .. } => {
            ItemKind::Mark { replica: *replica, kind: "view", label: format!("view {view}") }
        }
        TraceEvent::Change { set, .. } => {
            let words: Vec<String> = set.iter().map(|(key, value)| change(key, value)).collect();
            ItemKind::Line { kind: "change", label: words.join("; ") }
        }
        TraceEvent::Diverged { .. } => ItemKind::Line { kind: "diverged", label: "agreement is broken".to_owned() },
        TraceEvent::Completed { .. } => return None,
    })
}

/// A change of the configuration in a few words.
fn change(key: &str, value: &str) -> String {
    let value = value.trim_matches(['[', ']', '"']);
    match (key, value) {
        ("fault.partition.groups", "") => "the partition ends".to_owned(),
        ("fault.partition.groups", groups) => format!("{groups} cut off"),
        ("fault.equivocation.affected-entities", "") => "nobody equivocates".to_owned(),
        ("fault.equivocation.affected-entities", liars) => format!("{liars} equivocates"),
        (key, value) => format!("{key}: {value}"),
    }
}

/// An event in a sentence, with everything that is known of it.
pub fn details(event: &TraceEvent) -> String {
    let ms = |us: &u64| format!("{:.3} ms", *us as f64 / 1_000.0);
    match event {
        TraceEvent::Message { sent_us, at_us, from, to, message, view, sequence, block } => {
            let mut text = format!("{message} from replica {from} to replica {to}");
            for (name, value) in [("sequence number", sequence), ("view", view)] {
                if let Some(value) = value {
                    text.push_str(&format!(", {name} {value}"));
                }
            }
            if let Some(block) = block {
                text.push_str(&format!(", block {block}"));
            }
            format!("{text}; sent at {}, received at {}", ms(sent_us), ms(at_us))
        }
        TraceEvent::Refused { at_us, from, to, message } => {
            format!("Replica {to} refused {message} from replica {from} at {}", ms(at_us))
        }
        TraceEvent::Executed { at_us, replica, sequence, history } => {
            format!("Replica {replica} executed sequence number {sequence} at {}; history {history}", ms(at_us))
        }
        TraceEvent::View { at_us, replica, view, leader } => {
            format!("Replica {replica} entered view {view} at {}; its leader is replica {leader}", ms(at_us))
        }
        TraceEvent::Change { at_us, set } => {
            let words: Vec<String> = set.iter().map(|(key, value)| change(key, value)).collect();
            format!("At {}: {}", ms(at_us), words.join("; "))
        }
        TraceEvent::Completed { at_us, client, request, latency_us } => {
            format!("Client {client} has the answer to request {request} at {}, after {}", ms(at_us), ms(latency_us))
        }
        TraceEvent::Diverged { at_us, what } => format!("At {}: {what}", ms(at_us)),
    }
}

impl Chart {
    /// What is to be drawn between two heights. `most` bounds the work.
    pub fn visible(&self, top: f64, bottom: f64, most: usize) -> &[Item] {
        let start = self.items.partition_point(|item| item.from_y < top - self.longest);
        let end = self.items.partition_point(|item| item.from_y <= bottom);
        &self.items[start..end.min(start + most).max(start)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn executed(at_us: u64) -> TraceEvent {
        TraceEvent::Executed { at_us, replica: 1, sequence: 1, history: "h".into() }
    }

    fn message(sent_us: u64, at_us: u64) -> TraceEvent {
        TraceEvent::Message {
            sent_us,
            at_us,
            from: 0,
            to: 1,
            message: "commit".into(),
            view: Some(0),
            sequence: Some(2),
            block: Some("ab".into()),
        }
    }

    #[test]
    fn time_runs_downwards_and_long_silence_is_cut_short() {
        let events = [message(0, 1_000), executed(1_000), executed(900_000)];
        let chart = layout(&events, 20.0, &|_, _| true);
        assert_eq!((chart.items[0].from_y, chart.items[0].to_y), (TOP, TOP + 20.0));
        assert_eq!(chart.items[2].from_y - chart.items[1].from_y, MOST_GAP);
        assert_eq!(layout(&events, 20.0, &|index, _| index == 1).items.len(), 1);
    }

    #[test]
    fn only_what_is_in_sight_is_drawn_long_arrows_included() {
        let events: Vec<TraceEvent> = (0..2_000).map(|each| message(each * 1_000, each * 1_000 + 2_000)).collect();
        let chart = layout(&events, 20.0, &|_, _| true);
        let visible = chart.visible(1_000.0, 1_100.0, 600);
        assert!((6..=10).contains(&visible.len()), "{}", visible.len());
        assert!(visible.iter().all(|item| item.to_y >= 940.0 && item.from_y <= 1_100.0));
        assert_eq!(chart.visible(0.0, 1e9, 5).len(), 5);
        assert_eq!(chart.visible(1e9, 2e9, 5).len(), 0);
    }

    #[test]
    fn an_event_is_told_in_a_sentence() {
        let text = details(&message(0, 1_500));
        assert_eq!(
            text,
            "commit from replica 0 to replica 1, sequence number 2, view 0, block ab; sent at 0.000 ms, received at 1.500 ms"
        );
    }
}
