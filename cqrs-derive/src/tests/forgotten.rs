//! `#[cqrs(…)]` where no derive reads it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use super::{
    errors,
    mutation::mutant,
    sources::{Macro, annotated},
};
use crate::forgotten;

fn output(keys: &str, item: &str) -> TokenStream {
    forgotten::derive(&keys.parse().unwrap(), &item.parse().unwrap())
}

fn says(keys: &str, item: &str, expected: &[(&str, &str)]) {
    let errors = errors(output(keys, item));
    let errors: Vec<_> = errors.iter().map(|(message, text)| (&**message, &**text)).collect();
    assert_eq!(errors, expected, "{item}");
}

#[test]
fn the_keys_tell_which_derive_is_missing() {
    let forgotten = |derive: &str| {
        format!(
            "`Named` does not derive `{derive}`, which reads its `#[cqrs(…)]`\n\
             help: add `#[derive({derive})]` above the attribute"
        )
    };
    for (keys, item, derive) in [
        ("aggregate = \"user\", id = id", "enum Named { Created { id: u8 } }", "Event"),
        ("aggregate = User", "struct Named { #[cqrs(id)] id: u8 }", "Command"),
        ("result = u8, aggregate = User", "struct Named { #[cqrs(id)] id: u8 }", "Command"),
        ("model = View", "struct Named { id: u8 }", "Query"),
        ("model = View, result = Vec<u8>", "struct Named { #[cqrs(key)] id: u8 }", "Query"),
        ("name = \"users\"", "struct Named { #[cqrs(key)] id: u8, #[cqrs(index)] name: String }", "ReadModel"),
    ] {
        let output = output(keys, item);
        assert_eq!(errors(output.clone())[0], (forgotten(derive), "Named".to_owned()), "{keys}");
        assert!(!output.to_string().contains("cqrs ("), "an attribute is left: {output}");
    }
}

#[test]
fn what_was_meant_comes_out() {
    let output = output("aggregate = User", "pub struct Close { #[cqrs(id)] #[serde(default)] id: u8 }").to_string();
    let kept: TokenStream = "pub struct Close { #[serde(default)] id: u8 }".parse().unwrap();
    assert!(output.starts_with(&kept.to_string()), "{output}");
    assert!(output.contains("AggregateCommand for Close"), "{output}");
}

#[test]
fn its_own_mistakes_are_told_beside_it() {
    let messages: Vec<_> = errors(output("agregate = User", "struct Close { #[cqrs(id)] id: u8 }"))
        .into_iter()
        .map(|error| error.0)
        .collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[1].starts_with("`agregate` is not a key"), "{messages:?}");
}

#[test]
fn what_could_be_several_names_them() {
    let message = "`Count` derives nothing that reads its `#[cqrs(…)]`\n\
                   help: add `#[derive(Command)]` or `#[derive(Query)]` above the attribute, or `ReadModel`, or `Dispatcher`";
    says("result = u64", "struct Count;", &[(message, "Count")]);
    says("name = \"count\"", "union Count { a: u8 }", &[(message, "Count")]);
}

#[test]
fn other_items_stay_as_they_are() {
    for item in ["impl User { fn new () { } }", "fn close () { }"] {
        let output = output("aggregate = User", item);
        let message = "`#[cqrs(…)]` belongs to a struct or an enum, where a derive reads it\n\
                       help: an `impl` block takes `#[aggregate(…)]` or `#[projection(…)]`, its methods `#[handle]` or `#[on(…)]`";
        assert_eq!(errors(output.clone())[0].0, message);
        assert!(output.to_string().starts_with(item), "{output}");
    }
}

#[test]
fn whatever_is_typed_the_item_comes_out() {
    for source in annotated() {
        let Macro::Derive(..) = source.on else { continue };
        for seed in 1..=4 {
            let (keys, item) = (mutant(&quote!(aggregate = User, result = Uuid), seed), mutant(&source.item, seed));
            let output = forgotten::derive(&keys, &item);
            assert!(!errors(output.clone()).is_empty(), "{item}");
            if let Ok(DeriveInput { ident, .. }) = syn::parse2(item.clone()) {
                assert!(syn::parse2::<syn::File>(output.clone()).is_ok(), "no items came out for {item}");
                assert!(output.to_string().contains(&ident.to_string()), "{item}");
            }
        }
    }
}
