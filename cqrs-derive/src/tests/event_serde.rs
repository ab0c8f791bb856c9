use super::says;
use crate::derives;

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

#[test]
fn serde_must_not_skip_a_field() {
    says(
        derives::event,
        r#"#[cqrs(aggregate = "user", id = id)] enum E { A { id: u8, #[serde(default, skip)] b: u8 }, B { id: u8, #[serde(skip_serializing)] b: u8 }, C(#[cqrs(id)] u8, #[serde(skip_deserializing)] u8), D { id: u8, #[serde(default, skip_serializing_if = "Option::is_none")] b: Option<u8> } }"#,
        &[
            (
                "serde's `skip` does not work here: what is not stored is lost, and the state would be another after a restart\n\
                 help: remove `skip` from `#[serde(…)]`",
                "skip",
            ),
            (
                "serde's `skip_serializing` does not work here: what is not stored is lost, and the state would be another after a restart\n\
                 help: remove `skip_serializing` from `#[serde(…)]`",
                "skip_serializing",
            ),
            (
                "serde's `skip_deserializing` does not work here: what is not stored is lost, and the state would be another after a restart\n\
                 help: remove `skip_deserializing` from `#[serde(…)]`",
                "skip_deserializing",
            ),
        ],
    );
}
