//! A state that cannot always be written.

use cqrs::prelude::*;

use super::ledger::{engine, faultless};

#[derive(Debug, Serialize, Deserialize)]
struct Fragile {
    #[serde(serialize_with = "fragile")]
    count: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives it so")]
fn fragile<S: serde::Serializer>(count: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    match count % 3 {
        0 => Err(serde::ser::Error::custom("on purpose")),
        1 => panic!("a bug in the state, on purpose"),
        _ => serializer.serialize_u64(*count),
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "fragile", id = id)]
enum FragileEvent {
    Made { id: u64 },
    Counted { id: u64 },
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Fragile)]
struct Make {
    #[cqrs(id)]
    id: u64,
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Fragile, result = u64)]
struct Count {
    #[cqrs(id)]
    id: u64,
}

#[aggregate(event = FragileEvent, error = std::convert::Infallible, snapshot(every = 1))]
impl Fragile {
    #[handle]
    fn make(command: Make) -> Result<FragileEvent, std::convert::Infallible> {
        Ok(FragileEvent::Made { id: command.id })
    }

    #[handle]
    fn count(&self, command: Count) -> Result<(FragileEvent, u64), std::convert::Infallible> {
        Ok((FragileEvent::Counted { id: command.id }, self.count + 1))
    }

    #[on(Made)]
    fn made() -> Self {
        Self { count: 0 }
    }

    #[on(Counted)]
    fn counted(&mut self) {
        self.count += 1;
    }
}

#[tokio::test]
async fn a_state_that_cannot_be_written_fails_no_command() {
    let store = faultless();
    let engine = engine(store.clone()).await;
    engine.execute(Make { id: 1 }).await.unwrap();
    for expected in 1..=12 {
        assert_eq!(engine.execute(Count { id: 1 }).await.unwrap().result, expected);
        tokio::task::yield_now().await;
    }
    let given = store.given(|given| given.len() >= 3).await;
    assert!(given.iter().all(|snapshot| snapshot.version.0 % 3 == 0), "what can be written is kept");
}
