//! Reading the log (S9): by stream, by filter, in bounded pages.

use std::collections::BTreeMap;

use cqrs_core::{
    Appended, EventFilter, HistoryEvent, Position, RecordedEvent, RequestId, StreamId, Version,
    store::{EventPage, Selector},
};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Row, params};

use crate::{
    decode::{Decoder, TYPE, corrupt, event_columns},
    error::Fault,
    sql::{int, natural},
};

pub(crate) const RECEIPT: &str = "SELECT last, count FROM requests WHERE request = ?1";
pub(crate) const VERSION: &str = "SELECT version FROM events WHERE stream = ?1 ORDER BY version DESC LIMIT 1";
const HEAD: &str = "SELECT coalesce(max(position), 0) FROM events";
const POSITION: &str = "SELECT position FROM events WHERE stream = ?1 AND version = ?2";
// The stream is the one asked for, which saves reading it from every row.
const STREAM: &str = concat!(
    "SELECT ",
    event_columns!("?1"),
    " FROM events e WHERE e.stream = ?1 AND e.version > ?2 ORDER BY e.version LIMIT ?3"
);
/// The columns that an error names, as in [`event_columns`], and the payload.
const HISTORY: &str = "SELECT position, ?1, version, type, payload FROM events \
                       WHERE stream = ?1 AND version > ?2 ORDER BY version LIMIT ?3";
const LOG: &str =
    concat!("SELECT ", event_columns!("e.stream"), " FROM events e WHERE e.position > ?1 ORDER BY e.position");
// `CROSS JOIN` keeps the planner from scanning the events.
const TAGGED: &str = concat!(
    "SELECT ",
    event_columns!("e.stream"),
    " FROM event_tags t CROSS JOIN events e ON e.position = t.position \
      WHERE t.tag = ?1 AND t.position > ?2 ORDER BY t.position"
);

/// How many events of the log one page looks at, found or not.
const LOOKED_AT: usize = 10_000;

/// How many bytes of payload a page of the log holds, but for the event that goes beyond.
const PAGE_BYTES: usize = 16 * 1024 * 1024;

pub(crate) fn head(conn: &Connection) -> Result<Position, Fault> {
    Ok(Position(natural(conn.prepare_cached(HEAD)?.query_row([], |row| row.get(0))?)?))
}

pub(crate) fn receipt(conn: &Connection, request: RequestId) -> Result<Option<Appended>, Fault> {
    receipt_with(&mut conn.prepare_cached(RECEIPT)?, request)
}

pub(crate) fn receipt_with(statement: &mut CachedStatement<'_>, request: RequestId) -> Result<Option<Appended>, Fault> {
    let mut rows = statement.query([request.0.as_bytes().as_slice()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(Appended { last: Position(natural(row.get(0)?)?), count: natural(row.get(1)?)?, repeated: true }))
}

pub(crate) fn stream(
    conn: &Connection,
    stream: &StreamId,
    after: Version,
    limit: usize,
) -> Result<Vec<RecordedEvent>, Fault> {
    let mut statement = conn.prepare_cached(STREAM)?;
    let mut rows = statement.query(params![stream.as_str(), int(after.0), int(limit as u64)])?;
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(decoder.event(row)?);
    }
    Ok(events)
}

pub(crate) fn history(
    conn: &Connection,
    stream: &StreamId,
    after: Version,
    limit: usize,
) -> Result<Vec<HistoryEvent>, Fault> {
    let mut statement = conn.prepare_cached(HISTORY)?;
    let mut rows = statement.query(params![stream.as_str(), int(after.0), int(limit as u64)])?;
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(decoder.history_event(row)?);
    }
    Ok(events)
}

/// A page of the events that match.
pub(crate) fn page(conn: &Connection, filter: &EventFilter, after: Position, limit: usize) -> Result<EventPage, Fault> {
    if limit == 0 {
        return Ok(EventPage { events: Vec::new(), read_to: after });
    }
    if !is_indexed(filter) {
        return scan(conn, filter, after, limit, LOOKED_AT);
    }
    // Several statements see one state of the log.
    let snapshot = conn.unchecked_transaction()?;
    let found = search(&snapshot, filter, after, limit)?;
    let read_to = match found.events.last_key_value() {
        Some((last, _)) if found.is_cut => *last,
        _ => head(&snapshot)?.max(after),
    };
    Ok(EventPage { events: found.events.into_values().collect(), read_to })
}

/// The position of the first event that matches.
pub(crate) fn first_match(conn: &Connection, filter: &EventFilter, after: Position) -> Result<Option<Position>, Fault> {
    if is_indexed(filter) {
        return Ok(search(conn, filter, after, 1)?.events.into_keys().next());
    }
    Ok(scan(conn, filter, after, 1, usize::MAX)?.events.first().map(|event| event.position))
}

/// Whether every selector names streams or tags, so that nothing has to be scanned.
fn is_indexed(filter: &EventFilter) -> bool {
    !filter.is_everything()
        && filter.selectors.iter().all(|selector| !selector.streams.is_empty() || !selector.tags.is_empty())
}

