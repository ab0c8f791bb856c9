//! The macros of `cqrs`. Use them through that crate.
//!
//! `CQRS_DERIVE_DEBUG=1` in the environment prints every expansion to stderr, `CQRS_DERIVE_DEBUG=UserEvent` those on one
//! type. cargo runs macros only for what it compiles, so touch a file first:
//! `touch src/lib.rs && CQRS_DERIVE_DEBUG=1 cargo check`. `docs/macros.md` in the repository shows what each macro
//! writes, and how to do without it.

mod attr;
mod blocks;
mod check;
mod crate_path;
mod ctxt;
mod debug;
mod derives;
mod expand;
mod forgotten;
mod habits;
mod helper_attr;
mod hygiene;
mod impl_block;
mod mend;
mod model;
mod symbol;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Facts about one kind of aggregate: an enum with one variant for each thing that can happen.
///
/// ```
/// # use cqrs::prelude::*;
/// # pub enum UserError { EmailExists(String) }
/// #[derive(Serialize, Deserialize, Event)]
/// #[cqrs(aggregate = "user", id = id)]
/// pub enum UserEvent {
///     Created {
///         id: Uuid,
///         #[cqrs(unique, taken = UserError::EmailExists)]
///         email: String,
///     },
///     #[cqrs(name = "user.closed", alias = "user.deleted", release(email))]
///     Closed { id: Uuid },
/// }
/// ```
///
/// On the enum:
/// - `aggregate = "user"`: the aggregate's name. It begins the names of streams and events and never changes. Required.
/// - `id = field`: the field that holds the aggregate's id, in all variants that do not say otherwise. A variant with one
///   unnamed field holds it in that field of its struct.
/// - `id_type = Type`: the type of the id, where every variant holds it in a struct of its own.
/// - `crate = ::path`: where `cqrs` is, if it was renamed.
///
/// On a variant:
/// - `name = "user.created"`: the name it is stored under. The aggregate's and its own if not said otherwise.
/// - `alias = "user.registered"`: a name it was stored under before; any number of times.
/// - `id = field`: the field that holds the aggregate's id, in this variant.
/// - `release(email)`: unique values that the event gives back.
///
/// On a field:
/// - `id`: the field holds the aggregate's id, in this variant.
/// - `unique`, `unique = "email"`: no two aggregates have the same value, under the field's name or the one given. What
///   `Display` writes is compared. Of an `Option`, `None` takes nothing, and gives nothing back.
/// - `taken = UserError::EmailExists`: makes the domain's error from the value, where another aggregate has it: a variant that
///   holds the value or holds nothing, or a function of the value.
#[proc_macro_derive(Event, attributes(cqrs))]
pub fn event(input: TokenStream) -> TokenStream {
    debug::derive("Event", input, derives::event)
}

/// An intention that is carried out or refused.
///
/// ```
/// # use cqrs::prelude::*;
/// # use bank::Account as User;
/// #[derive(Command)]
/// #[cqrs(aggregate = User, result = Uuid)]
/// pub struct CreateUser {
///     #[cqrs(id)]
///     pub id: u32,
///     pub email: String,
/// }
/// ```
///
/// On the struct:
/// - `aggregate = Type`: the aggregate that decides it. Without one, a service handles it.
/// - `result = Type`: what the handler answers; `()` if not said otherwise.
/// - `error = Type`: why a service refuses it; the aggregate's error is that of its commands. Without it, a service
///   cannot refuse.
/// - `name = "create_user"`: the name it is routed by; the type's own if not said otherwise.
/// - `crate = ::path`: where `cqrs` is, if it was renamed.
///
/// On a field:
/// - `id`: the field holds the id of the aggregate. Required where there is one.
///
/// The struct may have type parameters. By type each instance is a command of its own; by name only one can be called.
#[proc_macro_derive(Command, attributes(cqrs))]
pub fn command(input: TokenStream) -> TokenStream {
    debug::derive("Command", input, derives::command)
}

