//! A choice of rows on its way to the store.

use std::{fmt, marker::PhantomData, sync::Arc};

use super::{Cursor, FilterOf, SortOf, decode_row};
use crate::{
    query::{PageError, QueryError},
    read_model::{ColumnError, ReadModel},
    store::{ReadModelStore, RowQuery},
};

/// The most rows a page may have.
pub const MAX_PAGE_SIZE: u32 = 1000;

/// A choice of rows: filtered, ordered, and read in pages.
///
/// ```
/// # use bank::*;
/// use cqrs::{MemoryStore, prelude::*};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let engine = Engine::builder(MemoryStore::new()).projection::<Balance>().start().await?;
/// let balances = engine.views::<Balance>();
///
/// let empty = Balance::AMOUNT.eq(0u64);
/// let few = Balance::OWNER.is_in(["ann", "bob"]);
/// assert_eq!(balances.filter(empty.and(few)).count().await?, 0);
/// assert_eq!(balances.order_by(Balance::AMOUNT.descending()).order_by(Balance::OWNER).first().await?, None);
/// # Ok(())
/// # }
/// ```
#[must_use = "rows are read by `page`, `slice`, `rows`, `first` or `count`"]
pub struct Selection<M> {
    store: Arc<dyn ReadModelStore>,
    query: Result<RowQuery, ColumnError>,
    model: PhantomData<fn() -> M>,
}

/// A part of a selection, and the cursor to go on from.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice<M> {
    /// The rows.
    pub rows: Vec<M>,
    /// Where the next slice begins; `None` after the last.
    pub next: Option<Cursor>,
}

impl<M: ReadModel> Selection<M> {
    pub(super) fn new(store: Arc<dyn ReadModelStore>) -> Self {
        Self { store, query: Ok(RowQuery::default()), model: PhantomData }
    }

    /// Only rows that this filter chooses, too.
    pub fn filter(mut self, filter: impl FilterOf<M>) -> Self {
        self.query = self.query.and_then(|mut query| {
            query.filter.extend(filter.into_filter().predicates?);
            Ok(query)
        });
        self
    }

    /// In this order; a second call orders what the first leaves equal. Ties are broken by the key, so an order is
    /// always whole.
    pub fn order_by(mut self, sort: impl SortOf<M>) -> Self {
        if let Ok(query) = &mut self.query {
            query.order.push(sort.into_sort().order);
        }
        self
    }

    async fn read(&self, query: &RowQuery) -> Result<Vec<M>, QueryError> {
        self.store.select(M::SCHEMA, query).await?.iter().map(decode_row).collect()
    }

    /// All rows. For read models that are known to be small; [`slice`](Self::slice) for others.
    pub async fn rows(self) -> Result<Vec<M>, QueryError> {
        let query = self.query.clone()?;
        self.read(&query).await
    }

    /// The first row.
    pub async fn first(self) -> Result<Option<M>, QueryError> {
        let query = RowQuery { limit: Some(1), ..self.query.clone()? };
        Ok(self.read(&query).await?.into_iter().next())
    }

    /// How many rows there are.
    pub async fn count(self) -> Result<u64, QueryError> {
        let query = self.query?;
        Ok(self.store.count(M::SCHEMA, &query).await?)
    }

    /// A page by its number, counted from 1, of up to [`MAX_PAGE_SIZE`] rows.
    ///
    /// Rows inserted or removed between two calls shift the pages behind them; [`slice`](Self::slice) does not have
    /// this fault.
    ///
    /// # Errors
    /// [`QueryError::Page`] for page 0, a size of 0, or one too large.
    pub async fn page(self, page: u32, page_size: u32) -> Result<Vec<M>, QueryError> {
        let size = checked_size(page_size)?;
        let pages_before = page.checked_sub(1).ok_or(PageError::Zero)?;
        let query = RowQuery { limit: Some(size), offset: u64::from(pages_before) * size, ..self.query.clone()? };
        self.read(&query).await
    }

    /// Up to `size` rows behind a cursor, or the first ones.
    ///
    /// A cursor names the last row seen, not a number of rows, so nothing shifts when rows come and go: every row that
    /// is there all the time is seen exactly once.
    ///
    /// # Errors
    /// [`QueryError::Page`] for a size of 0 or more than [`MAX_PAGE_SIZE`], [`QueryError::Cursor`] for a cursor of
    /// another query.
    pub async fn slice(self, after: Option<&Cursor>, size: u32) -> Result<Slice<M>, QueryError> {
        let limit = checked_size(size)?;
        let mut query = self.query.clone()?;
        let fingerprint = Cursor::fingerprint(M::SCHEMA.name, &query);
        if let Some(cursor) = after {
            query.after = Some(cursor.values_for(fingerprint, query.order.len() + 1)?);
        }
        // One more than asked for tells whether there is a next slice.
        query.limit = Some(limit + 1);
        let mut rows = self.store.select(M::SCHEMA, &query).await?;
        let more = rows.len() as u64 > limit;
        rows.truncate(size as usize);
        let next = rows.last().filter(|_| more).map(|last| Cursor::at(fingerprint, &query, last));
        let rows = rows.iter().map(decode_row).collect::<Result<_, _>>()?;
        Ok(Slice { rows, next })
    }
}

fn checked_size(size: u32) -> Result<u64, PageError> {
    if size == 0 || size > MAX_PAGE_SIZE {
        return Err(PageError::Size { size, limit: MAX_PAGE_SIZE });
    }
    Ok(u64::from(size))
}

impl<M> fmt::Debug for Selection<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.query.fmt(f)
    }
}
