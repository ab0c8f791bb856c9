use super::block_says;
use crate::blocks;

#[test]
fn it_says_its_event_and_error() {
    block_says(
        blocks::aggregate,
        "",
        "impl User { #[on(Made)] fn made() -> Self { Self }  }",
        &[(
            "`#[aggregate]` does not say its `event` and `error`\n\
             help: write `#[aggregate(event = UserEvent, error = UserError)]`, or `#[aggregate(block = 2)]` on a further block",
            "",
        )],
    );
}

#[test]
fn it_says_its_error() {
    block_says(
        blocks::aggregate,
        "event = E",
        "impl User { #[on(Made)] fn made() -> Self { Self }  }",
        &[(
            "`#[aggregate]` does not say its `error`\n\
             help: write `#[aggregate(event = UserEvent, error = UserError)]`",
            "",
        )],
    );
}

#[test]
fn a_misspelt_key_is_not_missing() {
    block_says(
        blocks::aggregate,
        "events = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self }  }",
        &[(
            "`events` is not a key of `#[aggregate]`\n\
             help: did you mean `event`? Here the keys are `event`, `error`, `not_found`, `already_exists`, `ignore`, `snapshot`, `blocks`, `block`, `crate`",
            "events",
        )],
    );
}

#[test]
fn a_key_stands_once() {
    block_says(
        blocks::aggregate,
        "event = E, event = F, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self }  }",
        &[(
            "`event` is given twice\n\
             help: remove one of the two",
            "event",
        )],
    );
}

#[test]
fn on_takes_no_keys() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Closed, key = id)] fn closed(&mut self) {} }",
        &[(
            "`key` is a key of the `#[on]` of a projection, not of the `#[on]` of an aggregate\n\
             help: move it there; here no key is allowed",
            "key",
        )],
    );
}

#[test]
fn an_event_is_covered_once() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Closed, Made)] fn closed(&mut self) {} }",
        &[(
            "`Made` is covered twice\n\
             help: keep one `#[on]` for it; one method may do all that the event asks for",
            "Made",
        )],
    );
}

#[test]
fn an_event_is_ignored_or_covered() {
    block_says(
        blocks::aggregate,
        "event = E, error = X, ignore(Made)",
        "impl User { #[on(Made)] fn made() -> Self { Self }  }",
        &[(
            "`Made` is ignored here and covered by an `#[on]`\n\
             help: remove one of the two",
            "Made",
        )],
    );
}

#[test]
fn an_event_is_ignored_once() {
    block_says(
        blocks::aggregate,
        "event = E, error = X, ignore(Seen, Seen)",
        "impl User { #[on(Made)] fn made() -> Self { Self }  }",
        &[(
            "`Seen` is ignored twice\n\
             help: remove one of the two",
            "Seen",
        )],
    );
}

#[test]
fn an_event_brings_it_to_life() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Closed)] fn closed(&mut self) {} }",
        &[(
            "no event brings `User` to life\n\
             help: write an `#[on(…)]` without a receiver that returns `Self`, for the event that does",
            "User",
        )],
    );
}

#[test]
fn on_names_an_event() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on] fn closed(&mut self) {} }",
        &[(
            "`#[on]` names no event\n\
             help: write the variant it is about: `#[on(Created)]`",
            "#[on]",
        )],
    );
}

#[test]
fn on_stands_once() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Closed)] #[on(Opened)] fn closed(&mut self) {} }",
        &[(
            "`#[on]` is given twice\n\
             help: write all variants in one: `#[on(Created, Imported)]`",
            "#[on(Opened)]",
        )],
    );
}

#[test]
fn a_variant_of_another_event() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(F::Closed)] fn closed(&mut self) {} }",
        &[(
            "`F` is not among the events of this block: `E`\n\
             help: did you mean `E::Closed`?",
            "F",
        )],
    );
}

#[test]
fn a_variant_of_what_is_no_event() {
    block_says(
        blocks::aggregate,
        "event = UserEvent, error = X, ignore(Order::Paid)",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(User::Closed)] fn closed(&mut self) {} }",
        &[
            (
                "`User` is not among the events of this block: `UserEvent`\n\
                 help: write `Closed`, a variant of the aggregate's own event",
                "User",
            ),
            (
                "`Order` is not among the events of this block: `UserEvent`\n\
                 help: write `Paid`, a variant of the aggregate's own event",
                "Order",
            ),
        ],
    );
}

