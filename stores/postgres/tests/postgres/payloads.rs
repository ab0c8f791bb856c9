//! What is written, at its strangest.

use std::sync::Arc;

use cqrs::{
    EventFilter, EventStore as _, GroupCommit, GroupCommitOptions, NewEvent, Position, StoreError, StreamId, Tag,
    prelude::*,
};
use cqrs_core::{
    AppendError, Claim, Version,
    store::{InvalidInput, Selector},
};

use crate::{
    roles::{append, assert_gapless, event, full, read_all, stream, take, write},
    support::Place,
};

const STRANGE: [&str; 9] = [
    "nul \0 in it",
    "\u{1}\u{2}\u{1}",
    "it's \"quoted\" `twice`",
    r"back\slash \u0000 \n",
    "{1,2,NULL}",
    "a,b;c:d-e%f$1 --",
    "ü€😀\u{301}\u{202e}",
    " \t\r\n ",
    "'); DROP TABLE cqrs.events; --",
];

fn failed(error: AppendError) -> String {
    match error {
        AppendError::Store(StoreError::Failed { message, .. }) => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn tags_claims_and_payloads_of_any_text_come_back() {
    let place = Place::new();
    let store = place.store().await;
    for (number, text) in STRANGE.into_iter().enumerate() {
        let payload = serde_json::to_vec(&[text]).unwrap();
        let mut event = NewEvent::new(&stream("a"), format!("type {text}"), payload.clone());
        let tag = Tag::new("key", &text.replace('\0', "")).unwrap();
        event = event.tag(tag.clone());
        write(&store, append().event(event).claim(take(text, text, "a"))).await.unwrap();
        assert_eq!(store.holder(text, text).await.unwrap(), Some(stream("a")));
        let taken = write(&store, append().claim(take(text, text, "b"))).await.unwrap_err();
        assert!(matches!(&taken, AppendError::AlreadyClaimed(taken) if taken.value == text), "{taken:?}");

        let selector = Selector::default().tag(tag.clone()).event_type(format!("type {text}"));
        let found = store.read(&EventFilter::any_of([selector]), Position::START, 10).await.unwrap().events;
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].position, Position(number as u64 + 1));
        assert_eq!(&*found[0].payload, payload);
        assert_eq!(found[0].tags, [tag]);
    }
}

#[tokio::test]
async fn a_payload_that_is_no_json_fails_alone() {
    let place = Place::new();
    let store = place.store().await;
    let mut good = 0;
    for payload in ["", "{", "nothing", "{\"a\":}", "[1] 2", "\"\\ud8\""] {
        let bad = append()
            .event(event("b"))
            .event(NewEvent::new(&stream("b"), "thing.spoilt", payload))
            .claim(take("k", payload, "b"));
        let batch = [full(&format!("before {payload}")), bad.clone(), full(&format!("after {payload}"))];
        let [first, second, third]: [_; 3] = store.append(&batch).await.unwrap().try_into().unwrap();
        let message = failed(second.unwrap_err());
        assert!(message.contains("`thing.spoilt`") && message.contains("no JSON"), "{payload}: {message}");
        good += 2;
        assert_eq!(first.unwrap().last, Position(good - 1), "{payload}");
        assert_eq!(third.unwrap().last, Position(good));
        assert_eq!(store.receipt(bad.request).await.unwrap(), None);
        failed(write(&store, bad).await.unwrap_err());
    }
    let bad = append().event(NewEvent::new(&stream("b"), "thing.spoilt", b"\"\xff\"".as_slice()));
    assert!(failed(write(&store, bad).await.unwrap_err()).contains("utf-8"));
    assert_eq!(store.holder("k", "{").await.unwrap(), None);
    assert_gapless(&read_all(&store).await);
}

#[tokio::test]
async fn deep_json_is_kept_as_far_as_the_server_reads_it_and_else_fails_alone() {
    let place = Place::new();
    let store = place.store().await;
    let nested = |depth: usize| {
        let payload = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        append().event(NewEvent::new(&stream("deep"), "thing.nested", payload))
    };
    write(&store, nested(1000)).await.unwrap();
    let batch = [full("a"), nested(200_000), nested(500)];
    let answers = store.append(&batch).await.unwrap();
    assert!(answers[0].is_ok() && answers[2].is_ok(), "{answers:?}");
    let message = failed(answers.into_iter().nth(1).unwrap().unwrap_err());
    assert!(message.contains("nested 200000 deep") && message.contains("`max_stack_depth`"), "{message}");
    let events = read_all(&store).await;
    assert_eq!(events.len(), 3);
    assert_eq!(events[0].payload.len(), 2001);
}

#[tokio::test]
async fn large_payloads_and_large_batches_are_kept_whole() {
    let place = Place::new();
    let store = place.store().await;
    let large = format!("\"{}\"", "ä\\u0000".repeat(130_000));
    assert!(large.len() > 1_000_000);
    let megabyte = |id: &str| append().event(NewEvent::new(&stream(id), "thing.grew", large.clone()));
    let batch: Vec<_> = (0..20).map(|number| megabyte(&format!("large{number}"))).collect();
    assert!(store.append(&batch).await.unwrap().iter().all(Result::is_ok));
    let batch: Vec<_> = (0..1024).map(|number| full(&format!("a{number}"))).collect();
    assert!(store.append(&batch).await.unwrap().iter().all(Result::is_ok));
    let events = read_all(&store).await;
    assert_eq!(events.len(), 1044);
    assert_gapless(&events);
    assert!(events[..20].iter().all(|event| event.payload == large));
    assert_eq!(store.read_stream(&stream("large7"), Version::START, 10).await.unwrap()[0].payload, large);
}

