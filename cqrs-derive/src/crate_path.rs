//! How generated code reaches the runtime: `::cqrs`, or what `crate = ::path` says.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Path;

/// The path of the facade crate.
pub(crate) struct CratePath(pub(crate) Option<Path>);

impl CratePath {
    /// A `const _` block in which `__cqrs` names the runtime's private module; nothing else comes into scope.
    ///
    /// What is deprecated is a matter of who uses it; an impl written for it is no use. And what a user has imported, or
    /// not, changes no path in it.
    pub(crate) fn block(&self, items: impl ToTokens) -> TokenStream {
        quote! {
            #[allow(deprecated, unused_qualifications)]
            const _: () = {
                use #self::__private as __cqrs;
                #items
            };
        }
    }
}

impl ToTokens for CratePath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.0 {
            Some(path) => path.to_tokens(tokens),
            None => tokens.extend(quote!(::cqrs)),
        }
    }
}
