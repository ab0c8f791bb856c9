//! The parts of what is traced: elements, entries, fields and variants.

use serde::de::{
    DeserializeSeed, EnumAccess, IntoDeserializer as _, MapAccess, SeqAccess, VariantAccess, Visitor,
    value::{Error, StrDeserializer},
};

use super::{
    shape::{Node, Reached, Trace},
    tracer::{Answer, LONGEST, Tracer, refused},
};

/// The parts of a node, one after another.
pub(super) struct Parts<'a> {
    pub(super) node: &'a mut Node,
    pub(super) trace: &'a Trace,
    pub(super) depth: u8,
    pub(super) known: bool,
    pub(super) at: usize,
    pub(super) len: usize,
}

impl<'a> Parts<'a> {
    pub(super) fn named(self, names: &[&'static str]) -> Self {
        self.node.name_parts(names);
        Self { len: names.len(), ..self }
    }

    pub(super) fn only(self) -> Tracer<'a> {
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
pub(super) struct Entry<'a>(pub(super) Parts<'a>);

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
pub(super) struct Fields<'a>(pub(super) Parts<'a>);

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
pub(super) struct Variant<'a> {
    pub(super) name: &'static str,
    pub(super) node: &'a mut Node,
    pub(super) trace: &'a Trace,
    pub(super) depth: u8,
    pub(super) known: bool,
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
pub(super) struct Nothing;

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
