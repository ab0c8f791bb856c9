//! Executing a command at most once under a request id that the caller chose.
//!
//! The store keeps the receipt of a request, not the command's result. Deciding is pure, so the result is found again by
//! deciding the command on the state and at the time of its first execution.

use super::{
    decision::{corrupt, decide, fold},
    execute::{Done, Execution},
};
use crate::{
    aggregate::{Aggregate, Decide},
    command::{AggregateCommand, CommandError, Receipt},
    event::Event as _,
    store::{Appended, RecordedEvent, Version},
};

const PAGE: usize = 1024;

type EventOf<C> = <<C as AggregateCommand>::Aggregate as Aggregate>::Event;

impl<C> Execution<'_, C>
where
    C: AggregateCommand,
    C::Aggregate: Decide<C>,
{
    pub(super) async fn run_once(&self) -> Result<Receipt<C::Result>, CommandError<C::Error>> {
        let store = self.engine.log.store();
        if let Some(appended) = store.receipt(self.ctx.request_id()).await? {
            return self.first_receipt(appended).await;
        }
        match self.run().await {
            Ok(Done { receipt, repeated: None, .. }) => Ok(receipt),
            // Decided again while the first execution was under way: what that one answered counts, not this one.
            Ok(Done { repeated: Some(appended), .. }) => self.first_receipt(appended).await,
            // What the first execution did may be what this one was refused for.
            Err(error) => match store.receipt(self.ctx.request_id()).await {
                Ok(Some(appended)) => self.first_receipt(appended).await.or(Err(error)),
                Ok(None) | Err(_) => Err(error),
            },
        }
    }

    /// The receipt of the first execution.
    async fn first_receipt(&self, appended: Appended) -> Result<Receipt<C::Result>, CommandError<C::Error>> {
        let request = self.ctx.request_id();
        let reused = CommandError::RequestReused { request, appended };
        let mut aggregate = None;
        let mut before = Version::START;
        let mut written = Vec::new();
        'stream: loop {
            let page = self.engine.log.store().read_stream(&self.lane.stream, before, PAGE).await?;
            for recorded in &page {
                if recorded.metadata.request == request {
                    let from = Version(recorded.version.0 - 1);
                    let count = usize::try_from(appended.count).unwrap_or(usize::MAX);
                    written = self.engine.log.store().read_stream(&self.lane.stream, from, count).await?;
                    break 'stream;
                }
                fold::<C::Aggregate>(&mut aggregate, &recorded.event_type, &recorded.payload)
                    .map_err(|cause| corrupt(recorded, &cause))?;
                before = recorded.version;
            }
            if page.len() < PAGE {
                break;
            }
        }
        // Nothing of this stream was written under the request: another command was.
        let Some(first) = written.first() else { return Err(reused) };
        let ctx = self.ctx.clone().with_now(first.metadata.recorded_at);
        match decide(&self.lane.stream, self.names, aggregate.as_ref(), self.command, &ctx) {
            Ok(decision) if Self::is_what_was_written(&decision.changes.events, &written) => {
                let version = before.plus(appended.count);
                Ok(Receipt { result: decision.result, position: appended.last, version, request })
            }
            _ => Err(reused),
        }
    }

    /// Whether events decided again are those that were written. Another input under the same request is not
    /// acknowledged for what it did not do.
    fn is_what_was_written(decided: &[EventOf<C>], written: &[RecordedEvent]) -> bool {
        let is_same = |event: &EventOf<C>, recorded: &RecordedEvent| {
            let read = |payload: &[u8]| serde_json::from_slice::<serde_json::Value>(payload).ok();
            event.event_type().is_named(&recorded.event_type)
                && event.encode().is_ok_and(|payload| read(&payload) == read(&recorded.payload))
        };
        decided.len() == written.len() && decided.iter().zip(written).all(|(event, recorded)| is_same(event, recorded))
    }
}