/// A question about read models.
///
/// ```
/// # use cqrs::prelude::*;
/// # use bank::Balance as UserView;
/// #[derive(Query)]
/// #[cqrs(model = UserView, result = Vec<UserView>)]
/// pub struct ListActiveUsers {
///     pub page: u32,
/// }
/// ```
///
/// On the struct:
/// - `result = Type`: what it is answered with. Required.
/// - `model = Type`: the read model that answers it. Without one, a service does.
/// - `error = Type`: why there is no answer; `QueryError` if not said otherwise, else made from it by `From`.
/// - `name = "list_active_users"`: the name it is routed by; the type's own if not said otherwise.
/// - `crate = ::path`: where `cqrs` is, if it was renamed.
///
/// The struct may have type parameters. By type each instance is a query of its own; by name only one can be called.
#[proc_macro_derive(Query, attributes(cqrs))]
pub fn query(input: TokenStream) -> TokenStream {
    debug::derive("Query", input, derives::query)
}

/// A row made for reading.
///
/// Every keyed and indexed field has a constant, by which queries filter and order: `UserView::EMAIL`.
///
/// ```
/// # use cqrs::prelude::*;
/// #[derive(Serialize, Deserialize, ReadModel)]
/// #[cqrs(name = "users")]
/// pub struct UserView {
///     #[cqrs(key)]
///     pub id: Uuid,
///     #[cqrs(index)]
///     pub email: String,
///     pub name: String,
/// }
///
/// let filter = UserView::EMAIL.eq("ann@example.com");
/// ```
///
/// On the struct:
/// - `name = "users"`: the table's name; the type's own if not said otherwise.
/// - `crate = ::path`: where `cqrs` is, if it was renamed.
///
/// On a field:
/// - `key`: the field identifies a row. Required on one of them.
/// - `index`: queries may filter and order by the field.
#[proc_macro_derive(ReadModel, attributes(cqrs))]
pub fn read_model(input: TokenStream) -> TokenStream {
    debug::derive("ReadModel", input, derives::read_model)
}

/// A composition root: commands and queries in, each routed to the field that handles it, by type or by name.
///
/// ```
/// # use cqrs::prelude::*;
/// # pub struct Registration;
/// #[derive(Dispatcher)]
/// pub struct App {
///     engine: Engine,
///     registration: Registration,
///     #[cqrs(skip)]
///     fallback: Registration,
/// }
/// ```
///
/// On the struct:
/// - `crate = ::path`: where `cqrs` is, if it was renamed.
///
/// On a field:
/// - `skip`: nothing is routed to it.
#[proc_macro_derive(Dispatcher, attributes(cqrs))]
pub fn dispatcher(input: TokenStream) -> TokenStream {
    debug::derive("Dispatcher", input, derives::dispatcher)
}

