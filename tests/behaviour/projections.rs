//! Views: read your writes, exactly once, and what a query cannot be given.

use std::time::Duration;

use cqrs::{
    MemoryStore, Position,
    prelude::*,
    query::{PageError, QueryError},
};

use crate::account::*;

#[tokio::test]
async fn a_query_sees_what_the_command_before_it_did() {
    let engine = engine(MemoryStore::new()).await;
    let id = open(&engine).await;

    for amount in 1..50 {
        let deposited = engine.execute(Deposit { id, amount }).await.unwrap();
        let view = engine.query(GetBalance { id }).after(&deposited).await.unwrap().unwrap();
        assert_eq!((view.balance, view.changes), (deposited.result, amount));
    }
    let closed = engine.execute(Close { id }).await.unwrap();
    assert_eq!(engine.query(GetBalance { id }).after(&closed).await.unwrap(), None, "the row is removed");
}

#[tokio::test]
async fn a_view_that_does_not_come_in_time_is_an_error_with_both_positions() {
    let engine = engine(MemoryStore::new()).await;
    let id = open(&engine).await;

    let error = engine.query(GetBalance { id }).after(Position(9)).within(Duration::from_millis(20)).await.unwrap_err();

    assert!(matches!(error, QueryError::TooStale { model: "balances", wanted: Position(9), .. }), "{error}");
}

#[tokio::test]
async fn a_view_nobody_projects_is_an_error_with_the_cure() {
    let engine = Engine::builder(MemoryStore::new()).start().await.unwrap();

    let error = engine.query(GetBalance { id: Uuid::nil() }).await.unwrap_err();

    assert!(error.to_string().contains(".projection::<"), "{error}");
}

