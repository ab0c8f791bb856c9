//! A role that has the rights that are documented, and no others.

use cqrs_core::{
    ColumnSchema, ColumnType, Condition, EventFilter, EventStore as _, Expected, Position, ReadModelStore as _, Schema,
    Snapshot, Value, Version,
    event::EventSet,
    payload::DecodeError,
    projection::{InTransaction, TransactionProjection},
    store::{Cause, EventPage, ProjectionBatch, ProjectionSink as _, Row, RowChange, RowQuery},
};
use cqrs_postgres::{PgTransaction, PostgresBuilder, PostgresStore, deadpool_postgres::tokio_postgres};

use crate::roles::{Home, append, connect, event, full, read_all, stream, take, unwritable, write};

static USERS: Schema = Schema {
    name: "users",
    columns: &[ColumnSchema { name: "id", column_type: ColumnType::Int, nullable: false }],
    shape: 1,
};

static ORDERS: Schema = Schema { name: "orders", columns: USERS.columns, shape: 1 };

/// What its event says does not matter.
struct Anything;

impl EventSet for Anything {
    fn names() -> Vec<&'static str> {
        vec!["thing.happened"]
    }

    fn decode_any(_: &str, _: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

struct Counts;

impl TransactionProjection for Counts {
    const PROJECTION_NAME: &'static str = "counts";
    type Event = Anything;
}

type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl<'tx> InTransaction<PgTransaction<'tx>> for Counts {
    fn setup<'a>(tx: &'a mut PgTransaction<'tx>) -> BoxFuture<'a, Result<(), Cause>> {
        Box::pin(async move { tx.batch_execute("CREATE TABLE public.counts (of text)").await.map_err(cause) })
    }

    fn handle<'a>(
        tx: &'a mut PgTransaction<'tx>,
        _: Anything,
        recorded: &'a cqrs_core::RecordedEvent,
    ) -> BoxFuture<'a, Result<(), Cause>> {
        Box::pin(async move {
            let of = recorded.stream.as_str();
            tx.execute("INSERT INTO public.counts VALUES ($1)", &[&of]).await.map(drop).map_err(cause)
        })
    }
}

fn cause(error: tokio_postgres::Error) -> Cause {
    std::sync::Arc::new(error)
}

/// A database whose owner has made everything, and given the guest what `grants_sql` says.
async fn granted(log: Option<&str>) -> (Home, PostgresBuilder) {
    let home = Home::new().await;
    let builder = |role| match log {
        Some(log) => home.builder(role).schema("shop").log(log).migrate(false),
        None => home.builder(role).migrate(false),
    };
    // Nobody has what is not given, as careful operators see to.
    home.run("REVOKE ALL ON SCHEMA public FROM PUBLIC").await;
    home.own("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC").await;
    home.own("ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC").await;
    let owner = builder(&home.owner);
    home.own(&owner.schema_sql().unwrap()).await;
    home.own(&owner.table_sql(&USERS).unwrap()).await;
    home.own(&owner.grants_sql(&home.guest, &[&USERS]).unwrap()).await;
    // The tables of a projection's own are its owner's to give.
    home.run(&format!("GRANT ALL ON SCHEMA public TO {}", home.owner)).await;
    owner.clone().open().await.unwrap().projection::<Counts>().prepare().await.unwrap();
    home.own(&format!("GRANT USAGE ON SCHEMA public TO {0}; GRANT INSERT ON public.counts TO {0}", home.guest)).await;
    let guest = builder(&home.guest);
    (home, guest)
}

#[tokio::test]
async fn with_the_documented_rights_everything_works() {
    for log in [None, Some("orders")] {
        let (_home, guest) = granted(log).await;
        let store = guest.open().await.unwrap();
        work(&store).await;
        let unprepared = store.prepare(&ORDERS).await.unwrap_err();
        assert!(unwritable(unprepared).contains("permission denied for schema"));
    }
}