/// The write side: an aggregate's decisions and memory, on its `impl` block.
///
/// ```
/// # use cqrs::prelude::*;
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[cqrs(aggregate = "user", id = id)]
/// # pub enum UserEvent { Created { id: Uuid, email: String }, Deactivated { id: Uuid } }
/// # #[derive(Clone, Command)]
/// # #[cqrs(aggregate = User, result = Uuid)]
/// # pub struct CreateUser { #[cqrs(id)] id: Uuid, email: String }
/// # #[derive(Clone, Command)]
/// # #[cqrs(aggregate = User)]
/// # pub struct DeactivateUser { #[cqrs(id)] id: Uuid }
/// # #[derive(Debug, thiserror::Error)]
/// # pub enum UserError {
/// #     #[error("no such user")] NotFound(Uuid),
/// #     #[error("no address")] NoAddress,
/// # }
/// pub struct User {
///     active: bool,
/// }
///
/// #[aggregate(event = UserEvent, error = UserError, not_found = UserError::NotFound)]
/// impl User {
///     #[handle]
///     fn create(command: &CreateUser, ctx: &Context) -> Result<(UserEvent, Uuid), UserError> {
///         if command.email.is_empty() {
///             return Err(UserError::NoAddress);
///         }
///         Ok((UserEvent::Created { id: command.id, email: command.email.clone() }, command.id))
///     }
///
///     #[handle]
///     fn deactivate(&self, command: DeactivateUser) -> Result<Option<UserEvent>, UserError> {
///         Ok(self.active.then_some(UserEvent::Deactivated { id: command.id }))
///     }
///
///     #[on(Created)]
///     fn created() -> Self {
///         Self { active: true }
///     }
///
///     #[on(Deactivated)]
///     fn deactivated(&mut self) {
///         self.active = false;
///     }
/// }
/// ```
///
/// `#[handle]` decides a command. Without a receiver it brings an aggregate to life, with `&self` it needs a living one.
/// It takes the command, by `&` or, where it is `Clone`, by value, and, if it wants, `&Context`. It returns `Result<events, error>`: one event,
/// an `Option`, a `Vec` or an array of them, in a pair with the command's result if that has one.
///
/// `#[on(Variant)]` remembers an event. Without a receiver it makes the aggregate, with `&mut self` it changes it.
/// Parameters are fields of the event, by name, by value or by `&`; fields that are not needed are left out.
/// `#[on(A, B)]` is for several variants that have these fields; `#[on(Added(item))]` names the fields of a tuple variant.
/// Every variant is covered once or ignored. Methods, and parameters of an `#[on]`, may stand under `#[cfg]`, as variants and
/// fields may.
///
/// - `event = UserEvent`: the aggregate's events, of one type: `event = Changed<Price>`. Required.
/// - `error = UserError`: why it refuses commands. Required.
/// - `not_found = UserError::NotFound`: makes the domain's error from the id, where the aggregate does not exist.
/// - `already_exists = UserError::Exists`: the same, where it exists and the command would bring it to life.
/// - `ignore(Viewed)`: variants that change nothing.
/// - `blocks = 2`: so many blocks hold its handlers, see below.
/// - `snapshot(every = 100)`: keeps the state each time that so many events have been added, so that a long history is loaded
///   from there. The state must be `Serialize` and `Deserialize`. May also stand beneath, as `#[cqrs(snapshot(every = 100))]`.
/// - `crate = ::path`: where `cqrs` is, if it was renamed.
///
/// # Several blocks
/// Handlers may stand in further blocks, each with its number; the first says how many there are. There all else is said, and
/// stand the `#[on]`s. `#[projection]`, `#[command_handlers]` and `#[query_handlers]` are split alike.
///
/// ```
/// # use cqrs::prelude::*;
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[cqrs(aggregate = "user", id = id)]
/// # pub enum UserEvent { Created { id: Uuid }, Closed { id: Uuid } }
/// # #[derive(Command)]
/// # #[cqrs(aggregate = User)]
/// # pub struct CreateUser { #[cqrs(id)] id: Uuid }
/// # #[derive(Command)]
/// # #[cqrs(aggregate = User)]
/// # pub struct CloseUser { #[cqrs(id)] id: Uuid }
/// # #[derive(Debug, thiserror::Error)]
/// # #[error("no")]
/// # pub struct UserError;
/// pub struct User;
///
/// #[aggregate(event = UserEvent, error = UserError, ignore(Closed), blocks = 2)]
/// impl User {
///     #[handle]
///     fn create(command: &CreateUser) -> Result<UserEvent, UserError> {
///         Ok(UserEvent::Created { id: command.id })
///     }
///
///     #[on(Created)]
///     fn created() -> Self {
///         Self
///     }
/// }
///
/// #[aggregate(block = 2)]
/// impl User {
///     #[handle]
///     fn close(&self, command: &CloseUser) -> Result<UserEvent, UserError> {
///         Ok(UserEvent::Closed { id: command.id })
///     }
/// }
/// ```
///
/// # Snapshots
/// A snapshot is ignored, and the events are folded, where the state's shape has changed: its fields, variants and their
/// types, as its `Deserialize` asks for them. It is **not** ignored where an `#[on]` computes something else from the same events
/// and the state looks as before: then write `snapshot(every = 100, version = 2)`, and a higher number at each such change, or
/// aggregates go on from what the old code made of their past.
///
/// The shape does not show what is in an enum with `#[serde(untagged)]` or `#[serde(tag = "…")]`, behind `#[serde(flatten)]`, or read by
/// hand from whatever comes; a change there asks for a new `version` too. What serde leaves out (`#[serde(skip)]`) is not in the
/// snapshot and comes back as its default. A state that JSON would give back as another, with a `Some(None)` or a float that is
/// not finite in an `Option`, is not kept.
#[proc_macro_attribute]
pub fn aggregate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    debug::block(symbol::AGGREGATE, arguments, item, blocks::aggregate)
}

