//! Dispatchers: routing by type and by name, what a service's receipt covers, what its commands inherit.

use std::sync::Arc;

use cqrs::{
    Consistency, EventFilter, EventStore as _, MemoryStore, Position, RouteError,
    context::{FixedClock, SequentialIds},
    dispatch::JsonQueries as _,
    prelude::*,
    testkit::start_of_2000,
};
use serde_json::json;

use crate::account::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = Uuid, error = TransferError)]
struct Transfer {
    from: Uuid,
    to: Uuid,
    amount: u64,
}

#[derive(Debug, thiserror::Error)]
enum TransferError {
    #[error("nobody transfers nothing")]
    Nothing,
    #[error(transparent)]
    Account(#[from] CommandError<AccountError>),
}

struct Transfers {
    engine: Engine,
}

#[command_handlers]
impl Transfers {
    #[handle]
    async fn transfer(&self, command: Transfer, ctx: &Context) -> Result<Uuid, TransferError> {
        let Transfer { from, to, amount } = command;
        if amount == 0 {
            return Err(TransferError::Nothing);
        }
        self.engine.execute(Withdraw { id: from, amount }).await?;
        self.engine.execute(Deposit { id: to, amount }).await?;
        Ok(ctx.request_id().0)
    }
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64)]
struct Total {
    accounts: Vec<Uuid>,
}

struct Reports {
    engine: Engine,
}

#[query_handlers]
impl Reports {
    #[handle]
    async fn total(&self, query: Total) -> Result<u64, QueryError> {
        let mut total = 0;
        for id in query.accounts {
            total += self.engine.query(GetBalance { id }).await?.map_or(0, |view| view.balance);
        }
        Ok(total)
    }
}

#[derive(Dispatcher)]
struct App {
    engine: Engine,
    transfers: Transfers,
    reports: Reports,
    #[cqrs(skip)]
    #[expect(dead_code, reason = "what else an application holds")]
    name: String,
}

async fn app(store: MemoryStore) -> App {
    let engine = engine(store).await;
    App {
        transfers: Transfers { engine: engine.clone() },
        reports: Reports { engine: engine.clone() },
        engine,
        name: "bank".into(),
    }
}

#[tokio::test]
async fn commands_and_queries_find_their_field_by_type() {
    let app = app(MemoryStore::new()).await;
    let (from, to) = (open(&app.engine).await, open(&app.engine).await);
    app.execute(Deposit { id: from, amount: 10 }).await.unwrap();

    let transferred = app.execute(Transfer { from, to, amount: 4 }).await.unwrap();

    assert_eq!(transferred.position, Position(5), "the receipt covers all that the handler did");
    assert_eq!(app.query(Total { accounts: vec![from, to] }).after(&transferred).await.unwrap(), 10);
    assert_eq!(app.query(GetBalance { id: to }).after(&transferred).await.unwrap().unwrap().balance, 4);
    let refused = app.execute(Transfer { from, to, amount: 0 }).await.unwrap_err();
    assert!(matches!(refused, CommandError::Rejected(TransferError::Nothing)));
}

#[tokio::test]
async fn a_service_s_commands_join_its_conversation() {
    let store = MemoryStore::new();
    let app = app(store.clone()).await;
    let (from, to) = (open(&app.engine).await, open(&app.engine).await);
    app.execute(Deposit { id: from, amount: 10 }).await.unwrap();

    let receipt = app.execute(Transfer { from, to, amount: 4 }).actor("teller").await.unwrap();

    let page = store.read(&EventFilter::everything(), Position(3), 10).await.unwrap();
    assert_eq!(page.events.len(), 2);
    for event in &page.events {
        assert_eq!(event.metadata.correlation_id, receipt.request.0);
        assert_eq!(event.metadata.causation_id, Some(receipt.request.0));
        assert_eq!(event.metadata.actor.as_deref(), Some("teller"));
    }
}

#[tokio::test]
async fn a_service_s_request_can_be_repeated() {
    let app = app(MemoryStore::new()).await;
    let (from, to) = (open(&app.engine).await, open(&app.engine).await);
    app.execute(Deposit { id: from, amount: 10 }).await.unwrap();
    let request = Uuid::now_v7();
    let transfer = || app.execute(Transfer { from, to, amount: 4 }).request_id(request);

    let first = transfer().await.unwrap();
    app.execute(Deposit { id: to, amount: 1 }).await.unwrap();
    let again = transfer().await.unwrap();

    assert_eq!(again, first);
    assert_eq!(app.engine.head().await.unwrap(), Position(6), "nothing was written twice");
    let by_name = app.execute_json("transfer", json!({"from": from, "to": to, "amount": 4})).request_id(request);
    assert_eq!(by_name.await.unwrap().position, first.position);
    let another = app.execute(Transfer { from, to, amount: 4 }).request_id(Uuid::now_v7()).await.unwrap();
    assert_eq!(another.position, Position(8), "another request is another transfer");
}

