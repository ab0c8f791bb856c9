//! Who, when and why a command is executed; everything that a test can fix.

use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::store::{Metadata, RequestId};

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// What time it is.
    fn now(&self) -> DateTime<Utc>;
}

/// Makes ids.
pub trait IdGenerator: Send + Sync + 'static {
    /// An id that was never given before. Ids that begin with the time begin with `now`.
    fn new_id(&self, now: DateTime<Utc>) -> Uuid;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands still.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub DateTime<Utc>);

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

/// Version 7 ids that begin with the time and end in a counter with a random start (RFC 9562, section 6.2, method 2):
/// one draw of randomness a generator instead of one an id.
#[derive(Debug)]
pub struct SystemIds {
    prefix: u16,
    counter: AtomicU64,
}

impl Default for SystemIds {
    fn default() -> Self {
        let (high, low) = Uuid::new_v4().as_u64_pair();
        let [first, second, ..] = high.to_be_bytes();
        Self { prefix: u16::from_be_bytes([first, second]), counter: AtomicU64::new(low) }
    }
}

impl IdGenerator for SystemIds {
    fn new_id(&self, now: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        let mut tail = [0; 10];
        tail[..2].copy_from_slice(&self.prefix.to_be_bytes());
        tail[2..].copy_from_slice(&self.counter.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}

/// Ids 1, 2, 3 … for tests.
#[derive(Debug, Default)]
pub struct SequentialIds(AtomicU64);

impl IdGenerator for SequentialIds {
    fn new_id(&self, _now: DateTime<Utc>) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed) + 1))
    }
}

/// Who, when and why: made for each command, handed to handlers that ask for it, stored with the events they decide.
///
/// The time is read once a command, so that all its events agree, and a command decided again after a conflict keeps
/// its time.
///
/// ```
/// use cqrs::Context;
///
/// let ctx = Context::new().with_actor("alice").with_metadata("tenant", "acme");
/// assert_eq!(ctx.actor(), Some("alice"));
/// assert_eq!(ctx.now(), ctx.now());
/// assert_eq!(ctx.correlation_id(), ctx.request_id().0, "a command nobody caused begins a conversation");
/// ```
#[derive(Clone)]
pub struct Context {
    metadata: Arc<Metadata>,
    ids: Ids,
}

/// Where the ids of a context come from.
#[derive(Clone)]
enum Ids {
    /// Each was never given before.
    System,
    /// The same, from elsewhere.
    Generated(Arc<dyn IdGenerator>),
    /// The caller chose the request id, and so may use it again: the ids follow from it, so that they are the same again.
    Derived(Arc<DerivedIds>),
}

impl Ids {
    fn new_id(&self, now: DateTime<Utc>) -> Uuid {
        static SYSTEM: LazyLock<SystemIds> = LazyLock::new(SystemIds::default);
        match self {
            Self::System => SYSTEM.new_id(now),
            Self::Generated(ids) => ids.new_id(now),
            Self::Derived(ids) => ids.new_id(),
        }
    }
}

/// Ids that follow one after another from another id.
struct DerivedIds {
    from: Uuid,
    given: AtomicU64,
}

impl DerivedIds {
    fn from(id: Uuid) -> Ids {
        Ids::Derived(Arc::new(Self { from: id, given: AtomicU64::new(0) }))
    }

    fn new_id(&self) -> Uuid {
        derived(self.from, self.given.fetch_add(1, Ordering::Relaxed))
    }
}

/// The id number `number` that follows from `id`, of version 8 (RFC 9562).
fn derived(id: Uuid, number: u64) -> Uuid {
    let (high, low) = id.as_u64_pair();
    let high = mixed(high ^ mixed(number));
    let low = mixed(low ^ high);
    uuid::Builder::from_custom_bytes(((u128::from(high) << 64) | u128::from(low)).to_be_bytes()).into_uuid()
}

