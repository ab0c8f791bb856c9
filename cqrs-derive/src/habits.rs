//! Derives that people write by habit, of what is not derived here: each says what to write instead.

use proc_macro2::{Span, TokenStream};
use syn::DeriveInput;

use crate::{ctxt::Ctxt, mend::mended};

/// What such a derive says of the item that it stands on. `NAME` in the help is the item's.
pub(crate) struct Habit {
    problem: &'static str,
    help: &'static str,
}

pub(crate) const AGGREGATE: Habit = Habit {
    problem: "an aggregate is made by the `impl` block with its handlers, not by a derive",
    help: "remove this, and write `#[aggregate(event = …, error = …)]` on `impl NAME`",
};

pub(crate) const PROJECTION: Habit = Habit {
    problem: "a projection is made by the `impl` block with its `#[on(…)]` methods, not by a derive",
    help: "remove this, and write `#[projection(event = …)]` on `impl NAME`",
};

pub(crate) const COMMAND_HANDLER: Habit = Habit {
    problem: "a command is handled by a method, not by a derive",
    help: "remove this, and write `#[handle]` on a method of the `#[aggregate(…)]` block, or, where it needs services, of a \
           `#[command_handlers] impl NAME` block",
};

pub(crate) const QUERY_HANDLER: Habit = Habit {
    problem: "a query is answered by a method, not by a derive",
    help: "remove this, and write `#[handle]` on a method of the `#[projection(…)]` block, or, where it needs services, of a \
           `#[query_handlers] impl NAME` block",
};

pub(crate) fn derive(item: TokenStream, habit: &Habit) -> TokenStream {
    let input: Option<DeriveInput> = syn::parse2(item.clone()).ok().or_else(|| Some(mended(item)?.item));
    let name = input.map_or_else(|| "…".to_owned(), |input| input.ident.to_string());
    let cx = Ctxt::new();
    cx.error_at(Span::call_site(), habit.problem, habit.help.replace("NAME", &name));
    cx.finish()
}