#[tokio::test]
async fn a_service_that_failed_half_way_goes_on_when_it_is_repeated() {
    let app = app(MemoryStore::new()).await;
    let (from, to) = (open(&app.engine).await, Uuid::now_v7());
    app.execute(Deposit { id: from, amount: 10 }).await.unwrap();
    let request = Uuid::now_v7();
    let transfer = || app.execute(Transfer { from, to, amount: 4 }).request_id(request);

    let failed = transfer().await.unwrap_err();
    assert!(matches!(failed, CommandError::Rejected(TransferError::Account(CommandError::Rejected(_)))), "{failed}");
    assert_eq!(app.engine.head().await.unwrap(), Position(3), "withdrawn, and not deposited");
    app.execute(Open { id: to, owner: "bob".into() }).await.unwrap();
    transfer().await.unwrap();

    assert_eq!(app.engine.head().await.unwrap(), Position(5), "deposited, and not withdrawn again");
    let balance = async |id| app.engine.execute(Withdraw { id, amount: 0 }).await.unwrap().result;
    assert_eq!((balance(from).await, balance(to).await), (6, 4));
}

/// Opens an account under an id of its own making.
#[derive(Debug, Clone, Command)]
#[cqrs(result = Uuid, error = CommandError<AccountError>)]
struct Welcome {
    owner: String,
}

struct Desk {
    engine: Engine,
}

#[command_handlers]
impl Desk {
    #[handle]
    async fn welcome(&self, Welcome { owner }: Welcome, ctx: &Context) -> Result<Uuid, CommandError<AccountError>> {
        let id = ctx.new_id();
        self.engine.execute(Open { id, owner }).await?;
        self.engine.execute(Deposit { id, amount: 1 }).await?;
        Ok(id)
    }
}

#[derive(Dispatcher)]
struct Branch {
    desk: Desk,
    engine: Engine,
}

#[tokio::test]
async fn a_repeated_request_makes_the_same_ids() {
    let engine = engine(MemoryStore::new()).await;
    let branch = Branch { desk: Desk { engine: engine.clone() }, engine };
    let welcome = |request| branch.execute(Welcome { owner: "ann".into() }).request_id(request);
    let request = Uuid::now_v7();

    let first = welcome(request).await.unwrap();

    assert_eq!(welcome(request).await.unwrap(), first);
    assert_eq!(branch.engine.head().await.unwrap(), Position(2));
    let another = welcome(Uuid::now_v7()).await.unwrap_err();
    assert!(matches!(another, CommandError::Rejected(CommandError::Rejected(AccountError::OwnerHasOne(_)))));
}

#[tokio::test]
async fn services_go_by_the_clock_and_the_ids_of_the_engine_beside_them() {
    let store = MemoryStore::new();
    let builder = Engine::builder(store.clone()).clock(FixedClock(start_of_2000())).ids(SequentialIds::default());
    let engine = builder.start().await.unwrap();
    let branch = Branch { desk: Desk { engine: engine.clone() }, engine };

    let welcomed = branch.execute(Welcome { owner: "ann".into() }).await.unwrap();

    assert_eq!((welcomed.request.0, welcomed.result), (Uuid::from_u128(1), Uuid::from_u128(2)));
    let page = store.read(&EventFilter::everything(), Position::START, 10).await.unwrap();
    assert!(page.events.iter().all(|event| event.metadata.recorded_at == start_of_2000()));
}

#[tokio::test]
async fn the_same_handlers_are_called_by_name() {
    let app = app(MemoryStore::new()).await;
    let (from, to) = (open(&app.engine).await, open(&app.engine).await);

    let deposited = app.execute_json("deposit", json!({"id": from, "amount": 10})).actor("teller").await.unwrap();
    assert_eq!(deposited.result, json!(10));
    let transfer = json!({"from": from, "to": to, "amount": 3});
    let transferred = app.execute_json("transfer", transfer).await.unwrap();
    let balance = app.query_json("get_balance", json!({"id": from})).after(&transferred).await.unwrap();
    assert_eq!(balance["balance"], json!(7));
    let total = json!({"accounts": [from, to]});
    assert_eq!(app.query_json("total", total.clone()).after(&transferred).await.unwrap(), json!(10));
    let total = app.reports.query_json("total", total, Consistency::after(&transferred)).await.unwrap();
    assert_eq!(total, json!(10), "the same, without knowing who answers");
}

#[tokio::test]
async fn calls_by_name_fail_in_words() {
    let app = app(MemoryStore::new()).await;
    let id = Uuid::now_v7();
    let call = async |name: &str, input| app.execute_json(name, input).await.unwrap_err();

    let misspelt = call("depositt", json!({})).await;
    assert_eq!(misspelt.to_string(), "there is no command `depositt`; did you mean `deposit`?");
    let incomplete = call("deposit", json!({"id": id})).await;
    assert_eq!(incomplete.to_string(), "the input of `deposit` is not valid: missing field `amount`");
    let refused = call("deposit", json!({"id": id, "amount": 1})).await;
    assert!(matches!(&refused, RouteError::Rejected { name: "deposit", .. }));
    assert_eq!(refused.to_string(), format!("no such account: {id}"));
    let by_type_only = call("panic", json!({"id": id})).await;
    assert!(matches!(by_type_only, RouteError::NotByName { name: "panic", .. }), "{by_type_only}");
    assert!(app.command_names().contains(&"transfer") && app.query_names().contains(&"richest"));
}

