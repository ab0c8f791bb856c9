use super::{block_says, says};
use crate::{blocks, derives};

#[test]
fn an_unknown_key_is_guessed() {
    says(
        derives::command,
        "#[cqrs(agregate = User, reslt = Uuid)] struct C { #[cqrs(id)] id: Uuid }",
        &[
            (
                "`agregate` is not a key of a command\n\
             help: did you mean `aggregate`? Here the keys are `aggregate`, `result`, `error`, `name`, `crate`",
                "agregate",
            ),
            (
                "`reslt` is not a key of a command\n\
             help: did you mean `result`? Here the keys are `aggregate`, `result`, `error`, `name`, `crate`",
                "reslt",
            ),
        ],
    );
}

#[test]
fn a_word_from_elsewhere_is_translated() {
    says(
        derives::read_model,
        r#"#[cqrs(table = "users")] struct V { #[cqrs(primary_key)] id: Uuid }"#,
        &[
            (
                "`table` is not a key of a read model\n\
             help: did you mean `name`? Here the keys are `name`, `crate`",
                "table",
            ),
            (
                "`primary_key` is not a key of a field of a read model\n\
             help: did you mean `key`? Here the keys are `key`, `index`",
                "primary_key",
            ),
        ],
    );
}

#[test]
fn an_unknown_key_without_a_guess_lists_all() {
    says(
        derives::command,
        "#[cqrs(frobnicate = 3, result = u8)] struct C;",
        &[(
            "`frobnicate` is not a key of a command\n\
             help: here the keys are `aggregate`, `result`, `error`, `name`, `crate`",
            "frobnicate",
        )],
    );
}

#[test]
fn a_key_of_another_place_says_where_it_belongs() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id, unique)] enum E { #[cqrs(aggregate = "x")] A { #[cqrs(release(x))] id: u8 } }"#,
        &[
            (
                "`unique` is a key of a field of an event, not of an event enum\n\
             help: write `#[cqrs(unique)]` before the field; here the keys are `aggregate`, `id`, `id_type`, `crate`",
                "unique",
            ),
            (
                "`aggregate` is a key of an event enum, not of an event variant\n\
             help: move it there; here the keys are `name`, `alias`, `id`, `release`",
                "aggregate",
            ),
            (
                "`release` is a key of an event variant, not of a field of an event\n\
             help: move it there; here the keys are `id`, `unique`, `taken`",
                "release",
            ),
        ],
    );
}

#[test]
fn a_repeated_key_is_refused() {
    says(
        derives::command,
        r#"#[cqrs(name = "a", name = "b")] #[cqrs(name = "c")] struct C;"#,
        &[
            ("`name` is given twice\nhelp: remove one of the two", "name"),
            ("`name` is given twice\nhelp: remove one of the two", "name"),
        ],
    );
}

