//! Names and numbers of the log.

use std::{fmt, sync::Arc};

use uuid::Uuid;

use super::InvalidInput;

/// The longest stream id, event type or tag, in bytes.
///
/// Short enough for an index page of every engine, long enough for any id a person made.
pub const MAX_NAME_BYTES: usize = 512;

fn checked_name(what: &'static str, text: &str) -> Result<(), InvalidInput> {
    if text.is_empty() {
        return Err(InvalidInput::Empty { what });
    }
    if text.len() > MAX_NAME_BYTES {
        return Err(InvalidInput::TooLong { what, bytes: text.len(), limit: MAX_NAME_BYTES });
    }
    if text.contains('\0') {
        return Err(InvalidInput::Nul { what, text: text.to_owned() });
    }
    Ok(())
}

/// The name of a stream: the history of one aggregate, `user-0192f0c1-…`.
///
/// Everything before the first `-` is the category (the aggregate's name), everything behind it the aggregate's id.
/// Cloning is cheap.
///
/// ```
/// use cqrs::StreamId;
///
/// let stream = StreamId::of("user", &42)?;
/// assert_eq!(stream.as_str(), "user-42");
/// assert_eq!(stream.category(), "user");
/// assert_eq!(stream.aggregate_id(), "42");
/// assert!(StreamId::of("user", &"").is_err(), "an aggregate without an id has no history");
/// # Ok::<(), cqrs::store::InvalidInput>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(Arc<str>);

impl StreamId {
    /// The stream of the aggregate `id` in `category`.
    ///
    /// # Errors
    /// [`InvalidInput`] where the id is empty, holds a NUL, or the whole is longer than [`MAX_NAME_BYTES`], and where
    /// the category is empty or holds a `-`.
    pub fn of(category: &str, id: &impl fmt::Display) -> Result<Self, InvalidInput> {
        use fmt::Write as _;
        let mut text = String::with_capacity(category.len() + 37);
        text.push_str(category);
        text.push('-');
        write!(text, "{id}").map_err(|_| InvalidInput::Empty { what: "aggregate id" })?;
        if category.is_empty() || category.contains('-') {
            return Err(InvalidInput::Category { category: category.to_owned() });
        }
        if text.len() == category.len() + 1 {
            return Err(InvalidInput::Empty { what: "aggregate id" });
        }
        checked_name("stream id", &text)?;
        Ok(Self(text.into()))
    }

    /// Reads a stream's name as it is stored.
    ///
    /// # Errors
    /// [`InvalidInput`], as for [`StreamId::of`].
    pub fn parse(text: &str) -> Result<Self, InvalidInput> {
        let (category, id) =
            text.split_once('-').ok_or_else(|| InvalidInput::Category { category: text.to_owned() })?;
        Self::of(category, &id)
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The aggregate's name, before the first `-`.
    #[must_use]
    pub fn category(&self) -> &str {
        self.0.split_once('-').map_or(&*self.0, |(category, _)| category)
    }

    /// The aggregate's id, behind the first `-`.
    #[must_use]
    pub fn aggregate_id(&self) -> &str {
        self.0.split_once('-').map_or("", |(_, id)| id)
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

/// A mark on an event by which decisions over several streams find it: `course:c1`, `student:s7`.
///
/// The term is from Sara Pellegrini's *dynamic consistency boundary*: an event carries the tags of everything it is
/// about, and a condition asks for events by tag instead of by stream.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(Arc<str>);

impl Tag {
    /// The tag `key:value`.
    ///
    /// # Errors
    /// [`InvalidInput`] where the key or the value is empty, the key holds a `:`, either holds a NUL, or the whole is
    /// longer than [`MAX_NAME_BYTES`].
    pub fn new(key: &str, value: &impl fmt::Display) -> Result<Self, InvalidInput> {
        if key.is_empty() || key.contains(':') {
            return Err(InvalidInput::TagKey { key: key.to_owned() });
        }
        let text = format!("{key}:{value}");
        if text.len() == key.len() + 1 {
            return Err(InvalidInput::Empty { what: "tag" });
        }
        checked_name("tag", &text)?;
        Ok(Self(text.into()))
    }

    /// Reads a tag as it is stored.
    ///
    /// # Errors
    /// [`InvalidInput`], as for [`Tag::new`].
    pub fn parse(text: &str) -> Result<Self, InvalidInput> {
        let (key, value) = text.split_once(':').ok_or_else(|| InvalidInput::TagKey { key: text.to_owned() })?;
        Self::new(key, &value)
    }

    /// The whole tag, `key:value`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

/// The name of an append: the same id again returns the first receipt and writes nothing (S8).
///
/// It is also the id of the command that made the append, and so the default of its correlation id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub Uuid);

impl RequestId {
    /// A new id, ordered by time.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::now_v7())
    }
}

impl From<Uuid> for RequestId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl $name {
            /// Before the first event.
            pub const START: Self = Self(0);

            /// The one after this.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }

            /// The one `count` behind this.
            #[must_use]
            pub const fn plus(self, count: u64) -> Self {
                Self(self.0 + count)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

counter! {
    /// The place of an event in the whole log: 1, 2, 3 … without a gap, in commit order (S2). 0 is before the first.
    Position
}
counter! {
    /// The place of an event in its stream: 1, 2, 3 …; also how many events a stream has (S3). 0 is an empty stream.
    Version
}