/// Another service for a command that an aggregate decides.
struct Tellers;

#[command_handlers]
impl Tellers {
    #[handle]
    async fn deposit(&self, command: Deposit) -> Result<u64, AccountError> {
        Ok(command.amount)
    }
}

#[derive(Dispatcher)]
struct Counter {
    engine: Engine,
    tellers: Tellers,
    transfers: Arc<Transfers>,
    reports: Arc<Reports>,
}

#[tokio::test]
async fn a_name_that_two_fields_have_calls_neither() {
    let App { engine, transfers, reports, .. } = app(MemoryStore::new()).await;
    let counter = Counter { engine, tellers: Tellers, transfers: Arc::new(transfers), reports: Arc::new(reports) };
    let (from, to) = (open(&counter.engine).await, open(&counter.engine).await);

    let twice = counter.execute_json("deposit", json!({"id": from, "amount": 10})).await.unwrap_err();
    assert_eq!(twice.to_string(), "2 command handlers go by the name `deposit`, so it calls none of them");
    assert!(matches!(twice, RouteError::Ambiguous { kind: "command", count: 2, .. }), "{twice:?}");

    counter.engine.execute_json("deposit", json!({"id": from, "amount": 10})).await.unwrap();
    let transferred = counter.execute_json("transfer", json!({"from": from, "to": to, "amount": 3})).await.unwrap();
    let total = counter.query_json("total", json!({"accounts": [to]})).after(&transferred).await.unwrap();
    assert_eq!(total, json!(3), "what is shared is called by name too");
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(name = "count", result = u64)]
struct CountRows;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(name = "count", result = u64)]
struct CountPages;

#[derive(Debug, Deserialize, Query)]
#[cqrs(name = "total", result = u64)]
struct GrandTotal {}

/// A service with two commands of one name, and a query called like that of another.
struct Clerks;

#[command_handlers]
impl Clerks {
    #[handle]
    async fn rows(&self, _: CountRows) -> Result<u64, std::convert::Infallible> {
        Ok(1)
    }

    #[handle]
    async fn pages(&self, _: CountPages) -> Result<u64, std::convert::Infallible> {
        Ok(2)
    }
}

#[query_handlers]
impl Clerks {
    #[handle]
    async fn total(&self, _: GrandTotal) -> Result<u64, QueryError> {
        Ok(3)
    }
}

#[derive(Dispatcher)]
struct Office {
    clerks: Clerks,
    reports: Reports,
}

#[tokio::test]
async fn a_name_that_one_field_has_twice_calls_neither() {
    let office = Office { clerks: Clerks, reports: app(MemoryStore::new()).await.reports };

    let command = office.execute_json("count", json!(null)).await.unwrap_err();
    assert!(matches!(command, RouteError::Ambiguous { kind: "command", count: 2, .. }), "{command:?}");
    let query = office.query_json("total", json!({})).await.unwrap_err();
    assert!(matches!(query, RouteError::Ambiguous { kind: "query", count: 2, .. }), "{query:?}");

    let by_type = (office.execute(CountRows).await.unwrap().result, office.execute(CountPages).await.unwrap().result);
    assert_eq!((by_type, office.query(GrandTotal {}).await.unwrap()), ((1, 2), 3), "by type they are apart");
}

/// A composition root as a library has it: public, with handlers that are not.
mod root {
    use cqrs::{MemoryStore, prelude::*};

    use crate::account::*;

    #[derive(Debug, Clone, Command)]
    #[cqrs(result = u64)]
    pub struct Audit {
        pub id: Uuid,
    }

    struct Auditors;

    #[command_handlers]
    impl Auditors {
        #[handle]
        async fn audit(&self, command: Audit) -> Result<u64, std::convert::Infallible> {
            Ok(command.id.as_u64_pair().1)
        }
    }

    #[derive(Dispatcher)]
    pub struct Root {
        engine: Engine,
        auditors: Auditors,
    }

    pub async fn root() -> Root {
        Root { engine: engine(MemoryStore::new()).await, auditors: Auditors }
    }
}

#[tokio::test]
async fn a_dispatcher_is_called_from_outside_its_module() {
    let root = root::root().await;
    let id = Uuid::from_u128(7);

    let opened = root.execute(Open { id, owner: "ann".into() }).await.unwrap();

    assert_eq!(root.execute(root::Audit { id }).await.unwrap().result, 7);
    assert_eq!(root.query(GetBalance { id }).after(&opened).await.unwrap().unwrap().owner, "ann");
}
