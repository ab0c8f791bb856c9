//! That every event of a block is covered, checked while the user's crate compiles.

use std::str;

use crate::event::{Either, Event, EventType};

/// How many missing events are named: enough to begin with.
const NAMED: usize = 8;

/// Fails the compilation where a type of `types` is not among `covered`, naming all that are missing.
///
/// The words are the enum and the macro, as the user writes them, and whether it has an `ignore(…)` already.
/// A name in `covered` that is no variant is
/// rustc's to report; nothing is said here then, because the missing variant is most likely the one that was meant.
///
/// # Panics
/// Where an event is not covered; in a constant, that is a compile error at the place of the call.
#[track_caller]
pub const fn assert_covered(types: &[EventType], covered: &[&str], (event, attribute, ignores): (&str, &str, bool)) {
    if let Some(message) = uncovered(types, event, "", attribute, ignores, covered) {
        panic!("{}", message.as_str());
    }
}

/// As [`assert_covered`], in a block that follows several enums: its variants are written with the enum before them.
///
/// # Panics
/// As [`assert_covered`].
#[track_caller]
pub const fn assert_covered_of_several(
    types: &[EventType],
    covered: &[&str],
    (event, attribute, ignores): (&str, &str, bool),
) {
    let prefix = Message::new().then(event).then("::");
    if let Some(message) = uncovered(types, event, prefix.as_str(), attribute, ignores, covered) {
        panic!("{}", message.as_str());
    }
}

/// `prefix` is what stands before a variant in the block.
const fn uncovered(
    types: &[EventType],
    event: &str,
    prefix: &str,
    attribute: &str,
    ignores: bool,
    covered: &[&str],
) -> Option<Message> {
    let mut i = 0;
    let mut next = 0;
    let mut one_by_one = covered.len() == types.len();
    while i < covered.len() {
        let Some(place) = place_of_variant(types, covered[i], next) else { return None };
        one_by_one = one_by_one && place == i;
        next = place + 1;
        i += 1;
    }
    if one_by_one {
        return None;
    }
    let mut names = Message::new();
    let mut list = Message::new();
    let mut missing = 0;
    let mut i = 0;
    let mut next = 0;
    while i < types.len() {
        let variant = types[i].variant;
        if let Some(place) = place_of(covered, variant, next) {
            next = place + 1;
        } else {
            let separator = if missing == 0 { "" } else { ", " };
            if missing < NAMED {
                names = names.then(separator).then("`").then(event).then("::").then(variant).then("`");
                list = list.then(separator).then(prefix).then(variant);
            } else if missing == NAMED {
                names = names.then(", …");
                list = list.then(", …");
            }
            missing += 1;
        }
        i += 1;
    }
    let message = match missing {
        0 => return None,
        1 => Message::new()
            .then("event ")
            .then(names.as_str())
            .then(" is covered by no `#[on]`: add a method with `#[on(")
            .then(list.as_str())
            .then(")]`"),
        _ => Message::new()
            .then("events ")
            .then(names.as_str())
            .then(" are covered by no `#[on]`: add a method with `#[on(…)]` for each"),
    };
    Some(if ignores {
        message.then(", or `").then(list.as_str()).then("` to `ignore(…)`")
    } else {
        message.then(", or `ignore(").then(list.as_str()).then(")` to `#[").then(attribute).then("]`")
    })
}

/// The place of the variant called `name`. It is looked for from `start` on: blocks mostly follow the order of the enum, and
/// rustc gives up on what takes a constant millions of steps.
const fn place_of_variant(types: &[EventType], name: &str, start: usize) -> Option<usize> {
    let mut i = 0;
    while i < types.len() {
        let place = (start + i) % types.len();
        if same(types[place].variant, name) {
            return Some(place);
        }
        i += 1;
    }
    None
}

/// The place of `name`, looked for as above.
const fn place_of(names: &[&str], name: &str, start: usize) -> Option<usize> {
    let mut i = 0;
    while i < names.len() {
        let place = (start + i) % names.len();
        if same(names[place], name) {
            return Some(place);
        }
        i += 1;
    }
    None
}

/// Names that differ mostly do so at their ends: `Changed1`, `Changed2`.
const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut i = left.len();
    while i > 0 {
        i -= 1;
        if left[i] != right[i] {
            return false;
        }
    }
    true
}

/// A text made in a constant. What does not fit is left out, whole pieces at a time, so that it stays UTF-8.
struct Message {
    bytes: [u8; 4096],
    len: usize,
}

