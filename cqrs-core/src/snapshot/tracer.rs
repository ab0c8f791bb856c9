//! A deserializer that notes what it is asked for, and answers with made-up values.

use serde::{
    Deserializer,
    de::{
        self, DeserializeSeed, EnumAccess, IntoDeserializer as _, MapAccess, SeqAccess, VariantAccess, Visitor,
        value::{Error, StrDeserializer},
    },
};

use super::shape::{AGAIN, Node, Reached, Trace};

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
const LONGEST: usize = 32;

/// How often a struct or enum is read whole within itself: a generic one may well be a part of itself with another type
/// in it.
const WHOLE: usize = 2;

/// Reads one part.
pub(super) struct Tracer<'a> {
    node: &'a mut Node,
    trace: &'a Trace,
    depth: u8,
    /// Whether only some value is wanted, because what is asked for is known.
    known: bool,
}

type Answer<T> = Result<T, Error>;

fn refused() -> Error {
    de::Error::custom("nothing that can be made up is accepted")
}

impl<'a> Tracer<'a> {
    pub(super) fn new(node: &'a mut Node, trace: &'a Trace) -> Self {
        Self { node, trace, depth: 0, known: false }
    }

    fn asked(&mut self, what: impl FnOnce() -> String) -> Answer<()> {
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

    fn tuple<T>(mut self, what: String, len: usize, read: impl FnOnce(Parts<'_>) -> Answer<T>) -> Answer<T> {
        self.asked(|| what)?;
        self.node.name_parts(&[""; LONGEST][..len.min(LONGEST)]);
        read(Parts { len, ..self.parts() })
    }

    fn fields<'de, V: Visitor<'de>>(
        mut self,
        what: String,
        names: &'static [&'static str],
        visitor: V,
    ) -> Answer<V::Value> {
        self.asked(|| what)?;
        self.node.name_parts(names);
        visitor.visit_map(Fields(self.parts()))
    }

    fn parts(self) -> Parts<'a> {
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

/// The parts of a node, one after another.
struct Parts<'a> {
    node: &'a mut Node,
    trace: &'a Trace,
    depth: u8,
    known: bool,
    at: usize,
    len: usize,
}

impl<'a> Parts<'a> {
    fn named(self, names: &[&'static str]) -> Self {
        self.node.name_parts(names);
        Self { len: names.len(), ..self }
    }

    fn only(self) -> Tracer<'a> {
        Tracer { node: self.node.part(), trace: self.trace, depth: self.depth + 1, known: self.known }
    }

    fn here(&mut self) -> Option<Tracer<'_>> {
        let (_, node) = self.node.parts.get_mut(self.at)?;
        Some(Tracer { node, trace: self.trace, depth: self.depth + 1, known: self.known })
    }

    fn next(&mut self) -> Option<Tracer<'_>> {
        if self.at >= self.len {
            return None;
        }
        let place = self.at.min(LONGEST - 1);
        self.at += 1;
        let (_, node) = self.node.parts.get_mut(place)?;
        Some(Tracer { node, trace: self.trace, depth: self.depth + 1, known: self.known })
    }
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Answer<Option<T::Value>> {
        self.next().map(|tracer| seed.deserialize(tracer)).transpose()
    }
}

/// The one entry of a map.
struct Entry<'a>(Parts<'a>);

impl<'de> MapAccess<'de> for Entry<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Answer<Option<K::Value>> {
        self.0.next().map(|tracer| seed.deserialize(tracer)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Answer<V::Value> {
        seed.deserialize(self.0.next().ok_or_else(refused)?)
    }
}

/// The fields of a struct that can be given.
struct Fields<'a>(Parts<'a>);

impl Fields<'_> {
    fn reach(&mut self, reached: Reached) {
        let Parts { node, trace, at, .. } = &mut self.0;
        if let Some((_, field)) = node.parts.get_mut(*at)
            && field.reached != reached
        {
            field.reached = reached;
            trace.learn();
        }
    }
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Answer<Option<K::Value>> {
        while let Some((name, field)) = self.0.node.parts.get(self.0.at) {
            let name = *name;
            match field.reached {
                Reached::Nothing => self.reach(Reached::Name),
                Reached::Value => {}
                // Nobody wants its value: the same field under another name.
                Reached::Name => self.reach(Reached::Refused),
                Reached::Refused => {
                    self.0.at += 1;
                    continue;
                }
            }
            if self.0.node.parts[self.0.at].1.reached != Reached::Refused {
                let name: StrDeserializer<'_, Error> = name.into_deserializer();
                return seed.deserialize(name).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Answer<V::Value> {
        self.reach(Reached::Value);
        let before = self.0.trace.learned();
        let read = seed.deserialize(self.0.here().ok_or_else(refused)?);
        if read.is_err() && self.0.trace.learned() == before {
            self.reach(Reached::Refused);
        }
        self.0.at += 1;
        read
    }
}

/// One variant of an enum.
struct Variant<'a> {
    name: &'static str,
    node: &'a mut Node,
    trace: &'a Trace,
    depth: u8,
    known: bool,
}

impl<'a> Variant<'a> {
    fn content(self) -> Tracer<'a> {
        Tracer { node: self.node, trace: self.trace, depth: self.depth, known: self.known }
    }
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Answer<(V::Value, Self)> {
        let name: StrDeserializer<'_, Error> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Error;

    fn unit_variant(self) -> Answer<()> {
        self.content().asked(|| "unit".into())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Answer<T::Value> {
        let mut content = self.content();
        content.asked(|| "newtype".into())?;
        seed.deserialize(content.parts().only())
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Answer<V::Value> {
        self.content().tuple(format!("tuple of {len}"), len, |parts| visitor.visit_seq(parts))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Answer<V::Value> {
        self.content().fields("struct".into(), fields, visitor)
    }
}

/// A list or map with nothing in it.
struct Nothing;

impl<'de> SeqAccess<'de> for Nothing {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, _: T) -> Answer<Option<T::Value>> {
        Ok(None)
    }
}

impl<'de> MapAccess<'de> for Nothing {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, _: K) -> Answer<Option<K::Value>> {
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, _: V) -> Answer<V::Value> {
        Err(refused())
    }
}
