//! Whatever the server knows of a log, nothing that works on it reads through it: every plan is by index, and cheap enough
//! not to be compiled.

use chrono::Utc;
use cqrs_core::{
    Append, Claim, Condition, EventFilter, EventStore as _, Expected, NewEvent, Position, RequestId, StreamId, Tag,
    Version, store::Selector,
};
use cqrs_postgres::{PostgresStore, tokio_postgres};
use test_server::Server;

use crate::support::{Place, raw};

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

/// Wherever a boundary begins, what is before it is not read, nor what is behind the first event that breaks it.
#[tokio::test]
async fn a_boundary_reads_no_more_than_it_must() {
    let place = Place::new();
    let store = place.store().await;
    let client = raw(&place).await;
    let fill = "INSERT INTO events (position, version, recorded_at, request, written, recorded_ns, stream, type, tags, payload) \
                SELECT n, n, now(), gen_random_uuid(), 1, 0, 'user-1', CASE n % 1000 WHEN 0 THEN 'rare' ELSE 'often' END, \
                    '{course:c1}', '{}' FROM generate_series(1, 10000) n; \
                INSERT INTO event_tags (tag, position) SELECT 'course:c1', n FROM generate_series(1, 10000) n";
    client.batch_execute(fill).await.unwrap();
    // As within the function that appends.
    client.batch_execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan").await.unwrap();
    let fetched = async || -> i64 {
        let sql = "SELECT coalesce(sum(idx_tup_fetch), 0)::bigint FROM pg_stat_xact_user_tables \
                   WHERE relid IN ('events'::regclass, 'event_tags'::regclass)";
        client.query_one(sql, &[]).await.unwrap().get(0)
    };
    let of_stream = || Selector::default().stream(&StreamId::of("user", &1).unwrap());
    let of_tag = || Selector::default().tag(Tag::new("course", &"c1").unwrap());
    for (selector, json) in [
        (of_stream(), r#"{"streams": ["user-1"]}"#),
        (of_stream().event_type("rare"), r#"{"streams": ["user-1"], "types": ["rare"]}"#),
        (Selector::default().event_type("often"), r#"{"types": ["often"]}"#),
        (of_tag(), r#"{"tags": ["course:c1"]}"#),
        (of_tag().event_type("rare"), r#"{"tags": ["course:c1"], "types": ["rare"]}"#),
        (Selector::default(), "{}"),
    ] {
        let is_rare = selector.types.iter().any(|wanted| **wanted == *"rare");
        for after in [0, 5_500, 9_990, 10_000] {
            client.batch_execute("BEGIN").await.unwrap();
            let before = fetched().await;
            let call = format!("SELECT first_match('[{json}]', {after})");
            let found: Option<i64> = client.query_one(&call, &[]).await.unwrap().get(0);
            let read = fetched().await - before;
            client.batch_execute("COMMIT").await.unwrap();
            let next = if is_rare { after / 1000 * 1000 + 1000 } else { after + 1 };
            assert_eq!(found, Some(next).filter(|next| *next <= 10_000), "{call}");
            // A rare one is looked for one by one.
            let must = if is_rare { 2 * (next.min(10_000) - after) } else { 2 };
            assert!(read <= must + 100, "{call} reads {read} rows");

            let filter = EventFilter::any_of([selector.clone()]);
            let boundary = Condition::NoMatch { filter, after: Position(after.unsigned_abs()) };
            let confirming = Append::new(RequestId::random(), Utc::now()).when(boundary);
            let confirmed = store.append(&[confirming]).await.unwrap().remove(0);
            assert_eq!(confirmed.is_ok(), found.is_none(), "{confirmed:?}");
        }
    }
}
