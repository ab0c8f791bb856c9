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

/// A state whose JSON tells less than it: there is one `null` for `None` and `Some(None)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::option_option, reason = "never asked, left open, answered")]
struct Survey {
    answer: Option<Option<u8>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "survey", id = id)]
enum SurveyEvent {
    Begun { id: u64 },
    Asked { id: u64, answer: Vec<u8> },
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Survey)]
struct Begin {
    #[cqrs(id)]
    id: u64,
}

/// Answers what it was before.
#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Survey, result = Survey)]
struct Ask {
    #[cqrs(id)]
    id: u64,
    answer: Vec<u8>,
}

#[aggregate(event = SurveyEvent, error = std::convert::Infallible, snapshot(every = 1))]
impl Survey {
    #[handle]
    fn begin(command: Begin) -> Result<SurveyEvent, std::convert::Infallible> {
        Ok(SurveyEvent::Begun { id: command.id })
    }

    #[handle]
    fn ask(&self, command: Ask) -> Result<(SurveyEvent, Survey), std::convert::Infallible> {
        Ok((SurveyEvent::Asked { id: command.id, answer: command.answer }, self.clone()))
    }

    #[on(Begun)]
    fn begun() -> Self {
        Self { answer: None }
    }

    #[on(Asked)]
    fn asked(&mut self, answer: &[u8]) {
        self.answer = Some(answer.first().copied());
    }
}

#[tokio::test]
async fn a_state_that_comes_back_as_another_is_not_kept() {
    let store = faultless();
    let mut current = engine(store.clone()).await;
    current.execute(Begin { id: 1 }).await.unwrap();
    let mut before = None;
    for answer in [vec![], vec![], vec![7], vec![], vec![8], vec![]] {
        let asked = current.execute(Ask { id: 1, answer: answer.clone() }).await.unwrap();
        assert_eq!(asked.result, Survey { answer: before });
        before = Some(answer.first().copied());
        tokio::task::yield_now().await;
        current = engine(store.clone()).await;
    }
    let given = store.given(|given| given.len() >= 2).await;
    assert!(given.iter().all(|snapshot| !snapshot.state.ends_with(b":null}") || snapshot.version.0 == 1));
}
