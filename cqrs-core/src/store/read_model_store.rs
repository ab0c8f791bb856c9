//! The tables that projections fill and queries read.

use async_trait::async_trait;

use super::{Lease, Position, StoreError};
use crate::read_model::{Schema, Value};

/// Where read models live: real tables, a column each for the key and every indexed field, and the checkpoint of each
/// projection in the same place, so that both change together (R1).
///
/// Futures may be dropped at any time: a commit then happens whole or not at all.
#[async_trait]
pub trait ReadModelStore: Send + Sync + 'static {
    /// Makes the tables of a read model where they are missing, and says how far its projection has come. Every process
    /// that starts calls it, at the same time too.
    ///
    /// # Errors
    /// [`StoreError::Failed`] where a table of this name but another shape exists.
    async fn prepare(&self, schema: &'static Schema) -> Result<Position, StoreError>;

    /// How far a projection has come. [`Position::START`] for one that never ran.
    async fn checkpoint(&self, projection: &str) -> Result<Position, StoreError>;

    /// Waits until this process may run a projection, and makes it the one runner until the lease is dropped or lost (R6).
    /// A store of several processes grants one of a projection at a time, and another soon after its holder dies. Cancel at
    /// will: what is granted to nobody is given back.
    ///
    /// The default grants at once: it is for a store of one process, or one that leaves it to the compare-and-set of
    /// checkpoints, which is what correctness rests on.
    async fn lease(&self, projection: &'static str) -> Result<Lease, StoreError> {
        let _ = projection;
        Ok(Lease::unshared())
    }

    /// The rows of these keys, in the same order; `None` where there is none.
    async fn load(&self, schema: &'static Schema, keys: &[Value]) -> Result<Vec<Option<Row>>, StoreError>;

    /// Writes rows and checkpoint in one transaction.
    ///
    /// # Errors
    /// [`StoreError::CheckpointMoved`] where the checkpoint is not where the batch expects it; nothing is written then.
    async fn commit(&self, batch: ProjectionBatch) -> Result<(), StoreError>;

    /// The rows that a query chooses, in its order.
    async fn select(&self, schema: &'static Schema, query: &RowQuery) -> Result<Vec<Row>, StoreError>;

    /// How many rows a query chooses, its limit and offset aside.
    async fn count(&self, schema: &'static Schema, query: &RowQuery) -> Result<u64, StoreError>;
}

/// A row: the columns the schema names, the key first, and the whole read model as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// One value a column of the schema, in its order.
    pub columns: Vec<Value>,
    /// The whole read model, as JSON.
    pub body: Vec<u8>,
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum RowChange {
    /// The row is written, whether it was there or not.
    Put(Row),
    /// The row of this key is removed.
    Delete(Value),
}

/// What a projection has made of a part of the log: written whole or not at all.
#[derive(Debug, Clone)]
pub struct ProjectionBatch {
    /// The read model.
    pub schema: &'static Schema,
    /// Where the projection's checkpoint must be.
    pub expected: Position,
    /// Where it is afterwards.
    pub checkpoint: Position,
    /// The rows; every key at most once.
    pub changes: Vec<RowChange>,
}

/// A choice of rows. Columns are named by their place in the schema.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RowQuery {
    /// All must hold.
    pub filter: Vec<Predicate>,
    /// First by this, then by that. Ties are broken by the key, ascending, so that an order is always whole.
    pub order: Vec<Order>,
    /// Only rows behind this one, in this query's order: the values of the `order` columns, then the key.
    pub after: Option<Vec<Value>>,
    /// How many rows at the most.
    pub limit: Option<u64>,
    /// How many to pass over first.
    pub offset: u64,
}

/// One condition on a column.
///
/// `Null` compares as SQL users expect of `IS`: it equals itself, and is before every other value.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate {
    /// The column's place in the schema.
    pub column: usize,
    /// How its value is compared.
    pub comparison: Comparison,
}

/// How a column's value is compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Comparison {
    /// Equal to it.
    Eq(Value),
    /// Anything but it.
    Ne(Value),
    /// Before it; never true of `Null`.
    Lt(Value),
    /// Before or equal; never true of `Null`.
    Le(Value),
    /// Behind it; never true of `Null`.
    Gt(Value),
    /// Behind or equal; never true of `Null`.
    Ge(Value),
    /// One of them.
    In(Vec<Value>),
}

/// One column of an order. `Null` comes before every other value, ascending, and last, descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The column's place in the schema.
    pub column: usize,
    /// Which way.
    pub direction: Direction,
}

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}
