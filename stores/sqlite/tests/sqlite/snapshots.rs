//! Rows of snapshots that are damaged: the events tell the state all the same, and a good one takes their place.

use std::convert::Infallible;

use cqrs::prelude::*;
use cqrs_core::{EventStore as _, StreamId, Version};
use rusqlite::params;

use crate::support::Place;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "tally", id = id)]
enum TallyEvent {
    Begun { id: u8 },
    Counted { id: u8 },
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Tally)]
struct Begin {
    #[cqrs(id)]
    id: u8,
}

/// Answers how often it was counted.
#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Tally, result = u64)]
struct Count {
    #[cqrs(id)]
    id: u8,
}

#[derive(Debug, Serialize, Deserialize)]
struct Tally {
    count: u64,
}

#[aggregate(event = TallyEvent, error = Infallible, snapshot(every = 3))]
impl Tally {
    #[handle]
    fn begin(command: Begin) -> Result<TallyEvent, Infallible> {
        Ok(TallyEvent::Begun { id: command.id })
    }

    #[handle]
    fn count(&self, command: Count) -> Result<(TallyEvent, u64), Infallible> {
        Ok((TallyEvent::Counted { id: command.id }, self.count + 1))
    }

    #[on(Begun)]
    fn begun() -> Self {
        Self { count: 0 }
    }

    #[on(Counted)]
    fn counted(&mut self) {
        self.count += 1;
    }
}

/// Counts so often, and waits until a snapshot is kept that is at most as old as `every` allows.
async fn count(place: &Place, times: u64) -> u64 {
    let store = place.open().await;
    let engine = Engine::builder(store.clone()).start().await.unwrap();
    let mut counted = 0;
    for _ in 0..times {
        counted = engine.execute(Count { id: 1 }).await.unwrap().result;
    }
    let stream = StreamId::of("tally", &1).unwrap();
    loop {
        match store.snapshot(&stream).await {
            Ok(Some(snapshot)) if snapshot.state == format!(r#"{{"count":{}}}"#, snapshot.version.0 - 1) => {
                assert!(snapshot.version > Version(counted + 1 - 6), "{snapshot:?}");
                return counted;
            }
            _ => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn a_damaged_snapshot_is_ignored_and_replaced() {
    let place = Place::new();
    let engine = Engine::builder(place.open().await).start().await.unwrap();
    engine.execute(Begin { id: 1 }).await.unwrap();
    drop(engine);
    let mut counted = count(&place, 8).await;

    for damage in [
        "state = ''",
        "state = 'null'",
        r#"state = '{"count":4711'"#,
        r#"state = '{"count":"many"}'"#,
        "state = CAST(x'FF00FE' AS TEXT)",
        "version = -1",
        "version = 0",
        "version = 4711, shape = shape + 1",
        r#"shape = 0, state = '{"count":4711}'"#,
    ] {
        let damaged = place.raw().execute(&format!("UPDATE snapshots SET {damage}"), params![]).unwrap();
        assert_eq!(damaged, 1, "{damage}");

        counted += 8;
        assert_eq!(count(&place, 8).await, counted, "{damage}");
    }
}
