use super::says;
use crate::derives;

#[test]
fn two_fields_of_a_row_have_two_names() {
    says(
        derives::read_model,
        r#"struct V { #[cqrs(key)] id: u8, email: u8, #[serde(rename = "email")] second: u8 }"#,
        &[(
            "serde calls the fields `email` and `second` both `email`: they could not be read back\n\
             help: give one of the two a name of its own",
            r#""email""#,
        )],
    );
}

#[test]
fn the_name_that_is_given_is_at_fault() {
    says(
        derives::read_model,
        r#"struct V { #[cqrs(key)] id: u8, #[serde(rename = "email")] first: u8, email: u8 }"#,
        &[(
            "serde calls the fields `first` and `email` both `email`: they could not be read back\n\
             help: give one of the two a name of its own",
            r#""email""#,
        )],
    );
}

#[test]
fn writing_and_reading_are_looked_at_apart() {
    says(
        derives::read_model,
        r#"struct V {
            #[cqrs(key)] id: u8,
            #[serde(rename(serialize = "b", deserialize = "a"))] a: u8,
            #[serde(rename(serialize = "c", deserialize = "b"))] b: u8,
            #[serde(rename(deserialize = "a"))] d: u8,
            #[serde(alias = "a")] e: u8,
            #[serde(skip)] #[serde(rename = "a")] f: u8,
            #[serde(flatten)] g: u8,
        }"#,
        &[
            (
                "serde calls the fields `a` and `d` both `a`: they could not be read back\n\
                 help: give one of the two a name of its own",
                r#""a""#,
            ),
            (
                "serde calls the fields `a` and `e` both `a`: they could not be read back\n\
                 help: give one of the two a name of its own",
                r#""a""#,
            ),
        ],
    );
}

#[test]
fn names_by_a_rule_count() {
    for (rule, name) in [
        ("camelCase", "createdAt"),
        ("PascalCase", "CreatedAt"),
        ("UPPERCASE", "CREATED_AT"),
        ("SCREAMING_SNAKE_CASE", "CREATED_AT"),
        ("kebab-case", "created-at"),
        ("SCREAMING-KEBAB-CASE", "CREATED-AT"),
        ("snake_case", "created_at"),
    ] {
        let source = format!(
            r#"#[serde(rename_all = "{rule}")]
            struct V {{ #[cqrs(key)] id: u8, created_at: u8, #[serde(rename = "{name}")] made: u8 }}"#
        );
        let problem =
            format!("serde calls the fields `created_at` and `made` both `{name}`: they could not be read back");
        let message = format!("{problem}\nhelp: give one of the two a name of its own");
        says(derives::read_model, &source, &[(&*message, &*format!("{name:?}"))]);
    }
}

#[test]
fn two_fields_of_an_event_have_two_names() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)]
        #[serde(rename_all_fields = "camelCase")]
        enum E {
            A { id: u8, at_once: u8, #[serde(rename = "atOnce")] b: u8 },
            #[serde(rename_all = "UPPERCASE")]
            B { id: u8, at: u8, #[serde(rename = "at")] b: u8 },
            #[serde(rename_all = "UPPERCASE")]
            C { id: u8, at: u8, #[serde(rename = "AT")] b: u8 },
        }"#,
        &[
            (
                "serde calls the fields `at_once` and `b` both `atOnce`: they could not be read back\n\
                 help: give one of the two a name of its own",
                r#""atOnce""#,
            ),
            (
                "serde calls the fields `at` and `b` both `AT`: they could not be read back\n\
                 help: give one of the two a name of its own",
                r#""AT""#,
            ),
        ],
    );
}
