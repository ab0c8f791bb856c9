//! Items that are not typed to their end: rustc says so, and what is rustc's to say is said once.

use super::{errors, says};
use crate::{derives, forgotten};

const EVENT: &str = r#"#[cqrs(aggregate = "user", id = id)] enum UserEvent { Created { id: u64, name: String }, "#;

#[test]
fn a_missing_type_or_comma_is_said_by_rustc() {
    for variants in [
        "Foo { id: , } }",
        "Foo { id } }",
        "Foo { id: u64, #[cqrs(unique)] pub } }",
        "Foo { id: u64, name: String at: u64 }, Closed { id: u64 } }",
        "Foo { id: u64 } Closed { id: u64 } }",
        "Foo { id: }, Closed { id: u64 } }",
    ] {
        let output = derives::event(format!("{EVENT}{variants}").parse().unwrap());
        assert_eq!(errors(output.clone()), [], "{variants}");
        let output = output.to_string();
        assert!(output.contains("Event for UserEvent { type Id = u64 ;"), "{output}");
        assert!(!output.contains("EventPayload"), "serde has not derived it either: {output}");
    }
    for (derive, item, wanted) in [
        (
            derives::command as fn(_) -> _,
            "#[cqrs(aggregate = User)] pub struct Close { #[cqrs(id)] pub id: , pub reason: }",
            "AggregateCommand for Close",
        ),
        (derives::query, "#[cqrs(model = View, result = u8)] struct Get { id: }", "ViewQuery for Get"),
        (
            derives::read_model,
            "struct View { #[cqrs(key)] pub id: u64, #[cqrs(index)] name: String at: }",
            "const NAME",
        ),
        (derives::dispatcher, "struct App { engine: Engine, mailer }", "Dispatcher for App"),
    ] {
        let output = derive(item.parse().unwrap());
        assert_eq!(errors(output.clone()), [], "{item}");
        assert!(output.to_string().contains(wanted), "{output}");
    }
}

#[test]
fn what_syn_alone_may_not_know_is_said() {
    for (item, underlined) in [
        ("struct Get { id: Option<, name: String }", ","),
        ("struct Get { id: u8 @ 3, name: String }", "@"),
        ("struct Get { id: u8, unsafe name: String }", "unsafe"),
    ] {
        let output = derives::query(item.parse().unwrap());
        let errors = errors(output.clone());
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(errors[0].1, underlined, "{errors:?}");
        assert!(output.to_string().contains("Query for Get"), "{output}");
    }
}

#[test]
fn its_kind_is_looked_at_all_the_same() {
    says(
        derives::event,
        "struct Created { id: , name: String }",
        &[(
            "an event is an enum, not a struct\nhelp: write `enum`, with one variant for each thing that can happen",
            "struct",
        )],
    );
}

#[test]
fn a_forgotten_derive_is_told_beside_it() {
    let item = "struct Close { #[cqrs(id)] id: u64, reason: }";
    let output = forgotten::derive(&"aggregate = User".parse().unwrap(), &item.parse().unwrap());
    let errors = errors(output.clone());
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].0.starts_with("`Close` does not derive `Command`"), "{errors:?}");
    assert!(output.to_string().contains("AggregateCommand for Close"), "{output}");
}
