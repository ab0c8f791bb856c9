//! A day at the help desk, and everything that came of it. Compiled beside either domain.

use std::fmt::Debug;

use cqrs::{
    EventFilter, EventStore as _, InTransaction, MemoryStore, Position, RequestId, StreamId,
    TransactionProjection as _,
    context::{FixedClock, SequentialIds},
    prelude::*,
    projection::handle_events,
    serde_json::json,
    testkit::start_of_2000,
};

use super::domain::*;
use crate::transaction::PgTransaction;

/// What was answered and what was stored, a line each.
#[derive(Default)]
struct Transcript(Vec<String>);

impl Transcript {
    fn note(&mut self, what: &str, came: impl Debug) {
        self.0.push(format!("{what}: {came:?}"));
    }
}

async fn open_desk(store: MemoryStore) -> App {
    let engine = Engine::builder(store)
        .aggregate::<Ticket>()
        .projection::<OpenTickets>()
        .projection::<Workload>()
        .clock(FixedClock(start_of_2000()))
        .ids(SequentialIds::default())
        .start()
        .await
        .unwrap();
    let desk = Desk { engine: engine.clone(), on_duty: "ann".into() };
    App { desk, reports: Reports { engine: engine.clone() }, engine }
}

pub(crate) async fn transcript() -> Vec<String> {
    let (store, mut all) = (MemoryStore::new(), Transcript::default());
    let app = open_desk(store.clone()).await;
    by_type(&app, &mut all).await;
    by_name(&app, &mut all).await;
    repeated(&app, &mut all).await;
    stored(&app, &store, &mut all).await;
    // A second engine on the same log begins from the snapshot.
    let again = open_desk(store.clone()).await;
    let reassign = again.execute(assign(1, "cy")).request_id(Uuid::from_u128(100));
    all.note("reopened", reassign.await);
    journal(&store, &mut all).await;
    all.0
}

fn open(number: u32, subject: &str) -> OpenTicket {
    OpenTicket { number, subject: subject.into() }
}

fn assign(number: u32, agent: &str) -> AssignTicket {
    AssignTicket { number, agent: agent.into() }
}

async fn by_type(app: &App, all: &mut Transcript) {
    all.note("open", app.execute(open(1, "no light")).await);
    all.note("open the same", app.execute(open(1, "no sound")).await);
    all.note("open what is known", app.execute(open(2, "no light")).await);
    all.note("assign nothing", app.execute(assign(9, "ann")).await);
    all.note("close too early", app.execute(CloseTicket { number: 1 }).await);
    all.note("assign", app.execute(assign(1, "bob")).await);
    all.note("assign to the same", app.execute(assign(1, "bob")).await);
    all.note("reassign", app.execute(assign(1, "ann")).await);
    let called = app.execute(TakeCall { number: 2, subject: "no sound".into() }).await;
    all.note("call", &called);
    all.note("call about what is known", app.execute(TakeCall { number: 3, subject: "no sound".into() }).await);
    let called = called.unwrap();
    let of_ann = || TicketsOf { agent: "ann".into() };
    all.note("tickets of ann", app.query(of_ann()).after(&called).await);
    all.note("workload of bob", app.query(WorkloadOf { agent: "bob".into() }).after(&called).await);
    let both = || WorkloadOfAll { agents: vec!["ann".into(), "bob".into(), "cy".into()] };
    all.note("workload", app.query(both()).after(&called).await);

    let closed = app.execute(CloseTicket { number: 1 }).await;
    all.note("close", &closed);
    all.note("tickets of ann, later", app.query(of_ann()).after(&closed.unwrap()).await);
    all.note("open what is free again", app.execute(open(4, "no light")).await);
}

async fn by_name(app: &App, all: &mut Transcript) {
    all.note("commands", app.command_names());
    all.note("queries", app.query_names());
    for (command, input) in [
        ("open_ticket", json!({"number": 5, "subject": "smoke"})),
        ("open_ticket", json!({"number": 5, "subject": "fire"})),
        ("open_ticket", json!({"number": 6})),
        ("assign_ticket", json!({"number": 5, "agent": "bob"})),
        ("take_call", json!({"number": 7, "subject": "flood"})),
        ("take_call", json!({"number": 8, "subject": "flood"})),
        ("take_cal", json!({})),
    ] {
        all.note(command, app.execute_json(command, input).await);
    }
    let now = app.engine.head().await.unwrap();
    for (query, input) in [
        ("tickets_of", json!({"agent": "ann"})),
        ("workload_of", json!({"agent": "bob"})),
        ("workload_of_all", json!({"agents": ["ann", "bob"]})),
        ("workload_of_all", json!({})),
    ] {
        all.note(query, app.query_json(query, input).after(now).await);
    }
}

/// A request is carried out once, by a service too.
async fn repeated(app: &App, all: &mut Transcript) {
    let request = RequestId(Uuid::from_u128(7));
    for _ in 0..2 {
        let call = TakeCall { number: 10, subject: "no heat".into() };
        all.note("repeated", app.execute(call).request_id(request.0).await);
    }
}

async fn stored(app: &App, store: &MemoryStore, all: &mut Transcript) {
    app.query(WorkloadOf { agent: "ann".into() }).after(app.engine.head().await.unwrap()).await.unwrap();
    let log = store.read(&EventFilter::default(), Position::START, 1000).await.unwrap();
    for event in log.events {
        all.note("stored", &event);
    }
    all.note("holder", store.holder("ticket.subject", "no light").await);
    let stream = StreamId::of("ticket", &1).unwrap();
    let snapshot = loop {
        match store.snapshot(&stream).await.unwrap() {
            Some(snapshot) => break snapshot,
            // Given to the store by a task of its own.
            None => tokio::task::yield_now().await,
        }
    };
    all.note("the shape of a snapshot", snapshot.shape);
    let old = Event::decode("ticket.given", br#"{"number":1,"agent":"bob"}"#);
    all.note("under its old name", old as Result<TicketEvent, _>);
    all.note("of no name", TicketEvent::decode("ticket.lost", b"{}").map_err(|error| error.to_string()));
}

async fn journal(store: &MemoryStore, all: &mut Transcript) {
    let mut lines = Vec::new();
    let log = store.read(&Journal::filter(), Position::START, 1000).await.unwrap();
    let mut tx = PgTransaction(&mut lines);
    Journal::setup(&mut tx).await.unwrap();
    handle_events::<Journal, _>(&mut tx, &log.events, |_| None).await.unwrap();
    all.note("journal", lines);
}
