//! The derives: parse, check, expand.
//!
//! Whatever is wrong, impls come out, with stubs for what is missing, so that one mistake does not become a second error
//! where the type is used.

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput};

use crate::{
    check,
    ctxt::Ctxt,
    expand,
    hygiene::with_one_self,
    mend::mended,
    model::{self, command::Command},
};

/// What an item is, in words that end with its keyword, and what to write where it is another.
struct Kind {
    is: &'static str,
    instead: &'static str,
}

fn derive(input: TokenStream, kind: &Kind, run: fn(&Ctxt, &DeriveInput) -> TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let (input, is_whole) = match syn::parse2(input.clone()) {
        Ok(input) => (input, true),
        Err(error) => {
            let mended = mended(input);
            // What is certainly rustc's to report it has reported before.
            if mended.as_ref().is_none_or(|mended| !mended.is_half_typed) {
                cx.push(error);
            }
            let Some(mended) = mended else { return cx.finish() };
            (mended.item, false)
        }
    };
    let output = if kind.accepts(&cx, &input) && is_whole {
        run(&cx, &input)
    } else if let Data::Union(_) = &input.data {
        // serde has nothing for one, so impls would only be errors of their own.
        TokenStream::new()
    } else {
        // What seems to be missing may not be typed yet; and what is of another kind has the keys of another derive.
        Ctxt::unsaid(|cx| run(cx, &input))
    };
    let mut output = with_one_self(output);
    output.extend(cx.finish());
    output
}

impl Kind {
    /// Whether the item is one of this kind; what is none is refused.
    fn accepts(&self, cx: &Ctxt, input: &DeriveInput) -> bool {
        let Self { is, instead } = self;
        let keyword = is.rsplit(' ').next().unwrap_or(is);
        match &input.data {
            Data::Enum(_) if keyword == "enum" => return true,
            Data::Struct(_) if keyword == "struct" => return true,
            Data::Enum(data) => cx.error_help(data.enum_token, format!("{is}, not an enum"), instead),
            Data::Struct(data) => cx.error_help(data.struct_token, format!("{is}, not a struct"), instead),
            Data::Union(data) => {
                cx.error_help(data.union_token, format!("{is}, not a union"), format!("write `{keyword}`"));
            }
        }
        false
    }
}

macro_rules! derives {
    ($($name:ident => $model:ident, $is:literal, $instead:expr;)*) => {
        $(pub(crate) fn $name(input: TokenStream) -> TokenStream {
            derive(input, &Kind { is: $is, instead: $instead }, |cx, input| {
                let model = model::$name::$model::parse(cx, input);
                check::$name::check(cx, &model);
                expand::$name::expand(&model)
            })
        })*
    };
}

/// What to write instead of an enum whose variants each have a handler.
const A_STRUCT_EACH: &str = "write a struct for each of its variants: each has a handler and a result of its own";

pub(crate) fn command(input: TokenStream) -> TokenStream {
    derive(input, &Kind { is: "a command is a struct", instead: A_STRUCT_EACH }, |cx, input| {
        let command = Command::parse(cx, input);
        check::command::check(cx, &command);
        let unknown = command.lacks().filter(|_| !cx.is_unsaid()).map(|lack| (lack, cx.unknown()));
        expand::command::expand(&command, unknown.as_ref())
    })
}

derives! {
    dispatcher => Dispatcher, "a dispatcher is a struct", "write `struct`, with a field for each handler";
    event => Event, "an event is an enum", "write `enum`, with one variant for each thing that can happen";
    query => Query, "a query is a struct", A_STRUCT_EACH;
    read_model => ReadModel, "a read model is a struct", "write `struct`, with a field for each thing that is shown";
}
