use super::says;
use crate::derives;

#[test]
fn it_is_an_enum() {
    says(
        derives::event,
        "struct Created { id: Uuid }",
        &[(
            "an event is an enum, not a struct\n\
             help: write `enum`, with one variant for each thing that can happen",
            "struct",
        )],
    );
}

#[test]
fn it_is_not_a_union() {
    says(
        derives::event,
        "union Created { id: Uuid }",
        &[("an event is an enum, not a union\nhelp: write `enum`", "union")],
    );
}

#[test]
fn it_owns_its_data() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E<'a> { A { id: u8, name: &'a str } }"#,
        &[(
            "an event owns its data, so it has no lifetime\n\
             help: hold a `String` instead of a `&str`, a `Vec` instead of a slice",
            "'a",
        )],
    );
}

#[test]
fn it_has_a_variant() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user")] enum E {}"#,
        &[(
            "an event enum without a variant records nothing\n\
             help: add one for each thing that can happen",
            "E",
        )],
    );
}

#[test]
fn it_names_its_aggregate() {
    says(
        derives::event,
        "#[cqrs(id = id)] enum UserEvent { Created { id: u8 } }",
        &[(
            "`UserEvent` does not name its aggregate\n\
             help: add it to `#[cqrs(…)]`: `aggregate = \"user\"`; it begins the names of events and streams",
            "UserEvent",
        )],
    );
}

#[test]
fn an_aggregate_has_a_plain_name() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "Bank-Account", id = id)] enum E { A { id: u8 } }"#,
        &[(
            "the name of an aggregate has only small letters, digits and `_`, begins with a letter, and is at most 48 long\n\
             help: write `\"bank_account\"`",
            r#""Bank-Account""#,
        )],
    );
}

#[test]
fn an_aggregate_has_a_name() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "", id = id)] enum E { A { id: u8 } }"#,
        &[(
            "the name of an aggregate has only small letters, digits and `_`, begins with a letter, and is at most 48 long\n\
             help: write one like `bank_account`",
            r#""""#,
        )],
    );
}

#[test]
fn the_events_need_an_id() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user")] enum E { A { user_id: u8 }, B { name: u8 } }"#,
        &[(
            "the events of `E` do not say which aggregate they are about\n\
             help: add the field that holds the aggregate's id to `#[cqrs(…)]`: `id = user_id`",
            "E",
        )],
    );
}

#[test]
fn every_event_needs_an_id() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { A { id: Uuid }, B { user_id: Uuid }, C { name: String }, D, F(u8, u8) }"#,
        &[
            (
                "event `B` has no field `id` that holds the id of its aggregate\n\
             help: if it is `user_id`, write `#[cqrs(id)]` before that field",
                "B",
            ),
            (
                "event `C` has no field `id` that holds the id of its aggregate\n\
             help: write `#[cqrs(id)]` before the field that holds it",
                "C",
            ),
            (
                "event `D` has no field `id` that holds the id of its aggregate\n\
             help: add the field: `D { id: Uuid }`",
                "D",
            ),
            (
                "event `F` has no field `id` that holds the id of its aggregate\n\
             help: write `#[cqrs(id)]` before the field that holds it",
                "F",
            ),
        ],
    );
}

#[test]
fn an_event_needs_an_id_where_the_enum_names_none() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user")] enum E { #[cqrs(id = id)] A { id: Uuid }, B { user_id: Uuid } }"#,
        &[(
            "event `B` does not say which aggregate it is about\n\
             help: if it is `user_id`, write `#[cqrs(id)]` before that field",
            "B",
        )],
    );
}

#[test]
fn the_id_itself_has_no_field_that_holds_it() {
    let message = |variant: &str| {
        format!("`Uuid` is the id itself, which has no field `id`\nhelp: write `{variant}(#[cqrs(id)] Uuid)`")
    };
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { A { id: Uuid }, B(Uuid), C(Closed), #[cqrs(id = id)] D(Uuid) }"#,
        &[(&message("B"), "Uuid"), (&message("D"), "Uuid")],
    );
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id, id_type = Uuid)] enum E { B(Uuid), C(#[cqrs(id)] Uuid) }"#,
        &[(&message("B"), "Uuid")],
    );
}

