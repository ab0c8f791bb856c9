use super::{block_says, errors};
use crate::blocks;

#[test]
fn it_stands_on_an_impl() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "pub struct User;",
        &[(
            "`#[aggregate]` stands on an `impl` block, not on the `struct` itself\n\
             help: move it to `impl User { … }`, the block with the handlers",
            "struct",
        )],
    );
}

#[test]
fn it_stands_on_no_function() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "fn user() {}",
        &[(
            "`#[aggregate]` stands on an `impl` block, not on `fn`\n\
             help: move it to `impl Type { … }`, the block with the handlers",
            "fn",
        )],
    );
}

#[test]
fn it_stands_on_no_trait() {
    block_says(
        blocks::command_handlers,
        "",
        "impl Clone for User { fn clone(&self) -> Self { Self } }",
        &[(
            "`#[command_handlers]` stands on the type's own `impl` block, not on the `impl` of a trait\n\
             help: move the methods to a block `impl Type { … }` and put it there",
            "for",
        )],
    );
}

#[test]
fn helpers_stand_on_methods() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Closed)] const CLOSED: u8 = 1; }",
        &[(
            "`#[on]` stands on a method\n\
             help: remove it here",
            "#[on(Closed)]",
        )],
    );
}

#[test]
fn an_aggregate_is_not_generic() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl<T> User<T> { #[on(Made)] fn made() -> Self { Self } }",
        &[(
            "an aggregate cannot be generic: its events are stored under one name\n\
             help: name the types, and write a type and a block for each",
            "T",
        )],
    );
}

#[test]
fn a_projection_is_not_generic() {
    block_says(
        blocks::projection,
        "event = E",
        "impl<T> View<T> { }",
        &[(
            "a projection cannot be generic: its rows are one table\n\
             help: name the types, and write a type and a block for each",
            "T",
        )],
    );
}

#[test]
fn it_has_one_attribute() {
    let block = "impl User { #[on(Made)] fn made() -> Self { Self } }";
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        &format!("#[aggregate(event = E, error = X)] {block}"),
        &[("`#[aggregate]` is given twice\nhelp: write all of its keys in one", "#[aggregate(event = E, error = X)]")],
    );
    let output = blocks::aggregate(
        "event = E, error = X".parse().unwrap(),
        format!("#[projection(event = E)] {block}").parse().unwrap(),
    );
    assert_eq!(
        errors(output.clone()),
        [(
            "a block is of one kind, and this one has `#[aggregate]`\nhelp: write a block of its own for `#[projection]`"
                .to_owned(),
            "#[projection(event = E)]".to_owned()
        )]
    );
    assert!(!output.to_string().contains("# [projection"), "{output}");
}

#[test]
fn a_block_without_events_may_be_a_further_one() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[handle] fn close(&self, command: Close) -> Result<E, X> {} }",
        &[(
            "no method of this `#[aggregate]` says what an event does\n\
             help: write a method with `#[on(…)]` for each event; where another block has them, write `#[aggregate(block = 2)]` \
             here and `blocks = 2` there",
            "User",
        )],
    );
}
