//! How a filter is asked for.

use std::{borrow::Cow, collections::BTreeSet};

use cqrs_core::{EventFilter, StreamId, Tag, store::Selector};
use serde_json::{Value, json};

use crate::text::stored;

/// What a filter chooses, by the statement that reads it.
#[derive(Debug, PartialEq)]
pub(crate) enum Choice<'a> {
    Everything,
    /// Events of any of these types, each as it is stored, once.
    Types(Vec<Cow<'a, str>>),
    /// Events that any of these searches finds: an array of objects, as JSON.
    Searches(String),
}

impl<'a> Choice<'a> {
    pub(crate) fn of(filter: &'a EventFilter) -> Self {
        if filter.is_everything() {
            return Self::Everything;
        }
        if filter.selectors.iter().any(|selector| !selector.streams.is_empty() || !selector.tags.is_empty()) {
            return Self::Searches(filter.selectors.iter().flat_map(searches).collect::<Value>().to_string());
        }
        Self::Types(types(&filter.selectors).into_iter().collect())
    }
}

fn types<'a>(selectors: impl IntoIterator<Item = &'a Selector>) -> BTreeSet<Cow<'a, str>> {
    selectors.into_iter().flat_map(|selector| &selector.types).map(|name| stored(name)).collect()
}

/// Each goes by one name in one index, that of what is rarest as a rule: the first tag of a selector, else one of its
/// streams, else one of its types. What else the selector asks for is looked for in each event.
fn searches(selector: &Selector) -> Vec<Value> {
    let types = Some(types([selector])).filter(|types| !types.is_empty());
    let streams: BTreeSet<_> = selector.streams.iter().map(StreamId::as_str).collect();
    if let Some(first) = selector.tags.first() {
        let tags: Vec<_> = selector.tags.iter().map(Tag::as_str).collect();
        let streams = Some(streams).filter(|streams| !streams.is_empty());
        return vec![json!({ "by": "tag", "name": first.as_str(), "types": types, "streams": streams, "tags": tags })];
    }
    if streams.is_empty() {
        return types.iter().flatten().map(|name| json!({ "by": "type", "name": name })).collect();
    }
    streams.into_iter().map(|name| json!({ "by": "stream", "name": name, "types": types })).collect()
}

#[cfg(test)]
mod tests {
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
    fn a_selector_is_searched_for_by_what_is_rarest() {
        let (stream, tag) = (StreamId::of("user", &1).unwrap(), Tag::new("course", &"c1").unwrap());
        let filter = EventFilter::any_of([
            Selector::default().tag(tag).event_type("a"),
            Selector::default().stream(&stream).stream(&stream).event_type("a"),
            Selector::default().event_type("b"),
        ]);
        let expected = json!([
            { "by": "tag", "name": "course:c1", "types": ["a"], "streams": null, "tags": ["course:c1"] },
            { "by": "stream", "name": "user-1", "types": ["a"] },
            { "by": "type", "name": "b" },
        ]);
        assert_eq!(Choice::of(&filter), Choice::Searches(expected.to_string()));
    }

    #[test]
    fn a_selector_that_asks_nothing_chooses_everything() {
        let filter = EventFilter::any_of([Selector::default().event_type("a"), Selector::default()]);
        assert_eq!(Choice::of(&filter), Choice::Everything);
    }
}
