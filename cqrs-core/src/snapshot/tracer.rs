//! A deserializer that notes what it is asked for, and answers with made-up values.

use serde::{
    Deserializer,
    de::{self, Visitor, value::Error},
};

use super::{
    parts::{Entry, Fields, Nothing, Parts, Variant},
    shape::{AGAIN, Node, Trace},
};

/// Texts that types which read themselves from one may take.
const TEXTS: &[&str] = &[
    "",
    "00000000-0000-0000-0000-000000000000",
    "1970-01-01T00:00:00Z",
    "1970-01-01T00:00:00",
    "1970-01-01",
    "00:00:00",
    "0",
    "a",
    "127.0.0.1",
    "127.0.0.1:1",
    "a@a.aa",
    "http://a.aa/",
    "UTC",
    "00000000000000000000000000",
    "EUR",
    "{}",
];

/// How deep a type may be.
const DEPTH: u8 = 48;

/// How many parts of a tuple are told apart. The longer ones are arrays, whose parts are alike.
pub(super) const LONGEST: usize = 32;

/// How often a struct or enum is read whole within itself: a generic one may well be a part of itself with another type
/// in it.
const WHOLE: usize = 2;

/// Reads one part.
pub(super) struct Tracer<'a> {
    pub(super) node: &'a mut Node,
    pub(super) trace: &'a Trace,
    pub(super) depth: u8,
    /// Whether only some value is wanted, because what is asked for is known.
    pub(super) known: bool,
}

pub(super) type Answer<T> = Result<T, Error>;

pub(super) fn refused() -> Error {
    de::Error::custom("nothing that can be made up is accepted")
}

impl<'a> Tracer<'a> {
    pub(super) fn new(node: &'a mut Node, trace: &'a Trace) -> Self {
        Self { node, trace, depth: 0, known: false }
    }

    pub(super) fn asked(&mut self, what: impl FnOnce() -> String) -> Answer<()> {
        if self.depth > DEPTH || !self.trace.is_patient() {
            return Err(refused());
        }
        if self.node.asks.is_empty() {
            self.node.asks = what();
            self.trace.learn();
        }
        Ok(())
    }

    /// Tries one of `count` values a pass, until one is accepted.
    fn choose<T>(mut self, what: &str, count: usize, give: impl FnOnce(usize) -> Answer<T>) -> Answer<T> {
        self.asked(|| what.to_owned())?;
        if self.node.tried >= count {
            return Err(refused());
        }
        give(self.node.tried).inspect_err(|_| {
            self.node.tried += 1;
            self.trace.learn();
        })
    }

    /// Gives one part, or does without where it is refused.
    fn perhaps<T>(
        mut self,
        what: &'static str,
        with: impl FnOnce(Parts<'_>) -> Answer<T>,
        without: impl FnOnce() -> Answer<T>,
    ) -> Answer<T> {
        self.asked(|| what.to_owned())?;
        if self.node.tried > 0 {
            return without();
        }
        let before = self.trace.learned();
        let given =
            with(Parts { node: self.node, trace: self.trace, depth: self.depth, known: self.known, at: 0, len: 0 });
        if given.is_err() && self.trace.learned() == before {
            self.node.tried = 1;
            self.trace.learn();
        }
        given
    }

    pub(super) fn tuple<T>(mut self, what: String, len: usize, read: impl FnOnce(Parts<'_>) -> Answer<T>) -> Answer<T> {
        self.asked(|| what)?;
        self.node.name_parts(&[""; LONGEST][..len.min(LONGEST)]);
        read(Parts { len, ..self.parts() })
    }

    pub(super) fn fields<'de, V: Visitor<'de>>(
        mut self,
        what: String,
        names: &'static [&'static str],
        visitor: V,
    ) -> Answer<V::Value> {
        self.asked(|| what)?;
        self.node.name_parts(names);
        visitor.visit_map(Fields(self.parts()))
    }

    pub(super) fn parts(self) -> Parts<'a> {
        let len = self.node.parts.len();
        Parts { node: self.node, trace: self.trace, depth: self.depth, known: self.known, at: 0, len }
    }

    /// Reads a struct or enum, which may be a part of itself.
    fn within<T>(
        mut self,
        name: &'static str,
        names: &'static [&'static str],
        read: impl FnOnce(Self) -> Answer<T>,
    ) -> Answer<T> {
        let trace = self.trace;
        let around = trace.around.borrow().iter().filter(|other| **other == (name, names)).count();
        if around >= WHOLE {
            self.asked(|| format!("{AGAIN}{name}"))?;
            self.known = true;
        }
        if around > WHOLE {
            return Err(refused());
        }
        trace.around.borrow_mut().push((name, names));
        let answer = read(self);
        trace.around.borrow_mut().pop();
        answer
    }
}

