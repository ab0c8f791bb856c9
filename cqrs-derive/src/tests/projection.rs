use super::block_says;
use crate::blocks;

#[test]
fn it_says_its_event() {
    block_says(
        blocks::projection,
        "ignore(Seen)",
        "impl UserView { }",
        &[(
            "`#[projection]` does not say its `event`\n\
             help: write `#[projection(event = UserEvent)]`",
            "",
        )],
    );
}

#[test]
fn it_says_its_events_once() {
    block_says(
        blocks::projection,
        "event = E, events(E, F)",
        "impl UserView { }",
        &[(
            "`event` and `events` say the same thing twice\n\
             help: write `events(E, …)` alone",
            "events",
        )],
    );
}

#[test]
fn its_events_have_names_of_their_own() {
    block_says(
        blocks::projection,
        "events(user::Event, order::Event)",
        "impl UserView { }",
        &[(
            "two of the events are called `Event` here\n\
             help: give one of them another name with `use … as …`",
            "order::Event",
        )],
    );
}

#[test]
fn a_variant_says_of_which_event() {
    block_says(
        blocks::projection,
        "events(E, F)",
        "impl UserView { #[on(Made)] fn made() -> Self { Self } }",
        &[(
            "this projection follows `E`, `F`: which one's `Made` is it?\n\
             help: write `E::Made`",
            "Made",
        )],
    );
}

#[test]
fn a_variant_of_a_misspelt_event() {
    block_says(
        blocks::projection,
        "events(UserEvent, OrderEvent)",
        "impl UserView { #[on(UsrEvent::Made)] fn made() -> Self { Self } }",
        &[(
            "`UsrEvent` is not among the events of this block: `UserEvent`, `OrderEvent`\n\
             help: did you mean `UserEvent::Made`?",
            "UsrEvent",
        )],
    );
}

#[test]
fn a_variant_of_an_event_it_does_not_follow() {
    block_says(
        blocks::projection,
        "events(UserEvent, OrderEvent)",
        "impl UserView { #[on(Invoice::Sent)] fn made() -> Self { Self } }",
        &[(
            "`Invoice` is not among the events of this block: `UserEvent`, `OrderEvent`\n\
             help: add `Invoice` to the events, or remove `Sent` here",
            "Invoice",
        )],
    );
}

#[test]
fn it_makes_a_row_or_inserts_one() {
    block_says(
        blocks::projection,
        "event = E",
        "impl UserView { #[on(Made, or_insert = Self::new)] fn made() -> Self { Self } }",
        &[(
            "this method makes a row itself, so there is nothing to insert\n\
             help: remove it, or take `&mut self` and change what `or_insert` makes",
            "or_insert",
        )],
    );
}

#[test]
fn the_envelope_is_borrowed() {
    block_says(
        blocks::projection,
        "event = E",
        "impl UserView { #[on(Moved)] fn moved(&mut self, #[recorded] at: RecordedEvent) {} }",
        &[(
            "the recorded event is borrowed\n\
             help: write `&RecordedEvent`",
            "RecordedEvent",
        )],
    );
}

#[test]
fn a_key_is_a_name() {
    block_says(
        blocks::projection,
        "event = E",
        r#"impl UserView { #[on(Moved, key = "id")] fn moved(&mut self) {} }"#,
        &[(
            "`key` takes the name of a field, not a string\n\
             help: write `key = id`",
            "\"id\"",
        )],
    );
}

#[test]
fn a_key_is_not_an_event() {
    block_says(
        blocks::projection,
        "event = E",
        "impl UserView { #[on(key = id)] fn moved(&mut self) {} }",
        &[(
            "`#[on]` names no event\n\
             help: write the variant it is about: `#[on(Created)]`",
            "#[on(key = id)]",
        )],
    );
}

#[test]
fn a_misspelt_key() {
    block_says(
        blocks::projection,
        "event = E",
        "impl UserView { #[on(Moved, or_inserts = Self::new)] fn moved(&mut self) {} }",
        &[(
            "`or_inserts` is not a key of the `#[on]` of a projection\n\
             help: did you mean `or_insert`? Here the keys are `key`, `or_insert`",
            "or_inserts",
        )],
    );
}

#[test]
fn something_makes_a_row() {
    let view = |on: &str| format!("impl UserView {{ #[on(Made)] fn made(&mut self, email: String) {{}} {on} }}");
    let nothing = (
        "no event makes a row of `UserView`\n\
         help: write an `#[on(…)]` without a receiver that returns `Self`, or `#[on(…, or_insert = …)]` on one that \
         changes a row",
        "UserView",
    );
    block_says(blocks::projection, "event = E", &view(""), &[nothing]);
    block_says(blocks::projection, "event = E", &view("#[on(Moved)] fn moved(&mut self) -> Change { }"), &[nothing]);
    block_says(blocks::projection, "event = E", &view("#[on(Moved)] fn moved() -> Self { }"), &[]);
    block_says(
        blocks::projection,
        "event = E",
        &view("#[on(Moved, or_insert = Self::new)] fn moved(&mut self) { }"),
        &[],
    );
    block_says(blocks::projection, "event = E, ignore(Made)", "impl UserView { }", &[]);
}

#[test]
fn it_makes_a_row_from_nothing() {
    block_says(
        blocks::projection,
        "event = E",
        "impl UserView { #[on(Made)] fn made(id: Uuid) {} }",
        &[(
            "`made` has no receiver, so it brings the row to life and returns it\n\
             help: write `-> Self`, or take `&mut self` if the event changes the row",
            "made",
        )],
    );
}

