//! Collects the errors of one macro call, so that all of them show in one run.

use std::{cell::RefCell, thread};

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use crate::symbol::Symbol;

/// The errors found so far.
///
/// Whoever makes one must call [`finish`](Self::finish): dropping it unlooked at panics, because an error would be lost.
pub(crate) struct Ctxt {
    errors: RefCell<Option<Vec<syn::Error>>>,
    misplaced: RefCell<Vec<Symbol>>,
    is_unsaid: bool,
}

impl Ctxt {
    pub(crate) fn new() -> Self {
        Self { errors: RefCell::new(Some(Vec::new())), misplaced: RefCell::default(), is_unsaid: false }
    }

    /// What is made without a word about its mistakes, because something else is said.
    pub(crate) fn unsaid<T>(run: impl FnOnce(&Self) -> T) -> T {
        let mut cx = Self::new();
        cx.is_unsaid = true;
        let made = run(&cx);
        cx.finish();
        made
    }

    /// Whether something else is said, and so what is made is a stub.
    pub(crate) fn is_unsaid(&self) -> bool {
        self.is_unsaid
    }

    /// Notes a mistake at the user's tokens `at`: the problem and its reason, and what to write instead.
    pub(crate) fn error_help(&self, at: impl ToTokens, problem: impl AsRef<str>, help: impl AsRef<str>) {
        self.push(syn::Error::new_spanned(at, worded(problem.as_ref(), help.as_ref())));
    }

    /// Notes a mistake where there are no tokens to point at but a span.
    pub(crate) fn error_at(&self, span: Span, problem: impl AsRef<str>, help: impl AsRef<str>) {
        self.push(syn::Error::new(span, worded(problem.as_ref(), help.as_ref())));
    }

    /// Notes an error of the parser.
    pub(crate) fn push(&self, error: syn::Error) {
        if let Some(errors) = self.errors.borrow_mut().as_mut() {
            errors.push(error);
        }
    }

    /// Notes that a key was given, where it does not belong.
    pub(crate) fn misplace(&self, key: Symbol) {
        self.misplaced.borrow_mut().push(key);
    }

    /// Whether a key was given where it does not belong: then it is not missing.
    pub(crate) fn is_misplaced(&self, key: Symbol) -> bool {
        self.misplaced.borrow().contains(&key)
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.count() == 0
    }

    /// How many errors there are so far.
    pub(crate) fn count(&self) -> usize {
        self.errors.borrow().as_ref().map_or(0, Vec::len)
    }

    /// A type for what is missing, made of the errors that say so. An array whose length is an error is no type, and rustc asks
    /// nothing of what is none.
    pub(crate) fn unknown(&self) -> TokenStream {
        let errors: TokenStream = self.take().iter().map(syn::Error::to_compile_error).collect();
        quote!([(); { #errors 0 }])
    }

    /// All errors as `compile_error!` invocations; empty if there are none.
    pub(crate) fn finish(self) -> TokenStream {
        let errors = self.take().iter().map(syn::Error::to_compile_error).collect();
        *self.errors.borrow_mut() = None;
        errors
    }

    fn take(&self) -> Vec<syn::Error> {
        self.errors.borrow_mut().as_mut().map(std::mem::take).unwrap_or_default()
    }
}

impl Drop for Ctxt {
    fn drop(&mut self) {
        assert!(thread::panicking() || self.errors.borrow().is_none(), "the errors of a macro were not looked at");
    }
}

/// A problem and its cure, as one message.
pub(crate) fn worded(problem: &str, help: &str) -> String {
    format!("{problem}\nhelp: {help}")
}
