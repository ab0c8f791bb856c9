//! Whatever the server knows of a log, nothing that works on it reads through it: every plan is by index, and cheap enough
//! not to be compiled.

use chrono::Utc;
use cqrs_core::{
    Append, Claim, Condition, EventFilter, EventStore as _, Expected, NewEvent, Position, RequestId, StreamId, Tag,
    Version, store::Selector,
};
use cqrs_postgres::{PostgresStore, tokio_postgres};
use test_server::Server;

/// A million events of 20,000 streams: three types, one event in ten tagged.
const FILL: &str = r"
    SET auto_explain.log_min_duration = -1;
    INSERT INTO cqrs.events (position, version, recorded_at, request, written, recorded_ns, stream, type, tags, payload)
    SELECT head + n, (n - 1) / 20000 + 1, now(), gen_random_uuid(), 1, 0, 'user-' || n % 20000,
        (ARRAY['user.created', 'user.renamed', 'user.closed'])[1 + n % 3],
        CASE WHEN n % 10 = 0 THEN ARRAY['course:c' || n % 1000, 'school:s1'] END, '{}'
    FROM generate_series(1, 1000000) n, (SELECT coalesce(max(position), 0) AS head FROM cqrs.events) log;
    INSERT INTO cqrs.event_tags (tag, position) SELECT tag, position FROM cqrs.events, unnest(tags) tag ON CONFLICT DO NOTHING;
    INSERT INTO cqrs.claims (key, value, holder) SELECT 'user.email', 'u' || n, 'user-' || n FROM generate_series(1, 100000) n;
    INSERT INTO cqrs.receipts (request, last) SELECT gen_random_uuid(), n FROM generate_series(1, 100000) n;
";

#[tokio::test]
async fn nothing_scans_a_log() {
    let server = Server::builder()
        .set("session_preload_libraries", "auto_explain")
        .set("auto_explain.log_min_duration", "0")
        .set("auto_explain.log_nested_statements", "on")
        // What is not analysed stays so.
        .set("autovacuum", "off")
        .start()
        .unwrap();
    let by_plan = ["force_custom_plan", "force_generic_plan", "auto"];
    let url = |mode| format!("{}?options=-cplan_cache_mode%3D{mode}", server.url("postgres"));
    let mut kept = Vec::new();
    for mode in by_plan {
        kept.push(PostgresStore::builder(url(mode)).connections(1).open().await.unwrap());
    }

    work(&kept).await;

    let (client, connection) = tokio_postgres::connect(&server.url("postgres"), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(FILL).await.unwrap();
    let before = server.log().len();
    work(&kept).await;
    no_scan(&server.log()[before..], "filled behind plans that were made before");
    work(&[PostgresStore::connect(url("auto")).await.unwrap()]).await;
    no_scan(&server.log()[before..], "filled, and never analysed");

    client.batch_execute("ANALYZE").await.unwrap();
    work(&kept).await;
    no_scan(&server.log()[before..], "analysed");
}

fn no_scan(log: &str, state: &str) {
    for index in ["events_pkey", "events_by_type", "events_stream_version_key", "event_tags_pkey", "claims_pkey"] {
        assert!(log.contains(index), "no plan of what was done uses {index}");
    }
    // A plan is one entry of the log: its statement, and a line a step.
    for plan in log.split("LOG:").filter(|entry| entry.contains("plan:")) {
        for table in ["events", "event_tags", "claims", "receipts"] {
            let scans = |line: &str| line.contains("Seq Scan") && line.split(' ').any(|word| word == table);
            assert!(!plan.lines().any(scans), "{state}: {plan}");
        }
        assert!(!plan.contains("JIT:"), "{state}: {plan}");
    }
}

/// All that can be asked of a log, often enough that the server makes up its mind on how to plan it.
async fn work(stores: &[PostgresStore]) {
    for store in stores {
        for _ in 0..7 {
            write(store).await;
            read(store).await;
        }
    }
}

async fn write(store: &PostgresStore) {
    let (stream, request) = (StreamId::of("user", &RequestId::random()).unwrap(), RequestId::random());
    let tag = Tag::new("course", &RequestId::random()).unwrap();
    let claim = |value: &str| Claim::Replace {
        key: "user.email".into(),
        value: format!("{value}{request}"),
        holder: stream.clone(),
    };
    let boundary = |selector| Condition::NoMatch { filter: EventFilter::any_of([selector]), after: Position::START };
    let event = || NewEvent::new(&stream, "user.created", "{}").tag(tag.clone());
    let first = Append::new(request, Utc::now())
        .expect(&stream, Expected::NoStream)
        .when(boundary(Selector::default().tag(tag.clone()).event_type("user.created")))
        .when(boundary(Selector::default().stream(&stream)))
        .when(boundary(Selector::default().event_type(format!("{request}"))))
        .claim(claim("a"))
        .event(event());
    store.append(std::slice::from_ref(&first)).await.unwrap().remove(0).unwrap();
    assert!(store.append(&[first]).await.unwrap().remove(0).unwrap().repeated);

    let at =
        |version| Append::new(RequestId::random(), Utc::now()).expect(&stream, Expected::Version(Version(version)));
    let release = Claim::Release { key: "user.email".into(), value: None, holder: stream.clone() };
    let stale = at(7).event(event());
    let next = at(1).event(event()).claim(claim("b"));
    let built = at(2).when(Condition::Written { request: next.request }).event(event());
    let released = Append::new(RequestId::random(), Utc::now()).claim(release);
    let answers = store.append(&[stale, next, built, released]).await.unwrap();
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true, true, true]);
    assert_eq!(store.receipt(request).await.unwrap().unwrap().count, 1);
    store.holder("user.email", "u1").await.unwrap();
}

async fn read(store: &PostgresStore) {
    let stream = StreamId::of("user", &7).unwrap();
    store.read_stream(&stream, Version(3), 1000).await.unwrap();
    store.read_history(&stream, Version(3), 1000).await.unwrap();
    let (tag, school) = (Tag::new("course", &"c10").unwrap(), Tag::new("school", &"s1").unwrap());
    let everything_else = [
        EventFilter::everything(),
        EventFilter::types(["user.created", "user.renamed", "user.closed"]),
        EventFilter::types(["user.forgotten"]),
        EventFilter::any_of([Selector::default().tag(tag.clone())]),
        EventFilter::any_of([
            Selector::default().tag(tag).tag(school).event_type("user.closed"),
            Selector::default().stream(&stream).event_type("user.renamed"),
            Selector::default().event_type("user.forgotten"),
        ]),
    ];
    let head = store.head().await.unwrap();
    for filter in everything_else {
        for after in [Position::START, Position(head.0 / 2), Position(head.0 - 1)] {
            store.read(&filter, after, 100).await.unwrap();
        }
    }
}