/// The read side: how events become rows, and how queries are answered from them, on a read model's `impl` block.
///
/// ```
/// # use cqrs::{RecordedEvent, prelude::*};
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[cqrs(aggregate = "user", id = id)]
/// # pub enum UserEvent {
/// #     Created { id: Uuid, name: String }, Renamed { id: Uuid, name: String }, Viewed { id: Uuid }, Closed { id: Uuid },
/// # }
/// # #[derive(Serialize, Deserialize, ReadModel)]
/// # pub struct UserView { #[cqrs(key)] id: Uuid, name: String, renamed_at: Option<DateTime<Utc>> }
/// # #[derive(Query)]
/// # #[cqrs(model = UserView, result = Option<UserView>)]
/// # pub struct GetUserById { id: Uuid }
/// #[projection(event = UserEvent, ignore(Viewed))]
/// impl UserView {
///     #[on(Created)]
///     fn created(id: Uuid, name: String) -> Self {
///         Self { id, name, renamed_at: None }
///     }
///
///     #[on(Renamed)]
///     fn renamed(&mut self, name: String, #[recorded] recorded: &RecordedEvent) {
///         self.name = name;
///         self.renamed_at = Some(recorded.metadata.recorded_at);
///     }
///
///     #[on(Closed)]
///     fn closed(&mut self) -> Change {
///         Change::Delete
///     }
///
///     #[handle]
///     async fn by_id(users: &Views<Self>, query: GetUserById) -> Result<Option<Self>, QueryError> {
///         users.get(&query.id).await
///     }
/// }
/// ```
///
/// `#[on(Variant)]` says what an event makes of its row. Without a receiver it makes the row, with `&mut self` it changes
/// it, and removes it if it returns `Change::Delete`. The row is that of the aggregate's id, or of `key = field`, which
/// may be an `Option`: `None` concerns no row. With `or_insert = path` the function `path` makes the row from its key,
/// which it takes by value or by `&`, where there is none. At least one of them makes a row, or inserts one. Parameters are
/// fields of the event, by name; `#[recorded]` marks one that takes the envelope.
///
/// `#[handle]` answers a query from the views of this read model.
///
/// - `event = UserEvent`: the events it follows; or
/// - `events(UserEvent, OrderEvent)`: of several aggregates. Variants are then written `UserEvent::Created`.
/// - `ignore(Viewed)`: variants that concern no row.
/// - `blocks = 2`, and `block = 2` on the further block: handlers [in several blocks](macro@aggregate#several-blocks).
/// - `crate = ::path`: where `cqrs` is, if it was renamed.
///
/// # Statements of your own
///
/// For a view that one row a key cannot hold, a projection writes with statements of its own, on a store that lends its
/// transactions:
///
/// ```
/// # use cqrs::{RecordedEvent, prelude::*};
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[cqrs(aggregate = "user", id = id)]
/// # pub enum UserEvent { Created { id: Uuid, email: String }, Viewed { id: Uuid } }
/// # #[derive(Debug, thiserror::Error)]
/// # #[error("the database is gone")]
/// # pub struct DbError;
/// # pub struct PgTransaction<'a>(&'a ());
/// # impl PgTransaction<'_> {
/// #     async fn execute(&mut self, _: &str, _: &[&(dyn std::fmt::Debug + Sync)]) -> Result<u64, DbError> { Ok(1) }
/// # }
/// pub struct Signups;
///
/// #[projection(event = UserEvent, name = "signups", transaction = PgTransaction, ignore(Viewed))]
/// impl Signups {
///     #[setup]
///     async fn setup(tx: &mut PgTransaction<'_>) -> Result<(), DbError> {
///         tx.execute("CREATE TABLE IF NOT EXISTS signups (host text PRIMARY KEY, count bigint NOT NULL)", &[]).await?;
///         Ok(())
///     }
///
///     #[on(Created)]
///     async fn created(tx: &mut PgTransaction<'_>, email: String) -> Result<(), DbError> {
///         let count = "INSERT INTO signups VALUES (split_part($1, '@', 2), 1)
///                      ON CONFLICT (host) DO UPDATE SET count = signups.count + 1";
///         tx.execute(count, &[&email]).await?;
///         Ok(())
///     }
/// }
/// ```
///
/// The engine runs it with `.run(store.projection::<Signups>())`. What the statements write and the projection's checkpoint are
/// committed together, so every event counts once; statements that reach out of the transaction lose that. A method takes the
/// transaction first, then fields of the event, by name, and `#[recorded]` as above. An error of the driver that will pass is
/// tried again; any other stops the projection at its event.
///
/// Queries are answered from elsewhere, by a `#[query_handlers]` block on a struct that holds the pool and the engine;
/// `self.engine.wait_for::<Signups>().await?` waits there until the projection is as far as the caller asked.
///
/// - `transaction = PgTransaction`: the store's transaction.
/// - `name = "signups"`: what its checkpoint is kept under; it never changes.
/// - `#[setup]`: the method that makes the tables where they are missing, once, before the first event.
#[proc_macro_attribute]
pub fn projection(arguments: TokenStream, item: TokenStream) -> TokenStream {
    debug::block(symbol::PROJECTION, arguments, item, blocks::projection)
}

