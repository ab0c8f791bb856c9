//! The hash of a type's shape, taken from what its `Deserialize` asks for.
//!
//! A type says what it reads only by asking a `Deserializer` for it, and goes on only while it gets what it takes. So it is
//! read again and again from made-up values: each pass gives what the passes before it have not tried, and notes what is
//! asked for in a tree, whose text is hashed. A part that refuses all that is made up for it ends there; where it is an
//! option, a list, a variant or a field, the rest of the type is then read without it.
//!
//! Everything follows from the order in which the type asks, so the hash is the same in every process and build.

use std::cell::{Cell, RefCell};

use serde::de::DeserializeOwned;

use super::tracer::Tracer;

/// How many questions are answered before a type counts as known. Ordinary states ask some hundreds.
const PATIENCE: u32 = 1 << 18;

/// What a type asks for at one place.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// What it asks for: `u32`, `struct User`; empty while it was not asked.
    pub(super) asks: String,
    /// How many of the values that can be made up for it were refused, or, of an enum, how many variants are known.
    pub(super) tried: usize,
    /// The first variant of an enum that could be read.
    pub(super) readable: Option<usize>,
    /// How far a field's value came.
    pub(super) reached: Reached,
    /// Its parts, by name.
    pub(super) parts: Vec<(&'static str, Node)>,
}

/// How far the value of a field came.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// It was not given yet.
    #[default]
    Nothing,
    /// Its name was given, and nobody has asked for its value so far.
    Name,
    /// Its value was asked for.
    Value,
    /// It cannot be given.
    Refused,
}

impl Node {
    /// Names the parts, if this is the first time.
    pub(super) fn name_parts(&mut self, names: &[&'static str]) {
        if self.parts.is_empty() {
            self.parts = names.iter().map(|name| (*name, Self::default())).collect();
        }
    }

    /// The only part.
    pub(super) fn part(&mut self) -> &mut Self {
        if self.parts.is_empty() {
            self.parts.push(("", Self::default()));
        }
        &mut self.parts[0].1
    }

    /// Every name and its length, so that no two trees have the same text.
    fn hash(&self, hash: &mut Fnv) {
        hash.text(&self.asks);
        // What a type asks for within itself is known from outside.
        if self.asks.starts_with(AGAIN) {
            return;
        }
        hash.number(self.parts.len() as u64);
        for (name, part) in &self.parts {
            hash.text(name);
            part.hash(hash);
        }
    }
}

/// What a type that contains itself asks for, from the second time on.
pub(super) const AGAIN: &str = "again ";

/// What all parts of one trace share.
pub(super) struct Trace {
    /// Counts what was learned.
    learned: Cell<u32>,
    /// How many questions may still be answered.
    patience: Cell<u32>,
    /// The structs and enums around the part that is read.
    pub(super) around: RefCell<Vec<(&'static str, &'static [&'static str])>>,
}

impl Trace {
    pub(super) fn learn(&self) {
        self.learned.set(self.learned.get() + 1);
    }

    pub(super) fn learned(&self) -> u32 {
        self.learned.get()
    }

    /// Whether one more question is answered.
    pub(super) fn is_patient(&self) -> bool {
        let left = self.patience.get();
        self.patience.set(left.saturating_sub(1));
        left > 0
    }
}

/// The hash of `A`'s shape and of the version given by hand.
pub(super) fn of<A: DeserializeOwned>(version: u64) -> u64 {
    let mut hash = Fnv::new();
    hash.number(version);
    trace::<A>().hash(&mut hash);
    hash.0
}

fn trace<A: DeserializeOwned>() -> Node {
    let mut root = Node::default();
    let trace = Trace { learned: Cell::new(0), patience: Cell::new(PATIENCE), around: RefCell::default() };
    loop {
        let before = trace.learned();
        // What was read matters to nobody, and a panic on a made-up value ends the trace where it is.
        let read = || A::deserialize(Tracer::new(&mut root, &trace)).is_ok();
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).is_err();
        if ended || trace.learned() == before || trace.patience.get() == 0 {
            return root;
        }
        trace.around.borrow_mut().clear();
    }
}

/// FNV-1a (Fowler, Noll, Vo): the same on every machine and in every version, as the standard library's need not be.
struct Fnv(u64);

impl Fnv {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes(text.as_bytes());
    }
}

#[cfg(test)]
#[allow(dead_code, reason = "types that are made for their shape")]
mod tests {
    use std::{
        collections::{BTreeMap, HashMap, HashSet},
        num::NonZeroU32,
        time::Duration,
    };

    use chrono::{DateTime, NaiveDate, Utc};
    use serde::Deserialize;
    use uuid::Uuid;

    use super::*;

    /// The shapes of variations of one type, which all differ.
    macro_rules! assert_all_differ {
        ($({ $($item:tt)* })*) => {{
            let shapes = [$({
                $($item)*
                of::<State>(0)
            }),*];
            let distinct: HashSet<_> = shapes.iter().collect();
            assert_eq!(distinct.len(), shapes.len(), "two of the variations have one shape");
        }};
    }

