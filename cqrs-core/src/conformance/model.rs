//! Random histories, compared with a model that is too simple to be wrong.

use super::{
    Fixture,
    sample::{append, event, history, log, no_match, read_all, stream, submit_all, tag, under},
};
use crate::store::{
    AlreadyClaimed, Append, AppendError, Appended, Claim, Condition, Conflict, EventFilter, EventStore, Expected,
    NewEvent, Position, RequestId, Selector, StreamId, Tag, Version,
};

/// A log as lists, searched from end to end.
#[derive(Debug, Default)]
struct Model {
    events: Vec<(NewEvent, RequestId)>,
    claims: Vec<(String, String, StreamId)>,
    receipts: Vec<(RequestId, Appended)>,
    /// Requests that the present batch has repeated.
    repeated: Vec<RequestId>,
}

/// What a store must answer.
#[derive(Debug)]
enum Verdict {
    Written(Appended),
    /// A conflict, for any of these conditions.
    Conflict(Vec<Condition>),
    Claimed(AlreadyClaimed),
}

impl Model {
    fn head(&self) -> Position {
        Position(self.events.len() as u64)
    }

    fn version(&self, stream: &StreamId) -> Version {
        Version(self.events.iter().filter(|(event, _)| event.stream == *stream).count() as u64)
    }

    fn matches(&self, filter: &EventFilter, after: Position) -> Vec<u64> {
        let numbered = (1..).zip(&self.events).filter(|(position, _)| *position > after.0);
        numbered
            .filter(|(_, (event, _))| filter.matches(&event.event_type, &event.stream, &event.tags))
            .map(|(position, _)| position)
            .collect()
    }

    fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Stream { stream, expected } => expected.holds(self.version(stream)),
            Condition::NoMatch { filter, after } => self.matches(filter, *after).is_empty(),
            Condition::Written { request } => self.receipt(*request).is_some() && !self.repeated.contains(request),
        }
    }

    fn receipt(&self, request: RequestId) -> Option<Appended> {
        let known = self.receipts.iter().find(|(known, _)| *known == request);
        known.map(|(_, receipt)| Appended { repeated: true, ..*receipt })
    }

    fn holder(&self, key: &str, value: &str) -> Option<StreamId> {
        let held = self.claims.iter().find(|(held_key, held, _)| held_key == key && held == value);
        held.map(|(_, _, holder)| holder.clone())
    }

    fn change(&mut self, claim: &Claim) -> Result<(), AlreadyClaimed> {
        match claim {
            Claim::Take { key, value, holder } | Claim::Replace { key, value, holder } => {
                let other = self.holder(key, value).filter(|other| other != holder);
                if let Some(holder) = other {
                    return Err(AlreadyClaimed { key: key.clone(), value: value.clone(), holder });
                }
                let replaces = matches!(claim, Claim::Replace { .. });
                self.claims
                    .retain(|(held_key, held, by)| *held_key != **key || by != holder || (held != value && !replaces));
                self.claims.push((key.to_string(), value.clone(), holder.clone()));
            }
            Claim::Release { key, value, holder } => self.claims.retain(|(held_key, held, by)| {
                *held_key != **key || by != holder || value.as_ref().is_some_and(|value| value != held)
            }),
        }
        Ok(())
    }

    fn append(&mut self, append: &Append) -> Verdict {
        if let Some(first) = self.receipt(append.request) {
            self.repeated.push(append.request);
            return Verdict::Written(first);
        }
        let broken: Vec<_> = append.conditions.iter().filter(|condition| !self.holds(condition)).cloned().collect();
        if !broken.is_empty() {
            return Verdict::Conflict(broken);
        }
        let before = self.claims.clone();
        for claim in &append.claims {
            if let Err(refused) = self.change(claim) {
                self.claims = before;
                return Verdict::Claimed(refused);
            }
        }
        self.events.extend(append.events.iter().map(|event| (event.clone(), append.request)));
        let receipt = Appended { last: self.head(), count: append.events.len() as u64, repeated: false };
        if append.writes() {
            self.receipts.push((append.request, receipt));
        }
        Verdict::Written(receipt)
    }

    fn agrees(&self, verdict: &Verdict, outcome: &Result<Appended, AppendError>) -> bool {
        match (verdict, outcome) {
            (Verdict::Written(expected), Ok(receipt)) => expected == receipt,
            (Verdict::Claimed(expected), Err(AppendError::AlreadyClaimed(refused))) => expected == refused,
            (Verdict::Conflict(broken), Err(AppendError::Conflict(conflict))) => {
                broken.iter().any(|condition| match (condition, conflict) {
                    (
                        Condition::Stream { stream, expected },
                        Conflict::Stream { stream: named, expected: was_expected, actual },
                    ) => stream == named && expected == was_expected && *actual == self.version(stream),
                    (Condition::NoMatch { filter, after }, Conflict::Match { filter: named, after: behind, found }) => {
                        *filter == **named && after == behind && self.matches(filter, *after).contains(&found.0)
                    }
                    (Condition::Written { request }, Conflict::Unwritten { request: named }) => request == named,
                    _ => false,
                })
            }
            _ => false,
        }
    }
}

