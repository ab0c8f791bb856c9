//! Commands: receipts, refusals, request ids, metadata.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeZone as _;
use cqrs::{EventFilter, MemoryStore, Position, RequestId, StreamId, Version, context::FixedClock, prelude::*};

use crate::account::*;

#[tokio::test]
async fn a_receipt_tells_result_position_and_version() {
    let engine = engine(MemoryStore::new()).await;
    let id = open(&engine).await;

    let receipt = engine.execute(Deposit { id, amount: 5 }).await.unwrap();

    assert_eq!((receipt.result, receipt.position, receipt.version), (5, Position(2), Version(2)));
}

#[tokio::test]
async fn the_domain_refuses_with_its_own_errors() {
    let engine = engine(MemoryStore::new()).await;
    let id = open(&engine).await;
    let stranger = Uuid::now_v7();

    let unknown = engine.execute(Deposit { id: stranger, amount: 1 }).await.unwrap_err();
    let overdrawn = engine.execute(Withdraw { id, amount: 1 }).await.unwrap_err();
    let again = engine.execute(Open { id, owner: "x".into() }).await.unwrap_err();
    let owner = format!("owner of {id}");
    let taken = engine.execute(Open { id: stranger, owner: owner.clone() }).await.unwrap_err();

    assert_eq!(unknown.rejection(), Some(AccountError::NotFound(stranger)));
    assert_eq!(overdrawn.rejection(), Some(AccountError::Overdrawn { balance: 0 }));
    assert!(matches!(again, CommandError::AlreadyExists { stream } if stream == StreamId::of("account", &id).unwrap()));
    assert_eq!(taken.rejection(), Some(AccountError::OwnerHasOne(owner)));
    assert_eq!(engine.head().await.unwrap(), Position(1), "a refused command writes nothing");
}

#[tokio::test]
async fn what_a_closed_account_gave_back_can_be_taken_again() {
    let engine = engine(MemoryStore::new()).await;
    let id = open(&engine).await;
    engine.execute(Deposit { id, amount: 3 }).await.unwrap();

    let closed = engine.execute(Close { id }).await.unwrap();
    engine.execute(Open { id: Uuid::now_v7(), owner: format!("owner of {id}") }).await.unwrap();

    assert_eq!(closed.version, Version(4), "the rest is paid out and the account closed in one append");
    let refused = engine.execute(Deposit { id, amount: 1 }).await.unwrap_err();
    assert_eq!(refused.rejection(), Some(AccountError::Closed));
}

#[tokio::test]
async fn a_command_that_changes_nothing_writes_nothing() {
    let engine = engine(MemoryStore::new()).await;
    let id = open(&engine).await;

    let receipt = engine.execute(Withdraw { id, amount: 0 }).await.unwrap();

    assert_eq!((receipt.result, receipt.version), (0, Version(1)));
    assert_eq!(engine.head().await.unwrap(), Position(1));
}

#[tokio::test]
async fn events_that_could_not_be_read_back_are_not_written() {
    let engine = engine(MemoryStore::new()).await;
    let id = open(&engine).await;

    let foreign = engine.execute(Misdirect { id }).await.unwrap_err();
    let reborn = engine.execute(OpenAgain { id }).await.unwrap_err();

    assert!(matches!(foreign, CommandError::ForeignEvent { .. }), "{foreign}");
    assert!(matches!(reborn, CommandError::Misapplied { .. }), "{reborn}");
    assert_eq!(engine.head().await.unwrap(), Position(1));
    assert_eq!(engine.execute(Deposit { id, amount: 2 }).await.unwrap().result, 2);
}

#[tokio::test]
async fn a_panic_in_a_handler_harms_only_its_caller() {
    let engine = engine(MemoryStore::new()).await;
    let id = open(&engine).await;

    let panicking = engine.clone();
    tokio::spawn(async move { panicking.execute(Panic { id }).await }).await.unwrap_err();

    assert_eq!(engine.execute(Deposit { id, amount: 2 }).await.unwrap().result, 2);
}

