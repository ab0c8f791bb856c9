//! The derives: parse, check, expand.
//!
//! Whatever is wrong, impls come out, with stubs for what is missing, so that one mistake does not become a second error
//! where the type is used.

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput};

use crate::{check, ctxt::Ctxt, expand, hygiene::with_one_self, model};

fn derive(input: TokenStream, is: &str, run: fn(&Ctxt, &DeriveInput) -> TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let cx = Ctxt::new();
    // serde has nothing for a union, so impls for one would only be errors of their own.
    if let Data::Union(union) = &input.data {
        let keyword = is.rsplit(' ').next().unwrap_or(is);
        cx.error_help(union.union_token, format!("{is}, not a union"), format!("write `{keyword}`"));
        return cx.finish();
    }
    let mut output = with_one_self(run(&cx, &input));
    output.extend(cx.finish());
    output
}

macro_rules! derives {
    ($($name:ident => $model:ident, $is:literal;)*) => {
        $(pub(crate) fn $name(input: TokenStream) -> TokenStream {
            derive(input, $is, |cx, input| {
                let model = model::$name::$model::parse(cx, input);
                check::$name::check(cx, &model);
                expand::$name::expand(&model)
            })
        })*
    };
}

derives! {
    command => Command, "a command is a struct";
    dispatcher => Dispatcher, "a dispatcher is a struct";
    event => Event, "an event is an enum";
    query => Query, "a query is a struct";
    read_model => ReadModel, "a read model is a struct";
}
