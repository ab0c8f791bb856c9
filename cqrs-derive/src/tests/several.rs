//! Several mistakes in one item: each is reported, and none for another.

use super::{block_says, says};
use crate::{blocks, derives};

#[test]
fn what_is_read_is_checked_beside_what_is_not() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id, crat = ::cqrs)]
        enum E { A { id: u8, #[cqrs(unique = 1)] b: u8 }, C { user: u8 }, #[cqrs(name = "user.a")] D { id: u8 } }"#,
        &[
            (
                "`crat` is not a key of an event enum\n\
                 help: did you mean `crate`? Here the keys are `aggregate`, `id`, `id_type`, `crate`",
                "crat",
            ),
            ("`unique` takes no value or a string literal\nhelp: write `unique = \"email\"`", "1"),
            (
                "event `C` has no field `id` that holds the id of its aggregate\n\
                 help: write `#[cqrs(id)]` before the field that holds it",
                "C",
            ),
            (
                "event `D` is stored under `user.a`, as `A` is\n\
                 help: give it a name of its own: `name = \"…\"`",
                "\"user.a\"",
            ),
        ],
    );
}

#[test]
fn what_may_stand_in_the_unread_part_is_not_missing() {
    let unknown =
        |key: &str, on: &str, keys: &str| format!("`{key}` is not a key of {on}\nhelp: here the keys are {keys}");
    let on_enum = unknown("whose", "an event enum", "`aggregate`, `id`, `id_type`, `crate`");
    says(derives::event, "#[cqrs(whose = user)] enum E { A { id: u8 } }", &[(&on_enum, "whose")]);
    let on_field = unknown("identifies", "a field of an event", "`id`, `unique`, `taken`");
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user")] enum E { A { #[cqrs(identifies)] user: u8 }, #[cqrs(release(name))] B(#[cqrs(id)] u8) }"#,
        &[(&on_field, "identifies")],
    );
}

#[test]
fn the_keys_of_another_derive_are_not_mistakes_of_this_one() {
    let event = r#"#[cqrs(aggregate = "user", id = id)] enum E { A { id: u8, #[cqrs(unique)] email: u8 } }"#;
    let each = "write a struct for each of its variants: each has a handler and a result of its own";
    for (derive, is, help) in [
        (derives::command as fn(_) -> _, "a command is a struct", each),
        (derives::query, "a query is a struct", each),
        (derives::read_model, "a read model is a struct", "write `struct`, with a field for each thing that is shown"),
        (derives::dispatcher, "a dispatcher is a struct", "write `struct`, with a field for each handler"),
    ] {
        says(derive, event, &[(&format!("{is}, not an enum\nhelp: {help}"), "enum")]);
    }
    says(
        derives::event,
        "#[cqrs(aggregate = User, result = u8)] struct Close { #[cqrs(id)] id: u8 }",
        &[(
            "an event is an enum, not a struct\nhelp: write `enum`, with one variant for each thing that can happen",
            "struct",
        )],
    );
}

#[test]
fn a_receiver_instead_of_the_views_is_one_mistake() {
    block_says(
        blocks::projection,
        "event = E",
        "impl View { #[handle] async fn get(&self, query: Get) -> Result<Self, X> { todo!() } }",
        &[("a query is answered from all rows, not from one\nhelp: write `views: &Views<Self>` instead", "&self")],
    );
}

#[test]
fn another_event_is_not_taken_for_a_misspelt_one() {
    block_says(
        blocks::projection,
        "event = UserEvent",
        "impl View { #[on(OrderEvent::Paid)] fn made() -> Self { Self } }",
        &[(
            "`OrderEvent` is not among the events of this block: `UserEvent`\n\
             help: add `OrderEvent` to the events, or remove `Paid` here",
            "OrderEvent",
        )],
    );
}
