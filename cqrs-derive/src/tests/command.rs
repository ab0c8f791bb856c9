use super::says;
use crate::derives;

#[test]
fn it_is_a_struct() {
    says(
        derives::command,
        "enum C { A }",
        &[(
            "a command is a struct, not an enum\n\
             help: write a struct for each of its variants: each has a handler and a result of its own",
            "enum",
        )],
    );
}

#[test]
fn what_is_no_struct_has_no_other_mistake() {
    says(
        derives::command,
        "#[cqrs(aggregate = User, result = u8)] enum C { A { id: u8 } }",
        &[(
            "a command is a struct, not an enum\n\
             help: write a struct for each of its variants: each has a handler and a result of its own",
            "enum",
        )],
    );
}

#[test]
fn it_is_not_a_union() {
    says(
        derives::command,
        "union C { a: u8 }",
        &[("a command is a struct, not a union\nhelp: write `struct`", "union")],
    );
}

#[test]
fn it_owns_its_data() {
    says(
        derives::command,
        "struct C<'a, T>(&'a T);",
        &[(
            "a command owns its data, so it has no lifetime\n\
             help: hold a `String` instead of a `&str`, a `Vec` instead of a slice",
            "'a",
        )],
    );
}

#[test]
fn its_own_name_can_be_too_long() {
    let name = "Command".repeat(26);
    let problem =
        "a name has at most 200 bytes, and this one gives 207\nhelp: give it a short one: `#[cqrs(name = \"…\")]`";
    says(derives::command, &format!("struct {name};"), &[(problem, &*name)]);
}

#[test]
fn an_aggregate_needs_an_id() {
    says(
        derives::command,
        "#[cqrs(aggregate = User)] pub struct C { name: String, pub user_id: Uuid }",
        &[(
            "no field of `C` is marked as the id of its aggregate\n\
             help: write `#[cqrs(id)] pub user_id: Uuid`",
            "C",
        )],
    );
}

#[test]
fn the_field_called_id_is_proposed() {
    says(
        derives::command,
        "#[cqrs(aggregate = User)] pub struct C { name: Option<String>, id: Uuid }",
        &[("no field of `C` is marked as the id of its aggregate\nhelp: write `#[cqrs(id)] id: Uuid`", "C")],
    );
}

#[test]
fn a_command_without_fields_gets_one() {
    says(
        derives::command,
        "#[cqrs(aggregate = User)] struct C;",
        &[(
            "no field of `C` is marked as the id of its aggregate\n\
             help: add a field for it: `#[cqrs(id)] id: Uuid`",
            "C",
        )],
    );
}

#[test]
fn an_unnamed_field_is_proposed() {
    says(
        derives::command,
        "#[cqrs(aggregate = User)] struct C(pub Uuid);",
        &[("no field of `C` is marked as the id of its aggregate\nhelp: write `#[cqrs(id)] pub Uuid`", "C")],
    );
}

#[test]
fn it_has_one_id() {
    says(
        derives::command,
        "#[cqrs(aggregate = User)] struct C { #[cqrs(id)] a: u8, #[cqrs(id)] b: u8 }",
        &[(
            "a second field is marked `id`: a command is about one aggregate\n\
             help: remove one of the two",
            "id",
        )],
    );
}

#[test]
fn an_id_needs_an_aggregate() {
    says(
        derives::command,
        "#[cqrs(result = u8)] struct C { #[cqrs(id)] id: u8 }",
        &[(
            "`id` marks the id of an aggregate, but this command names none\n\
             help: add `aggregate = …` to the `#[cqrs(…)]` of `C`, or remove `#[cqrs(id)]`",
            "id",
        )],
    );
    says(
        derives::command,
        "struct C { #[cqrs(id)] id: u8 }",
        &[(
            "`id` marks the id of an aggregate, but this command names none\n\
             help: write `#[cqrs(aggregate = …)]` before `struct C`, or remove `#[cqrs(id)]`",
            "id",
        )],
    );
}

#[test]
fn what_marks_the_id_may_be_what_cannot_be_read() {
    says(
        derives::command,
        "#[cqrs(aggregate = User)] struct C { #[cqrs(stream)] id: u8 }",
        &[("`stream` is not a key of a field of a command\nhelp: here only `id` is allowed", "stream")],
    );
}

#[test]
fn without_an_aggregate_it_is_a_command_of_none_that_is_known() {
    for item in
        ["struct C { #[cqrs(id)] id: u8 }", "#[cqrs(aggregate, error = Refused)] struct C { #[cqrs(id)] id: u8 }"]
    {
        let output = derives::command(item.parse().unwrap()).to_string();
        assert!(output.contains("type Aggregate = [() ; { :: core :: compile_error !"), "{output}");
    }
    let of_a_service = derives::command("#[cqrs(error = Refused)] struct C;".parse().unwrap()).to_string();
    assert!(!of_a_service.contains("AggregateCommand"), "{of_a_service}");
}

#[test]
fn the_error_is_the_aggregates() {
    says(
        derives::command,
        "#[cqrs(aggregate = User, error = E)] struct C { #[cqrs(id)] id: u8 }",
        &[(
            "a command of an aggregate fails with the aggregate's error\n\
             help: remove it; `error` is for commands without an aggregate",
            "error",
        )],
    );
}

#[test]
fn a_name_is_not_empty() {
    says(
        derives::command,
        r#"#[cqrs(name = "")] struct C;"#,
        &[("a name has between 1 and 200 bytes\nhelp: give it a short one, or leave it out", r#""""#)],
    );
}

#[test]
fn a_name_has_no_blanks() {
    says(
        derives::command,
        r#"#[cqrs(name = "create user")] struct C;"#,
        &[("a name has no blanks and no control characters\nhelp: write `\"create_user\"`", r#""create user""#)],
    );
}

#[test]
fn all_mistakes_show_at_once() {
    says(
        derives::command,
        r#"#[cqrs(name = "", error = "E", foo)] struct C { #[cqrs(id = 1)] id: u8 }"#,
        &[
            ("`error` takes a type, not a string\nhelp: write `error = E`", r#""E""#),
            (
                "`foo` is not a key of a command\n\
             help: here the keys are `aggregate`, `result`, `error`, `name`, `crate`",
                "foo",
            ),
            ("`id` takes no value on a field of a command\nhelp: write `#[cqrs(id)]`", "= 1"),
            ("a name has between 1 and 200 bytes\nhelp: give it a short one, or leave it out", r#""""#),
        ],
    );
}