/// The next output of `SplitMix64`: every bit of the input changes about half of the output's.
fn mixed(state: u64) -> u64 {
    let state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

impl Context {
    /// A context of now, by the machine's clock, with a random request id.
    #[must_use]
    pub fn new() -> Self {
        Self::from(Utc::now(), Ids::System)
    }

    /// A context whose time and ids come from elsewhere.
    #[must_use]
    pub fn from_sources(clock: &dyn Clock, ids: &Arc<dyn IdGenerator>) -> Self {
        Self::from(clock.now(), Ids::Generated(Arc::clone(ids)))
    }

    fn from(now: DateTime<Utc>, ids: Ids) -> Self {
        let metadata = Metadata::new(RequestId(ids.new_id(now)), now);
        Self { metadata: Arc::new(metadata), ids }
    }

    /// What time it is, for this command.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.metadata.recorded_at
    }

    /// A new id, from the source that a test can fix.
    ///
    /// Where the caller chose the request id, the ids follow from it: a request that is repeated gets the same ones, in
    /// the same order. They are then as unique as the request id, and who knows that can tell them.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.ids.new_id(self.now())
    }

    /// The id of this command's execution: the same again writes nothing twice (S8).
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        self.metadata.request
    }

    /// What all commands and events of one conversation share.
    #[must_use]
    pub fn correlation_id(&self) -> Uuid {
        self.metadata.correlation_id
    }

    /// What caused this command, where anything did.
    #[must_use]
    pub fn causation_id(&self) -> Option<Uuid> {
        self.metadata.causation_id
    }

    /// On whose behalf.
    #[must_use]
    pub fn actor(&self) -> Option<&str> {
        self.metadata.actor.as_deref()
    }

    /// The envelope that this command's events will carry.
    #[must_use]
    pub fn metadata(&self) -> &Arc<Metadata> {
        &self.metadata
    }

    /// `fresh` as the context of a command that this one's handler executes: the same conversation and actor, and this
    /// command as its cause; if this one can be repeated, under a request id that is the same again.
    pub(crate) fn child(&self, fresh: Self) -> Self {
        let child = match &self.ids {
            Ids::System | Ids::Generated(_) => fresh,
            Ids::Derived(ids) => fresh.with_request_id(RequestId(ids.new_id())),
        };
        child.change(|metadata| {
            metadata.correlation_id = self.correlation_id();
            metadata.causation_id = Some(self.request_id().0);
            metadata.actor.clone_from(&self.metadata.actor);
            metadata.custom.clone_from(&self.metadata.custom);
        })
    }

    fn change(mut self, change: impl FnOnce(&mut Metadata)) -> Self {
        change(Arc::make_mut(&mut self.metadata));
        self
    }

    /// Fixes the time.
    #[must_use]
    pub fn with_now(self, now: DateTime<Utc>) -> Self {
        self.change(|metadata| metadata.recorded_at = now)
    }

    /// Whether the caller chose the request id, and so may execute the same command under it again.
    pub(crate) fn is_repeatable(&self) -> bool {
        matches!(self.ids, Ids::Derived(_))
    }

    /// The context for a decision, which may be made several times, and for a repeated request once more: the same ids
    /// every time.
    pub(crate) fn for_decision(&self) -> Cow<'_, Self> {
        match &self.ids {
            Ids::System | Ids::Generated(_) => Cow::Borrowed(self),
            // Other ones than the caller took from this context.
            Ids::Derived(ids) => {
                let ids = DerivedIds::from(derived(ids.from, u64::MAX));
                Cow::Owned(Self { metadata: Arc::clone(&self.metadata), ids })
            }
        }
    }

    /// Fixes the request id. Where the correlation id was the request's own, it follows.
    #[must_use]
    pub fn with_request_id(mut self, request: RequestId) -> Self {
        self.ids = DerivedIds::from(request.0);
        self.change(|metadata| {
            if metadata.correlation_id == metadata.request.0 {
                metadata.correlation_id = request.0;
            }
            metadata.request = request;
        })
    }

    /// Joins a conversation.
    #[must_use]
    pub fn with_correlation_id(self, id: Uuid) -> Self {
        self.change(|metadata| metadata.correlation_id = id)
    }

    /// Names the cause.
    #[must_use]
    pub fn with_causation_id(self, id: Uuid) -> Self {
        self.change(|metadata| metadata.causation_id = Some(id))
    }

    /// Says on whose behalf.
    #[must_use]
    pub fn with_actor(self, actor: impl Into<Arc<str>>) -> Self {
        self.change(|metadata| metadata.actor = Some(actor.into()))
    }

    /// Adds an entry of the application's own to the envelope.
    #[must_use]
    pub fn with_metadata(self, key: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.change(|metadata| {
            metadata.custom.insert(key.into(), value.into());
        })
    }
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Context").field(&self.metadata).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn repeatable(id: u128) -> Context {
        Context::new().with_request_id(RequestId(Uuid::from_u128(id)))
    }

    #[test]
    fn ids_of_a_repeated_request_are_the_same_and_no_others() {
        let ids = |ctx: &Context| (0..100).map(|_| ctx.new_id()).collect::<Vec<_>>();
        let mut seen = HashSet::new();
        for request in 1..=100 {
            let ctx = repeatable(request);
            let (asked, decided) = (ids(&ctx), ids(&ctx.for_decision()));
            assert_eq!((&asked, &decided), (&ids(&repeatable(request)), &ids(&ctx.for_decision())));
            seen.extend(asked.iter().chain(&decided).copied());
            assert!(asked.iter().all(|id| id.get_version_num() == 8 && id.get_variant() == uuid::Variant::RFC4122));
        }
        assert_eq!(seen.len(), 20_000);
    }

    #[test]
    fn a_clone_does_not_begin_anew() {
        let ctx = repeatable(7);
        assert_ne!(ctx.new_id(), ctx.clone().new_id());
    }

    #[test]
    fn children_can_be_repeated_if_the_parent_can() {
        let parent = repeatable(7);
        let (first, second) = (parent.child(Context::new()), parent.child(Context::new()));
        assert_ne!(first.request_id(), second.request_id());
        assert_eq!(first.request_id(), repeatable(7).child(Context::new()).request_id());
        assert!(first.is_repeatable() && !Context::new().child(Context::new()).is_repeatable());
        assert_eq!(second.causation_id(), Some(parent.request_id().0));
    }
}
