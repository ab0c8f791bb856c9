//! S6 under load: decisions over several streams, each guarded by what it read.

use std::sync::Arc;

use super::{
    Fixture,
    race::{Gate, StartingLine, race},
    sample::{append, assert_match, event, log, no_match, stream, submit, tag, write},
};
use crate::store::{AppendError, Appended, Condition, EventFilter, EventStore, Position, Selector, Tag};

const RACERS: usize = 8;

fn taken(course: &Tag) -> EventFilter {
    EventFilter::any_of([Selector::default().event_type("seat.taken").tag(course.clone())])
}

/// How many seats are taken, and how far was read to know. The gate in the middle is between two pages of one read.
async fn read_boundary(store: &dyn EventStore, filter: &EventFilter, line: &StartingLine) -> (usize, Position) {
    line.at(Gate::Before).await;
    let first = store.read(filter, Position::START, 1).await.expect("a page is read");
    line.at(Gate::During).await;
    let (mut seats, mut read_to) = (first.events.len(), first.read_to);
    loop {
        let page = store.read(filter, read_to, 1).await.expect("a page is read");
        seats += page.events.len();
        if page.read_to == read_to {
            break;
        }
        read_to = page.read_to;
    }
    line.at(Gate::After).await;
    (seats, read_to)
}

async fn take_seat(
    store: &dyn EventStore,
    racer: usize,
    course: &Tag,
    condition: &Condition,
) -> Result<Appended, AppendError> {
    let student = stream(format_args!("student-{racer}"));
    let seat = event(&student, "seat.taken").tag(course.clone()).tag(tag("student", racer));
    submit(store, append().when(condition.clone()).event(seat)).await
}

/// One seat, many students, each on a stream of its own: one gets it. Guards against a boundary whose end is read
/// apart from its events, and against a check that runs before the lock.
async fn one_seat(fixture: Fixture<dyn EventStore>, gate: Gate) {
    let handles: Vec<_> = fixture.handles().await.take(RACERS).collect();
    for round in 0..10 {
        let course = tag("course", round);
        write(&*handles[0], append().event(event(&stream("course"), "course.opened").tag(course.clone()))).await;
        let outcomes = race(RACERS, gate, |racer, line| {
            let (store, course) = (Arc::clone(&handles[racer]), course.clone());
            async move {
                let filter = taken(&course);
                let (seats, read_to) = read_boundary(&*store, &filter, &line).await;
                if seats > 0 {
                    return None;
                }
                let condition = no_match(&filter, read_to);
                let outcome = take_seat(&*store, racer, &course, &condition).await;
                Some((condition, outcome))
            }
        })
        .await;

        let log = log(&*handles[0]).await;
        let seats: Vec<u64> =
            log.iter().filter(|event| taken(&course).chooses(event)).map(|event| event.position.0).collect();
        assert_eq!(seats.len(), 1, "seats taken of one, in round {round}, {gate:?}");
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().flatten().partition(|(_, outcome)| outcome.is_ok());
        assert_eq!(won.len(), 1, "students who were told they have the seat");
        for (condition, loser) in lost {
            assert_match(loser, &condition, &seats);
        }
    }
}

/// Racers held before they read.
pub async fn one_seat_is_taken_once_when_held_before_the_read(fixture: Fixture<dyn EventStore>) {
    one_seat(fixture, Gate::Before).await;
}

/// Racers held between two pages of one read: the second race, which a barrier behind the read cannot see.
pub async fn one_seat_is_taken_once_when_held_during_the_read(fixture: Fixture<dyn EventStore>) {
    one_seat(fixture, Gate::During).await;
}

/// Racers held after the read.
pub async fn one_seat_is_taken_once_when_held_after_the_read(fixture: Fixture<dyn EventStore>) {
    one_seat(fixture, Gate::After).await;
}

/// Students who try again after each conflict fill a course exactly: no seat too many, none left empty, and no conflict
/// without a cause.
pub async fn course_is_filled_and_never_overbooked(fixture: Fixture<dyn EventStore>) {
    const CAPACITY: usize = 5;
    let handles: Vec<_> = fixture.handles().await.take(2 * RACERS).collect();
    for gate in Gate::ALL {
        let course = tag("course", format_args!("{gate:?}"));
        let outcomes = race(2 * RACERS, gate, |racer, line| {
            let (store, course) = (Arc::clone(&handles[racer]), course.clone());
            async move {
                let filter = taken(&course);
                let (mut seats, mut read_to) = read_boundary(&*store, &filter, &line).await;
                while seats < CAPACITY {
                    match take_seat(&*store, racer, &course, &no_match(&filter, read_to)).await {
                        Ok(_) => return true,
                        Err(AppendError::Conflict(_)) => {}
                        Err(error) => panic!("only a conflict keeps a student out: {error}"),
                    }
                    let page = store.read(&filter, read_to, 100).await.expect("a page is read");
                    assert!(!page.events.is_empty(), "a conflict without a new seat taken behind {read_to}");
                    (seats, read_to) = (seats + page.events.len(), page.read_to);
                }
                false
            }
        })
        .await;
        assert_eq!(outcomes.into_iter().filter(|won| *won).count(), CAPACITY, "students with a seat, {gate:?}");
        let seats = log(&*handles[0]).await.iter().filter(|event| taken(&course).chooses(event)).count();
        assert_eq!(seats, CAPACITY, "seats taken, {gate:?}");
    }
}
