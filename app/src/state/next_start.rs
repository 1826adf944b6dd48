//! The configuration that the next start would have: the base with what is right of the draft.

use crate::state::draft::Draft;
use model::config::ConfigTree;
use model::schema;

/// The base with every change of the draft that has no problem.
pub fn config(base: &ConfigTree, draft: &Draft) -> ConfigTree {
    let mut config = base.clone();
    for descriptor in schema::descriptors() {
        let field = draft.field(descriptor, base);
        if field.changed
            && field.problem.is_none()
            && let Ok(value) = descriptor.kind.parse(&field.text)
        {
            config.set(descriptor.key, value);
        }
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_right_of_the_draft_is_in_it_and_what_is_wrong_is_not() {
        let base = schema::default_tree();
        let mut draft = Draft::default();
        for (key, text) in [("fault.slow-proposal.timer", "-4"), ("fault.crash.affected-entities", "0,2")] {
            draft.set(schema::descriptor(key).unwrap(), &base, text.into());
        }
        let config = config(&base, &draft);
        assert_eq!(config.numbers("fault.crash.affected-entities"), [0.0, 2.0]);
        assert_eq!(config.integer("fault.slow-proposal.timer", 7), 0);
    }
}