#[tokio::test]
async fn the_same_request_again_gets_the_first_receipt() {
    let engine = engine(MemoryStore::new()).await;
    let id = open(&engine).await;
    let request = Uuid::now_v7();

    let first = engine.execute(Deposit { id, amount: 5 }).request_id(request).await.unwrap();
    engine.execute(Deposit { id, amount: 1 }).await.unwrap();
    let again = engine.execute(Deposit { id, amount: 5 }).request_id(request).await.unwrap();

    assert_eq!(again, first);
    assert_eq!(engine.execute(Withdraw { id, amount: 0 }).await.unwrap().result, 6);
}

#[tokio::test]
async fn a_creating_request_can_be_repeated_too() {
    let engine = engine(MemoryStore::new()).await;
    let (id, request) = (Uuid::now_v7(), Uuid::now_v7());
    let open = || engine.execute(Open { id, owner: "ann".into() }).request_id(request);

    let first = open().await.unwrap();

    assert_eq!(open().await.unwrap(), first);
    assert_eq!(engine.head().await.unwrap(), Position(1));
}

#[tokio::test]
async fn a_request_id_is_not_lent_to_another_command() {
    let engine = engine(MemoryStore::new()).await;
    let id = open(&engine).await;
    let other = open(&engine).await;
    let request = Uuid::now_v7();
    engine.execute(Deposit { id, amount: 5 }).request_id(request).await.unwrap();

    let reused = engine.execute(Deposit { id: other, amount: 5 }).request_id(request).await.unwrap_err();

    assert!(matches!(reused, CommandError::RequestReused { request: RequestId(named), .. } if named == request));
    let other_input = engine.execute(Deposit { id, amount: 6 }).request_id(request).await.unwrap_err();
    assert!(matches!(other_input, CommandError::RequestReused { .. }), "{other_input}");
    let other_command = engine.execute(Withdraw { id, amount: 5 }).request_id(request).await.unwrap_err();
    assert!(matches!(other_command, CommandError::RequestReused { .. }), "{other_command}");
}

#[tokio::test]
async fn sixteen_times_the_same_request_at_once_is_one_execution() {
    let engine = engine(MemoryStore::new()).await;
    let id = open(&engine).await;
    let request = Uuid::now_v7();

    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move { engine.execute(Deposit { id, amount: 5 }).request_id(request).await.unwrap() })
        })
        .collect();
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.unwrap());
    }

    assert!(receipts.iter().all(|receipt| *receipt == receipts[0]), "{receipts:?}");
    assert_eq!(engine.execute(Withdraw { id, amount: 0 }).await.unwrap().result, 5);
}

#[tokio::test]
async fn events_carry_who_when_and_why() {
    let noon = Utc.with_ymd_and_hms(2024, 2, 29, 12, 0, 0).unwrap();
    let store = MemoryStore::new();
    let engine = Engine::builder(store.clone()).clock(FixedClock(noon)).start().await.unwrap();
    let (id, cause, conversation) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());

    let receipt = engine
        .execute(Open { id, owner: "ann".into() })
        .actor("clerk 7")
        .causation_id(cause)
        .correlation_id(conversation)
        .metadata("branch", "Ghent")
        .await
        .unwrap();

    let page = cqrs::EventStore::read(&store, &EventFilter::everything(), Position::START, 10).await.unwrap();
    let metadata = &page.events[0].metadata;
    assert_eq!(metadata.request, receipt.request);
    assert_eq!(metadata.recorded_at, noon);
    assert_eq!(metadata.actor.as_deref(), Some("clerk 7"));
    assert_eq!((metadata.causation_id, metadata.correlation_id), (Some(cause), conversation));
    assert_eq!(metadata.custom["branch"], "Ghent");
    assert_eq!(page.events[0].event_type.as_ref(), "account.opened");
    assert_eq!(page.events[0].payload, format!(r#"{{"id":"{id}","owner":"ann"}}"#), "no wrapper of the enum");
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Label, result = Uuid)]
struct SetLabel {
    #[cqrs(id)]
    name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "label", id = name)]