#[test]
fn a_type_is_not_a_string() {
    says(
        derives::command,
        r#"#[cqrs(aggregate = "User", result = "Vec<u8>")] struct C { #[cqrs(id)] id: u8 }"#,
        &[
            ("`aggregate` takes a type, not a string\nhelp: write `aggregate = User`", r#""User""#),
            ("`result` takes a type, not a string\nhelp: write `result = Vec<u8>`", r#""Vec<u8>""#),
        ],
    );
    says(
        derives::command,
        r#"#[cqrs(result = "u64")] struct C;"#,
        &[("`result` takes a type, not a string\nhelp: write `result = u64`", r#""u64""#)],
    );
}

#[test]
fn a_stored_name_is_not_a_type() {
    says(
        derives::command,
        r#"#[cqrs(aggregate = "bank_account")] struct C { #[cqrs(id)] id: u8 }"#,
        &[("`aggregate` takes a type, not a string\nhelp: write `aggregate = BankAccount`", r#""bank_account""#)],
    );
}

#[test]
fn a_string_is_not_a_word() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = user, id = "id")] enum E { A { id: u8 } }"#,
        &[
            ("`aggregate` takes a string literal\nhelp: write `aggregate = \"user\"`", "user"),
            ("`id` takes the name of a field, not a string\nhelp: write `id = id`", r#""id""#),
        ],
    );
}

#[test]
fn a_type_is_not_a_stored_name() {
    says(
        derives::event,
        "#[cqrs(aggregate = BankAccount, id = id)] enum E { #[cqrs(name = Opened)] A { id: u8, #[cqrs(unique = true)] iban: u8 } }",
        &[
            ("`aggregate` takes a string literal\nhelp: write `aggregate = \"bank_account\"`", "BankAccount"),
            ("`name` takes a string literal\nhelp: write `name = \"opened\"`", "Opened"),
            ("`unique` takes no value or a string literal\nhelp: write `unique = \"email\"`", "true"),
        ],
    );
}

#[test]
fn a_path_is_not_a_string() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { A { id: u8, #[cqrs(unique, taken = "UserError::Taken")] email: String } }"#,
        &[("`taken` takes a path, not a string\nhelp: write `taken = UserError::Taken`", r#""UserError::Taken""#)],
    );
}

#[test]
fn a_path_has_no_fields() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { A { id: u8, #[cqrs(unique, taken = UserError::Taken { email })] email: String } }"#,
        &[(
            "`taken` takes a path, and no fields\n\
             help: name a function that makes it of the one value that it takes",
            "UserError::Taken { email }",
        )],
    );
}

#[test]
fn another_value_shows_an_example() {
    says(
        derives::command,
        "#[cqrs(name = 3, result = { 1 })] struct C;",
        &[
            ("`name` takes a string literal\nhelp: write `name = \"create_user\"`", "3"),
            ("`result` takes a type\nhelp: write `result = Uuid`", "{ 1 }"),
        ],
    );
}

#[test]
fn a_missing_value_shows_an_example() {
    says(
        derives::event,
        "#[cqrs(aggregate, id =)] enum E { #[cqrs(release)] A { id: u8 } }",
        &[
            ("`aggregate` needs a value: a string literal\nhelp: write `aggregate = \"user\"`", "aggregate"),
            ("`id` needs a value: the name of a field\nhelp: write `id = user_id`", "id"),
            ("`release` needs a value: names in parentheses\nhelp: write `release(email)`", "release"),
        ],
    );
}

#[test]
fn a_flag_takes_nothing() {
    says(
        derives::read_model,
        r#"struct V { #[cqrs(key = true)] id: u8, #[cqrs(index("x"))] b: u8 }"#,
        &[
            ("`key` takes no value on a field of a read model\nhelp: write `#[cqrs(key)]`", "= true"),
            ("`index` takes no value on a field of a read model\nhelp: write `#[cqrs(index)]`", r#"("x")"#),
        ],
    );
}

#[test]
fn parentheses_are_not_a_value() {
    says(
        derives::command,
        "#[cqrs(result(u8))] struct C;",
        &[("`result` takes a type\nhelp: write `result = Uuid`", "(u8)")],
    );
}

#[test]
fn a_list_is_in_parentheses() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { A { id: u8, #[cqrs(unique)] email: u8 }, #[cqrs(release = email)] B { id: u8 } }"#,
        &[("`release` takes names in parentheses\nhelp: write `release(email)`", "email")],
    );
}

#[test]
fn a_comma_is_missing() {
    says(derives::command, r#"#[cqrs(result = u8 name = "c")] struct C;"#, &[("expected a comma before this", "name")]);
}

#[test]
fn a_comma_too_many() {
    says(
        derives::command,
        r#"#[cqrs(result = u8,, name = "c")] struct C;"#,
        &[(
            "expected a key of a command\n\
             help: here the keys are `aggregate`, `result`, `error`, `name`, `crate`",
            ",",
        )],
    );
}

#[test]
fn what_is_no_key_at_all() {
    says(
        derives::command,
        r#"#[cqrs("create_user")] struct C;"#,
        &[("expected a key of a command\nhelp: write `name = \"create_user\"`", r#""create_user""#)],
    );
    says(
        derives::command,
        "#[cqrs(5)] struct C;",
        &[(
            "expected a key of a command\n\
             help: here the keys are `aggregate`, `result`, `error`, `name`, `crate`",
            "5",
        )],
    );
}

#[test]
fn keys_stand_in_parentheses() {
    says(
        derives::command,
        r#"#[cqrs] #[cqrs = "c"] struct C;"#,
        &[
            ("expected keys in parentheses\nhelp: write `#[cqrs(aggregate = User)]`", "#[cqrs]"),
            ("expected keys in parentheses\nhelp: write `#[cqrs(aggregate = User)]`", r#"#[cqrs = "c"]"#),
        ],
    );
}

#[test]
fn no_key_is_allowed_there() {
    says(
        derives::query,
        "#[cqrs(result = u8)] struct Q { #[cqrs(index)] id: u8 }",
        &[("`index` is not a key of a field of a query\nhelp: here no key is allowed", "index")],
    );
}

#[test]
fn a_list_of_names_holds_names() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { #[cqrs(release("email"))] A { id: u8 }, #[cqrs(release())] B { id: u8 } }"#,
        &[
            ("`release` takes names in parentheses, not a string\nhelp: write `release(email)`", r#""email""#),
            ("`release` takes names in parentheses\nhelp: write `release(email)`", "()"),
        ],
    );
}

#[test]
fn what_follows_a_value_is_no_part_of_it() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user" + 1, id = user.id)] enum E { A { user: u8 } }"#,
        &[
            ("`aggregate` takes a string literal\nhelp: write `aggregate = \"user\"`", r#""user" + 1"#),
            ("`id` takes the name of a field\nhelp: write `id = user_id`", "user.id"),
        ],
    );
}

#[test]
fn keys_of_other_frameworks_are_answered() {
    block_says(
        blocks::aggregate,
        "event = E, error = X, name = \"user\", snapshot_every = 100, services = Mailer, commands(Close)",
        "impl User { #[on(Made)] fn made() -> Self { Self } }",
        &[
            (
                "`name` is not a key of `#[aggregate]`\n\
                 help: remove it; the events say it, with `#[cqrs(aggregate = \"user\", id = id)]` on their enum",
                "name",
            ),
            ("`snapshot_every` is not a key of `#[aggregate]`\nhelp: write `snapshot(every = 100)`", "snapshot_every"),
            (
                "`services` is not a key of `#[aggregate]`\n\
                 help: remove it; a handler that needs services stands in a `#[command_handlers]` block of theirs",
                "services",
            ),
            (
                "`commands` is not a key of `#[aggregate]`\n\
                 help: remove it; a command names its aggregate, with `#[cqrs(aggregate = …)]`, and its handler takes it",
                "commands",
            ),
        ],
    );
    says(
        derives::read_model,
        "#[cqrs(columns(email = \"String\"))] struct UserView { #[cqrs(key)] id: Uuid, email: String }",
        &[(
            "`columns` is not a key of a read model\n\
             help: mark each field that is searched by: `#[cqrs(index)]` before it",
            "columns",
        )],
    );
    says(
        derives::read_model,
        "struct UserView { #[cqrs(id)] id: Uuid, email: String }",
        &[(
            "`id` is not a key of a field of a read model\nhelp: did you mean `key`? Here the keys are `key`, `index`",
            "id",
        )],
    );
}

#[test]
fn events_are_named_by_their_variants() {
    for (on, problem, at) in [
        ("event = Made", "`event` is not a key of the `#[on]` of an aggregate", "event"),
        ("\"user.made\"", "expected a key of the `#[on]` of an aggregate", "\"user.made\""),
        ("&Made", "expected a key of the `#[on]` of an aggregate", "&Made"),
        ("Made => made", "`Made` is not a key of the `#[on]` of an aggregate", "Made"),
    ] {
        let expected = format!("{problem}\nhelp: name the variant alone, without a key: `#[on(Created)]`");
        let block = format!("impl User {{ #[on({on})] fn made() -> Self {{ Self }} }}");
        block_says(blocks::aggregate, "event = E, error = X", &block, &[(&*expected, at)]);
    }
}