macro_rules! values {
    ($($method:ident $visit:ident $what:literal $values:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
            let values = $values;
            self.choose($what, values.len(), |tried| visitor.$visit(values[tried]))
        })*
    };
}

impl<'de> Deserializer<'de> for Tracer<'_> {
    type Error = Error;

    values! {
        deserialize_bool visit_bool "bool" [false, true];
        deserialize_i8 visit_i8 "i8" [0, 1];
        deserialize_i16 visit_i16 "i16" [0, 1];
        deserialize_i32 visit_i32 "i32" [0, 1];
        deserialize_i64 visit_i64 "i64" [0, 1];
        deserialize_i128 visit_i128 "i128" [0, 1];
        deserialize_u8 visit_u8 "u8" [0, 1];
        deserialize_u16 visit_u16 "u16" [0, 1];
        deserialize_u32 visit_u32 "u32" [0, 1];
        deserialize_u64 visit_u64 "u64" [0, 1];
        deserialize_u128 visit_u128 "u128" [0, 1];
        deserialize_f32 visit_f32 "f32" [0.0, 1.0];
        deserialize_f64 visit_f64 "f64" [0.0, 1.0];
        deserialize_char visit_char "char" ['a', '0'];
        deserialize_str visit_str "text" TEXTS;
        deserialize_string visit_str "text" TEXTS;
        deserialize_identifier visit_str "text" TEXTS;
        deserialize_bytes visit_bytes "bytes" [[].as_slice(), &[0; 16], &[0; 32]];
        deserialize_byte_buf visit_bytes "bytes" [[].as_slice(), &[0; 16], &[0; 32]];
    }

    /// A type that takes what comes says nothing of its shape.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        self.choose("anything", TEXTS.len() + 5, |tried| match tried {
            0 => visitor.visit_unit(),
            1 => visitor.visit_u64(0),
            2 => visitor.visit_bool(false),
            3 => visitor.visit_map(Nothing),
            4 => visitor.visit_seq(Nothing),
            text => visitor.visit_str(TEXTS[text - 5]),
        })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(mut self, visitor: V) -> Answer<V::Value> {
        self.asked(|| "ignored".into())?;
        visitor.visit_unit()
    }

    fn deserialize_unit<V: Visitor<'de>>(mut self, visitor: V) -> Answer<V::Value> {
        self.asked(|| "unit".into())?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(mut self, name: &'static str, visitor: V) -> Answer<V::Value> {
        self.asked(|| format!("unit {name}"))?;
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        // One of the two closures is called, and the borrow checker cannot know.
        let visitor = std::cell::Cell::new(Some(visitor));
        let take = || visitor.take().ok_or_else(refused);
        self.perhaps("option", |parts| take()?.visit_some(parts.only()), || take()?.visit_none())
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        let visitor = std::cell::Cell::new(Some(visitor));
        let take = || visitor.take().ok_or_else(refused);
        let one = |parts: Parts<'_>| take()?.visit_seq(parts.named(&["item"]));
        self.perhaps("list", one, || take()?.visit_seq(Nothing))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        let visitor = std::cell::Cell::new(Some(visitor));
        let take = || visitor.take().ok_or_else(refused);
        let one = |parts: Parts<'_>| take()?.visit_map(Entry(parts.named(&["key", "value"])));
        self.perhaps("map", one, || take()?.visit_map(Nothing))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(mut self, name: &'static str, visitor: V) -> Answer<V::Value> {
        self.asked(|| format!("newtype {name}"))?;
        visitor.visit_newtype_struct(self.parts().only())
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Answer<V::Value> {
        self.tuple(format!("tuple of {len}"), len, |parts| visitor.visit_seq(parts))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, name: &'static str, len: usize, visitor: V) -> Answer<V::Value> {
        self.tuple(format!("tuple {name} of {len}"), len, |parts| visitor.visit_seq(parts))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Answer<V::Value> {
        self.within(name, fields, |tracer| tracer.fields(format!("struct {name}"), fields, visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Answer<V::Value> {
        self.within(name, variants, |mut tracer| {
            tracer.asked(|| format!("enum {name}"))?;
            tracer.node.name_parts(variants);
            let Tracer { node, trace, depth, known } = tracer;
            let explored = node.tried >= variants.len() || known && node.readable.is_some();
            let at = if explored { node.readable } else { Some(node.tried) };
            let at = at.ok_or_else(refused)?;
            let before = trace.learned();
            let variant = Variant { name: variants[at], node: &mut node.parts[at].1, trace, depth: depth + 1, known };
            let read = visitor.visit_enum(variant);
            // All there is to learn of this variant is learned.
            if !explored && trace.learned() == before {
                node.tried += 1;
                node.readable = node.readable.or(read.is_ok().then_some(at));
                trace.learn();
            }
            read
        })
    }

    fn is_human_readable(&self) -> bool {
        true
    }
}
