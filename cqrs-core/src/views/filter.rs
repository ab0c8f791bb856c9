//! Filters and orders over keyed and indexed fields.

use std::{fmt, marker::PhantomData};

use crate::{
    read_model::{ColumnError, ColumnRef, ReadModel, Value},
    store::{Comparison, Direction, Order, Predicate},
};

/// A condition on keyed and indexed fields, made by the methods of [`ColumnRef`].
#[must_use]
pub struct Filter<M> {
    pub(super) predicates: Result<Vec<Predicate>, ColumnError>,
    model: PhantomData<fn() -> M>,
}

impl<M> Filter<M> {
    fn one(column: usize, comparison: Result<Comparison, ColumnError>) -> Self {
        Self { predicates: comparison.map(|comparison| vec![Predicate { column, comparison }]), model: PhantomData }
    }

    /// Both conditions.
    pub fn and(self, other: Self) -> Self {
        let predicates = self.predicates.and_then(|mut left| {
            left.extend(other.predicates?);
            Ok(left)
        });
        Self { predicates, model: PhantomData }
    }
}

impl<M> fmt::Debug for Filter<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.predicates.fmt(f)
    }
}

/// What chooses rows of `M`: a [`Filter`] of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filter of `{M}`",
    label = "not a filter of `{M}`",
    note = "a filter compares an indexed field with a value: where `{M}` has `#[cqrs(index)] email: String`, write \
            `{M}::EMAIL.eq(email)`, or `ne`, `lt`, `le`, `gt`, `ge` or `is_in`"
)]
pub trait FilterOf<M> {
    /// The filter.
    fn into_filter(self) -> Filter<M>;
}

#[diagnostic::do_not_recommend]
impl<M> FilterOf<M> for Filter<M> {
    fn into_filter(self) -> Self {
        self
    }
}

/// An order by one column.
pub struct Sort<M> {
    pub(super) order: Order,
    model: PhantomData<fn() -> M>,
}

impl<M> fmt::Debug for Sort<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.order.fmt(f)
    }
}

impl<M: ReadModel, T> From<ColumnRef<M, T>> for Sort<M> {
    fn from(column: ColumnRef<M, T>) -> Self {
        column.ascending()
    }
}

/// What rows of `M` are ordered by: an indexed field, a [`Sort`], or what converts into one.
#[diagnostic::on_unimplemented(
    message = "rows of `{M}` are not ordered by a `{Self}`",
    label = "not an indexed field of `{M}`",
    note = "rows are ordered by an indexed field: where `{M}` has `#[cqrs(index)] email: String`, write `{M}::EMAIL`, or \
            `{M}::EMAIL.descending()`"
)]
pub trait SortOf<M> {
    /// The order.
    fn into_sort(self) -> Sort<M>;
}

#[diagnostic::do_not_recommend]
impl<M, S: Into<Sort<M>>> SortOf<M> for S {
    fn into_sort(self) -> Sort<M> {
        self.into()
    }
}

/// What a field of type `T` is compared with: a `T`, or what converts into one. Implemented for all such types.
#[diagnostic::on_unimplemented(
    message = "a field of type `{T}` is not compared with a `{Self}`",
    label = "not a `{T}`",
    note = "compare it with a `{T}`, or with what converts into one"
)]
pub trait ComparedWith<T> {
    /// The value of the field's type.
    fn compared(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T, V: Into<T>> ComparedWith<T> for V {
    fn compared(self) -> T {
        self.into()
    }
}

#[allow(clippy::should_implement_trait, reason = "`eq` and its like are the words people look for in a query builder")]
impl<M: ReadModel, T> ColumnRef<M, T> {
    /// Rows whose field equals `value`.
    pub fn eq(self, value: impl ComparedWith<T>) -> Filter<M> {
        self.filter(value, Comparison::Eq)
    }

    /// Rows whose field differs from `value`.
    pub fn ne(self, value: impl ComparedWith<T>) -> Filter<M> {
        self.filter(value, Comparison::Ne)
    }

    /// Rows whose field is before `value`.
    pub fn lt(self, value: impl ComparedWith<T>) -> Filter<M> {
        self.filter(value, Comparison::Lt)
    }

    /// Rows whose field is before `value` or equals it.
    pub fn le(self, value: impl ComparedWith<T>) -> Filter<M> {
        self.filter(value, Comparison::Le)
    }

    /// Rows whose field is behind `value`.
    pub fn gt(self, value: impl ComparedWith<T>) -> Filter<M> {
        self.filter(value, Comparison::Gt)
    }

    /// Rows whose field is behind `value` or equals it.
    pub fn ge(self, value: impl ComparedWith<T>) -> Filter<M> {
        self.filter(value, Comparison::Ge)
    }

    /// Rows whose field is one of `values`.
    pub fn is_in(self, values: impl IntoIterator<Item = impl ComparedWith<T>>) -> Filter<M> {
        let values: Result<Vec<Value>, _> = values.into_iter().map(|value| self.value(&value.compared())).collect();
        Filter::one(self.place(), values.map(Comparison::In))
    }

    fn filter(self, value: impl ComparedWith<T>, comparison: fn(Value) -> Comparison) -> Filter<M> {
        Filter::one(self.place(), self.value(&value.compared()).map(comparison))
    }

    /// Smallest first.
    #[must_use]
    pub fn ascending(self) -> Sort<M> {
        Sort { order: Order { column: self.place(), direction: Direction::Ascending }, model: PhantomData }
    }

    /// Largest first.
    #[must_use]
    pub fn descending(self) -> Sort<M> {
        Sort { order: Order { column: self.place(), direction: Direction::Descending }, model: PhantomData }
    }
}
