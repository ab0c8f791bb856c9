use super::block_says;
use crate::blocks;

#[test]
fn it_takes_a_command() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] fn close(&self) -> Result<E, X> { todo!() } }",
        &[(
            "`close` takes no command, so it handles none\n\
             help: write `fn close(&self, command: MyCommand) -> Result<MyEvent, MyError>`",
            "close",
        )],
    );
}

#[test]
fn its_command_is_a_type_with_a_name() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] fn close(&self, command: (A, B)) -> Result<E, X> { todo!() } }",
        &[(
            "`(A, B)` is no command\n\
             help: write `fn close(&self, command: MyCommand) -> Result<MyEvent, MyError>`",
            "(A, B)",
        )],
    );
}

#[test]
fn it_takes_the_context_by_reference() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] fn close(&self, command: Close, ctx: Context) -> Result<E, X> { todo!() } }",
        &[(
            "behind the command a handler takes nothing but the context\n\
             help: write `ctx: &Context`, or make it a field of the command",
            "Context",
        )],
    );
}

#[test]
fn it_changes_nothing_that_it_takes() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] fn close(&self, command: Close, ctx: &mut Context) -> Result<E, X> { todo!() } }",
        &[("the context is read by a handler, not changed\nhelp: write `&Context`", "&mut Context")],
    );
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] fn close(&self, command: Close, events: &mut Vec<E>) -> Result<(), X> { todo!() } }",
        &[(
            "behind the command a handler takes nothing but the context\n\
             help: remove this parameter, and return the events: `Ok(MyEvent::Happened { … })`",
            "&mut Vec<E>",
        )],
    );
}

#[test]
fn it_takes_the_context_behind_the_command() {
    for command in ["Close", "&Close"] {
        block_says(
            blocks::aggregate,
            "event = E, error = X",
            &format!(
                "impl User {{ #[on(Made)] fn made() -> Self {{ Self }} #[handle] fn close(&self, ctx: &Context, command: {command}) -> Result<E, X> {{}} }}"
            ),
            &[(
                "the command comes first, and the context behind it\n\
                 help: write `fn close(&self, command: …, ctx: &Context)`",
                "ctx: &Context",
            )],
        );
    }
    let user = "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] fn close(command: &my::Context, ctx: &Context) -> Result<E, X> {} }";
    block_says(blocks::aggregate, "event = E, error = X", user, &[]);
}

#[test]
fn it_takes_nothing_else() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] fn close(&self, command: Close, ctx: &Context, by: &str) -> Result<E, X> { todo!() } }",
        &[(
            "a handler takes one command and the context, nothing else\n\
             help: remove this parameter",
            "by: &str",
        )],
    );
}

#[test]
fn it_returns_something() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] fn close(&self, command: Close) {} }",
        &[(
            "`close` returns nothing, but a handler may refuse\n\
             help: write `fn close(&self, command: MyCommand) -> Result<MyEvent, MyError>`",
            "close",
        )],
    );
}

#[test]
fn it_has_no_arguments() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle(Close)] fn close(&self, command: Close) -> Result<E, X> { todo!() } }",
        &[(
            "`#[handle]` takes no arguments\n\
             help: write `#[handle]`; the first parameter says what is handled",
            "#[handle(Close)]",
        )],
    );
}

#[test]
fn it_stands_once() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] #[handle] fn close(&self, command: Close) -> Result<E, X> { todo!() } }",
        &[(
            "`#[handle]` is given twice\n\
             help: remove one of the two",
            "#[handle]",
        )],
    );
}

#[test]
fn it_decides_or_remembers() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] #[on(Closed)] fn close(&self, command: Close) -> Result<E, X> { todo!() } }",
        &[(
            "a method either decides, with `#[handle]`, or remembers, with `#[on]`\n\
             help: write two methods",
            "#[on(Closed)]",
        )],
    );
}

#[test]
fn an_aggregate_does_not_wait() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] async fn close(&self, command: Close) -> Result<E, X> { todo!() } }",
        &[(
            "an aggregate decides on what it knows, without waiting\n\
             help: remove `async`; what has to wait belongs in a `#[command_handlers]` block of a service",
            "async",
        )],
    );
}

#[test]
fn it_is_safe() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] unsafe fn close(&self, command: Close) -> Result<E, X> { todo!() } }",
        &[(
            "a handler cannot be `unsafe`: it is called by safe code\n\
             help: remove `unsafe`",
            "unsafe",
        )],
    );
}

#[test]
fn it_is_not_generic() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] fn close<T>(&self, command: Close<T>) -> Result<E, X> { todo!() } }",
        &[(
            "a handler cannot be generic: it handles one command\n\
             help: write a handler for each command",
            "T",
        )],
    );
}

#[test]
fn it_changes_nothing() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] fn close(&mut self, command: Close) -> Result<E, X> { todo!() } }",
        &[(
            "a handler decides; only events change the aggregate\n\
             help: take `&self`, return an event, and change the state in a method with `#[on(…)]`",
            "&mut self",
        )],
    );
}

#[test]
fn it_borrows() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] fn close(self, command: Close) -> Result<E, X> { todo!() } }",
        &[(
            "a handler borrows what it is called on\n\
             help: take `&self`",
            "self",
        )],
    );
}

#[test]
fn a_command_is_handled_once() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] fn a(&self, command: my::Close) -> Result<E, X> { todo!() } #[handle] fn b(command: &my::Close) -> Result<E, X> { todo!() } }",
        &[(
            "`my::Close` is handled twice\n\
             help: keep one handler for it, or write a second type",
            "my::Close",
        )],
    );
}

#[test]
fn a_command_is_not_changed() {
    block_says(
        blocks::aggregate,
        "event = E, error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[handle] fn close(&self, command: &mut Close) -> Result<E, X> {} }",
        &[(
            "a command is read by its handler, not changed\n\
             help: write `&Close`",
            "&mut Close",
        )],
    );
}
