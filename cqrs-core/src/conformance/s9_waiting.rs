//! S9: waiting for what is new.

use std::pin::pin;

use super::{
    Fixture,
    race::all,
    sample::{append, events, poll_once, stream, submit, take, write},
};
use crate::store::{EventStore, Expected, Position};

/// A wait ends with the commit of an event, not before, also of one that another handle writes. Guards against
/// wake-ups that are lost, and against waits that end without news.
pub async fn wait_ends_with_a_commit_and_not_before(fixture: Fixture<dyn EventStore>) {
    let (store, other) = (fixture.store(), fixture.another().await);
    let id = stream(1);
    for number in 0..6 {
        let mut wait = pin!(store.wait_beyond(Position(number)));
        assert!(poll_once(wait.as_mut()).await.is_pending(), "nothing is beyond {number} yet");
        submit(&*other, events(&id, 1).expect(&stream("missing"), Expected::Exists)).await.expect_err("a conflict");
        write(&*other, append().expect(&stream("missing"), Expected::NoStream)).await;
        write(&*other, append().claim(take("number", &number.to_string(), &id))).await;
        for _ in 0..5 {
            assert_eq!(store.head().await.expect("the head is known"), Position(number));
            assert!(poll_once(wait.as_mut()).await.is_pending(), "nothing is beyond {number} yet");
        }
        let written = write(if number % 2 == 0 { &*other } else { &*store }, events(&id, 1)).await;
        assert_eq!(wait.await.expect("the wait ends"), written.last);
    }
}

/// What is there already ends a wait at once; what does not reach far enough does not end it.
pub async fn wait_is_for_a_position(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let id = stream(1);
    write(&*store, events(&id, 3)).await;
    for position in 0..3 {
        assert_eq!(store.wait_beyond(Position(position)).await.expect("the wait ends"), Position(3));
    }
    let mut wait = pin!(store.wait_beyond(Position(5)));
    for _ in 0..2 {
        assert!(poll_once(wait.as_mut()).await.is_pending());
        write(&*store, events(&id, 1)).await;
    }
    assert!(poll_once(wait.as_mut()).await.is_pending(), "position 5 is not beyond itself");
    write(&*store, events(&id, 4)).await;
    assert_eq!(wait.await.expect("the wait ends"), Position(9));
}

/// Many wait while many write, and none sleeps through its event. Guards against a wake-up between the look at the head
/// and the wait.
pub async fn no_waiter_sleeps_through_its_event(fixture: Fixture<dyn EventStore>) {
    const ROUNDS: u64 = 30;
    let handles: Vec<_> = fixture.handles().await.take(8).collect();
    let waiters: Vec<_> = handles
        .iter()
        .cloned()
        .map(|store| {
            tokio::spawn(async move {
                for position in 0..2 * ROUNDS {
                    let reached = store.wait_beyond(Position(position)).await.expect("the wait ends");
                    assert!(reached.0 > position, "{reached} is not beyond {position}");
                }
            })
        })
        .collect();
    all(handles.into_iter().take(2).enumerate().map(|(writer, store)| async move {
        for _ in 0..ROUNDS {
            write(&*store, events(&stream(writer), 1)).await;
            tokio::task::yield_now().await;
        }
    }))
    .await;
    for waiter in waiters {
        waiter.await.expect("every waiter wakes");
    }
}

/// A wait may be dropped at any time, before and after its first poll. Guards against waiters that are counted, or
/// woken, for ever.
pub async fn dropped_waits_leave_nothing_behind(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let id = stream(1);
    for round in 0..50 {
        let mut waits: Vec<_> = (0..4).map(|_| store.wait_beyond(Position(round))).collect();
        for wait in waits.iter_mut().skip(1) {
            assert!(poll_once(wait.as_mut()).await.is_pending());
        }
        waits.truncate(2);
        write(&*store, events(&id, 1)).await;
        assert_eq!(waits.pop().expect("one is left").await.expect("the wait ends"), Position(round + 1));
    }
}
