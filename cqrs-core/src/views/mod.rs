//! Reading views: by key, by filter, in pages.

mod cursor;
mod filter;
mod selection;

use std::{fmt, marker::PhantomData, sync::Arc};

pub use cursor::Cursor;
pub use filter::{ComparedWith, Filter, FilterOf, Sort, SortOf};
pub use selection::{MAX_PAGE_SIZE, Selection, Slice};

use crate::{
    query::QueryError,
    read_model::{Column as _, ReadModel},
    store::{ReadModelStore, Row},
};

/// The rows of one read model. Cloning is cheap.
///
/// Handlers of queries get them; [`Engine::views`](crate::Engine::views) gives them to anybody else.
///
/// ```
/// # use bank::*;
/// use cqrs::{MemoryStore, prelude::*};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let engine = Engine::builder(MemoryStore::new()).projection::<Balance>().start().await?;
/// for (id, owner) in [(1, "ann"), (2, "bob"), (3, "cy")] {
///     let opened = engine.execute(Open { id, owner: owner.into() }).await?;
///     engine.query(GetBalance { id }).after(&opened).await?;
/// }
///
/// let balances: Views<Balance> = engine.views();
/// assert_eq!(balances.get(&2).await?.map(|balance| balance.owner), Some("bob".into()));
/// let later = balances.filter(Balance::OWNER.gt("ann")).order_by(Balance::OWNER.descending()).page(1, 10).await?;
/// assert_eq!(later.iter().map(|balance| balance.id).collect::<Vec<_>>(), [3, 2]);
/// # Ok(())
/// # }
/// ```
pub struct Views<M> {
    store: Arc<dyn ReadModelStore>,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for Views<M> {
    fn clone(&self) -> Self {
        Self { store: Arc::clone(&self.store), model: PhantomData }
    }
}

impl<M: ReadModel> Views<M> {
    /// The rows of `M` in `store`.
    #[must_use]
    pub fn new(store: Arc<dyn ReadModelStore>) -> Self {
        Self { store, model: PhantomData }
    }

    /// The row of a key.
    pub async fn get(&self, key: &M::Key) -> Result<Option<M>, QueryError> {
        let key = key.to_value()?;
        let rows = self.store.load(M::SCHEMA, &[key]).await?;
        rows.into_iter().next().flatten().as_ref().map(decode_row).transpose()
    }

    /// All rows, to be filtered, ordered and cut into pages.
    pub fn all(&self) -> Selection<M> {
        Selection::new(Arc::clone(&self.store))
    }

    /// The rows that a filter chooses.
    pub fn filter(&self, filter: impl FilterOf<M>) -> Selection<M> {
        self.all().filter(filter)
    }

    /// All rows in an order.
    pub fn order_by(&self, sort: impl SortOf<M>) -> Selection<M> {
        self.all().order_by(sort)
    }
}

impl<M: ReadModel> fmt::Debug for Views<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Views").field(&M::SCHEMA.name).finish()
    }
}

/// Reads a row back into its read model.
pub(crate) fn decode_row<M: ReadModel>(row: &Row) -> Result<M, QueryError> {
    M::from_row(&row.body).map_err(|error| QueryError::Row {
        model: M::SCHEMA.name,
        key: row.columns.first().map_or_else(String::new, ToString::to_string),
        cause: error.to_string(),
    })
}
