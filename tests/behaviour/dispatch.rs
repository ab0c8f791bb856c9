//! Dispatchers: routing by type and by name, what a service's receipt covers, what its commands inherit.

use cqrs::{Consistency, EventFilter, EventStore as _, MemoryStore, Position, RouteError, prelude::*};
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
async fn the_same_handlers_are_called_by_name() {
    let app = app(MemoryStore::new()).await;
    let (from, to) = (open(&app.engine).await, open(&app.engine).await);

    let deposited = app.execute_json("deposit", json!({"id": from, "amount": 10}), Context::new()).await.unwrap();
    assert_eq!(deposited.result, json!(10));
    let transfer = json!({"from": from, "to": to, "amount": 3});
    let transferred = app.execute_json("transfer", transfer, Context::new()).await.unwrap();
    let freshness = Consistency { after: (&transferred).into(), ..Consistency::default() };
    let balance = app.query_json("get_balance", json!({"id": from}), freshness).await.unwrap();
    assert_eq!(balance["balance"], json!(7));
    assert_eq!(app.query_json("total", json!({"accounts": [from, to]}), freshness).await.unwrap(), json!(10));
}

#[tokio::test]
async fn calls_by_name_fail_in_words() {
    let app = app(MemoryStore::new()).await;
    let id = Uuid::now_v7();
    let call = async |name: &str, input| app.execute_json(name, input, Context::new()).await.unwrap_err();

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