/// Sixteen times what one payload may have is more than goes to the server at once.
#[tokio::test]
async fn a_batch_beyond_the_limit_is_refused_and_takes_nothing_of_its_group_with_it() {
    let place = Place::new();
    let store = Arc::new(place.store().await);
    let payload = bytes::Bytes::from(format!("\"{}\"", "x".repeat(15 * 1024 * 1024)));
    let mut huge = append();
    for _ in 0..18 {
        huge = huge.event(NewEvent::new(&stream("huge"), "thing.grew", payload.clone()));
    }
    let error = store.append(&[full("a"), huge.clone()]).await.unwrap_err();
    assert!(matches!(error, StoreError::Invalid(InvalidInput::TooLong { what: "batch", .. })), "{error:?}");
    assert_eq!(store.head().await.unwrap(), Position::START);

    let log = GroupCommit::new(store.clone(), GroupCommitOptions::default());
    let request = huge.request;
    let appends = (0..10)
        .map(|number| full(&format!("a{number}")))
        .chain([huge])
        .chain((10..20).map(|number| full(&format!("a{number}"))));
    let writing: Vec<_> = appends
        .map(|append| {
            let log = log.clone();
            tokio::spawn(async move { (append.request, log.append(append).await) })
        })
        .collect();
    for written in writing {
        let (of, answer) = written.await.unwrap();
        match answer {
            Ok(_) => assert_ne!(of, request),
            Err(error) => {
                let told = matches!(error, AppendError::Store(StoreError::Invalid(InvalidInput::TooLong { .. })));
                assert!(told, "{error:?}");
                assert_eq!(of, request);
            }
        }
    }
    assert_eq!(read_all(&*store).await.len(), 20);
}

/// What is longer than an index takes once its NULs are escaped.
#[tokio::test]
async fn a_claim_that_no_index_takes_fails_alone() {
    let place = Place::new();
    let store = Arc::new(place.store().await);
    let random = std::iter::repeat_with(|| uuid::Uuid::new_v4().into_bytes()).flatten();
    // Nothing that could be compressed.
    let mut random = random.map(|byte| char::from(b'!' + byte % 90));
    let key: String = random.by_ref().take(500).collect();
    let value: String =
        (0..2000).map(|place| if place % 5 == 0 { '\0' } else { random.next().unwrap_or('x') }).collect();
    let refused = append().claim(Claim::Take { key: key.into(), value, holder: stream("a") });
    let log = GroupCommit::new(store.clone(), GroupCommitOptions::default());
    let (first, second, third) = tokio::join!(log.append(full("a")), log.append(refused), log.append(full("b")));
    assert!(failed(second.unwrap_err()).contains("longer than an index of the server takes"));
    assert!(first.is_ok() && third.is_ok());
    assert_gapless(&read_all(&*store).await);
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "note", id = id)]
enum NoteEvent {
    Written {
        id: String,
        #[cqrs(unique, taken = NoteError::Taken)]
        text: String,
    },
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Note)]
struct Write {
    #[cqrs(id)]
    id: String,
    text: String,
}

#[derive(Debug, PartialEq, thiserror::Error)]
enum NoteError {
    #[error("{0} is written")]
    Written(String),
    #[error("{0:?} is taken")]
    Taken(String),
}

struct Note;

#[aggregate(event = NoteEvent, error = NoteError, already_exists = NoteError::Written)]
impl Note {
    #[handle]
    fn write(command: Write) -> Result<NoteEvent, NoteError> {
        Ok(NoteEvent::Written { id: command.id, text: command.text })
    }

    #[on(Written)]
    fn written() -> Self {
        Self
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "notes")]
struct NoteView {
    #[cqrs(key)]
    id: String,
    #[cqrs(index)]
    text: String,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = NoteView, result = Vec<NoteView>)]
struct GetNote {
    text: String,
}

#[projection(event = NoteEvent)]
impl NoteView {
    #[handle]
    async fn get(notes: &Views<Self>, query: GetNote) -> Result<Vec<Self>, QueryError> {
        notes.filter(Self::TEXT.eq(query.text)).rows().await
    }

    #[on(Written)]
    fn written(id: String, text: String) -> Self {
        Self { id, text }
    }
}

#[tokio::test]
async fn texts_of_any_kind_go_through_the_engine() {
    let place = Place::new();
    let engine = Engine::builder(place.store().await).projection::<NoteView>().start().await.unwrap();
    for (number, text) in STRANGE.into_iter().enumerate() {
        let id = format!("{number}");
        let written = engine.execute(Write { id: id.clone(), text: text.into() }).await.unwrap();
        let taken = engine.execute(Write { id: format!("{id} again"), text: text.into() }).await.unwrap_err();
        assert!(format!("{taken:?}").contains("Taken"), "{taken:?}");
        let found = engine.query(GetNote { text: text.into() }).after(&written).await.unwrap();
        assert_eq!(found, [NoteView { text: text.into(), id }]);
    }
    assert!(StreamId::of("note", &"a\0b").is_err());
}