    #[test]
    fn any_change_of_a_field_is_another_shape() {
        assert_all_differ! {
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, count: u32 } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, number: u32 } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, count: i64 } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, count: String } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, count: Option<u32> } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, count: Vec<u32> } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, count: Vec<Option<u32>> } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, count: (u32, u32) } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, count: (u32, u64) } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, count: [u32; 3] } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, count: HashMap<u32, u32> } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, count: HashMap<Uuid, String> } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc> } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, count: u32, more: bool } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, count: u32, #[serde(default)] more: u8 } }
            { #[derive(Deserialize)] struct State { id: Uuid, at: DateTime<Utc>, #[serde(rename = "n")] count: u32 } }
        }
    }

    #[test]
    fn any_change_deep_within_is_another_shape() {
        assert_all_differ! {
            {
                #[derive(Deserialize)] enum Kind { A(Uuid, u8), B { x: u32 }, C }
                #[derive(Deserialize)] struct State { lines: Vec<(NaiveDate, Kind)>, last: u8 }
            }
            {
                #[derive(Deserialize)] enum Kind { A(Uuid, u8), B { x: u64 }, C }
                #[derive(Deserialize)] struct State { lines: Vec<(NaiveDate, Kind)>, last: u8 }
            }
            {
                #[derive(Deserialize)] enum Kind { A(Uuid, u16), B { x: u32 }, C }
                #[derive(Deserialize)] struct State { lines: Vec<(NaiveDate, Kind)>, last: u8 }
            }
            {
                #[derive(Deserialize)] enum Kind { A(Uuid, u8), B { x: u32 }, C, D }
                #[derive(Deserialize)] struct State { lines: Vec<(NaiveDate, Kind)>, last: u8 }
            }
            {
                #[derive(Deserialize)] enum Kind { A(Uuid, u8), B { y: u32 }, C }
                #[derive(Deserialize)] struct State { lines: Vec<(NaiveDate, Kind)>, last: u8 }
            }
            {
                #[derive(Deserialize)] enum Kind { A(Uuid, u8), B { x: u32 }, C }
                #[derive(Deserialize)] struct State { lines: Vec<(NaiveDate, Kind)>, last: i8 }
            }
        }
    }

    #[derive(Deserialize)]
    #[serde(try_from = "String")]
    struct Picky;

    impl TryFrom<String> for Picky {
        type Error = &'static str;

        fn try_from(_: String) -> Result<Self, Self::Error> {
            Err("never good enough")
        }
    }

    #[test]
    fn a_part_that_refuses_everything_hides_no_other() {
        assert_all_differ! {
            { #[derive(Deserialize)] struct State { a: Picky, b: Option<Picky>, c: Vec<Picky>, last: u8 } }
            { #[derive(Deserialize)] struct State { a: Picky, b: Option<Picky>, c: Vec<Picky>, last: u16 } }
            { #[derive(Deserialize)] enum State { A(Picky), B(u8) } }
            { #[derive(Deserialize)] enum State { A(Picky), B(u16) } }
            { #[derive(Deserialize)] struct State { #[serde(alias = "b")] a: u8, last: u8 } }
            { #[derive(Deserialize)] struct State { #[serde(alias = "b")] a: u8, last: u16 } }
        }
    }

    #[test]
    fn types_within_themselves_have_a_shape() {
        assert_all_differ! {
            { #[derive(Deserialize)] enum State { Add(Box<State>, Box<State>), Not { of: Box<State> }, Lit(u8) } }
            { #[derive(Deserialize)] enum State { Add(Box<State>, Box<State>), Not { of: Box<State> }, Lit(u16) } }
            { #[derive(Deserialize)] enum State { Add(Box<State>, u8), Not { of: Box<State> }, Lit(u8) } }
            { #[derive(Deserialize)] struct State { left: Option<Box<State>>, right: Vec<State>, last: u8 } }
            { #[derive(Deserialize)] struct State { left: Option<Box<State>>, right: Vec<State>, last: u16 } }
            { #[derive(Deserialize)] struct Wrapped<T>(T); type State = Wrapped<Wrapped<u8>>; }
            { #[derive(Deserialize)] struct Wrapped<T>(T); type State = Wrapped<Wrapped<u16>>; }
        }
    }

    #[derive(Deserialize)]
    struct Everything {
        text: (String, char, bool),
        number: (f32, f64, i128, NonZeroU32),
        map: BTreeMap<String, Option<Vec<(u8, ())>>>,
        any: serde_json::Value,
        duration: Duration,
        result: Result<u8, String>,
        last: Last,
    }

    #[derive(Deserialize)]
    enum Last {
        One,
    }

    #[test]
    fn the_shape_of_a_type_never_changes() {
        let shape = of::<Everything>(1);
        assert_eq!(shape, of::<Everything>(1));
        assert_ne!(shape, of::<Everything>(2), "the version given by hand counts");
        assert_eq!(shape, 0x5725_2cad_ef2a_f6f4, "a snapshot taken by an earlier release is still of use");
    }

    #[test]
    fn what_is_asked_for_is_found_to_the_last_variant() {
        let root = trace::<Everything>();
        let (name, last) = root.parts.last().unwrap();
        assert_eq!((*name, last.asks.as_str(), last.parts[0].1.asks.as_str()), ("last", "enum Last", "unit"));
    }
}
