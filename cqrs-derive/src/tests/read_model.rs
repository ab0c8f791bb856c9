use super::says;
use crate::derives;

#[test]
fn it_is_a_struct() {
    says(
        derives::read_model,
        "enum V { A }",
        &[(
            "a read model is a struct, not an enum\n\
             help: write `struct`, with a field for each thing that is shown",
            "enum",
        )],
    );
}

#[test]
fn its_fields_have_names() {
    says(
        derives::read_model,
        "struct V(#[cqrs(key)] u8);",
        &[(
            "a read model has named fields: its columns are called by them\n\
             help: write `struct Name { #[cqrs(key)] id: …, … }`",
            "V",
        )],
    );
}

#[test]
fn a_unit_has_no_fields() {
    says(
        derives::read_model,
        "struct V;",
        &[(
            "a read model has named fields: its columns are called by them\n\
             help: write `struct Name { #[cqrs(key)] id: …, … }`",
            "V",
        )],
    );
}

#[test]
fn it_is_not_generic() {
    says(
        derives::read_model,
        "struct V<'a, T, const N: usize> { #[cqrs(key)] id: T, name: &'a [u8; N] }",
        &[
            (
                "a read model owns its data, so it has no lifetime\n\
                 help: hold a `String` instead of a `&str`, a `Vec` instead of a slice",
                "'a",
            ),
            (
                "a read model cannot be generic: it is one table of one shape\n\
                 help: name the types, and derive it on a struct for each",
                "T, const N: usize",
            ),
        ],
    );
}

#[test]
fn its_own_name_may_not_do() {
    says(
        derives::read_model,
        "struct Übersicht { #[cqrs(key)] id: u8 }",
        &[(
            "the name of a read model has only small letters, digits and `_`, begins with a letter, and is at most 48 long; \
             `übersicht` does not do\n\
             help: name it with `#[cqrs(name = \"…\")]`",
            "Übersicht",
        )],
    );
}

#[test]
fn two_columns_have_two_constants() {
    says(
        derives::read_model,
        "struct V { #[cqrs(key)] id: u8, #[cqrs(index)] Id: u8, #[cqrs(index)] other: u8, Other: u8 }",
        &[("the columns `id` and `Id` would both be `V::ID`\nhelp: give one of the two fields another name", "Id")],
    );
}

#[test]
fn it_needs_a_key() {
    says(
        derives::read_model,
        "struct V { name: String, pub id: Uuid }",
        &[(
            "no field of `V` is marked as the key that identifies a row\n\
             help: write `#[cqrs(key)] pub id: Uuid`",
            "V",
        )],
    );
}

#[test]
fn without_a_field_called_id_the_first_is_proposed() {
    says(
        derives::read_model,
        "struct V { pub(crate) number: u32, #[cqrs(index)] name: String }",
        &[(
            "no field of `V` is marked as the key that identifies a row\n\
             help: write `#[cqrs(key)] pub(crate) number: u32`",
            "V",
        )],
    );
}

#[test]
fn without_fields_one_is_proposed() {
    says(
        derives::read_model,
        "struct V {}",
        &[(
            "no field of `V` is marked as the key that identifies a row\n\
             help: add a field for it: `#[cqrs(key)] id: Uuid`",
            "V",
        )],
    );
}

#[test]
fn it_has_one_key() {
    says(
        derives::read_model,
        "struct V { #[cqrs(key)] a: u8, #[cqrs(key)] b: u8 }",
        &[(
            "a second field is marked `key`: a row has one\n\
             help: remove one of the two; for several fields in one key, make a type of them that implements `Column`",
            "key",
        )],
    );
}

#[test]
fn the_key_is_indexed_already() {
    says(
        derives::read_model,
        "struct V { #[cqrs(key, index)] a: u8 }",
        &[("the key is indexed already\nhelp: remove `index`", "index")],
    );
}

#[test]
fn a_table_has_a_plain_name() {
    says(
        derives::read_model,
        r#"#[cqrs(name = "Bank Accounts")] struct V { #[cqrs(key)] a: u8 }"#,
        &[(
            "the name of a read model has only small letters, digits and `_`, begins with a letter, and is at most 48 long\n\
             help: write `\"bank_accounts\"`",
            r#""Bank Accounts""#,
        )],
    );
}

#[test]
fn serde_must_not_skip_a_column() {
    says(
        derives::read_model,
        "struct V { #[cqrs(key)] #[serde(skip)] id: u8, #[cqrs(index)] #[serde(skip_serializing)] a: u8, #[serde(default, skip_deserializing)] #[cqrs(index)] b: u8, #[serde(skip)] cached: u8 }",
        &[
            (
                "serde's `skip` does not work here: a row is read back from what is stored, and is found by this field\n\
                 help: remove `skip` from `#[serde(…)]`",
                "skip",
            ),
            (
                "serde's `skip_serializing` does not work here: a row is read back from what is stored, and is found by this field\n\
                 help: remove `skip_serializing` from `#[serde(…)]`",
                "skip_serializing",
            ),
            (
                "serde's `skip_deserializing` does not work here: a row is read back from what is stored, and is found by this field\n\
                 help: remove `skip_deserializing` from `#[serde(…)]`",
                "skip_deserializing",
            ),
        ],
    );
}