/// Handlers of commands that need services: a mailer, a payment client, several aggregates.
///
/// ```
/// # use cqrs::prelude::*;
/// # use bank::{AccountError, Deposit, Withdraw};
/// #[derive(Command)]
/// #[cqrs(error = CommandError<AccountError>)]
/// pub struct Transfer {
///     pub from: u32,
///     pub to: u32,
///     pub amount: u64,
/// }
///
/// pub struct Transfers {
///     engine: Engine,
/// }
///
/// #[command_handlers]
/// impl Transfers {
///     #[handle]
///     async fn transfer(&self, command: Transfer, ctx: &Context) -> Result<(), CommandError<AccountError>> {
///         let Transfer { from, to, amount } = command;
///         self.engine.execute(Withdraw { id: from, amount }).await?;
///         self.engine.execute(Deposit { id: to, amount }).await?;
///         Ok(())
///     }
/// }
/// ```
///
/// One block a type, or [several](macro@aggregate#several-blocks) with `blocks = 2` and `block = 2`. A handler takes `&self`, the
/// command and, if it wants, `&Context`. It returns the command's result, or an error that converts into the command's.
/// `crate = ::path` says where `cqrs` is, if it was renamed.
#[proc_macro_attribute]
pub fn command_handlers(arguments: TokenStream, item: TokenStream) -> TokenStream {
    debug::block(symbol::COMMAND_HANDLERS, arguments, item, blocks::command_handlers)
}

