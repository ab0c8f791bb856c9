//! Executing a command at most once under a request id that the caller chose.
//!
//! The store keeps the receipt of a request, not the command's result. Deciding is pure, so the result is found again by
//! deciding the command on the state and at the time of its first execution.

use super::{
    decision::{decide, fold},
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
        let outcome = match self.run().await {
            Ok(Done { receipt, repeated: false }) => return Ok(receipt),
            Ok(Done { receipt, .. }) => Ok(receipt),
            Err(error) => Err(error),
        };
        // The same request was executed meanwhile, or may have been: what it did is then what this one was refused for.
        // An outcome that is known is not taken back because a question about it failed.
        match store.receipt(self.ctx.request_id()).await {
            Ok(Some(appended)) => self.first_receipt(appended).await.or(outcome),
            Ok(None) | Err(_) => outcome,
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
                fold::<C::Aggregate>(&mut aggregate, recorded)?;
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