#[test]
fn without_any_key_it_is_one_mistake() {
    says(
        derives::event,
        "enum UserEvent { Created { user_id: Uuid, name: String }, Closed { user_id: Uuid } }",
        &[(
            "`UserEvent` names neither its aggregate nor the field that holds its id\n\
             help: write `#[cqrs(aggregate = \"user\", id = user_id)]` before it",
            "UserEvent",
        )],
    );
}

#[test]
fn an_id_that_no_event_has_is_one_mistake() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { A { user_id: Uuid, name: String }, B { by: u8, user_id: Uuid } }"#,
        &[(
            "no event of `E` has a field `id` that holds the id of its aggregate\n\
             help: if it is `user_id`, write `id = user_id`",
            "id",
        )],
    );
}

#[test]
fn the_id_that_is_not_said_is_most_likely_the_one_that_is_called_so() {
    for (item, id) in [
        ("enum E { A { name: String, user_id: u64 }, B { at: u8, user_id: u64 } }", "u64"),
        ("#[cqrs(aggregate = \"user\", id = usr)] enum E { A { name: String, user_id: u64 } }", "u64"),
        ("enum E { A { email: Vec<String> }, B }", "__cqrs :: Uuid"),
        ("enum E { A(Created) }", "__cqrs :: Uuid"),
    ] {
        let output = derives::event(item.parse().unwrap()).to_string();
        assert!(output.contains(&format!("type Id = {id} ;")), "{output}");
    }
}

#[test]
fn an_id_is_a_field() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user")] enum E { #[cqrs(id = usr_id)] A { user_id: Uuid }, #[cqrs(id = key)] B { x: Uuid, y: Uuid }, #[cqrs(id = key)] C }"#,
        &[
            ("event `A` has no field `usr_id`\nhelp: did you mean `user_id`?", "usr_id"),
            ("event `B` has no field `key`\nhelp: its fields are `x`, `y`", "key"),
            ("event `C` has no field `key`\nhelp: mark the field that holds the id: `#[cqrs(id)]`", "key"),
        ],
    );
}

#[test]
fn it_has_one_id() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user")] enum E { A { #[cqrs(id)] a: u8, #[cqrs(id)] b: u8 } }"#,
        &[(
            "a second field is marked `id`: an event is about one aggregate\n\
             help: remove one of the two",
            "id",
        )],
    );
}

#[test]
fn the_type_of_the_id_must_show() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { A(Created) }"#,
        &[(
            "every event holds the id in a struct of its own, so its type does not show here\n\
             help: add it to `#[cqrs(…)]`: `id_type = Uuid`",
            "E",
        )],
    );
}

#[test]
fn two_events_have_two_names() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { Created { id: u8 }, #[cqrs(name = "user.created")] Made { id: u8 }, #[cqrs(name = "user.x")] A { id: u8 }, #[cqrs(name = "user.x")] B { id: u8 } }"#,
        &[
            (
                "event `Made` is stored under `user.created`, as `Created` is\n\
             help: give it a name of its own: `name = \"…\"`",
                r#""user.created""#,
            ),
            (
                "event `B` is stored under `user.x`, as `A` is\n\
             help: give it a name of its own: `name = \"…\"`",
                r#""user.x""#,
            ),
        ],
    );
}

#[test]
fn two_events_have_two_names_by_default_too() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { HTTPOk { id: u8 }, HttpOk { id: u8 } }"#,
        &[(
            "event `HttpOk` is stored under `user.http_ok`, as `HTTPOk` is\n\
             help: give it a name of its own: `name = \"…\"`",
            "HttpOk",
        )],
    );
}

#[test]
fn an_alias_belongs_to_one_event() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { A { id: u8 }, #[cqrs(alias = "user.a")] B { id: u8 }, #[cqrs(alias = "user.c", alias = "user.old", alias = "user.old")] C { id: u8 } }"#,
        &[
            (
                "`user.a` is a name of event `A` already\n\
             help: remove the alias, or change one of the two names",
                r#""user.a""#,
            ),
            (
                "this is the name of the event, not an older one\n\
             help: remove the alias, or change one of the two names",
                r#""user.c""#,
            ),
            ("this alias is given twice\nhelp: remove the alias, or change one of the two names", r#""user.old""#),
        ],
    );
}

#[test]
fn an_alias_is_not_empty() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { #[cqrs(alias = "")] A { id: u8 } }"#,
        &[("a name has between 1 and 200 bytes\nhelp: give it a short one, or leave it out", r#""""#)],
    );
}
