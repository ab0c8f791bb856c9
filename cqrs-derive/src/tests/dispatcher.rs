use super::says;
use crate::derives;

#[test]
fn it_is_a_struct() {
    says(
        derives::dispatcher,
        "enum App { A }",
        &[("a dispatcher is a struct, not an enum\nhelp: write `struct`, with a field for each handler", "enum")],
    );
}

#[test]
fn it_has_no_type_parameter() {
    says(
        derives::dispatcher,
        "struct App<'a, T: Send, const N: usize> { a: &'a T }",
        &[(
            "a dispatcher has no type parameters: what its fields handle by name is settled here\n\
             help: name the type",
            "T: Send",
        )],
    );
}

#[test]
fn it_has_a_field() {
    says(
        derives::dispatcher,
        "struct App { #[cqrs(skip)] a: u8 }",
        &[(
            "`App` has no field to route to\n\
             help: add a field for each handler: `engine: Engine`, or a struct with a `#[command_handlers]` block",
            "App",
        )],
    );
}
