//! How generated code reaches the runtime: `::cqrs`, or what `crate = ::path` says.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Path;

/// The path of the facade crate.
#[derive(Clone, Copy)]
pub(crate) struct CratePath<'a>(pub(crate) Option<&'a Path>);

impl CratePath<'_> {
    /// A `const _` block in which `__cqrs` names the runtime's private module, and nothing else is in scope that the
    /// user did not put there.
    pub(crate) fn block(self, items: impl ToTokens) -> TokenStream {
        quote! {
            const _: () = {
                use #self::__private as __cqrs;
                #items
            };
        }
    }
}

impl ToTokens for CratePath<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self.0 {
            Some(path) => path.to_tokens(tokens),
            None => tokens.extend(quote!(::cqrs)),
        }
    }
}
