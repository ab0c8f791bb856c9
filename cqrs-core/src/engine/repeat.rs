//! Executing a command at most once under a request id that the caller chose.
//!
//! The store keeps the receipt of a request, not the command's result. Deciding is pure, so the result is found again by
//! deciding the command on the state and at the time of its first execution.

use super::{
    decision::{corrupt, decide, fold},
    execute::{Done, Execution},
};
use crate::{
    aggregate::Decide,
    command::{AggregateCommand, CommandError, Receipt},
    store::{Appended, Version},
};

const PAGE: usize = 1024;

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
            Ok(Done { receipt, repeated: None }) => Ok(receipt),
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
        let mut decided_at = None;
        'stream: loop {
            let page = self.engine.log.store().read_stream(&self.lane.stream, before, PAGE).await?;
            for recorded in &page {
                if recorded.metadata.request == request {
                    decided_at = Some(recorded.metadata.recorded_at);
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
        let Some(decided_at) = decided_at else { return Err(reused) };
        let ctx = self.ctx.clone().with_now(decided_at);
        match decide(&self.lane.stream, self.names, aggregate.as_ref(), self.command, &ctx) {
            Ok(decision) if decision.changes.stored.len() as u64 == appended.count => {
                let version = before.plus(appended.count);
                Ok(Receipt { result: decision.result, position: appended.last, version, request })
            }
            _ => Err(reused),
        }
    }
}