#[tokio::test]
async fn pages_out_of_bounds_are_refused() {
    let engine = engine(MemoryStore::new()).await;

    let ask = async |page, size| engine.query(Richest { page, size }).await.unwrap_err();

    assert!(matches!(ask(0, 10).await, QueryError::Page(PageError::Zero)));
    assert!(matches!(ask(1, 0).await, QueryError::Page(PageError::Size { size: 0, .. })));
    assert!(matches!(ask(1, 1_000_000).await, QueryError::Page(PageError::Size { size: 1_000_000, .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_engines_on_one_store_project_every_event_once() {
    let store = MemoryStore::new();
    let engines = [engine(store.clone()).await, engine(store.clone()).await, engine(store).await];
    let id = open(&engines[0]).await;

    let tasks: Vec<_> = engines
        .iter()
        .map(|engine| {
            let engine = engine.clone();
            tokio::spawn(async move {
                for _ in 0..200 {
                    engine.execute(Deposit { id, amount: 1 }).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }

    for engine in &engines {
        let view = engine.query(GetBalance { id }).after(engine.head().await.unwrap()).await.unwrap().unwrap();
        assert_eq!((view.balance, view.changes), (600, 600));
    }
}

#[tokio::test]
async fn a_cursor_does_not_shift_when_rows_come_and_go() {
    let engine = engine(MemoryStore::new()).await;
    let mut last = None;
    for _ in 0..25 {
        let id = open(&engine).await;
        last = Some(engine.execute(Deposit { id, amount: 10 }).await.unwrap());
    }
    engine.query(Richest { page: 1, size: 1 }).after(&last.unwrap()).await.unwrap();
    let views = engine.views::<BalanceView>();
    let before: Vec<Uuid> = views.all().rows().await.unwrap().iter().map(|row| row.id).collect();

    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let slice = views.order_by(BalanceView::BALANCE.descending()).slice(cursor.as_ref(), 4).await.unwrap();
        seen.extend(slice.rows.iter().map(|row| row.id));
        // A richer one comes first from now on, and would shift every page behind it.
        let id = open(&engine).await;
        let richer = engine.execute(Deposit { id, amount: 1000 }).await.unwrap();
        engine.query(GetBalance { id }).after(&richer).await.unwrap();
        let Some(next) = slice.next else { break };
        cursor = Some(next.to_string().parse().unwrap());
    }

    assert_eq!(seen, before);
    let other_order = views.order_by(BalanceView::OWNER).slice(cursor.as_ref(), 4).await.unwrap_err();
    assert!(matches!(other_order, QueryError::Cursor(_)), "{other_order}");
    assert!("no cursor".parse::<cqrs::Cursor>().is_err());
}

#[tokio::test]
async fn dropping_the_engine_ends_its_projections() {
    let store = MemoryStore::new();
    let first = engine(store.clone()).await;
    let id = open(&first).await;
    let before = first.execute(Deposit { id, amount: 1 }).await.unwrap();
    first.query(GetBalance { id }).after(&before).await.unwrap();
    drop(first);

    let second = engine(store).await;
    let after = second.execute(Deposit { id, amount: 1 }).await.unwrap();
    let view = second.query(GetBalance { id }).after(&after).await.unwrap().unwrap();
    assert_eq!((view.balance, view.changes), (2, 2), "the second goes on where the first was");
}

#[tokio::test]
async fn the_longest_wait_is_no_panic() {
    let engine = engine(MemoryStore::new()).await;
    let id = open(&engine).await;
    let deposited = engine.execute(Deposit { id, amount: 1 }).await.unwrap();
    engine.query(GetBalance { id }).after(&deposited).within(Duration::MAX).await.unwrap();
}

/// Every fault in a row of one batch: what was shown before stays, what came before the fault is shown, and the event at
/// fault is named, whether its row cannot be written, its handler panics, or it does not fit its row.
#[tokio::test]
async fn a_fault_in_the_middle_of_a_batch_costs_nothing_before_it() {
    for (amount, cause) in [(u64::MAX, "does not fit into a column"), (u64::MAX - 4, "does not fit into a column")] {
        let store = MemoryStore::new();
        let silent = Engine::builder(store.clone()).start().await.unwrap();
        let id = open(&silent).await;
        silent.execute(Deposit { id, amount: 5 }).await.unwrap();
        let stream = cqrs::StreamId::of("account", &id).unwrap();
        let huge =
            cqrs::NewEvent::new(&stream, "account.deposited", format!(r#"{{"id":"{id}","amount":{}}}"#, amount - 5));
        let append = cqrs::Append::new(cqrs::RequestId::random(), Utc::now()).event(huge);
        cqrs::EventStore::append(&store, &[append]).await.unwrap().remove(0).unwrap();

        let engine = engine(store.clone()).await;
        let error = engine.query(GetBalance { id }).after(Position(3)).await.unwrap_err();
        assert!(error.to_string().contains(cause), "{error}");

        // Mended, it goes on without having lost anything.
        let [status] = engine.projections().try_into().unwrap();
        assert_eq!(status.position, Position::START, "nothing of a batch that cannot be written is passed over");
    }
}

#[tokio::test]
async fn a_handler_that_panics_is_named_and_hides_nothing_before_it() {
    let store = MemoryStore::new();
    let silent = Engine::builder(store.clone()).start().await.unwrap();
    let id = open(&silent).await;
    silent.execute(Deposit { id, amount: 5 }).await.unwrap();
    let stream = cqrs::StreamId::of("account", &id).unwrap();
    let too_much = cqrs::NewEvent::new(&stream, "account.withdrawn", format!(r#"{{"id":"{id}","amount":9}}"#));
    let append = cqrs::Append::new(cqrs::RequestId::random(), Utc::now()).event(too_much);
    cqrs::EventStore::append(&store, &[append]).await.unwrap().remove(0).unwrap();

    let engine = engine(store).await;
    let error = engine.query(GetBalance { id }).after(Position(3)).await.unwrap_err();

    assert!(error.to_string().contains("event 3") && error.to_string().contains("panicked"), "{error}");
    let view = engine.query(GetBalance { id }).after(Position(2)).await.unwrap().unwrap();
    assert_eq!((view.balance, view.changes), (5, 1), "what came before it on the same row is shown");
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "rates")]
struct RateView {
    #[cqrs(key)]
    id: Uuid,
    rate: f64,
}

#[projection(event = AccountEvent, ignore(Withdrawn, Closed))]
impl RateView {
    #[on(Opened)]
    fn opened(id: Uuid) -> Self {
        Self { id, rate: 1.0 }
    }

    #[on(Deposited)]
    fn deposited(&mut self) {
        self.rate /= 0.0;
    }
}

#[tokio::test]
async fn a_row_that_no_query_could_read_is_not_written() {
    let engine = Engine::builder(MemoryStore::new()).projection::<RateView>().start().await.unwrap();
    let id = open(&engine).await;
    engine.execute(Deposit { id, amount: 1 }).await.unwrap();

    let mut stopped = false;
    while !stopped {
        tokio::task::yield_now().await;
        stopped =
            engine.projections()[0].stopped.as_ref().is_some_and(|cause| cause.contains("could not be read back"));
    }
    let shown = engine.views::<RateView>().get(&id).await.unwrap();
    assert!(shown.is_none_or(|row| (row.rate - 1.0).abs() < f64::EPSILON));
}
