use super::says;
use crate::derives;

#[test]
fn it_is_a_struct() {
    says(
        derives::query,
        "enum C { A }",
        &[("a query is a struct, not an enum\nhelp: write a struct for each", "enum")],
    );
}

#[test]
fn it_is_not_generic() {
    says(
        derives::query,
        "#[cqrs(result = T)] struct C<T>(T);",
        &[(
            "a query cannot be generic: it is routed by one name\n\
             help: name the types, and derive it on a struct for each",
            "T",
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
