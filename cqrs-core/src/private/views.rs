//! What a handler of a query is given.

/// What a handler answers from.
#[diagnostic::on_unimplemented(
    message = "a query is answered from `&Views<Self>`, not from `{T}`",
    label = "not the views of this read model",
    note = "write `&Views<Self>` here; what needs anything else is answered by a `#[query_handlers]` block on a struct that has it"
)]
pub trait ViewsFor<T> {
    /// The views, as they are.
    fn views(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T> ViewsFor<T> for T {
    fn views(self) -> T {
        self
    }
}

/// A second one, as for fields: see [`Undecided`](super::output::Undecided).
impl<T> ViewsFor<super::output::Undecided<T>> for T {
    fn views(self) -> super::output::Undecided<T> {
        super::output::Undecided::new()
    }
}

/// The views for a parameter.
pub fn views<T>(views: impl ViewsFor<T>) -> T {
    views.views()
}
