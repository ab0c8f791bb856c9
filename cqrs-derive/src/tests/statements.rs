use super::block_says;
use crate::blocks;

const ARGUMENTS: &str = r#"event = E, name = "signups", transaction = PgTransaction"#;

fn says(item: &str, expected: &[(&str, &str)]) {
    block_says(blocks::projection, ARGUMENTS, item, expected);
}

#[test]
fn it_has_a_name() {
    block_says(
        blocks::projection,
        "event = E, transaction = PgTransaction",
        "impl DailySignups { #[on(Made)] async fn made(tx: &mut PgTransaction<'_>) -> Result<(), X> { } }",
        &[(
            "a projection with a transaction has a name, under which its checkpoint is kept\n\
             help: add `name = \"daily_signups\"`",
            "transaction",
        )],
    );
}

#[test]
fn its_name_is_a_table_s() {
    block_says(
        blocks::projection,
        r#"event = E, name = "Daily Signups", transaction = PgTransaction"#,
        "impl DailySignups { }",
        &[(
            "the name of a projection has only small letters, digits and `_`, begins with a letter, and is at most 48 long\n\
             help: write `\"daily_signups\"`",
            "\"Daily Signups\"",
        )],
    );
}

#[test]
fn it_says_its_event_before_its_name() {
    block_says(
        blocks::projection,
        "transaction = PgTransaction",
        "impl Signups { }",
        &[(
            "`#[projection]` does not say its `event`\n\
             help: write `#[projection(event = SignupsEvent)]`",
            "",
        )],
    );
}

#[test]
fn a_misspelt_transaction() {
    block_says(
        blocks::projection,
        r#"event = E, name = "signups", transacton = PgTransaction"#,
        "impl Signups { #[on(Made)] async fn made(tx: &mut PgTransaction<'_>) -> Result<(), X> { } }",
        &[(
            "`transacton` is not a key of `#[projection]`\n\
             help: did you mean `transaction`? Here the keys are `event`, `events`, `name`, `transaction`, `ignore`, `blocks`, `block`, `crate`",
            "transacton",
        )],
    );
}

#[test]
fn rows_go_by_the_name_of_their_read_model() {
    block_says(
        blocks::projection,
        r#"event = E, name = "signups""#,
        "impl UserView { #[setup] async fn tables() {} }",
        &[
            (
                "a projection into rows goes by the name of its read model\n\
                 help: remove it; the table is called by `#[cqrs(name = \"…\")]` on the struct",
                "name",
            ),
            (
                "the store itself makes the table of a read model\n\
                 help: remove it; tables of your own are for a projection with `transaction = …`",
                "#[setup]",
            ),
        ],
    );
}

#[test]
fn statements_are_waited_for() {
    says(
        "impl Signups { #[on(Made)] fn made(tx: &mut PgTransaction<'_>) -> Result<(), X> { } }",
        &[(
            "this method must be `async`: its statements are waited for\n\
             help: write `async fn made`",
            "fn",
        )],
    );
}

#[test]
fn statements_need_a_transaction() {
    says(
        "impl Signups { #[on(Made)] async fn made(id: Uuid) -> Result<(), X> { } }",
        &[(
            "`made` takes no transaction, so it could write nothing\n\
             help: make `tx: &mut PgTransaction` the first parameter",
            "made",
        )],
    );
}

#[test]
fn the_transaction_comes_first() {
    says(
        "impl Signups {
            #[on(Made)] async fn made(id: Uuid, tx: &mut PgTransaction<'_>) -> Result<(), X> { }
            #[on(Gone)] async fn gone(tx: &mut PgTransaction<'_>) -> Result<(), X> { }
        }",
        &[(
            "the transaction comes first, and the event's fields behind it\n\
             help: make `tx: &mut PgTransaction<'_>` the first parameter",
            "tx: &mut PgTransaction<'_>",
        )],
    );
}

#[test]
fn statements_change_no_row_in_place() {
    says(
        "impl Signups { #[on(Made)] async fn made(&mut self, tx: &mut PgTransaction<'_>) -> Result<(), X> { } }",
        &[(
            "statements write in the transaction: there is no row to change in place\n\
             help: write `tx: &mut PgTransaction` instead",
            "&mut self",
        )],
    );
}

#[test]
fn statements_may_fail() {
    says(
        "impl Signups { #[on(Made)] async fn made(tx: &mut PgTransaction<'_>) { } }",
        &[(
            "`made` returns nothing, but its statements may fail\n\
             help: write `-> Result<(), E>`, where `E` is the driver's error or one of your own",
            "made",
        )],
    );
}

#[test]
fn statements_answer_no_query() {
    says(
        "impl Signups { #[handle] async fn count(&self, query: Count) -> Result<u64, QueryError> { } }",
        &[(
            "a projection with a transaction has no views to answer a query from\n\
             help: answer it on a struct of its own that holds the pool, in a block with `#[query_handlers]`",
            "#[handle]",
        )],
    );
}

#[test]
fn statements_have_no_row_and_no_key() {
    says(
        "impl Signups { #[on(Made, key = id)] async fn made(tx: &mut PgTransaction<'_>) -> Result<(), X> { } }",
        &[(
            "`key` is not a key of the `#[on]` of a projection with a transaction\n\
             help: name the variant alone, without a key: `#[on(Created)]`",
            "key",
        )],
    );
}

#[test]
fn an_event_has_one_method() {
    says(
        "impl Signups {
            #[on(Made)] async fn made(tx: &mut PgTransaction<'_>) -> Result<(), X> { }
            #[on(Made)] async fn again(tx: &mut PgTransaction<'_>) -> Result<(), X> { }
        }",
        &[(
            "`Made` is covered twice\n\
             help: keep one `#[on]` for it; one method may do all that the event asks for",
            "Made",
        )],
    );
}

#[test]
fn tables_are_made_once() {
    says(
        "impl Signups {
            #[setup] async fn tables(tx: &mut PgTransaction<'_>, more: u8) -> Result<(), X> { }
            #[setup(now)] async fn indexes(tx: &mut PgTransaction<'_>) -> Result<(), X> { }
        }",
        &[
            (
                "a second method is marked `#[setup]`\n\
                 help: make all tables in one",
                "#[setup(now)]",
            ),
            (
                "`#[setup]` takes the transaction, nothing else\n\
                 help: remove this parameter",
                "more: u8",
            ),
        ],
    );
}

#[test]
fn tables_are_made_by_no_event() {
    says(
        "impl Signups { #[setup = 1] #[on(Made)] async fn made(tx: &mut PgTransaction<'_>) -> Result<(), X> { } }",
        &[
            ("`#[setup]` takes no arguments\nhelp: write `#[setup]`", "#[setup = 1]"),
            (
                "a method either makes the tables, with `#[setup]`, or handles events, with `#[on]`\n\
                 help: write two methods",
                "#[on(Made)]",
            ),
        ],
    );
}

#[test]
fn it_says_its_transaction() {
    block_says(
        blocks::projection,
        "event = E, name = \"signups\"",
        "impl Signups { #[setup] async fn tables(tx: &mut Tx<'_>) -> Result<(), X> {} \
         #[on(Made)] async fn made(tx: &mut Tx<'_>, id: u8) -> Result<(), X> {} }",
        &[(
            "these methods write in a transaction, and `#[projection]` does not say which\n\
             help: add the store's: `transaction = PgTransaction`",
            "Signups",
        )],
    );
}
