//! The live aggregates of an engine: a bounded cache.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    hash::BuildHasher as _,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use foldhash::fast::RandomState;
use lru::LruCache;

use super::{
    decision::TypeNames,
    lane::{Lane, Policy},
};
use crate::{
    aggregate::{Aggregate, IdOf},
    event::Event,
    store::{InvalidInput, StreamId},
};

const SHARDS: usize = 16;

/// The lanes of every type of aggregate.
pub(super) struct Registry {
    capacity: usize,
    by_type: RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>, RandomState>>,
}

impl Registry {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, by_type: RwLock::default() }
    }

    /// The lanes of one type.
    pub(super) fn lanes<A: Aggregate>(&self) -> Arc<Lanes<A>> {
        let known = self.by_type.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<A>()).cloned();
        let lanes = known.unwrap_or_else(|| {
            let mut by_type = self.by_type.write().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Lanes::<A>::new(self.capacity)) as Arc<dyn Any + Send + Sync>;
            Arc::clone(by_type.entry(TypeId::of::<A>()).or_insert_with(new))
        });
        lanes.downcast().unwrap_or_else(|_| unreachable!("an entry has the type that it is kept under"))
    }
}

type Shard<A> = Mutex<LruCache<IdOf<A>, Arc<Lane<A>>, RandomState>>;

/// The lanes of one type of aggregate. The least recently used is dropped for a new one; a command that still holds it
/// goes on, and the store's conditions keep the two apart.
pub(super) struct Lanes<A: Aggregate> {
    pub(super) names: TypeNames,
    policy: Option<Arc<Policy<A>>>,
    hasher: RandomState,
    shards: Vec<Shard<A>>,
}

impl<A: Aggregate> Lanes<A> {
    fn new(capacity: usize) -> Self {
        let hasher = RandomState::default();
        let each = NonZeroUsize::new(capacity.div_ceil(SHARDS)).unwrap_or(NonZeroUsize::MIN);
        let shard = |_| Mutex::new(LruCache::with_hasher(each, hasher.clone()));
        Self {
            names: TypeNames::of::<A::Event>(),
            policy: Policy::of_aggregate(),
            shards: (0..SHARDS).map(shard).collect(),
            hasher,
        }
    }

    /// The lane of an aggregate.
    pub(super) fn lane(&self, id: &IdOf<A>) -> Result<Arc<Lane<A>>, InvalidInput> {
        // The cache takes the low bits of the same hash; the shard takes high ones.
        let shard = usize::try_from(self.hasher.hash_one(id) >> 56).unwrap_or(0) % SHARDS;
        let mut lanes = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get(id) {
            return Ok(Arc::clone(lane));
        }
        let lane = Arc::new(Lane::new(StreamId::of(A::Event::AGGREGATE, id)?, self.policy.clone()));
        lanes.put(id.clone(), Arc::clone(&lane));
        Ok(lane)
    }
}
