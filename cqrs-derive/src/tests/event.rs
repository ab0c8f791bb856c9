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
        &[(
            "an event is an enum, not a union\n\
             help: write `enum`, with one variant for each thing that can happen",
            "union",
        )],
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

#[test]
fn an_unnamed_unique_value_needs_a_name() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user")] enum E { A(#[cqrs(id)] u8, #[cqrs(unique)] u8) }"#,
        &[("a field without a name does not name its unique value\nhelp: write `unique = \"email\"`", "unique")],
    );
}

#[test]
fn a_unique_value_has_a_plain_name() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { A { id: u8, #[cqrs(unique = "E-Mail")] email: u8 } }"#,
        &[(
            "the name of a unique value has only small letters, digits and `_`, begins with a letter, and is at most 48 long\n\
             help: write `\"e_mail\"`",
            r#""E-Mail""#,
        )],
    );
}

#[test]
fn taken_needs_unique() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { A { id: u8, #[cqrs(taken = UserError::Taken)] email: u8 } }"#,
        &[(
            "`taken` is the error for a unique value, but this field is not marked `unique`\n\
             help: write `#[cqrs(unique, taken = …)]`, or remove `taken`",
            "taken",
        )],
    );
}

#[test]
fn taken_names_the_error_type() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { A { id: u8, #[cqrs(unique, taken = Taken)] email: u8 } }"#,
        &[(
            "`taken` names a constructor of the error type\n\
             help: write the error's type before it: `taken = UserError::EmailTaken`",
            "Taken",
        )],
    );
}

#[test]
fn an_event_takes_one_value_under_a_name() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { A { id: u8, #[cqrs(unique)] email: u8, #[cqrs(unique = "email")] b: u8 } }"#,
        &[(
            "event `A` takes two unique values under the name `email`\n\
             help: name one of them otherwise: `unique = \"…\"`",
            "unique",
        )],
    );
}

#[test]
fn what_is_given_back_is_taken_somewhere() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { A { id: u8, #[cqrs(unique)] email: u8 }, #[cqrs(release(emial))] B { id: u8 }, #[cqrs(release(telephone))] C { id: u8 } }"#,
        &[
            ("no event of `E` takes a unique value `emial`\nhelp: did you mean `email`?", "emial"),
            ("no event of `E` takes a unique value `telephone`\nhelp: its unique values are `email`", "telephone"),
        ],
    );
}

#[test]
fn nothing_is_taken_at_all() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { #[cqrs(release(email))] B { id: u8 } }"#,
        &[(
            "no event of `E` takes a unique value `email`\n\
             help: mark the field that takes it: `#[cqrs(unique)]`",
            "email",
        )],
    );
}

#[test]
fn an_event_takes_or_gives_back() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { #[cqrs(release(email))] A { id: u8, #[cqrs(unique)] email: u8 } }"#,
        &[(
            "event `A` takes `email` and gives it back\n\
             help: taking a value gives back the one before it; remove one of the two",
            "email",
        )],
    );
}

#[test]
fn serde_must_not_change_the_form() {
    says(
        derives::event,
        r#"#[serde(rename_all = "snake_case", tag = "type", content = "data")] #[serde(untagged)] #[cqrs(aggregate = "user", id = id)] enum E { A { id: u8 } }"#,
        &[
            (
                "serde's `tag` does not work here: an event is stored as its variant's own fields, beside the name of the variant\n\
             help: remove `tag` from `#[serde(…)]`",
                "tag",
            ),
            (
                "serde's `content` does not work here: an event is stored as its variant's own fields, beside the name of the variant\n\
             help: remove `content` from `#[serde(…)]`",
                "content",
            ),
            (
                "serde's `untagged` does not work here: an event is stored as its variant's own fields, beside the name of the variant\n\
             help: remove `untagged` from `#[serde(…)]`",
                "untagged",
            ),
        ],
    );
}

#[test]
fn serde_must_not_take_another_type() {
    says(
        derives::event,
        r#"#[serde(from = "Other", into = "Other", try_from = "X", remote = "Y")] #[cqrs(aggregate = "user", id = id)] enum E { A { id: u8 } }"#,
        &[
            (
                "serde's `from` does not work here: an event is written and read as this enum itself, not as another type\n\
             help: remove `from` from `#[serde(…)]`",
                "from",
            ),
            (
                "serde's `into` does not work here: an event is written and read as this enum itself, not as another type\n\
             help: remove `into` from `#[serde(…)]`",
                "into",
            ),
            (
                "serde's `try_from` does not work here: an event is written and read as this enum itself, not as another type\n\
             help: remove `try_from` from `#[serde(…)]`",
                "try_from",
            ),
            (
                "serde's `remote` does not work here: an event is written and read as this enum itself, not as another type\n\
             help: remove `remote` from `#[serde(…)]`",
                "remote",
            ),
        ],
    );
}

#[test]
fn serde_must_not_skip_an_event() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { #[serde(skip)] A { id: u8 }, #[serde(skip_serializing)] B { id: u8 }, #[serde(skip_deserializing)] C { id: u8 }, #[serde(other)] D { id: u8 }, #[serde(rename = "skip", untagged)] F { id: u8 } }"#,
        &[
            (
                "serde's `skip` does not work here: an event that serde skips could be recorded, but not stored or not read back\n\
             help: remove `skip` from `#[serde(…)]`",
                "skip",
            ),
            (
                "serde's `skip_serializing` does not work here: an event that serde skips could be recorded, but not stored or not read back\n\
             help: remove `skip_serializing` from `#[serde(…)]`",
                "skip_serializing",
            ),
            (
                "serde's `skip_deserializing` does not work here: an event that serde skips could be recorded, but not stored or not read back\n\
             help: remove `skip_deserializing` from `#[serde(…)]`",
                "skip_deserializing",
            ),
            (
                "serde's `other` does not work here: an event of an unknown name is an error that says so, never another event\n\
             help: remove `other` from `#[serde(…)]`",
                "other",
            ),
            (
                "serde's `untagged` does not work here: an event is stored as its variant's own fields, beside the name of the variant\n\
             help: remove `untagged` from `#[serde(…)]`",
                "untagged",
            ),
        ],
    );
}
