//! Races, started where a store is most likely to lose them.

use std::{future::Future, sync::Arc};

use tokio::sync::Barrier;

/// When every racer waits for all others: before, during or after the read that it decides by.
///
/// A race with one gate sees only one kind of hole: with all racers held behind their reads, a store that lets an
/// append slip in *between* two reads of one decision looks sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    Before,
    During,
    After,
}

impl Gate {
    pub(super) const ALL: [Self; 3] = [Self::Before, Self::During, Self::After];
}

/// The line a racer waits at.
#[derive(Clone)]
pub(super) struct StartingLine {
    gate: Gate,
    barrier: Arc<Barrier>,
}

impl StartingLine {
    pub(super) async fn at(&self, gate: Gate) {
        if self.gate == gate {
            self.barrier.wait().await;
        }
    }
}

/// Runs `racers` tasks that pass the gate together, and gives what they answer.
pub(super) async fn race<T, F>(racers: usize, gate: Gate, racer: impl Fn(usize, StartingLine) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let line = StartingLine { gate, barrier: Arc::new(Barrier::new(racers)) };
    all((0..racers).map(|number| racer(number, line.clone()))).await
}

/// Runs tasks at the same time, and gives what they answer, in their order.
pub(super) async fn all<T, F>(tasks: impl IntoIterator<Item = F>) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
    let mut answers = Vec::with_capacity(tasks.len());
    for task in tasks {
        answers.push(task.await.expect("no task panics"));
    }
    answers
}
