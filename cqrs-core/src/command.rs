//! Commands: intentions, and who carries them out.

use std::{future::Future, sync::Arc};

use crate::{
    aggregate::{Aggregate, IdOf, Misapplied},
    context::Context,
    payload::{DecodeError, EncodeError},
    store::{
        AlreadyClaimed, AppendError, Appended, Conflict, InvalidInput, Position, RequestId, StoreError, StreamId,
        Version,
    },
};

/// An intention that is carried out or refused.
///
/// Derive it with `#[derive(Command)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command",
    label = "not a command",
    note = "add `#[derive(Command)]` and `#[cqrs(aggregate = …)]` to `{Self}`; a query is asked with `.query(…)`, and answered \
            in a `#[projection]` or `#[query_handlers]` block"
)]
pub trait Command: Send + Sync + 'static {
    /// What its handler answers. `()` if not said otherwise.
    type Result: Send + 'static;

    /// Why its handler refuses it.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The name it is routed by, `create_user`.
    const COMMAND_NAME: &'static str;
}

/// A command that one aggregate decides.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command of an aggregate",
    label = "names no aggregate",
    note = "add `#[derive(Command)]` and `#[cqrs(aggregate = …)]` to `{Self}`; a query is asked with `.query(…)`; a command \
            without an aggregate is handled by a `#[command_handlers]` block, and executed through a dispatcher with a field \
            of that type"
)]
pub trait AggregateCommand: Command<Error = <Self::Aggregate as Aggregate>::Error> {
    /// The aggregate.
    type Aggregate: Aggregate;

    /// Which one of them.
    fn aggregate_id(&self) -> &IdOf<Self::Aggregate>;
}

/// Who carries out a command: the engine for the commands of aggregates, a struct with a `#[command_handlers]` block
/// for those that need services.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle the command `{C}`",
    label = "no handler for `{C}`",
    note = "add `#[handle] async fn name(&self, command: {C}) -> Result<…>` to a `#[command_handlers]` block of `{Self}`"
)]
pub trait CommandHandler<C: Command>: Send + Sync {
    /// A context with the handler's own clock and ids, for a command whose caller brings none. An engine has them.
    fn fresh_context(&self) -> Option<Context> {
        None
    }

    /// Carries out the command.
    fn handle(
        &self,
        command: C,
        ctx: Context,
    ) -> impl Future<Output = Result<Receipt<C::Result>, CommandError<C::Error>>> + Send;
}

/// What a caller gets for a command that was carried out: its result, and where in the log its events ended, so that a
/// query can wait for them.
///
/// ```
/// # use bank::*;
/// use cqrs::{MemoryStore, Position, Version, prelude::*};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let engine = Engine::builder(MemoryStore::new()).start().await?;
/// engine.execute(Open { id: 7, owner: "ann".into() }).await?;
/// engine.execute(Open { id: 8, owner: "bob".into() }).await?;
///
/// let receipt = engine.execute(Deposit { id: 7, amount: 5 }).await?;
/// assert_eq!(receipt.result, 5);
/// assert_eq!(receipt.position, Position(3), "the third event of the log");
/// assert_eq!(receipt.version, Version(2), "the second of account 7");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt<T> {
    /// What the handler answered.
    pub result: T,
    /// The position up to which a view must have come to show what the command did.
    pub position: Position,
    /// The version of the aggregate's stream. 0 for a command that no single aggregate decided.
    pub version: Version,
    /// The id the command was executed under.
    pub request: RequestId,
}

impl<T> Receipt<T> {
    /// The same receipt with another result.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Receipt<U> {
        Receipt { result: change(self.result), position: self.position, version: self.version, request: self.request }
    }
}

impl<T> From<&Receipt<T>> for Position {
    fn from(receipt: &Receipt<T>) -> Self {
        receipt.position
    }
}