/// Reads the log itself, event by event, looking at up to `looked_at`.
fn scan(
    conn: &Connection,
    filter: &EventFilter,
    after: Position,
    limit: usize,
    looked_at: usize,
) -> Result<EventPage, Fault> {
    let everything = filter.is_everything();
    // Where every selector names types, most events are passed over without being decoded.
    let types: Option<Vec<&[u8]>> = (!everything && filter.selectors.iter().all(|selector| !selector.types.is_empty()))
        .then(|| filter.selectors.iter().flat_map(|selector| &selector.types).map(|name| name.as_bytes()).collect());
    let mut statement = conn.prepare_cached(LOG)?;
    let mut rows = statement.query([int(after.0)])?;
    let mut decoder = Decoder::default();
    let (mut bytes, mut looked) = (0, 0);
    let mut page = EventPage { events: Vec::new(), read_to: after };
    while page.events.len() < limit && bytes < PAGE_BYTES && looked < looked_at {
        let Some(row) = rows.next()? else { break };
        looked += 1;
        if !has_type(row, types.as_deref())? {
            page.read_to = Position(natural(row.get(0)?)?);
            continue;
        }
        let event = decoder.event(row)?;
        page.read_to = event.position;
        if everything || filter.chooses(&event) {
            bytes += event.payload.len();
            page.events.push(event);
        }
    }
    Ok(page)
}

/// Whether a row's type is one of `types`, as far as can be told without decoding it.
fn has_type(row: &Row<'_>, types: Option<&[&[u8]]>) -> Result<bool, Fault> {
    let Some(types) = types else { return Ok(true) };
    let bytes = row.get_ref(TYPE)?.as_bytes().map_err(|error| corrupt(row, format!("its `type`: {error}")))?;
    Ok(types.contains(&bytes))
}

/// The first events found by index.
struct Found {
    limit: usize,
    bytes: usize,
    events: BTreeMap<Position, RecordedEvent>,
    /// Whether there is more behind the last of them.
    is_cut: bool,
}

impl Found {
    /// Takes the events of a statement that a selector chooses. They come in order, so once one is behind a full page
    /// so are all that follow.
    fn take(&mut self, selector: &Selector, rows: &mut rusqlite::Rows<'_>) -> Result<(), Fault> {
        let mut decoder = Decoder::default();
        while let Some(row) = rows.next()? {
            let position = Position(natural(row.get(0)?)?);
            if self.is_full() && self.events.last_key_value().is_some_and(|(last, _)| position > *last) {
                self.is_cut = true;
                break;
            }
            let event = decoder.event(row)?;
            if !selector.matches(&event.event_type, &event.stream, &event.tags) {
                continue;
            }
            self.bytes += event.payload.len();
            if let Some(known) = self.events.insert(position, event) {
                self.bytes -= known.payload.len();
            }
            self.cut();
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.events.len() >= self.limit || self.bytes >= PAGE_BYTES
    }

    /// Gives back what is behind the first that fill a page.
    fn cut(&mut self) {
        while let Some((_, last)) = self.events.last_key_value()
            && (self.events.len() > self.limit
                || self.events.len() > 1 && self.bytes - last.payload.len() >= PAGE_BYTES)
        {
            self.bytes -= last.payload.len();
            self.events.pop_last();
            self.is_cut = true;
        }
    }
}

fn search(conn: &Connection, filter: &EventFilter, after: Position, limit: usize) -> Result<Found, Fault> {
    let mut found = Found { limit, bytes: 0, events: BTreeMap::new(), is_cut: false };
    for selector in &filter.selectors {
        if let Some(tag) = selector.tags.first() {
            let mut statement = conn.prepare_cached(TAGGED)?;
            found.take(selector, &mut statement.query(params![tag.as_str(), int(after.0)])?)?;
            continue;
        }
        for stream in &selector.streams {
            let version = version_at(conn, stream, after)?;
            let mut statement = conn.prepare_cached(STREAM)?;
            found.take(selector, &mut statement.query(params![stream.as_str(), int(version), -1])?)?;
        }
    }
    Ok(found)
}

/// How many events of a stream are not behind a position. Versions follow positions, so it is found by halving.
fn version_at(conn: &Connection, stream: &StreamId, position: Position) -> Result<u64, Fault> {
    if position == Position::START {
        return Ok(0);
    }
    let last: Option<i64> = conn.prepare_cached(VERSION)?.query_row([stream.as_str()], |row| row.get(0)).optional()?;
    let mut position_of = conn.prepare_cached(POSITION)?;
    let (mut low, mut high) = (0, last.unwrap_or(0));
    // Most look for what is new, so the newest event is looked at first.
    let mut middle = high;
    while low < high {
        let at: Option<i64> = position_of.query_row(params![stream.as_str(), middle], |row| row.get(0)).optional()?;
        let at = at.ok_or_else(|| Fault::failed(format!("the file is damaged: `{stream}` has no version {middle}")))?;
        if at <= int(position.0) {
            low = middle;
        } else {
            high = middle - 1;
        }
        middle = low + (high - low + 1) / 2;
    }
    natural(low)
}