/// A small generator (splitmix64), so that a seed is all it takes to see a history again.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    fn some<T>(&mut self, bound: u64, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(bound)).map(|_| make(self)).collect()
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        let place = usize::try_from(self.below(of.len() as u64)).expect("a place in a list");
        of[place].clone()
    }

    fn stream(&mut self) -> StreamId {
        stream(self.below(4))
    }

    fn event_type(&mut self) -> &'static str {
        self.pick(&["a", "b", "c"])
    }

    fn tag(&mut self) -> Tag {
        tag(self.pick(&["x", "y"]), self.below(2))
    }

    fn event(&mut self) -> NewEvent {
        let unit = event(&self.stream(), self.event_type());
        NewEvent { tags: self.some(3, Self::tag), ..unit }
    }

    fn filter(&mut self) -> EventFilter {
        EventFilter::any_of(self.some(3, |random| Selector {
            types: random.some(3, |random| random.event_type().into()),
            streams: random.some(2, Self::stream),
            tags: random.some(3, Self::tag),
        }))
    }

    fn condition(&mut self, model: &Model, earlier: &[Append]) -> Condition {
        if !earlier.is_empty() && self.one_in(6) {
            return Condition::Written { request: self.pick(earlier).request };
        }
        if self.one_in(3) {
            return no_match(&self.filter(), Position(model.head().0.saturating_sub(self.below(6))));
        }
        let stream = self.stream();
        let near = Version((model.version(&stream).0 + self.below(3)).saturating_sub(1));
        let exact = Expected::Version(model.version(&stream));
        let expected =
            self.pick(&[Expected::Any, Expected::NoStream, Expected::Exists, Expected::Version(near), exact, exact]);
        Condition::Stream { stream, expected }
    }

    fn claim(&mut self) -> Claim {
        let (key, value) = (self.pick(&["k", "l"]).into(), self.pick(&["u", "v", "w"]).to_owned());
        let holder = self.stream();
        match self.below(4) {
            0 | 1 => Claim::Take { key, value, holder },
            2 => Claim::Replace { key, value, holder },
            _ => Claim::Release { key, value: (!self.one_in(3)).then_some(value), holder },
        }
    }

    fn append(&mut self, model: &Model, earlier: &[Append]) -> Append {
        if !earlier.is_empty() && self.one_in(8) {
            return self.pick(earlier);
        }
        let conditions = self.some(3, |random| random.condition(model, earlier));
        let events = if self.one_in(4) { Vec::new() } else { self.some(4, Self::event) };
        let claims = if self.one_in(2) { Vec::new() } else { self.some(3, Self::claim) };
        let unit = Append { conditions, events, claims, ..append() };
        if earlier.is_empty() || !self.one_in(10) {
            return unit;
        }
        // The same id, other content.
        under(self.pick(earlier).request, unit)
    }
}

/// Compares all that can be read with the model.
async fn compare(store: &dyn EventStore, model: &Model, random: &mut Random) {
    assert_eq!(store.head().await.expect("the head is known"), model.head());
    let log = log(store).await;
    let expected: Vec<_> =
        model.events.iter().map(|(event, request)| (&event.stream, &event.event_type, &event.tags, *request)).collect();
    let read: Vec<_> =
        log.iter().map(|event| (&event.stream, &event.event_type, &event.tags, event.metadata.request)).collect();
    for (position, (read, expected)) in (1..).zip(read.iter().zip(&expected)) {
        assert_eq!(read, expected, "the event at position {position}");
    }
    for id in (0..4).map(stream) {
        let of_stream: Vec<_> = log.iter().filter(|event| event.stream == id).cloned().collect();
        assert!((1..=model.version(&id).0).eq(of_stream.iter().map(|event| event.version.0)), "versions of `{id}`");
        assert!(history(store, &id).await == of_stream, "stream `{id}`");
    }
    for (key, value) in ["k", "l"].into_iter().flat_map(|key| ["u", "v", "w"].map(|value| (key, value))) {
        let holder = store.holder(key, value).await.expect("claims are read");
        assert_eq!(holder, model.holder(key, value), "of `{value}` as `{key}`");
    }
    for (request, receipt) in &model.receipts {
        let kept = store.receipt(*request).await.expect("receipts are read").expect("the request is remembered");
        assert_eq!((kept.last, kept.count), (receipt.last, receipt.count));
    }
    for _ in 0..10 {
        let filter = random.filter();
        let read = read_all(store, &filter, random.pick(&[1, 2, 7, 100])).await;
        let positions: Vec<u64> = read.iter().map(|event| event.position.0).collect();
        assert_eq!(positions, model.matches(&filter, Position::START), "{filter:?}");
    }
}

/// Batches of random appends, which conflict, repeat and contradict each other as often as not. Guards against what
/// nobody thought of. The seed is new in every run; the environment variable `CQRS_CONFORMANCE_SEED` fixes it.
pub async fn random_histories_are_as_the_model_says(fixture: Fixture<dyn EventStore>) {
    let fixed = std::env::var("CQRS_CONFORMANCE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = fixed.unwrap_or_else(|| RequestId::random().0.as_u64_pair().1);
    let replay = format!("to see this history again: CQRS_CONFORMANCE_SEED={seed}");
    println!("{replay}");

    let handles: Vec<_> = fixture.handles().await.take(2).collect();
    let (mut model, mut random, mut earlier) = (Model::default(), Random(seed), Vec::new());
    for number in 0..300 {
        let mut batch = Vec::new();
        for _ in 0..=random.below(4) {
            let unit = random.append(&model, &earlier);
            batch.push(unit.clone());
            earlier.push(unit);
        }
        let outcomes = submit_all(&*handles[number % 2], &batch).await;
        model.repeated.clear();
        for (unit, outcome) in batch.iter().zip(&outcomes) {
            let verdict = model.append(unit);
            assert!(model.agrees(&verdict, outcome), "{unit:#?}\nmust be {verdict:#?}\nbut is {outcome:#?}\n{replay}");
        }
        if number % 30 == 29 {
            compare(&*handles[number % 2], &model, &mut random).await;
        }
    }
    assert!(model.events.len() > 100, "a history of {} events says little", model.events.len());
}