/// Something of everything that a program does.
async fn work(store: &PostgresStore) {
    let first = write(store, full("a")).await.unwrap();
    let boundary = Condition::NoMatch { filter: EventFilter::types(["thing.happened"]), after: first.last };
    let next = append().expect(&stream("a"), Expected::Version(Version(1))).when(boundary).event(event("a"));
    let renamed = cqrs_core::Claim::Replace { key: "thing.name".into(), value: "b".into(), holder: stream("a") };
    let refused = append().claim(take("thing.name", "b", "c"));
    let released =
        append().claim(cqrs_core::Claim::Release { key: "thing.name".into(), value: None, holder: stream("a") });
    let answers = store.append(&[next.clone(), append().claim(renamed), refused, released.clone()]).await.unwrap();
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false, true]);
    assert!(write(store, released).await.unwrap().repeated);
    assert_eq!(store.receipt(next.request).await.unwrap().unwrap().last, Position(2));
    assert_eq!(store.holder("thing.name", "b").await.unwrap(), None);
    assert_eq!(read_all(store).await.len(), 2);

    for version in [1, 2] {
        let state = b"{}".as_slice().into();
        store
            .keep_snapshot(Snapshot { stream: stream("a"), version: Version(version), shape: 1, state })
            .await
            .unwrap();
    }
    assert_eq!(store.snapshot(&stream("a")).await.unwrap().unwrap().version, Version(2));

    let lease = store.lease("users").await.unwrap();
    assert!(lease.is_shared());
    assert_eq!(store.prepare(&USERS).await.unwrap(), Position::START);
    let row = |id| RowChange::Put(Row { columns: vec![Value::Int(id)], body: b"{}".to_vec() });
    for (expected, changes) in [(0, vec![row(1), row(2)]), (1, vec![row(2), RowChange::Delete(Value::Int(1))])] {
        let (expected, checkpoint) = (Position(expected), Position(expected + 1));
        store.commit(ProjectionBatch { schema: &USERS, expected, checkpoint, changes }).await.unwrap();
    }
    assert_eq!(store.select(&USERS, &RowQuery::default()).await.unwrap().len(), 1);
    drop(lease);

    let counts = store.projection::<Counts>();
    assert_eq!(counts.prepare().await.unwrap(), Position::START);
    let events = read_all(store).await;
    counts.handle(Position::START, &EventPage { events, read_to: Position(2) }).await.unwrap();
    assert_eq!(counts.checkpoint().await.unwrap(), Position(2));
}

/// Whoever may run programs may not undo what they wrote.
#[tokio::test]
async fn the_documented_rights_are_no_more_than_needed() {
    let (home, guest) = granted(None).await;
    write(&guest.open().await.unwrap(), full("a")).await.unwrap();
    let client = connect(&home.of(&home.guest)).await;
    for sql in [
        "UPDATE cqrs.events SET payload = '{}'",
        "DELETE FROM cqrs.events",
        "TRUNCATE cqrs.events",
        "DELETE FROM cqrs.event_tags",
        "DELETE FROM cqrs.receipts",
        "UPDATE cqrs.claims SET holder = 'x-y'",
        "DELETE FROM cqrs.checkpoints",
        "INSERT INTO cqrs.migrations (number) VALUES (99)",
        "CREATE TABLE cqrs.other ()",
        "ALTER TABLE cqrs.events ADD COLUMN other text",
        "DROP FUNCTION cqrs.first_match",
        "CREATE SCHEMA other",
    ] {
        let error = client.batch_execute(sql).await.unwrap_err();
        assert_eq!(error.code().unwrap().code(), "42501", "{sql}: {error}");
    }
    // Of each right one is taken away: something fails for want of it.
    let client = connect(&home.of(&home.owner)).await;
    let script = guest_script(&home);
    for line in script.lines().filter(|line| !line.contains("running") && !line.contains("TYPE")) {
        let revoke = line.replacen("GRANT", "REVOKE", 1).replace(" TO ", " FROM ");
        client.batch_execute(&revoke).await.unwrap();
        let worked = match home.builder(&home.guest).migrate(false).open().await {
            Ok(store) => tokio::spawn(async move { work(&store).await }).await.is_ok(),
            Err(_) => false,
        };
        client.batch_execute(line).await.unwrap();
        assert!(!worked, "{line}");
    }
}

fn guest_script(home: &Home) -> String {
    home.builder(&home.owner).grants_sql(&home.guest, &[&USERS]).unwrap()
}

/// The crate's documentation shows what `grants_sql` gives.
#[test]
fn the_rights_are_documented() {
    let builder = PostgresStore::builder("");
    let documentation: String = include_str!("../../src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//! "))
        .flat_map(|line| [line, "\n"])
        .collect();
    assert!(documentation.contains(&builder.grants_sql("app", &[&USERS]).unwrap()), "{documentation}");
}
