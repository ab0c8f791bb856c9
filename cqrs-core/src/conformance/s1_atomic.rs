//! S1: an append happens whole or not at all.

use tokio::sync::watch;

use super::{
    Fixture,
    race::all,
    sample::{
        append, assert_conflict, event, events, history, log, poll_once, release_all, replace, stream, submit,
        submit_all, take, under, write,
    },
};
use crate::store::{AppendError, EventStore, Expected, Position, Version};

/// Events of one append reach the streams they name, in the order given. Guards against stores that write stream by
/// stream.
pub async fn append_over_several_streams_keeps_its_order(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let (one, two) = (stream(1), stream(2));
    let unit = append()
        .expect(&one, Expected::NoStream)
        .expect(&two, Expected::NoStream)
        .event(event(&one, "a"))
        .event(event(&two, "b"))
        .event(event(&one, "c"))
        .claim(take("name", "x", &two));
    let receipt = write(&*store, unit).await;

    let expected = (Some(Position(1)), Position(3), 3, false);
    assert_eq!((receipt.first(), receipt.last, receipt.count, receipt.repeated), expected);
    let seen: Vec<_> = log(&*store).await.into_iter().map(|event| (event.stream, event.version.0)).collect();
    assert_eq!(seen, [(one.clone(), 1), (two.clone(), 1), (one.clone(), 2)]);
    assert_eq!(history(&*store, &one).await.len(), 2);
    assert_eq!(store.holder("name", "x").await.expect("claims are read"), Some(two));
}

/// A refused append leaves no event, no claim and no request id behind. Guards against a caller whose next try meets
/// its own remains.
pub async fn refused_append_leaves_no_trace(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let (one, two, three) = (stream(1), stream(2), stream(3));
    write(&*store, events(&one, 1).claim(take("name", "mine", &one)).claim(take("name", "taken", &one))).await;

    // Everything in it can be done but what comes last.
    let unit = || {
        append()
            .expect(&two, Expected::NoStream)
            .claim(take("name", "free", &two))
            .claim(release_all("name", &one))
            .claim(replace("name", "mine", &three))
            .event(event(&two, "a"))
            .event(event(&three, "b"))
    };
    let conflicting = unit().expect(&one, Expected::Version(Version(7)));
    let claimed = unit().claim(take("name", "mine", &one));
    for refused in [&conflicting, &claimed] {
        submit(&*store, refused.clone()).await.expect_err("the append is refused");
        assert_eq!(store.head().await.expect("the head is known"), Position(1));
        assert!(history(&*store, &two).await.is_empty() && history(&*store, &three).await.is_empty());
        assert_eq!(store.receipt(refused.request).await.expect("receipts are read"), None);
        for (value, holder) in [("free", None), ("mine", Some(&one)), ("taken", Some(&one))] {
            assert_eq!(store.holder("name", value).await.expect("claims are read").as_ref(), holder, "of `{value}`");
        }
    }

    // The same requests, decided again, are not taken for repetitions.
    let again = under(conflicting.request, events(&one, 1).expect(&one, Expected::Version(Version(1))));
    assert!(!write(&*store, again).await.repeated);
    let again = under(claimed.request, unit());
    assert!(!write(&*store, again).await.repeated);
    assert_eq!(log(&*store).await.len(), 4);
}

/// Each append of a batch is judged on its own and sees those before it. Guards against one transaction a batch without
/// savepoints, and against judging all before writing any.
pub async fn refused_append_takes_no_other_of_its_batch_along(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let (one, two) = (stream(1), stream(2));
    let batch = [
        events(&one, 1).expect(&one, Expected::NoStream).claim(take("name", "x", &one)),
        events(&one, 2).expect(&one, Expected::NoStream),
        events(&one, 2).expect(&one, Expected::Version(Version(1))),
        events(&two, 3).claim(take("name", "y", &two)).claim(take("name", "x", &two)),
        events(&two, 1).expect(&two, Expected::NoStream).claim(take("name", "y", &two)),
    ];
    let mut outcomes = submit_all(&*store, &batch).await.into_iter();
    let mut next = || outcomes.next().expect("five outcomes");

    assert_eq!(next().expect("the first is written").last, Position(1));
    assert_conflict(next(), &one, Expected::NoStream, Version(1));
    assert_eq!(next().expect("the third is written").last, Position(3));
    assert!(matches!(next(), Err(AppendError::AlreadyClaimed(refused)) if refused.holder == one));
    assert_eq!(next().expect("the fifth is written").last, Position(4));
    assert_eq!(log(&*store).await.len(), 4);
    assert_eq!(store.holder("name", "y").await.expect("claims are read"), Some(two));
}

/// No reader sees a part of an append. Guards against stores that make events visible one by one.
pub async fn append_becomes_visible_at_once(fixture: Fixture<dyn EventStore>) {
    const SIZE: usize = 5;
    let handles: Vec<_> = fixture.handles().await.take(4).collect();
    let (done, over) = watch::channel(false);
    let readers = handles.clone().into_iter().map(|store| {
        let over = over.clone();
        tokio::spawn(async move {
            while !*over.borrow() {
                let head = store.head().await.expect("the head is known");
                assert_eq!(head.0 % SIZE as u64, 0, "the head, {head}, is inside an append of {SIZE}");
                let seen = history(&*store, &stream("shared")).await.len();
                assert_eq!(seen % SIZE, 0, "{seen} events of a stream written in fives");
                tokio::task::yield_now().await;
            }
        })
    });
    let readers: Vec<_> = readers.collect();
    all(handles.into_iter().map(|store| async move {
        for _ in 0..25 {
            write(&*store, events(&stream("shared"), SIZE)).await;
        }
    }))
    .await;
    done.send(true).expect("the readers listen");
    for reader in readers {
        reader.await.expect("no reader sees a part of an append");
    }
    assert_eq!(log(&*fixture.store()).await.len(), 4 * 25 * SIZE);
}

/// A dropped future writes its append whole or not at all, and asking again with the same request id settles which.
/// Guards against stores that die half-way, or write twice, when a caller times out.
pub async fn append_whose_future_is_dropped_is_whole_or_absent(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    for number in 0..40 {
        let id = stream(number);
        let unit = [events(&id, 3).expect(&id, Expected::NoStream).claim(take("number", &number.to_string(), &id))];
        let mut writing = store.append(&unit);
        for _ in 0..number % 4 {
            if poll_once(writing.as_mut()).await.is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(writing);

        let receipt = write(&*store, unit[0].clone()).await;
        assert_eq!(receipt.count, 3);
        let written: Vec<_> = history(&*store, &id).await.iter().map(|event| event.position).collect();
        assert_eq!(written.len(), 3, "events of `{id}`");
        assert_eq!((written.first(), written.last()), (receipt.first().as_ref(), Some(&receipt.last)));
    }
    assert_eq!(log(&*store).await.len(), 120);
}