#[test]
fn a_query_is_waited_for() {
    block_says(
        blocks::projection,
        "event = E",
        "impl UserView { #[handle] fn get(views: &Views<Self>, query: Get) -> Result<Self, X> { todo!() } }",
        &[(
            "this handler must be `async`\n\
             help: write `async fn get`",
            "fn",
        )],
    );
}

#[test]
fn a_query_is_answered_from_views() {
    block_says(
        blocks::projection,
        "event = E",
        "impl UserView { #[handle] async fn get(query: Get) -> Result<Self, X> { todo!() } }",
        &[(
            "a query of a read model is answered from its views\n\
             help: make `views: &Views<Self>` the first parameter",
            "get",
        )],
    );
}

#[test]
fn a_query_is_answered_from_all_rows() {
    block_says(
        blocks::projection,
        "event = E",
        "impl UserView { #[handle] async fn get(&self, views: &Views<Self>, query: Get) -> Result<Self, X> { todo!() } }",
        &[(
            "a query is answered from all rows, not from one\n\
             help: write `views: &Views<Self>` instead",
            "&self",
        )],
    );
}

#[test]
fn it_takes_a_query() {
    block_says(
        blocks::projection,
        "event = E",
        "impl UserView { #[handle] async fn get(views: &Views<Self>) -> Result<Self, X> { todo!() } }",
        &[(
            "`get` takes no query, so it handles none\n\
             help: write `async fn get(views: &Views<Self>, query: MyQuery) -> Result<MyResult, QueryError>`",
            "get",
        )],
    );
}

#[test]
fn a_query_has_no_context() {
    block_says(
        blocks::projection,
        "event = E",
        "impl UserView { #[handle] async fn get(views: &Views<Self>, query: Get, ctx: &Context) -> Result<Self, X> { todo!() } }",
        &[(
            "a handler takes one query, nothing else\n\
             help: remove this parameter",
            "ctx: &Context",
        )],
    );
}

#[test]
fn the_views_are_borrowed() {
    block_says(
        blocks::projection,
        "event = E",
        "impl UserView { #[on(Made)] fn made() -> Self { Self } #[handle] async fn get(views: Views<Self>, query: GetUser) -> Result<Self, X> { todo!() } }",
        &[(
            "before the query a handler takes the views that it answers from, by reference\n\
             help: write `&Views<Self>`",
            "Views<Self>",
        )],
    );
}

#[test]
fn the_views_come_first() {
    block_says(
        blocks::projection,
        "event = E",
        "impl UserView { #[on(Made)] fn made() -> Self { Self } #[handle] async fn get(query: GetUser, views: &Views<Self>) -> Result<Self, X> { todo!() } }",
        &[(
            "the views come first, and the query behind them\n\
             help: write `async fn get(views: &Views<Self>, query: …)`",
            "views: &Views<Self>",
        )],
    );
}

#[test]
fn a_variant_has_no_quotes() {
    block_says(
        blocks::projection,
        "events(E, F)",
        r#"impl UserView { #[on("E::Made", key = user)] fn made() -> Self { Self } #[on("user.lent")] fn lent(&mut self) {} }"#,
        &[
            (
                "an event is named by its variant, not by a string\n\
                 help: write `#[on(E::Made)]`, without quotes",
                r#""E::Made""#,
            ),
            (
                "expected a key of the `#[on]` of a projection\n\
                 help: name the variant as in `#[on(Created)]`; behind it the keys are `key`, `or_insert`",
                r#""user.lent""#,
            ),
        ],
    );
}

#[test]
fn lists_of_events() {
    let view = "impl View { #[on(Made)] fn made() -> Self { Self } }";
    let events = |help: &str| format!("`events` takes names in parentheses\nhelp: write `{help}`");
    block_says(blocks::projection, "events = [E]", view, &[(&events("events(E)"), "[E]")]);
    block_says(blocks::projection, "events = E", view, &[(&events("events(E)"), "E")]);
    let two = "impl View { #[on(E::Made)] fn made() -> Self { Self } }";
    block_says(blocks::projection, "events = (E, b::F)", two, &[(&events("events(E, b::F)"), "(E, b::F)")]);
    let event = "`event` takes a path\nhelp: write `event = E`";
    block_says(blocks::projection, "event = [E]", view, &[(event, "[E]")]);
    block_says(blocks::projection, "event(E)", view, &[(event, "(E)")]);
    let ignore = "`ignore` takes names in parentheses\nhelp: write `ignore(Seen)`";
    block_says(blocks::projection, "event = E, ignore = Seen", view, &[(ignore, "Seen")]);
}

#[test]
fn words_of_other_frameworks_behind_an_event_are_answered() {
    block_says(
        blocks::projection,
        "event = E",
        "impl UserView { #[on(Made)] fn made() -> Self { Self } #[on(Closed, delete)] fn closed(&mut self) {} #[on(Paid, or_default)] fn paid(&mut self) {} }",
        &[
            (
                "`delete` is neither an event nor a key of an `#[on]`\n\
                 help: return `Change::Delete` from the method, and its row is removed",
                "delete",
            ),
            (
                "`or_default` is neither an event nor a key of an `#[on]`\n\
                 help: write `or_insert = Self::new`, with a function that makes a row of its key",
                "or_default",
            ),
        ],
    );
}
