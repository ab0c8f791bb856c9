//! How a filter is asked for.

use std::{borrow::Cow, collections::BTreeSet};

use cqrs_core::{EventFilter, store::Selector};
use serde_json::{Value, json};

use crate::text::stored;

/// What a filter chooses, by the statement that reads it.
#[derive(Debug, PartialEq)]
pub(crate) enum Choice<'a> {
    Everything,
    /// Events of any of these types, each as it is stored, once.
    Types(Vec<Cow<'a, str>>),
    /// Events that any of these selectors chooses, as [`selectors`] writes them.
    Selectors(String),
}

impl<'a> Choice<'a> {
    pub(crate) fn of(filter: &'a EventFilter) -> Self {
        if filter.is_everything() {
            return Self::Everything;
        }
        if filter.selectors.iter().any(|selector| !selector.streams.is_empty() || !selector.tags.is_empty()) {
            return Self::Selectors(selectors(filter).to_string());
        }
        let types: BTreeSet<_> =
            filter.selectors.iter().flat_map(|selector| &selector.types).map(|name| stored(name)).collect();
        Self::Types(types.into_iter().collect())
    }
}

/// The selectors of a filter as the server takes them: an array of objects, which leave out what they do not ask for.
pub(crate) fn selectors(filter: &EventFilter) -> Value {
    filter.selectors.iter().map(selector).collect()
}

fn selector(selector: &Selector) -> Value {
    let types: BTreeSet<_> = selector.types.iter().map(|name| stored(name)).collect();
    let streams: BTreeSet<_> = selector.streams.iter().map(cqrs_core::StreamId::as_str).collect();
    let tags: Vec<_> = selector.tags.iter().map(cqrs_core::Tag::as_str).collect();
    let mut asked = json!({ "types": types, "streams": streams, "tags": tags });
    if let Some(asked) = asked.as_object_mut() {
        asked.retain(|_, names| names.as_array().is_some_and(|names| !names.is_empty()));
    }
    asked
}

#[cfg(test)]
mod tests {
    use cqrs_core::{StreamId, Tag};

    use super::*;

    #[test]
    fn types_of_all_selectors_are_asked_for_once() {
        let filter = EventFilter::any_of([
            Selector::default().event_type("b").event_type("a\0"),
            Selector::default().event_type("b"),
        ]);
        assert_eq!(Choice::of(&filter), Choice::Types(vec!["a\u{1}\u{1}".into(), "b".into()]));
    }

    #[test]
    fn selectors_leave_out_what_they_do_not_ask_for() {
        let (stream, tag) = (StreamId::of("user", &1).unwrap(), Tag::new("course", &"c1").unwrap());
        let filter = EventFilter::any_of([
            Selector::default().tag(tag).event_type("a"),
            Selector::default().stream(&stream).stream(&stream),
        ]);
        let expected = json!([{ "types": ["a"], "tags": ["course:c1"] }, { "streams": ["user-1"] }]);
        assert_eq!(Choice::of(&filter), Choice::Selectors(expected.to_string()));
    }

    #[test]
    fn a_selector_that_asks_nothing_chooses_everything() {
        let filter = EventFilter::any_of([Selector::default().event_type("a"), Selector::default()]);
        assert_eq!(Choice::of(&filter), Choice::Everything);
    }
}
