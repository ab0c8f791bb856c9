//! S4: what was acknowledged is still there. Passed over by stores that are not durable.
//!
//! What survives a killed process, no suite inside that process can tell: a store needs a test of its own for that.

use super::{
    Fixture,
    sample::{append, assert_conflict, event, events, history, log, stream, submit, tag, take, write},
};
use crate::store::{AppendError, EventStore, Expected, Position, Version};

/// Events, claims and requests are there after a restart, and writing goes on behind them. Guards against stores that
/// keep a part of what they judge by in memory only.
pub async fn everything_survives_a_restart(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let (one, two) = (stream(1), stream(2));
    let unit =
        append().event(event(&one, "a").tag(tag("course", 1))).event(event(&two, "b")).claim(take("name", "x", &one));
    let first = write(&*store, unit.clone()).await;
    write(&*store, events(&one, 10)).await;
    let before = log(&*store).await;
    drop(store);
    let Some(fixture) = fixture.restart().await else { return };

    let store = fixture.store();
    assert!(log(&*store).await == before, "the log is the same after a restart");
    assert_eq!(history(&*store, &one).await.len(), 11);
    assert_eq!(store.holder("name", "x").await.expect("claims are read"), Some(one.clone()));
    let again = write(&*store, unit).await;
    assert_eq!((again.repeated, again.last, again.count), (true, first.last, first.count));
    assert_conflict(
        submit(&*store, events(&one, 1).expect(&one, Expected::NoStream)).await,
        &one,
        Expected::NoStream,
        Version(11),
    );
    let refused = submit(&*store, append().claim(take("name", "x", &two))).await;
    assert!(matches!(refused, Err(AppendError::AlreadyClaimed(refused)) if refused.holder == one));
    assert_eq!(write(&*store, events(&two, 1)).await.last, Position(13));
}
