//! Handlers of one type in several impl blocks.

/// A further block of a type's handlers, with routes of the kind `R`: its `N`th.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no block {N} of handlers",
    label = "says that there is one",
    note = "write `block = {N}` on another `impl {Self}` block, or a smaller number here"
)]
pub trait Block<R, const N: usize>: Blocks<R, N> {
    /// The routes of the block.
    fn routes() -> Vec<R>;
}

/// A type whose first block says that it has an `N`th.
#[diagnostic::on_unimplemented(
    message = "the first block of `{Self}` does not say that there is a block {N}",
    label = "nothing would be called by name in this block",
    note = "write `blocks = {N}` in the attribute of the first `impl {Self}` block"
)]
pub trait Blocks<R, const N: usize> {}

/// The routes of all blocks.
#[must_use]
pub fn joined<R, const N: usize>(blocks: [Vec<R>; N]) -> Vec<R> {
    blocks.into_iter().flatten().collect()
}
