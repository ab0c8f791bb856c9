//! Every line of the log, as a command: an application's lines in order, many applications at once.

use std::collections::BTreeMap;

use cqrs::prelude::*;
use tokio::task::{JoinError, JoinSet};

use crate::{
    domain::{Decide, DoWork, HandleOffer, Refusal, Review, Submit},
    log::{Activity, Applications, Line, LogError},
};

/// How many applications are under way at once. What they enter meanwhile is committed together.
const UNDER_WAY: usize = 512;

/// What became of the lines.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub entered: u64,
    /// Entered by an earlier run on the same database.
    pub known: u64,
    pub refused: BTreeMap<String, u64>,
}

/// An import that did not come to its end. What was entered stays; the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("line {line} could not be entered: {cause}")]
    Command { line: u64, cause: CommandError<Refusal> },
    #[error(transparent)]
    Task(#[from] JoinError),
}

/// Enters a log; `progress` is told the number of lines that are done.
pub async fn import(engine: &Engine, log: Applications, progress: impl Fn(u64)) -> Result<Tally, ImportError> {
    let mut total = Tally::default();
    let mut under_way = JoinSet::new();
    for application in log {
        if under_way.len() == UNDER_WAY
            && let Some(done) = under_way.join_next().await
        {
            total.add(done??);
            progress(total.lines());
        }
        under_way.spawn(enter(engine.clone(), application?));
    }
    while let Some(done) = under_way.join_next().await {
        total.add(done??);
        progress(total.lines());
    }
    Ok(total)
}

async fn enter(engine: Engine, application: Vec<Line>) -> Result<Tally, ImportError> {
    let mut tally = Tally::default();
    for (entry, line) in (1..).zip(&application) {
        let Line { case, employee, amount, .. } = *line;
        // An event is as old as its line, not as its import.
        let ctx = Context::new().with_now(line.at);
        let outcome = match line.activity {
            Activity::Submit => engine.execute(Submit { case, entry, employee, amount }).context(ctx).await,
            Activity::Review(to) => engine.execute(Review { case, entry, employee, to }).context(ctx).await,
            Activity::Decide(decision) => engine.execute(Decide { case, entry, employee, decision }).context(ctx).await,
            Activity::Offer(step) => engine.execute(HandleOffer { case, entry, employee, step }).context(ctx).await,
            Activity::Work(work, step) => {
                engine.execute(DoWork { case, entry, employee, work, step }).context(ctx).await
            }
        };
        match outcome {
            Ok(_) => tally.entered += 1,
            Err(CommandError::Rejected(Refusal::Known)) => tally.known += 1,
            // The first entry can only have been made before by an earlier run.
            Err(CommandError::Rejected(Refusal::SubmittedBefore(_))) if entry == 1 => tally.known += 1,
            Err(CommandError::Rejected(refusal)) => *tally.refused.entry(refusal.to_string()).or_default() += 1,
            Err(cause) => return Err(ImportError::Command { line: line.number, cause }),
        }
    }
    Ok(tally)
}

impl Tally {
    pub fn lines(&self) -> u64 {
        self.entered + self.known + self.refused()
    }

    pub fn refused(&self) -> u64 {
        self.refused.values().sum()
    }

    fn add(&mut self, other: Self) {
        self.entered += other.entered;
        self.known += other.known;
        for (reason, count) in other.refused {
            *self.refused.entry(reason).or_default() += count;
        }
    }
}
