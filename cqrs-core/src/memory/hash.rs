//! A hash for short keys: a multiplication for every 16 bytes, where the standard library's takes four times as long.
//!
//! Each log draws its own seed, so that whoever chooses the ids cannot choose collisions.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use crate::store::RequestId;

pub(super) type HashMap<K, V> = std::collections::HashMap<K, V, Seed>;

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A starting point that differs from map to map.
#[derive(Debug, Clone)]
pub(super) struct Seed(u64);

impl Default for Seed {
    fn default() -> Self {
        Self(RandomState::new().hash_one(ODD))
    }
}

impl BuildHasher for Seed {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded { state: self.0, seed: self.0.rotate_left(32) ^ ODD, neighbour: None }
    }
}

pub(super) struct Folded {
    state: u64,
    seed: u64,
    /// The place among sixteen that are neighbours in the table.
    neighbour: Option<u64>,
}

impl Folded {
    fn fold(&mut self, pair: [u8; 16]) {
        let (low, high) = halves(u128::from_le_bytes(pair));
        self.state = multiply(low ^ self.state, high ^ self.seed).rotate_left(23);
    }
}

/// Both halves of the product, folded into one.
fn multiply(left: u64, right: u64) -> u64 {
    let (low, high) = halves(u128::from(left) * u128::from(right));
    low ^ high
}

#[allow(clippy::cast_possible_truncation, reason = "both halves are taken")]
const fn halves(number: u128) -> (u64, u64) {
    (number as u64, (number >> 64) as u64)
}

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        let (pairs, rest) = bytes.as_chunks::<16>();
        for pair in pairs {
            self.fold(*pair);
        }
        if !rest.is_empty() {
            let mut pair = [0; 16];
            pair[..rest.len()].copy_from_slice(rest);
            self.fold(pair);
        }
    }

    // The standard library's marks between fields: no key here is made of several, so they need no round of their own.
    fn write_u8(&mut self, mark: u8) {
        self.state ^= u64::from(mark);
    }

    fn write_u64(&mut self, neighbour: u64) {
        self.neighbour = Some(neighbour);
    }

    fn write_usize(&mut self, length: usize) {
        self.state ^= length as u64;
    }

    fn finish(&self) -> u64 {
        // Once more, by a factor that is known to be good: what is drawn as a seed may be a poor one.
        let hash = multiply(self.state, ODD);
        self.neighbour.map_or(hash, |neighbour| hash << 4 | neighbour)
    }
}

/// A request id as a key: sixteen ids that follow each other are neighbours in the table.
///
/// Ids are made by counting up, and a table of all requests is larger than any cache, so this turns a miss for every
/// append into one for every sixteenth.
#[derive(PartialEq, Eq)]
pub(super) struct RequestKey(pub(super) RequestId);

impl Hash for RequestKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let id = self.0.0.as_u128();
        state.write(&(id >> 4).to_le_bytes());
        state.write_u64(halves(id).0 & 15);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::store::StreamId;

    /// A table takes its buckets from the low bits and tells entries apart by the highest seven: both must vary for ids
    /// that differ in one digit, or a lookup becomes a search.
    #[test]
    fn ids_that_count_up_spread_over_low_and_high_bits() {
        const IDS: usize = 1 << 14;
        for seed in (0..10).map(|_| Seed::default()).chain([Seed(0), Seed(1), Seed(u64::MAX)]) {
            let streams = (0..IDS).map(|id| seed.hash_one(StreamId::of("user", &id).unwrap()));
            let requests = (0..IDS).map(|id| seed.hash_one(RequestKey(RequestId(uuid::Uuid::from_u128(id as u128)))));
            for hashes in [streams.collect::<Vec<_>>(), requests.collect()] {
                let high = hashes.iter().map(|hash| hash >> 57).collect::<HashSet<_>>().len();
                assert!(high > 100, "{high} of 128 values in the highest bits, by {seed:?}");
                let low = hashes.iter().map(|hash| hash % IDS as u64).collect::<HashSet<_>>().len();
                // So many balls thrown at random into as many bins leave 63 % of them filled.
                assert!(low * 100 > IDS * 55, "{low} of {IDS} buckets filled, by {seed:?}");
            }
        }
    }
}
