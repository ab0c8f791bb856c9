//! The macros of `cqrs`. Use them through that crate.

mod attr;
mod blocks;
mod check;
mod crate_path;
mod ctxt;
mod derives;
mod expand;
mod impl_block;
mod model;
mod symbol;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Facts about one kind of aggregate: an enum with one variant for each thing that can happen.
///
/// ```ignore
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
///   `Display` writes is compared.
/// - `taken = UserError::EmailExists`: makes the domain's error from the value, where another aggregate has it.
#[proc_macro_derive(Event, attributes(cqrs))]
pub fn event(input: TokenStream) -> TokenStream {
    derives::event(input.into()).into()
}

/// An intention that is carried out or refused.
///
/// ```ignore
/// #[derive(Command)]
/// #[cqrs(aggregate = User, result = Uuid)]
/// pub struct CreateUser {
///     #[cqrs(id)]
///     pub id: Uuid,
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
#[proc_macro_derive(Command, attributes(cqrs))]
pub fn command(input: TokenStream) -> TokenStream {
    derives::command(input.into()).into()
}

/// A question about read models.
///
/// ```ignore
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
#[proc_macro_derive(Query, attributes(cqrs))]
pub fn query(input: TokenStream) -> TokenStream {
    derives::query(input.into()).into()
}

/// A row made for reading.
///
/// Every keyed and indexed field has a constant, by which queries filter and order: `UserView::EMAIL`.
///
/// ```ignore
/// #[derive(Serialize, Deserialize, ReadModel)]
/// #[cqrs(name = "users")]
/// pub struct UserView {
///     #[cqrs(key)]
///     pub id: Uuid,
///     #[cqrs(index)]
///     pub email: String,
///     pub name: String,
/// }
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
    derives::read_model(input.into()).into()
}

/// A composition root: commands and queries in, each routed to the field that handles it, by type or by name.
///
/// ```ignore
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
    derives::dispatcher(input.into()).into()
}

/// The write side: an aggregate's decisions and memory, on its `impl` block.
///
/// ```ignore
/// #[aggregate(event = UserEvent, error = UserError, not_found = UserError::NotFound)]
/// impl User {
///     #[handle]
///     fn create(command: CreateUser, ctx: &Context) -> Result<(UserEvent, Uuid), UserError> { … }
///
///     #[handle]
///     fn deactivate(&self, command: DeactivateUser) -> Result<Option<UserEvent>, UserError> { … }
///
///     #[on(Created)]
///     fn created() -> Self { Self { active: true } }
///
///     #[on(Deactivated)]
///     fn deactivated(&mut self) { self.active = false }
/// }
/// ```
///
/// `#[handle]` decides a command. Without a receiver it brings an aggregate to life, with `&self` it needs a living one.
/// It takes the command, by value or by `&`, and, if it wants, `&Context`. It returns `Result<events, error>`: one event,
/// an `Option`, a `Vec` or an array of them, in a pair with the command's result if that has one.
///
/// `#[on(Variant)]` remembers an event. Without a receiver it makes the aggregate, with `&mut self` it changes it.
/// Parameters are fields of the event, by name, by value or by `&`; fields that are not needed are left out.
/// `#[on(A, B)]` is for several variants that have these fields; `#[on(Added(item))]` names the fields of a tuple variant.
/// Every variant is covered once or ignored.
///
/// - `event = UserEvent`: the aggregate's events. Required.
/// - `error = UserError`: why it refuses commands. Required.
/// - `not_found = UserError::NotFound`: makes the domain's error from the id, where the aggregate does not exist.
/// - `already_exists = UserError::Exists`: the same, where it exists and the command would bring it to life.
/// - `ignore(Viewed)`: variants that change nothing.
/// - `crate = ::path`: where `cqrs` is, if it was renamed.
#[proc_macro_attribute]
pub fn aggregate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    blocks::aggregate(arguments.into(), item.into()).into()
}

/// The read side: how events become rows, and how queries are answered from them, on a read model's `impl` block.
///
/// ```ignore
/// #[projection(event = UserEvent, ignore(Viewed))]
/// impl UserView {
///     #[on(Created)]
///     fn created(id: Uuid, email: String) -> Self { … }
///
///     #[on(Renamed)]
///     fn renamed(&mut self, name: String, #[recorded] recorded: &RecordedEvent) { … }
///
///     #[on(Closed)]
///     fn closed(&mut self) -> Change { Change::Delete }
///
///     #[handle]
///     async fn by_id(users: &Views<Self>, query: GetUserById) -> Result<Self, UserQueryError> { … }
/// }
/// ```
///
/// `#[on(Variant)]` says what an event makes of its row. Without a receiver it makes the row, with `&mut self` it changes
/// it, and removes it if it returns `Change::Delete`. The row is that of the aggregate's id, or of `key = field`, which
/// may be an `Option`: `None` concerns no row. With `or_insert = path` the function `path` makes the row from its key
/// where there is none. Parameters are fields of the event, by name; `#[recorded]` marks one that takes the envelope.
///
/// `#[handle]` answers a query from the views of this read model.
///
/// - `event = UserEvent`: the events it follows; or
/// - `events(UserEvent, OrderEvent)`: of several aggregates. Variants are then written `UserEvent::Created`.
/// - `ignore(Viewed)`: variants that concern no row.
/// - `crate = ::path`: where `cqrs` is, if it was renamed.
#[proc_macro_attribute]
pub fn projection(arguments: TokenStream, item: TokenStream) -> TokenStream {
    blocks::projection(arguments.into(), item.into()).into()
}

/// Handlers of commands that need services: a mailer, a payment client, several aggregates.
///
/// ```ignore
/// #[command_handlers]
/// impl Registration {
///     #[handle]
///     async fn register(&self, command: RegisterUser, ctx: &Context) -> Result<Uuid, RegistrationError> { … }
/// }
/// ```
///
/// One block a type. A handler takes `&self`, the command and, if it wants, `&Context`. It returns the command's result,
/// or an error that converts into the command's. `crate = ::path` says where `cqrs` is, if it was renamed.
#[proc_macro_attribute]
pub fn command_handlers(arguments: TokenStream, item: TokenStream) -> TokenStream {
    blocks::command_handlers(arguments.into(), item.into()).into()
}

/// Handlers of queries that are answered from elsewhere than one read model.
///
/// ```ignore
/// #[query_handlers]
/// impl Reports {
///     #[handle]
///     async fn turnover(&self, query: GetTurnover) -> Result<Turnover, QueryError> { … }
/// }
/// ```
///
/// One block a type. A handler takes `&self` and the query, and returns the query's own `Result`. `crate = ::path` says
/// where `cqrs` is, if it was renamed.
#[proc_macro_attribute]
pub fn query_handlers(arguments: TokenStream, item: TokenStream) -> TokenStream {
    blocks::query_handlers(arguments.into(), item.into()).into()
}

/// Marks a method that handles a command or answers a query, in a block with [`macro@aggregate`], [`macro@projection`],
/// [`macro@command_handlers`] or [`macro@query_handlers`].
#[proc_macro_attribute]
pub fn handle(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    blocks::misplaced(symbol::HANDLE, &item.into()).into()
}

/// Marks a method that says what an event does, in a block with [`macro@aggregate`] or [`macro@projection`].
#[proc_macro_attribute]
pub fn on(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    blocks::misplaced(symbol::ON, &item.into()).into()
}
