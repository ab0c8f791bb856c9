use super::block_says;
use crate::blocks;

#[test]
fn it_takes_self() {
    block_says(
        blocks::command_handlers,
        "",
        "impl S { #[handle] async fn pay(command: Pay) -> Result<(), X> { todo!() } }",
        &[(
            "a handler of a service takes `&self`\n\
             help: write `async fn pay(&self, …)`",
            "pay",
        )],
    );
}

#[test]
fn it_is_async() {
    block_says(
        blocks::command_handlers,
        "",
        "impl S { #[handle] fn pay(&self, command: Pay) -> Result<(), X> { todo!() } }",
        &[(
            "this handler must be `async`\n\
             help: write `async fn pay`",
            "fn",
        )],
    );
}

#[test]
fn it_follows_no_events() {
    block_says(
        blocks::command_handlers,
        "",
        "impl S { #[on(Made)] fn made() -> Self { Self } #[handle] async fn pay(&self, command: Pay) -> Result<(), X> { todo!() } }",
        &[(
            "a service does not follow events\n\
             help: remove it, or move the method to an `#[aggregate]` or `#[projection]` block",
            "#[on(Made)]",
        )],
    );
}

#[test]
fn it_handles_something() {
    block_says(
        blocks::query_handlers,
        "",
        "impl S { async fn count(&self, query: Count) -> Result<u8, X> { todo!() } }",
        &[(
            "no method of this `#[query_handlers]` is a handler\n\
             help: mark the methods that handle something with `#[handle]`, or remove the attribute",
            "S",
        )],
    );
}

#[test]
fn a_query_has_no_context() {
    block_says(
        blocks::query_handlers,
        "",
        "impl S { #[handle] async fn count(&self, query: Count, ctx: &Context) -> Result<u8, X> { todo!() } }",
        &[(
            "a handler takes one query, nothing else\n\
             help: remove this parameter",
            "ctx: &Context",
        )],
    );
}

#[test]
fn the_command_comes_first() {
    block_says(
        blocks::command_handlers,
        "",
        "impl S { #[handle] async fn pay(&self, ctx: &Context, command: Pay) -> Result<(), X> { todo!() } }",
        &[(
            "the command comes first, and the context behind it\n\
             help: write `async fn pay(&self, command: …, ctx: &Context)`",
            "ctx: &Context",
        )],
    );
}

#[test]
fn it_has_one_key() {
    block_says(
        blocks::command_handlers,
        "krate = ::cqrs",
        "impl S { #[handle] async fn pay(&self, command: Pay) -> Result<(), X> { todo!() } }",
        &[(
            "`krate` is not a key of `#[command_handlers]`\n\
             help: did you mean `crate`? Here the keys are `blocks`, `block`, `crate`",
            "krate",
        )],
    );
}

#[test]
fn all_mistakes_at_once() {
    block_says(
        blocks::command_handlers,
        "",
        "impl S { #[handle(Pay)] fn pay(self, command: Pay, by: String) -> Result<(), X> { todo!() } #[handle] async fn none(&self) {} }",
        &[
            (
                "`#[handle]` takes no arguments\n\
             help: write `#[handle]`; the first parameter says what is handled",
                "#[handle(Pay)]",
            ),
            (
                "this handler must be `async`\n\
             help: write `async fn pay`",
                "fn",
            ),
            (
                "a handler borrows what it is called on\n\
             help: take `&self`",
                "self",
            ),
            (
                "behind the command a handler takes nothing but the context\n\
             help: write `ctx: &Context`, or make it a field of the command",
                "String",
            ),
            (
                "`none` takes no command, so it handles none\n\
             help: write `async fn none(&self, command: MyCommand) -> Result<MyResult, MyError>`",
                "none",
            ),
        ],
    );
}

#[test]
fn an_aggregates_block_is_told_what_it_is() {
    block_says(
        blocks::command_handlers,
        "",
        "impl User { #[handle] fn create(command: Create) -> Result<E, X> {} #[on(Made)] fn made() -> Self { Self } \
         #[on(Closed)] fn closed(&mut self) {} }",
        &[(
            "a service does not follow events\n\
             help: write `#[aggregate(…)]` or `#[projection(…)]` on this block, not `#[command_handlers]`",
            "#[on(Made)]",
        )],
    );
}