enum LabelEvent {
    Set { name: String, mark: Uuid },
}

struct Label;

#[aggregate(event = LabelEvent, error = std::convert::Infallible)]
impl Label {
    #[handle]
    fn set(command: SetLabel, ctx: &Context) -> Result<(LabelEvent, Uuid), std::convert::Infallible> {
        let mark = ctx.new_id();
        Ok((LabelEvent::Set { name: command.name, mark }, mark))
    }

    #[on(Set)]
    fn was_set() -> Self {
        Self
    }
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Tally, result = u32)]
struct Count {
    #[cqrs(id)]
    id: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "tally", id = id)]
enum TallyEvent {
    Begun { id: u32 },
    Counted { id: u32 },
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Tally)]
struct Begin {
    #[cqrs(id)]
    id: u32,
}

struct Tally {
    count: u32,
}

/// Whether the next fold of a `Counted` stops half-way.
static FOLDING_FAILS: AtomicBool = AtomicBool::new(false);

#[aggregate(event = TallyEvent, error = std::convert::Infallible)]
impl Tally {
    #[handle]
    fn begin(command: Begin) -> Result<TallyEvent, std::convert::Infallible> {
        Ok(TallyEvent::Begun { id: command.id })
    }

    #[handle]
    fn count(&self, command: Count) -> Result<(TallyEvent, u32), std::convert::Infallible> {
        Ok((TallyEvent::Counted { id: command.id }, self.count + 1))
    }

    #[on(Begun)]
    fn begun() -> Self {
        Self { count: 0 }
    }

    #[on(Counted)]
    fn counted(&mut self) {
        self.count += 100;
        assert!(!FOLDING_FAILS.swap(false, Ordering::SeqCst), "a bug on purpose");
        self.count -= 99;
    }
}

#[tokio::test]
async fn a_state_that_was_folded_half_way_is_thrown_away() {
    let engine = Engine::builder(MemoryStore::new()).start().await.unwrap();
    engine.execute(Begin { id: 1 }).await.unwrap();
    engine.execute(Count { id: 1 }).await.unwrap();

    FOLDING_FAILS.store(true, Ordering::SeqCst);
    let panicking = engine.clone();
    tokio::spawn(async move { panicking.execute(Count { id: 1 }).await }).await.unwrap_err();

    assert_eq!(engine.execute(Count { id: 1 }).await.unwrap().result, 2);
}

#[tokio::test]
async fn a_repeated_command_makes_up_the_same_ids() {
    let store = MemoryStore::new();
    let engine = Engine::builder(store.clone()).start().await.unwrap();
    let set = || engine.execute(SetLabel { name: "x".into() }).request_id(Uuid::from_u128(1));

    let first = set().await.unwrap();

    let page = cqrs::EventStore::read(&store, &EventFilter::everything(), Position::START, 10).await.unwrap();
    assert_eq!(page.events[0].payload, format!(r#"{{"name":"x","mark":"{}"}}"#, first.result));
    assert_eq!(set().await.unwrap(), first);
}

#[tokio::test]
async fn an_id_that_names_no_stream_is_refused() {
    let engine = Engine::builder(MemoryStore::new()).start().await.unwrap();

    for name in [String::new(), "x".repeat(600), "a\0b".into()] {
        let refused = engine.execute(SetLabel { name }).await.unwrap_err();
        assert!(matches!(refused, CommandError::Invalid(_)), "{refused}");
    }
    for name in ["O'Brien \"\\ -- ; DROP TABLE events", "ключ", "a-b-c", " "] {
        engine.execute(SetLabel { name: name.into() }).await.unwrap();
    }
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Gauge, result = bool)]
struct Measure {
    #[cqrs(id)]
    id: u32,
    value: f64,
    second: Option<f64>,
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Gauge)]
struct Install {
    #[cqrs(id)]
    id: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "gauge", id = id)]