impl Message {
    const fn new() -> Self {
        Self { bytes: [0; 4096], len: 0 }
    }

    const fn then(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if self.len + text.len() <= self.bytes.len() {
            let mut i = 0;
            while i < text.len() {
                self.bytes[self.len + i] = text[i];
                i += 1;
            }
            self.len += text.len();
        }
        self
    }

    const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "an event is covered by no `#[on]`",
        }
    }
}

/// An event that may have no `#[on]`.
pub trait Uncovered {
    /// Its variant.
    fn variant(&self) -> &'static str;
}

impl<E: Event> Uncovered for E {
    fn variant(&self) -> &'static str {
        self.event_type().variant
    }
}

impl<A: Uncovered, B: Uncovered> Uncovered for Either<A, B> {
    fn variant(&self) -> &'static str {
        match self {
            Self::Left(event) => event.variant(),
            Self::Right(event) => event.variant(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn event_type(variant: &'static str) -> EventType {
        EventType { name: "", aliases: &[], variant, index: 0 }
    }

    const TYPES: &[EventType] = &[event_type("Created"), event_type("Renamed"), event_type("Closed")];

    fn message(covered: &[&str]) -> Option<String> {
        uncovered(TYPES, "UserEvent", "", "aggregate", false, covered).map(|message| message.as_str().to_owned())
    }

    #[test]
    fn all_that_are_missing_are_named() {
        assert_eq!(message(&["Created", "Closed", "Renamed"]), None);
        assert_eq!(
            message(&["Created", "Closed"]).unwrap(),
            "event `UserEvent::Renamed` is covered by no `#[on]`: add a method with `#[on(Renamed)]`, \
             or `ignore(Renamed)` to `#[aggregate]`"
        );
        assert_eq!(
            message(&["Renamed"]).unwrap(),
            "events `UserEvent::Created`, `UserEvent::Closed` are covered by no `#[on]`: add a method with `#[on(…)]` \
             for each, or `ignore(Created, Closed)` to `#[aggregate]`"
        );
    }

    #[test]
    fn what_is_ignored_is_added_to() {
        let message = uncovered(TYPES, "UserEvent", "", "aggregate", true, &["Created", "Renamed"]).unwrap();
        assert_eq!(
            message.as_str(),
            "event `UserEvent::Closed` is covered by no `#[on]`: add a method with `#[on(Closed)]`, \
             or `Closed` to `ignore(…)`"
        );
    }

    #[test]
    fn of_several_enums_the_advice_names_the_one() {
        let message = |covered| uncovered(TYPES, "UserEvent", "UserEvent::", "projection", false, covered).unwrap();
        assert_eq!(
            message(&["Created", "Closed"]).as_str(),
            "event `UserEvent::Renamed` is covered by no `#[on]`: add a method with `#[on(UserEvent::Renamed)]`, \
             or `ignore(UserEvent::Renamed)` to `#[projection]`"
        );
        assert_eq!(
            message(&["Renamed"]).as_str(),
            "events `UserEvent::Created`, `UserEvent::Closed` are covered by no `#[on]`: add a method with `#[on(…)]` \
             for each, or `ignore(UserEvent::Created, UserEvent::Closed)` to `#[projection]`"
        );
    }

    #[test]
    #[should_panic(expected = "`ignore(UserEvent::Closed)` to `#[projection]`")]
    fn what_is_said_of_several_enums_is_what_the_compiler_reports() {
        assert_covered_of_several(TYPES, &["Created", "Renamed"], ("UserEvent", "projection", false));
    }

    #[test]
    fn a_misspelt_variant_is_left_to_rustc() {
        assert_eq!(message(&["Created", "Renmaed", "Closed"]), None);
    }

    #[test]
    fn of_many_the_first_are_named() {
        let types = vec![event_type("Geändert"); 200];
        let text = uncovered(&types, "E", "", "projection", false, &[]).unwrap().as_str().to_owned();
        assert_eq!(text.matches("`E::Geändert`").count(), NAMED, "{text}");
        assert!(text.ends_with("Geändert, …)` to `#[projection]`"), "{text}");
    }

    #[test]
    fn what_does_not_fit_is_left_out_whole() {
        let long = "ä".repeat(2000);
        let message = Message::new().then(&long).then(&long).then("ö");
        assert_eq!(message.as_str(), format!("{long}ö"));
    }
}
