//! A hash for short keys: a multiplication for every 16 bytes, where the standard library's takes four times as long.
//!
//! Each log draws its own seed, so that whoever chooses the ids cannot choose collisions.

use std::hash::{BuildHasher, Hasher, RandomState};

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
        Folded { state: self.0, seed: self.0 }
    }
}

pub(super) struct Folded {
    state: u64,
    seed: u64,
}

impl Folded {
    fn fold(&mut self, low: u64, high: u64) {
        let product = u128::from(low ^ self.state) * u128::from(high ^ self.seed.rotate_left(32) ^ ODD);
        #[allow(clippy::cast_possible_truncation, reason = "both halves are taken")]
        let folded = product as u64 ^ (product >> 64) as u64;
        self.state = folded.rotate_left(23);
    }
}

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        let (pairs, rest) = bytes.as_chunks::<16>();
        for pair in pairs {
            let number = u128::from_le_bytes(*pair);
            #[allow(clippy::cast_possible_truncation, reason = "both halves are taken")]
            self.fold(number as u64, (number >> 64) as u64);
        }
        if !rest.is_empty() {
            let mut pair = [0; 16];
            pair[..rest.len()].copy_from_slice(rest);
            let number = u128::from_le_bytes(pair);
            #[allow(clippy::cast_possible_truncation, reason = "both halves are taken")]
            self.fold(number as u64, (number >> 64) as u64);
        }
    }

    // The standard library's marks between fields: no key here is made of several, so they need no round of their own.
    fn write_u8(&mut self, mark: u8) {
        self.state ^= u64::from(mark);
    }

    fn write_usize(&mut self, length: usize) {
        self.state ^= length as u64;
    }

    fn finish(&self) -> u64 {
        self.state
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::store::{RequestId, StreamId};

    /// A table takes its buckets from the low bits and tells entries apart by the highest seven: both must vary for ids
    /// that differ in one digit, or a lookup becomes a search.
    #[test]
    fn ids_that_count_up_spread_over_low_and_high_bits() {
        let seed = Seed::default();
        let streams = (0..4096).map(|id| seed.hash_one(StreamId::of("user", &id).unwrap()));
        let requests = (0..4096).map(|id| seed.hash_one(RequestId(uuid::Uuid::from_u128(id))));
        let low_bits = [streams.collect::<Vec<_>>(), requests.collect()].map(|hashes| {
            let high: HashSet<u64> = hashes.iter().map(|hash| hash >> 57).collect();
            assert!(high.len() > 100, "{} of 128 values in the highest bits", high.len());
            hashes.iter().map(|hash| hash & 4095).collect::<HashSet<_>>().len()
        });
        // 4096 balls thrown into 4096 bins at random leave 2589 of them filled.
        assert!(low_bits.iter().all(|filled| *filled > 2300), "{low_bits:?} of 4096 buckets filled");
    }
}
