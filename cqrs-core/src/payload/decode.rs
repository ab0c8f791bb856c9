//! Reading: the variant is told from outside, its content is read where serde expects it.

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, EnumAccess, Error as _, IgnoredAny, IntoDeserializer, VariantAccess, Visitor,
    },
    forward_to_deserialize_any,
};

use crate::event::EventType;

/// A stored event that cannot be understood.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// No variant has, or had, the stored name.
    #[error(
        "unknown event type `{name}`; known are {known}. If it was renamed, add its old name: `alias = \"{name}\"`"
    )]
    UnknownType {
        /// The stored name.
        name: String,
        /// The known ones.
        known: String,
    },
    /// The payload is not what the variant asks for.
    #[error("the payload of `{event_type}` is not what `{variant}` asks for: {cause}")]
    Payload {
        /// The stored name.
        event_type: &'static str,
        /// The variant.
        variant: &'static str,
        /// What serde says, with line and column.
        cause: String,
    },
}

impl DecodeError {
    pub(crate) fn unknown_type(name: &str, known: &[EventType]) -> Self {
        let known: Vec<String> = known.iter().map(|known| format!("`{}`", known.name)).collect();
        Self::UnknownType { name: name.to_owned(), known: known.join(", ") }
    }
}

/// Reads an event of `event_type` from what [`encode`](super::encode) wrote.
pub fn decode<E: DeserializeOwned>(event_type: &EventType, payload: &[u8]) -> Result<E, DecodeError> {
    let mut json = serde_json::Deserializer::from_slice(payload);
    let variant = Variant { index: event_type.index, json: &mut json };
    E::deserialize(variant).and_then(|event| json.end().map(|()| event)).map_err(|error| DecodeError::Payload {
        event_type: event_type.name,
        variant: event_type.variant,
        cause: error.to_string(),
    })
}

type Error = serde_json::Error;
type Json<'a, 'de> = &'a mut serde_json::Deserializer<serde_json::de::SliceRead<'de>>;

struct Variant<'a, 'de> {
    index: u32,
    json: Json<'a, 'de>,
}

impl<'de> Deserializer<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("an event is an enum in serde's default form, without `tag`, `untagged` or `from`"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'a, 'de> EnumAccess<'de> for Variant<'a, 'de> {
    type Error = Error;
    type Variant = Content<'a, 'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'a, 'de>), Error> {
        // serde's derives take a variant by its place as well as by its name, whatever it was renamed to.
        let place = seed.deserialize(u64::from(self.index).into_deserializer())?;
        Ok((place, Content(self.json)))
    }
}

struct Content<'a, 'de>(Json<'a, 'de>);

impl<'de> VariantAccess<'de> for Content<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        serde::Deserialize::deserialize(self.0).map(|IgnoredAny| ())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.0.deserialize_struct("", fields, visitor)
    }
}
