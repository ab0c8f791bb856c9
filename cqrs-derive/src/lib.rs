//! The macros of `cqrs`. Use them through that crate.

mod attr;
mod check;
mod crate_path;
mod ctxt;
mod derives;
mod expand;
mod model;
mod symbol;

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