/// A command that was not carried out; nothing of it was stored.
///
/// ```
/// # use bank::*;
/// use cqrs::{MemoryStore, prelude::*};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let engine = Engine::builder(MemoryStore::new()).start().await?;
/// engine.execute(Open { id: 7, owner: "ann".into() }).await?;
///
/// match engine.execute(Withdraw { id: 7, amount: 5 }).await {
///     Err(CommandError::Rejected(AccountError::Overdrawn { balance })) => assert_eq!(balance, 0),
///     other => panic!("{other:?}"),
/// }
/// let unknown = engine.execute(Deposit { id: 9, amount: 1 }).await.unwrap_err();
/// assert_eq!(unknown.to_string(), "no such account: 9");
/// let taken = engine.execute(Open { id: 8, owner: "ann".into() }).await.unwrap_err();
/// assert_eq!(taken.rejection(), Some(AccountError::OwnerHasOne("ann".into())));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError<E> {
    /// The domain refused it: show it to the user.
    #[error(transparent)]
    Rejected(E),
    /// The aggregate does not exist, and `not_found = …` names no error of the domain.
    #[error("`{stream}` does not exist")]
    NotFound {
        /// The stream that is empty.
        stream: StreamId,
    },
    /// The aggregate exists already, and `already_exists = …` names no error of the domain.
    #[error("`{stream}` exists already")]
    AlreadyExists {
        /// The stream that is not empty.
        stream: StreamId,
    },
    /// A unique value has another holder, and `taken = …` names no error of the domain.
    #[error(transparent)]
    AlreadyClaimed(AlreadyClaimed),
    /// Other writers came first at every attempt: try again later.
    #[error("gave up after {attempts} attempts: {conflict}")]
    Conflict {
        /// The last conflict.
        conflict: Conflict,
        /// How many times it was decided.
        attempts: u32,
    },
    /// The input breaks a limit: fix it.
    #[error(transparent)]
    Invalid(InvalidInput),
    /// A handler returned an event that is about another aggregate than its command.
    #[error("the handler of `{stream}` returned an event about `{other}`")]
    ForeignEvent {
        /// The command's aggregate.
        stream: StreamId,
        /// The event's aggregate.
        other: StreamId,
    },
    /// A handler returned events that cannot be applied one after another.
    #[error("the handler of `{stream}` returned an event that cannot be applied: {cause}")]
    Misapplied {
        /// The aggregate.
        stream: StreamId,
        /// Why not.
        cause: Misapplied,
    },
    /// A handler returned an event that serde cannot write.
    #[error(transparent)]
    Encode(Arc<EncodeError>),
    /// A handler returned an event that could be written but not read back, such as one with a float that is not finite.
    #[error("the handler of `{stream}` returned an event that could not be read back: {cause}")]
    Unreadable {
        /// The aggregate.
        stream: StreamId,
        /// What serde says.
        cause: DecodeError,
    },
    /// The request id was used before, by a command that this is not.
    #[error("request {request} was already used, for the events that end at position {}", .appended.last)]
    RequestReused {
        /// The request id.
        request: RequestId,
        /// Its receipt.
        appended: Appended,
    },
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl<E> CommandError<E> {
    /// Whether another state of the aggregate might have led to another answer.
    pub(crate) fn depends_on_state(&self) -> bool {
        matches!(self, Self::Rejected(_) | Self::NotFound { .. } | Self::AlreadyExists { .. })
    }

    /// The domain's refusal, if it is one.
    pub fn rejection(self) -> Option<E> {
        match self {
            Self::Rejected(error) => Some(error),
            _ => None,
        }
    }
}

impl<E> From<StoreError> for CommandError<E> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<E> From<InvalidInput> for CommandError<E> {
    fn from(error: InvalidInput) -> Self {
        Self::Invalid(error)
    }
}

impl<E> From<AppendError> for CommandError<E> {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict(conflict) => Self::Conflict { conflict, attempts: 1 },
            AppendError::AlreadyClaimed(claim) => Self::AlreadyClaimed(claim),
            AppendError::Invalid(input) => Self::Invalid(input),
            AppendError::Store(error) => Self::Store(error),
        }
    }
}
