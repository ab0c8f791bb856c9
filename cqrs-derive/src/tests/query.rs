use super::says;
use crate::derives;

#[test]
fn it_is_a_struct() {
    says(
        derives::query,
        "enum C { A }",
        &[(
            "a query is a struct, not an enum\n\
             help: write a struct for each of its variants: each has a handler and a result of its own",
            "enum",
        )],
    );
}

#[test]
fn it_is_not_a_union() {
    says(derives::query, "union C { a: u8 }", &[("a query is a struct, not a union\nhelp: write `struct`", "union")]);
}

#[test]
fn it_owns_its_data() {
    says(
        derives::query,
        "#[cqrs(result = T)] struct C<'a, T>(&'a T);",
        &[(
            "a query owns its data, so it has no lifetime\n\
             help: hold a `String` instead of a `&str`, a `Vec` instead of a slice",
            "'a",
        )],
    );
}

#[test]
fn it_needs_a_result() {
    says(
        derives::query,
        "#[cqrs(model = crate::views::UserView)] struct GetUser { id: u8 }",
        &[(
            "the query `GetUser` does not say what it is answered with\n\
             help: add the type of the answer to `#[cqrs(…)]`: `result = crate::views::UserView` or `result = Vec<crate::views::UserView>`",
            "GetUser",
        )],
    );
}

#[test]
fn it_needs_a_result_without_a_model_too() {
    says(
        derives::query,
        "struct GetUser { id: u8 }",
        &[(
            "the query `GetUser` does not say what it is answered with\n\
             help: add the type of the answer to `#[cqrs(…)]`: `result = UserView` or `result = Vec<UserView>`",
            "GetUser",
        )],
    );
}
