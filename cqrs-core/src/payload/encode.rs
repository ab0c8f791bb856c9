//! Writing: everything but an enum's variant is refused, a variant is written without its name.

use std::cell::RefCell;

use serde::{
    Serialize, Serializer,
    ser::{Error as _, Impossible, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTupleVariant},
};

/// An event that cannot be written as JSON.
#[derive(Debug, thiserror::Error)]
#[error("an event cannot be written as JSON: {0}")]
pub struct EncodeError(#[source] serde_json::Error);

/// The fields of `event`'s variant as JSON: an object for named fields, the value itself for a single unnamed one, an
/// array for several, `{}` for none.
pub fn encode<E: Serialize + ?Sized>(event: &E) -> Result<Vec<u8>, EncodeError> {
    SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
        Ok(mut scratch) => {
            scratch.clear();
            encode_into(&mut scratch, event)?;
            let bytes = scratch.to_vec();
            scratch.shrink_to(SCRATCH_BYTES);
            Ok(bytes)
        }
        // A `Serialize` that encodes an event of its own.
        Err(_) => {
            let mut bytes = Vec::new();
            encode_into(&mut bytes, event)?;
            Ok(bytes)
        }
    })
}

/// What a thread keeps of its scratch buffer.
const SCRATCH_BYTES: usize = 16 * 1024;

thread_local! {
    /// Payloads are kept, some for as long as the program runs, so what is handed out is exactly as large as it must be.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn encode_into<E: Serialize + ?Sized>(bytes: &mut Vec<u8>, event: &E) -> Result<(), EncodeError> {
    event.serialize(Variant(&mut serde_json::Serializer::new(bytes))).map_err(EncodeError)
}

type Json<'a, 'w> = &'a mut serde_json::Serializer<&'w mut Vec<u8>>;
type Error = serde_json::Error;

struct Variant<'a, 'w>(Json<'a, 'w>);

struct Fields<'a, 'w>(<Json<'a, 'w> as Serializer>::SerializeStruct);

struct Elements<'a, 'w>(<Json<'a, 'w> as Serializer>::SerializeSeq);

impl SerializeStructVariant for Fields<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        SerializeStruct::serialize_field(&mut self.0, key, value)
    }

    fn skip_field(&mut self, key: &'static str) -> Result<(), Error> {
        SerializeStruct::skip_field(&mut self.0, key)
    }

    fn end(self) -> Result<(), Error> {
        SerializeStruct::end(self.0)
    }
}

impl SerializeTupleVariant for Elements<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.0.serialize_element(value)
    }

    fn end(self) -> Result<(), Error> {
        SerializeSeq::end(self.0)
    }
}

fn refused<T>(what: &str) -> Result<T, Error> {
    Err(Error::custom(format_args!(
        "serde writes it as {what}; an event is an enum in serde's default form, without `tag`, `untagged` or `into`"
    )))
}

macro_rules! refuse {
    ($($method:ident($type:ty))*) => {
        $(fn $method(self, _: $type) -> Result<(), Error> { refused(concat!("a `", stringify!($type), "`")) })*
    };
}

impl<'a, 'w> Serializer for Variant<'a, 'w> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Impossible<(), Error>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Elements<'a, 'w>;
    type SerializeMap = Impossible<(), Error>;
    type SerializeStruct = Impossible<(), Error>;
    type SerializeStructVariant = Fields<'a, 'w>;

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Error> {
        SerializeStruct::end(self.0.serialize_struct("", 0)?)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self.0)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        len: usize,
    ) -> Result<Elements<'a, 'w>, Error> {
        self.0.serialize_seq(Some(len)).map(Elements)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        len: usize,
    ) -> Result<Fields<'a, 'w>, Error> {
        self.0.serialize_struct(name, len).map(Fields)
    }

    refuse! {
        serialize_bool(bool) serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_f32(f32)
        serialize_f64(f64) serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
    }

    fn serialize_none(self) -> Result<(), Error> {
        refused("an option")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<(), Error> {
        refused("an option")
    }

    fn serialize_unit(self) -> Result<(), Error> {
        refused("a unit")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        refused("a struct")
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, _: &T) -> Result<(), Error> {
        refused("a struct")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Error> {
        refused("a sequence")
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Error> {
        refused("a tuple")
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Error> {
        refused("a struct")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Error> {
        refused("a map")
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Error> {
        refused("a struct")
    }
}