enum GaugeEvent {
    Installed { id: u32 },
    Measured { id: u32, value: f64, second: Option<f64> },
}

struct Gauge {
    second: Option<f64>,
}

#[aggregate(event = GaugeEvent, error = std::convert::Infallible)]
impl Gauge {
    #[handle]
    fn install(command: Install) -> Result<GaugeEvent, std::convert::Infallible> {
        Ok(GaugeEvent::Installed { id: command.id })
    }

    /// Answers whether there was a second value before.
    #[handle]
    fn measure(&self, Measure { id, value, second }: Measure) -> Result<(GaugeEvent, bool), std::convert::Infallible> {
        Ok((GaugeEvent::Measured { id, value, second }, self.second.is_some()))
    }

    #[on(Installed)]
    fn installed() -> Self {
        Self { second: None }
    }

    #[on(Measured)]
    fn measured(&mut self, second: Option<f64>) {
        self.second = second;
    }
}

#[tokio::test]
async fn what_json_cannot_hold_is_not_acknowledged() {
    let engine = Engine::builder(MemoryStore::new()).start().await.unwrap();
    engine.execute(Install { id: 1 }).await.unwrap();

    let refused = engine.execute(Measure { id: 1, value: f64::NAN, second: None }).await.unwrap_err();
    assert!(matches!(refused, CommandError::Unreadable { .. }), "{refused}");
    // An optional one is stored as none, so none is what the aggregate remembers.
    engine.execute(Measure { id: 1, value: 1.0, second: Some(f64::INFINITY) }).await.unwrap();
    assert!(!engine.execute(Measure { id: 1, value: 1.0, second: None }).await.unwrap().result);
    assert_eq!(engine.head().await.unwrap(), Position(3));
}

#[tokio::test]
async fn two_commands_in_one_context_are_never_taken_for_one() {
    let engine = engine(MemoryStore::new()).await;
    let ctx = Context::new().with_actor("ann");
    let (one, other) = (Uuid::now_v7(), Uuid::now_v7());

    engine.execute(Open { id: one, owner: "ann".into() }).context(ctx.clone()).await.unwrap();
    let reused = engine.execute(Open { id: other, owner: "bob".into() }).context(ctx.clone()).await.unwrap_err();
    let on_the_same = engine.execute(Deposit { id: one, amount: 1 }).context(ctx).await.unwrap_err();

    for refused in [reused, on_the_same] {
        assert!(matches!(refused, CommandError::RequestReused { .. }), "{refused}");
    }
    assert_eq!(engine.head().await.unwrap(), Position(1));
}

#[tokio::test]
async fn one_request_for_two_commands_at_once_is_one_execution_and_one_error() {
    let engine = engine(crate::faulty::Slow::new(MemoryStore::new())).await;
    let (one, other) = (open(&engine).await, open(&engine).await);
    let request = Uuid::now_v7();

    let (first, second) = tokio::join!(
        engine.execute(Deposit { id: one, amount: 100 }).request_id(request),
        engine.execute(Deposit { id: other, amount: 50 }).request_id(request),
    );

    let (Ok(done), Err(reused)) = (first, second) else { panic!("one must be refused") };
    assert_eq!(done.result, 100);
    assert!(matches!(reused, CommandError::RequestReused { .. }), "{reused}");
    assert_eq!(engine.execute(Withdraw { id: other, amount: 0 }).await.unwrap().result, 0);
}

#[tokio::test]
async fn limits_hold_for_decisions_too() {
    let engine = engine(MemoryStore::new()).await;

    let refused = engine.execute(Open { id: Uuid::now_v7(), owner: "x".repeat(100_000) }).await.unwrap_err();

    assert!(matches!(refused, CommandError::Invalid(_)), "{refused}");
}
