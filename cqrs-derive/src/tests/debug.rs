//! What `CQRS_DERIVE_DEBUG` shows, without a compiler around it.

use proc_macro2::TokenStream;

use crate::{blocks, debug, derives, symbol};

fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap()
}

fn derived(wanted: &str, item: &str) -> Option<String> {
    let item = tokens(item);
    debug::report(wanted, "#[derive(Query)]", &item, &derives::query(item.clone()))
}

const QUERY: &str = "/// Asks. \n #[cqrs(result = u64)] pub(crate) struct GetTotal { pub page: u32 }";

#[test]
fn an_expansion_is_laid_out_behind_what_it_is_of() {
    let shown = derived("1", QUERY).unwrap();
    let (head, code) = shown.split_once('\n').unwrap();
    assert_eq!(head, "#[derive(Query)] on `struct GetTotal` wrote:");
    assert!(code.contains("\n    impl __cqrs::Query for GetTotal {\n        type Result = u64;\n"), "{code}");
}

#[test]
fn one_type_can_be_chosen() {
    assert_eq!(derived("GetTotal", QUERY), derived("1", QUERY));
    assert_eq!(derived("Get", QUERY), None);
    assert!(derived("type", "#[cqrs(result = u64)] struct r#type;").is_some());
    assert!(derived("List", "#[cqrs(result = u64)] struct List<T: Copy>(T) where T: Send;").is_some());

    let chosen =
        |wanted, block: &str| debug::report(wanted, "#[command_handlers]", &tokens(block), &tokens("fn f() {}"));
    let block = "impl<M: Mailer> crate::mail::Registration<M> where M: Send {}";
    assert!(chosen("Registration", block).is_some());
    for other in ["M", "Mailer", "mail", "Send"] {
        assert_eq!(chosen(other, block), None, "{other}");
    }
}

#[test]
fn of_a_block_only_what_is_new_is_shown() {
    let block = tokens(
        "#[cqrs(snapshot(every = 9))] impl User { #[handle] fn create(command: Create) -> Result<E, X> { secret() } }",
    );
    let output = blocks::aggregate(tokens("event = E, error = X"), block.clone());
    assert!(output.to_string().contains("secret"));
    let beside = debug::beside(symbol::AGGREGATE, &block, &output).to_string();
    assert!(!beside.contains("secret") && beside.contains("Decide"), "{beside}");
}

#[test]
fn mistakes_are_shown_too() {
    let shown = derived("1", "#[cqrs(results = u64)] struct GetTotal;").unwrap();
    assert!(shown.contains("compile_error!"), "{shown}");
}

#[test]
fn what_cannot_be_laid_out_is_shown_as_it_is() {
    let shown = debug::report("1", "#[aggregate]", &tokens("impl User {}"), &tokens("fn half typed"));
    assert_eq!(shown.as_deref(), Some("#[aggregate] on `impl User` wrote:\nfn half typed"));
}
