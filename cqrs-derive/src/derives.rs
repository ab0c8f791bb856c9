//! The derives: parse, check, expand.
//!
//! A model in which a check found something wrong is expanded too, with stubs for what is missing, so that one mistake
//! does not become a second error where the type is used.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::{check, ctxt::Ctxt, expand, hygiene::with_one_self, model};

fn derive(input: TokenStream, run: fn(&Ctxt, &DeriveInput) -> Option<TokenStream>) -> TokenStream {
    let input = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let cx = Ctxt::new();
    let mut output = with_one_self(run(&cx, &input).unwrap_or_default());
    output.extend(cx.finish());
    output
}

macro_rules! derives {
    ($($name:ident => $model:ident;)*) => {
        $(pub(crate) fn $name(input: TokenStream) -> TokenStream {
            derive(input, |cx, input| {
                let model = model::$name::$model::parse(cx, input)?;
                check::$name::check(cx, &model);
                Some(expand::$name::expand(&model))
            })
        })*
    };
}

derives! {
    command => Command;
    dispatcher => Dispatcher;
    event => Event;
    query => Query;
    read_model => ReadModel;
}
