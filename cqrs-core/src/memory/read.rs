//! Reading the log: by stream, by filter, in bounded pages (S9).

use std::{cmp::Reverse, collections::BinaryHeap, ops::Range};

use super::log::Events;
use crate::store::{EventFilter, EventPage, Position, RecordedEvent, Selector, StreamId, Version};

/// How many events a read looks at before it gives the lock back, found or not.
const LOOKED_AT: usize = 8192;

impl Events {
    pub(super) fn read_stream(&self, stream: &StreamId, after: Version, limit: usize) -> Vec<RecordedEvent> {
        let places = self.by_stream.get(stream).map_or(&[][..], Vec::as_slice);
        let behind = places.get(place(after.0)..).unwrap_or_default();
        behind.iter().take(limit).map(|place| self.all[*place].clone()).collect()
    }

    pub(super) fn read(&self, filter: &EventFilter, after: Position, limit: usize) -> EventPage {
        let mut page = EventPage { events: Vec::new(), read_to: after };
        for (looked_at, place) in self.candidates(filter, after).enumerate() {
            if page.events.len() == limit || looked_at == LOOKED_AT {
                return page;
            }
            let event = &self.all[place];
            page.read_to = event.position;
            if filter.chooses(event) {
                page.events.push(event.clone());
            }
        }
        page.read_to = self.head().max(after);
        page
    }

    /// The position of the first event behind `after` that matches.
    pub(super) fn first_match(&self, filter: &EventFilter, after: Position) -> Option<Position> {
        self.candidates(filter, after)
            .map(|place| &self.all[place])
            .find(|event| filter.chooses(event))
            .map(|event| event.position)
    }

    /// The places behind `after` where a match can be, in order: those that the indexes name if they help with every
    /// selector, else all.
    fn candidates(&self, filter: &EventFilter, after: Position) -> Candidates<'_> {
        let first = place(after.0);
        if filter.selectors.is_empty() {
            return Candidates::All(first..self.all.len());
        }
        let mut heads = BinaryHeap::new();
        for selector in &filter.selectors {
            let Some(indexed) = self.indexed(selector) else { return Candidates::All(first..self.all.len()) };
            for places in indexed {
                let behind = &places[places.partition_point(|place| *place < first)..];
                if let Some((head, rest)) = behind.split_first() {
                    heads.push(Reverse((*head, rest)));
                }
            }
        }
        Candidates::Indexed { heads, last: None }
    }

    /// The lists of places that hold all matches of a selector; `None` where no index helps.
    fn indexed(&self, selector: &Selector) -> Option<Vec<&[usize]>> {
        if !selector.streams.is_empty() {
            let streams = selector.streams.iter().filter_map(|stream| self.by_stream.get(stream));
            return Some(streams.map(Vec::as_slice).collect());
        }
        let tagged = selector.tags.iter().map(|tag| self.by_tag.get(tag).map_or(&[][..], Vec::as_slice));
        tagged.min_by_key(|places| places.len()).map(|rarest| vec![rarest])
    }
}

/// How many events there are up to a position or version, which is the place of the next.
fn place(after: u64) -> usize {
    usize::try_from(after).unwrap_or(usize::MAX)
}

enum Candidates<'a> {
    All(Range<usize>),
    /// Several ordered lists merged into one; a place that is in more than one comes once.
    Indexed {
        heads: BinaryHeap<Reverse<(usize, &'a [usize])>>,
        last: Option<usize>,
    },
}

impl Iterator for Candidates<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let (heads, last) = match self {
            Self::All(places) => return places.next(),
            Self::Indexed { heads, last } => (heads, last),
        };
        loop {
            let Reverse((place, rest)) = heads.pop()?;
            if let Some((head, rest)) = rest.split_first() {
                heads.push(Reverse((*head, rest)));
            }
            if last.replace(place) != Some(place) {
                return Some(place);
            }
        }
    }
}
