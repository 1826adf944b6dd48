//! A tab's place in the order of live events. Ids are a start of the server and a number, `4f2a-17`, which counts up by one
//! from event to event.

/// What an event is to a tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It has had it.
    Known,
    /// It is the next one.
    Next,
    /// Others come before it, or the server has been started anew.
    Gap,
}

/// What the event `id` is to a tab whose last one was `last`.
pub fn step(last: &str, id: &str) -> Step {
    let (Some((boot, place)), Some((of, at))) = (parts(last), parts(id)) else { return Step::Gap };
    match at.checked_sub(place) {
        _ if boot != of => Step::Gap,
        None | Some(0) => Step::Known,
        Some(1) => Step::Next,
        Some(_) => Step::Gap,
    }
}

fn parts(id: &str) -> Option<(&str, u64)> {
    let (boot, number) = id.split_once('-')?;
    Some((boot, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_taken_once_and_in_order() {
        assert_eq!(step("b-7", "b-8"), Step::Next);
        assert_eq!(step("b-7", "b-7"), Step::Known);
        assert_eq!(step("b-7", "b-3"), Step::Known);
        assert_eq!(step("b-7", "b-9"), Step::Gap);
    }

    #[test]
    fn another_start_of_the_server_and_ids_that_are_none_are_gaps() {
        for (last, id) in [("b-7", "c-8"), ("b-7", "c-1"), ("", "b-1"), ("b-7", "b-x"), ("b-7", ""), ("b", "b-1")] {
            assert_eq!(step(last, id), Step::Gap, "{last} {id}");
        }
    }
}
