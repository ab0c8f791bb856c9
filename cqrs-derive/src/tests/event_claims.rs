use super::says;
use crate::derives;

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
fn a_malformed_unique_counts_as_given() {
    for (unique, underlined, help) in [
        ("unique(iban)", "(iban)", "unique = \"iban\""),
        ("unique = 5", "5", "unique = \"email\""),
        ("unique = true", "true", "unique = \"email\""),
    ] {
        let message = format!("`unique` takes no value or a string literal\nhelp: write `{help}`");
        says(
            derives::event,
            &format!(
                r#"#[cqrs(aggregate = "user", id = id)] enum E {{ A {{ id: u8, #[cqrs({unique}, taken = UserError::Taken)] email: u8 }} }}"#
            ),
            &[(&message, underlined)],
        );
    }
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
fn a_value_is_given_back_by_the_variant() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "reader", id = id)] enum E { A { id: u8, #[cqrs(unique)] card: String }, B { id: u8, #[cqrs(release)] card: String }, C { id: u8, #[cqrs(release(card))] by: u8 } }"#,
        &[
            (
                "`release` is a key of an event variant, not of a field of an event\n\
                 help: write `#[cqrs(release(card))]` before the variant",
                "release",
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
fn all_make_one_error() {
    says(
        derives::event,
        "#[cqrs(aggregate = \"user\", id = id)] enum E { \
            A { id: u8, #[cqrs(unique, taken = UserError::Taken)] email: String }, \
            B { id: u8, #[cqrs(unique, taken = TeamError::Taken)] team: String } }",
        &[(
            "`taken` makes a `TeamError` here and a `UserError` before, but an aggregate has one error\n\
             help: name a variant of `UserError`, or a function of it that makes one",
            "TeamError::Taken",
        )],
    );
}