/// Handlers of queries that are answered from elsewhere than one read model.
///
/// ```
/// # use cqrs::prelude::*;
/// # use bank::GetBalance;
/// #[derive(Query)]
/// #[cqrs(result = u64)]
/// pub struct GetTotal {
///     pub accounts: Vec<u32>,
/// }
///
/// pub struct Reports {
///     engine: Engine,
/// }
///
/// #[query_handlers]
/// impl Reports {
///     #[handle]
///     async fn total(&self, query: GetTotal) -> Result<u64, QueryError> {
///         let mut total = 0;
///         for id in query.accounts {
///             total += self.engine.query(GetBalance { id }).await?.map_or(0, |balance| balance.amount);
///         }
///         Ok(total)
///     }
/// }
/// ```
///
/// One block a type, or [several](macro@aggregate#several-blocks) with `blocks = 2` and `block = 2`. A handler takes `&self` and
/// the query, and returns the query's own `Result`. `crate = ::path` says where `cqrs` is, if it was renamed.
#[proc_macro_attribute]
pub fn query_handlers(arguments: TokenStream, item: TokenStream) -> TokenStream {
    debug::block(symbol::QUERY_HANDLERS, arguments, item, blocks::query_handlers)
}

/// Marks a method that handles a command or answers a query, in a block with [`macro@aggregate`], [`macro@projection`],
/// [`macro@command_handlers`] or [`macro@query_handlers`]. The block itself reads it, so that it need not be imported; it may be
/// written as a path, `#[cqrs::handle]`, but not in a `cfg_attr`.
#[proc_macro_attribute]
pub fn handle(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    blocks::misplaced(symbol::HANDLE, &item.into()).into()
}

/// Marks the method that makes the tables, in a block with [`macro@projection`] and a transaction.
#[proc_macro_attribute]
pub fn setup(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    blocks::misplaced(symbol::SETUP, &item.into()).into()
}

/// Marks a method that says what an event does, in a block with [`macro@aggregate`] or [`macro@projection`].
#[proc_macro_attribute]
pub fn on(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    blocks::misplaced(symbol::ON, &item.into()).into()
}

/// What a type says to its derive, [`macro@Event`], [`macro@Command`], [`macro@Query`] or [`macro@ReadModel`], which lists the
/// keys. It stands below the derive; without one it is an error that says which is missing.
///
/// ```
/// # use cqrs::prelude::*;
/// # use bank::Account;
/// #[derive(Command)]
/// #[cqrs(aggregate = Account)]
/// pub struct Close {
///     #[cqrs(id)]
///     pub id: u32,
/// }
/// ```
#[proc_macro_attribute]
pub fn cqrs(keys: TokenStream, item: TokenStream) -> TokenStream {
    forgotten::derive(&keys.into(), &item.into()).into()
}

/// Not derived: it says to write [`macro@aggregate`].
#[doc(hidden)]
#[proc_macro_derive(Aggregate, attributes(cqrs))]
pub fn derive_aggregate(item: TokenStream) -> TokenStream {
    habits::derive(item.into(), &habits::AGGREGATE).into()
}

/// Not derived: it says to write [`macro@projection`].
#[doc(hidden)]
#[proc_macro_derive(Projection, attributes(cqrs))]
pub fn derive_projection(item: TokenStream) -> TokenStream {
    habits::derive(item.into(), &habits::PROJECTION).into()
}

/// Not derived: it says to write [`macro@command_handlers`].
#[doc(hidden)]
#[proc_macro_derive(CommandHandler, attributes(cqrs))]
pub fn derive_command_handler(item: TokenStream) -> TokenStream {
    habits::derive(item.into(), &habits::COMMAND_HANDLER).into()
}

/// Not derived: it says to write [`macro@query_handlers`].
#[doc(hidden)]
#[proc_macro_derive(QueryHandler, attributes(cqrs))]
pub fn derive_query_handler(item: TokenStream) -> TokenStream {
    habits::derive(item.into(), &habits::QUERY_HANDLER).into()
}
