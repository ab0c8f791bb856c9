//! Writing a state as JSON that tells it from every other.
//!
//! JSON has one `null` for `None`, for `Some(None)` and for a float that is not finite, and serde's attributes may read
//! something else than they write. So what is written is read back, and the two are compared by all that serde sees of
//! them.

use std::hash::{DefaultHasher, Hash, Hasher as _};

use serde::{
    Serialize, Serializer,
    de::value::Error,
    ser::{self, Error as _},
};

use super::SnapshotState;

/// A state as JSON.
///
/// It is read back where there is a `null` in it; in a build with debug assertions always, as events are.
///
/// # Errors
/// Also where another state comes back.
pub(super) fn to_vec<A: SnapshotState>(state: &A) -> serde_json::Result<Vec<u8>> {
    let json = serde_json::to_vec(state)?;
    if cfg!(debug_assertions) || json.windows(4).any(|bytes| bytes == b"null") {
        let read: A = serde_json::from_slice(&json)?;
        let seen = |state: &A| state.serialize(Look).map_err(serde_json::Error::custom);
        if seen(state)? != seen(&read)? {
            return Err(serde_json::Error::custom("it does not come back from JSON as it was"));
        }
    }
    Ok(json)
}

/// Hashes what serde sees of a value. Parts count in any order, for a set has none.
struct Look;

fn hash(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// The parts of a value.
struct Parts {
    kind: &'static str,
    variant: &'static str,
    sum: u64,
    /// The key of the map's entry whose value comes next.
    key: u64,
}

impl Parts {
    fn of(kind: &'static str, variant: &'static str) -> Self {
        Self { kind, variant, sum: 0, key: 0 }
    }

    fn add(&mut self, name: impl Hash, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.sum = self.sum.wrapping_add(hash((name, value.serialize(Look)?)));
        Ok(())
    }

    fn sum(&self) -> u64 {
        hash((self.kind, self.variant, self.sum))
    }
}

macro_rules! plain {
    ($($method:ident $type:ty;)*) => {
        $(fn $method(self, value: $type) -> Result<u64, Error> {
            Ok(hash((stringify!($method), value)))
        })*
    };
}

macro_rules! parts {
    ($($trait:ident $method:ident($($name:ident: $type:ty)?);)*) => {
        $(impl ser::$trait for Parts {
            type Ok = u64;
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, $($name: $type,)? value: &T) -> Result<(), Error> {
                self.add(($($name)?), value)
            }

            fn end(self) -> Result<u64, Error> {
                Ok(self.sum())
            }
        })*
    };
}

parts! {
    SerializeSeq serialize_element();
    SerializeTuple serialize_element();
    SerializeTupleStruct serialize_field();
    SerializeTupleVariant serialize_field();
    SerializeStruct serialize_field(name: &'static str);
    SerializeStructVariant serialize_field(name: &'static str);
}

impl ser::SerializeMap for Parts {
    type Ok = u64;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key = key.serialize(Look)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.add(self.key, value)
    }

    fn end(self) -> Result<u64, Error> {
        Ok(self.sum())
    }
}

impl Serializer for Look {
    type Ok = u64;
    type Error = Error;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    plain! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_u128 u128;
        serialize_char char;
        serialize_str &str;
        serialize_bytes &[u8];
    }

    fn serialize_f32(self, value: f32) -> Result<u64, Error> {
        Ok(hash(("f32", value.to_bits())))
    }

    fn serialize_f64(self, value: f64) -> Result<u64, Error> {
        Ok(hash(("f64", value.to_bits())))
    }

    fn serialize_none(self) -> Result<u64, Error> {
        Ok(hash("none"))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<u64, Error> {
        Ok(hash(("some", value.serialize(Look)?)))
    }

    fn serialize_unit(self) -> Result<u64, Error> {
        Ok(hash("unit"))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<u64, Error> {
        Ok(hash("unit"))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<u64, Error> {
        Ok(hash(("variant", variant)))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<u64, Error> {
        value.serialize(Look)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<u64, Error> {
        Ok(hash(("newtype", variant, value.serialize(Look)?)))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts, Error> {
        Ok(Parts::of("list", ""))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts, Error> {
        Ok(Parts::of("tuple", ""))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts, Error> {
        Ok(Parts::of("tuple", ""))
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Parts, Error> {
        Ok(Parts::of("tuple", variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts, Error> {
        Ok(Parts::of("map", ""))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts, Error> {
        Ok(Parts::of("struct", ""))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Error> {
        Ok(Parts::of("struct", variant))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap, HashSet};

    use serde::Deserialize;

    use super::*;

    fn is_kept<A: SnapshotState>(state: &A) -> bool {
        to_vec(state).is_ok()
    }

    #[derive(Serialize, Deserialize)]
    enum Kind {
        Unit,
        Pair(u8, Option<f32>),
        Named { of: Box<Option<Kind>> },
    }

    #[derive(Serialize, Deserialize)]
    struct Misread {
        #[serde(rename(serialize = "written"), default)]
        count: u8,
    }

    #[test]
    fn what_comes_back_as_it_was_is_kept() {
        assert!(is_kept(&(Some(1), None::<u8>, f64::MIN_POSITIVE, -0.0, "text".to_owned(), 'c', (), i128::MIN)));
        assert!(is_kept(&(0..100).map(|number| (number, Some(number % 2))).collect::<HashMap<u64, _>>()));
        assert!(is_kept(&(0..100).map(|number| number.to_string()).collect::<HashSet<_>>()));
        assert!(is_kept(&[
            Kind::Unit,
            Kind::Pair(1, None),
            Kind::Named { of: Box::new(Some(Kind::Pair(2, Some(0.1)))) }
        ]));
        assert!(is_kept(&serde_json::json!({"any": [1, null, 0.1, {"b": true}]})));
        assert!(is_kept(&uuid::Uuid::nil()));
        assert!(is_kept(&BTreeMap::from([(chrono::DateTime::<chrono::Utc>::MAX_UTC, std::time::Duration::MAX)])));
    }

    #[test]
    fn what_json_cannot_tell_apart_is_not() {
        assert!(!is_kept(&Some(None::<u8>)));
        assert!(!is_kept(&[Some(Some(1)), Some(None)]));
        assert!(!is_kept(&Some(())));
        assert!(!is_kept(&Some(f64::NAN)));
        assert!(!is_kept(&Some(f32::INFINITY)));
        assert!(!is_kept(&Some(serde_json::Value::Null)));
        assert!(!is_kept(&Kind::Pair(1, Some(f32::NAN))));
        assert!(!is_kept(&Misread { count: 1 }), "what is read is not what was written");
        assert!(is_kept(&Misread { count: 0 }));
    }
}