#[test]
fn names_of_a_tuple_variant() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Added(1))] fn added(&mut self) {} }",
        &[(
            "expected a name for each field of a tuple variant\n\
             help: write `Added(item)`, and take `item` as a parameter",
            "(1)",
        )],
    );
}

#[test]
fn a_name_that_a_tuple_variant_has_not() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Added(item))] fn added(&mut self, price: u8) {} }",
        &[(
            "`price` is none of the names in `Added(…)`: `item`\n\
             help: name it there, in its field's place",
            "price",
        )],
    );
}

#[test]
fn on_does_not_wait() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Closed)] async fn closed(&mut self) {} }",
        &[(
            "an event has happened: there is nothing to wait for\n\
             help: remove `async`",
            "async",
        )],
    );
}

#[test]
fn on_is_safe() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Closed)] unsafe fn closed(&mut self) {} }",
        &[(
            "an `#[on]` cannot be `unsafe`: it is called by safe code\n\
             help: remove `unsafe`",
            "unsafe",
        )],
    );
}

#[test]
fn on_is_not_generic() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Closed)] fn closed<T>(&mut self, by: T) {} }",
        &[(
            "an `#[on]` cannot be generic: its event's fields have types\n\
             help: write the types of the event's fields",
            "T",
        )],
    );
}

#[test]
fn on_names_types() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Closed)] fn closed(&mut self, by: impl Clone) {} }",
        &[(
            "an `#[on]` cannot be generic: its event's fields have types\n\
             help: write the field's type",
            "impl Clone",
        )],
    );
}

#[test]
fn on_changes_in_place() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Closed)] fn closed(self) -> Self { self } }",
        &[(
            "an `#[on]` changes the aggregate in place\n\
             help: take `&mut self` to change the aggregate, or no receiver to bring it to life",
            "self",
        )],
    );
}

#[test]
fn on_cannot_fail() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Closed)] fn closed(&mut self) -> Result<(), X> { Ok(()) } }",
        &[(
            "an event has happened and cannot fail: its `#[on]` returns nothing\n\
             help: remove it, and change `self`; what can be refused is refused by a `#[handle]`, before it happens",
            "Result<(), X>",
        )],
    );
}

#[test]
fn on_that_brings_to_life_returns_it() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() {} }",
        &[(
            "`made` has no receiver, so it brings the aggregate to life and returns it\n\
             help: write `-> Self`, or take `&mut self` if the event changes the aggregate",
            "made",
        )],
    );
}

#[test]
fn a_parameter_is_a_name() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Moved)] fn moved(&mut self, (x, y): (u8, u8)) {} }",
        &[(
            "a parameter is named after the event's field that it takes\n\
             help: write `name: Type`; fields that are not needed are left out",
            "(x, y)",
        )],
    );
}

#[test]
fn an_event_is_not_changed() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Moved)] fn moved(&mut self, to: &mut String) {} }",
        &[(
            "an event has happened and cannot be changed\n\
             help: take the field by value or by `&`",
            "&mut String",
        )],
    );
}

#[test]
fn it_sees_no_envelope() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Moved)] fn moved(&mut self, #[recorded] at: &RecordedEvent) {} }",
        &[(
            "an aggregate is folded from its events alone, not from their envelopes\n\
             help: remove it, and give the event a field for what the aggregate has to know",
            "#[recorded]",
        )],
    );
}

#[test]
fn an_enum_is_none_of_its_variants() {
    block_says(
        blocks::aggregate,
        "event = UserEvent, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(UserEvent)] fn apply(&mut self) {} }",
        &[(
            "`UserEvent` is all of the events, not one of them\n\
             help: name the variants that the method is for",
            "UserEvent",
        )],
    );
}

#[test]
fn a_type_is_no_key() {
    block_says(
        blocks::projection,
        "UserEvent",
        "impl View { #[on(Made)] fn made() -> Self { Self } }",
        &[("`UserEvent` is not a key of `#[projection]`\nhelp: write `event = UserEvent`", "UserEvent")],
    );
}
