//! Appending: one call of the server's function for a whole batch, and what it answers.

use cqrs_core::{
    Append, AppendError, Appended, Condition, Conflict, Position, StoreError, StreamId, Version, store::AlreadyClaimed,
};
use serde::Deserialize;
use tokio_postgres::types::Type;

use crate::{
    batch::Batch,
    database::{Database, Parameter},
    error::damaged,
    events::some,
    unfit::faults,
};

/// What became of each append of a batch.
pub(crate) type Answers = Vec<Result<Appended, AppendError>>;

/// Writes a batch with one commit. What the server cannot take in takes nothing with it.
pub(crate) async fn append(database: &Database, appends: &[Append]) -> Result<Answers, StoreError> {
    let error = match write(database, appends).await {
        Ok(answers) => return Ok(answers),
        Err(error) => error,
    };
    let faults = faults(appends, &error);
    if faults.iter().all(Option::is_none) {
        return Err(error);
    }
    let sound = appends.iter().zip(&faults).filter(|(_, fault)| fault.is_none());
    let sound: Vec<Append> = sound.map(|(append, _)| append.clone()).collect();
    let mut answers = if sound.is_empty() { Vec::new() } else { write(database, &sound).await? }.into_iter();
    let unanswered = || Err(damaged("an append was not answered").into());
    let answer = |fault: Option<StoreError>| match fault {
        Some(fault) => Err(fault.into()),
        None => answers.next().unwrap_or_else(unanswered),
    };
    Ok(faults.into_iter().map(answer).collect())
}

async fn write(database: &Database, appends: &[Append]) -> Result<Answers, StoreError> {
    let batch = Batch::new(appends)?;
    let (built_on, receipts) = (some(&batch.built_on), some(&batch.receipts));
    let before = receipts.map(|_| batch.before.as_slice());
    let tagged = batch.events.are_tagged();
    let parameters: [Parameter<'_>; 12] = [
        (&batch.events, database.new_events.clone()),
        (&tagged, Type::BOOL),
        (&batch.streams, Type::TEXT_ARRAY),
        (&batch.versions, Type::INT8_ARRAY),
        (&batch.requests, Type::UUID_ARRAY),
        (&built_on, Type::UUID_ARRAY),
        (&batch.boundaries, Type::TEXT),
        (&batch.claims, Type::TEXT),
        (&receipts, Type::UUID_ARRAY),
        (&before, Type::INT8_ARRAY),
        (&batch.program, Type::TEXT),
        (&batch.at_once, Type::BOOL),
    ];
    let rows = database.write(&database.sql.append, &parameters).await?;
    let [row] = rows.as_slice() else {
        return Err(damaged(format_args!("the append was answered with {} rows", rows.len())));
    };
    answers(appends, row.try_get(0).map_err(damaged)?)
}

/// What the function's answer says of each append. A write was made already, so nothing that can be told is an error for
/// all.
fn answers(appends: &[Append], answer: &str) -> Result<Answers, StoreError> {
    if let Ok(head) = answer.parse() {
        return Ok(all_written(appends, head));
    }
    let judged: Vec<Judged> = serde_json::from_str(answer).map_err(damaged)?;
    if judged.len() != appends.len() {
        return Err(damaged(format_args!("{} appends were answered {} times", appends.len(), judged.len())));
    }
    appends.iter().zip(judged).map(|(append, judged)| judged.told_of(append)).collect()
}

/// The receipts of a batch that was written at once, behind `head`.
fn all_written(appends: &[Append], head: u64) -> Answers {
    let mut last = Position(head);
    let receipt = |append: &Append| {
        let count = append.events.len() as u64;
        last = last.plus(count);
        Ok(Appended { last, count, repeated: false })
    };
    appends.iter().map(receipt).collect()
}

/// What the function `append_each` says of an append. Conditions and claims are named by their place in it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Judged {
    Written {
        last: Position,
        count: u64,
        #[serde(default)]
        repeated: bool,
    },
    Stream {
        stream: usize,
        actual: Version,
    },
    Match {
        #[serde(rename = "match")]
        place: usize,
        found: Position,
    },
    Unwritten {
        unwritten: usize,
    },
    Claimed {
        claimed: usize,
        holder: String,
    },
}

impl Judged {
    fn told_of(self, append: &Append) -> Result<Result<Appended, AppendError>, StoreError> {
        let (place, told) = match self {
            Self::Written { last, count, repeated } => return Ok(Ok(Appended { last, count, repeated })),
            Self::Claimed { claimed, holder } => return already_claimed(append, claimed, &holder).map(Err),
            Self::Stream { stream, actual } => (stream, Told::Version(actual)),
            Self::Match { place, found } => (place, Told::Found(found)),
            Self::Unwritten { unwritten } => (unwritten, Told::Unwritten),
        };
        let conflict = match (append.conditions.get(place), told) {
            (Some(Condition::Stream { stream, expected }), Told::Version(actual)) => {
                Conflict::Stream { stream: stream.clone(), expected: *expected, actual }
            }
            (Some(Condition::NoMatch { filter, after }), Told::Found(found)) => {
                Conflict::Match { filter: Box::new(filter.clone()), after: *after, found }
            }
            (Some(Condition::Written { request }), Told::Unwritten) => Conflict::Unwritten { request: *request },
            _ => {
                return Err(damaged(format_args!(
                    "the append was judged by a condition {place} that it does not have"
                )));
            }
        };
        Ok(Err(conflict.into()))
    }
}

/// Why a condition does not hold.
enum Told {
    Version(Version),
    Found(Position),
    Unwritten,
}

fn already_claimed(append: &Append, place: usize, holder: &str) -> Result<AppendError, StoreError> {
    use cqrs_core::Claim::{Replace, Take};
    let Some(Take { key, value, .. } | Replace { key, value, .. }) = append.claims.get(place) else {
        return Err(damaged(format_args!("the append was judged by a claim {place} that it does not make")));
    };
    let holder = StreamId::parse(holder)
        .map_err(|cause| damaged(format_args!("`{value}` is claimed as `{key}` by {holder:?}: {cause}")))?;
    Ok(AlreadyClaimed { key: key.clone(), value: value.clone(), holder }.into())
}
