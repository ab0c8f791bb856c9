//! What comes out of impl blocks beside the block itself.

use proc_macro2::TokenStream;
use quote::ToTokens as _;

use super::expansions::expands;
use crate::blocks;

fn beside_the_block(output: TokenStream) -> TokenStream {
    let mut file: syn::File = syn::parse2(output).unwrap();
    file.items.remove(0);
    file.to_token_stream()
}

#[test]
fn aggregates() {
    let block = r"
        impl User {
            #[handle]
            fn create(command: CreateUser, ctx: &Context) -> Result<(UserEvent, Uuid), UserError> {}
            #[handle]
            fn deactivate(&self, command: &DeactivateUser) -> Result<Option<UserEvent>, UserError> {}
            #[on(Created)]
            fn created(email: String, name: &str) -> Self {}
            #[on(Renamed, Moved(place))]
            fn changed(&mut self) {}
        }
    ";
    let arguments = "event = UserEvent, error = UserError, not_found = UserError::NotFound, ignore(Viewed), \
                     snapshot(every = 100)";
    let output = blocks::aggregate(arguments.parse().unwrap(), block.parse().unwrap());
    expands("aggregate", beside_the_block(output), 45 + 5 * 3 + 21 * 2);
}

#[test]
fn projections() {
    let block = r"
        impl UserView {
            #[on(UserEvent::Created)]
            fn created(id: Uuid, email: String) -> Self {}
            #[on(UserEvent::Renamed)]
            fn renamed(&mut self, name: String) {}
            #[on(OrderEvent::Placed, key = user, or_insert = Self::unknown)]
            fn ordered(&mut self, #[recorded] recorded: &RecordedEvent) -> Change {}
            #[handle]
            async fn by_id(users: &Views<Self>, query: GetUserById) -> Result<Self, UserQueryError> {}
        }
    ";
    let arguments = "events(UserEvent, OrderEvent), ignore(OrderEvent::Paid)";
    let output = blocks::projection(arguments.parse().unwrap(), block.parse().unwrap());
    expands("projection", beside_the_block(output), 56 + 12 * 3 + 18);
}

#[test]
fn statements() {
    let block = r"
        impl Signups {
            #[setup]
            async fn tables(tx: &mut PgTransaction<'_>) -> Result<(), PgError> {}
            #[on(UserEvent::Created)]
            async fn created(tx: &mut PgTransaction<'_>, email: &str) -> Result<(), PgError> {}
            #[on(UserEvent::Renamed, OrderEvent::Placed)]
            async fn seen(tx: &mut PgTransaction<'_>, #[recorded] recorded: &RecordedEvent) -> Result<(), Error> {}
        }
    ";
    let arguments =
        "events(UserEvent, OrderEvent), name = \"signups\", transaction = PgTransaction, ignore(OrderEvent::Paid)";
    let output = blocks::projection(arguments.parse().unwrap(), block.parse().unwrap());
    expands("statements", beside_the_block(output), 47 + 12 * 2);
}

#[test]
fn services() {
    let block = r"
        impl<M: Mailer> Registration<M> {
            #[handle]
            async fn register(&self, command: RegisterUser, ctx: &Context) -> Result<Uuid, RegistrationError> {}
        }
    ";
    let output = blocks::command_handlers(TokenStream::new(), block.parse().unwrap());
    expands("command_handlers", beside_the_block(output), 16 + 20);

    let block =
        "impl Reports { #[handle] async fn turnover(&self, query: GetTurnover) -> Result<Turnover, QueryError> {} }";
    let output = blocks::query_handlers(TokenStream::new(), block.parse().unwrap());
    expands("query_handlers", beside_the_block(output), 16 + 20);
}
