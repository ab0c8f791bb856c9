//! Reading the log (S9): by stream, by filter, in bounded pages.

use cqrs_core::{
    Appended, EventFilter, HistoryEvent, Position, RecordedEvent, RequestId, StoreError, StreamId, Version,
    store::EventPage,
};
use tokio_postgres::{Row, types::Type};

use crate::{
    database::{Database, Parameter},
    decode::{Decoder, reach},
    error::damaged,
    filter::Choice,
    text::stored,
};

/// How many bytes of payload a page of the log holds, as they are stored, but for the event that goes beyond.
const PAGE_BYTES: usize = 16 * 1024 * 1024;

/// How many events a page holds, however many are asked for; the statements of [`Sql`](crate::sql::Sql) know it too.
const PAGE_EVENTS: usize = 4000;

/// What the server may count more for a stored payload than it has bytes.
const HEADER_BYTES: usize = 4;

pub(crate) async fn head(database: &Database) -> Result<Position, StoreError> {
    let rows = database.read(&database.sql.head, &[]).await?;
    let row = rows.first().ok_or_else(|| damaged("it does not say how far the log reaches"))?;
    Ok(Position(natural(row, 0)?))
}

pub(crate) async fn receipt(database: &Database, request: RequestId) -> Result<Option<Appended>, StoreError> {
    let rows = database.read(&database.sql.receipt, &[(&request.0, Type::UUID)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let count: i32 = row.try_get(1).map_err(damaged)?;
    let count = u64::try_from(count).map_err(|_| damaged(format_args!("an append of {count} events")))?;
    Ok(Some(Appended { last: Position(natural(row, 0)?), count, repeated: true }))
}

pub(crate) async fn holder(database: &Database, key: &str, value: &str) -> Result<Option<StreamId>, StoreError> {
    let (key, value) = (stored(key), stored(value));
    let rows = database.read(&database.sql.holder, &[(&key, Type::TEXT), (&value, Type::TEXT)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    StreamId::parse(row.try_get(0).map_err(damaged)?).map(Some).map_err(damaged)
}

pub(crate) async fn stream(
    database: &Database,
    stream: &StreamId,
    after: Version,
    limit: usize,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let rows = of_stream(database, &database.sql.stream, stream, after, limit).await?;
    let mut decoder = Decoder::of_stream(stream);
    rows.iter().map(|row| decoder.event(row)).collect()
}

pub(crate) async fn history(
    database: &Database,
    stream: &StreamId,
    after: Version,
    limit: usize,
) -> Result<Vec<HistoryEvent>, StoreError> {
    let rows = of_stream(database, &database.sql.history, stream, after, limit).await?;
    let mut decoder = Decoder::of_stream(stream);
    rows.iter().map(|row| decoder.history_event(row)).collect()
}

async fn of_stream(
    database: &Database,
    sql: &str,
    stream: &StreamId,
    after: Version,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let (stream, after, limit) = (stream.as_str(), int(after.0), int(limit as u64));
    database.read(sql, &[(&stream, Type::TEXT), (&after, Type::INT8), (&limit, Type::INT8)]).await
}

/// A page of the events that match. It is read by one statement, which sees one state of the log.
pub(crate) async fn page(
    database: &Database,
    filter: &EventFilter,
    after: Position,
    limit: usize,
) -> Result<EventPage, StoreError> {
    if limit == 0 {
        return Ok(EventPage { events: Vec::new(), read_to: after });
    }
    let limit = limit.min(PAGE_EVENTS);
    let rows = choose(database, &Choice::of(filter), after, limit).await?;
    let head = reach(&rows)?;
    let mut decoder = Decoder::default();
    let found = rows.iter().filter(|row| Decoder::has_event(row));
    let mut events = found.map(|row| decoder.event(row)).collect::<Result<Vec<_>, _>>()?;
    // They nearly always are: the rows of a join have no order of their own.
    events.sort_by_key(|event| event.position);
    let bytes: usize = events.iter().map(|event| event.payload.len() + HEADER_BYTES).sum();
    let read_to = match events.last() {
        Some(last) if events.len() >= limit || bytes >= PAGE_BYTES => last.position,
        _ => head.max(after),
    };
    Ok(EventPage { events, read_to })
}

async fn choose(
    database: &Database,
    choice: &Choice<'_>,
    after: Position,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let (after, limit, bytes) = (int(after.0), int(limit as u64), int(PAGE_BYTES as u64));
    let bounds: [Parameter<'_>; 3] = [(&after, Type::INT8), (&limit, Type::INT8), (&bytes, Type::INT8)];
    let [from, at_most, filled] = bounds;
    match choice {
        Choice::Everything => database.read(&database.sql.page, &[from, at_most, filled]).await,
        Choice::Types(types) => {
            let near = after.saturating_add(limit);
            let parameters = [from, at_most, filled, (&near, Type::INT8), (types, Type::TEXT_ARRAY)];
            database.read(&database.sql.page_of_types, &parameters).await
        }
        Choice::Searches(searches) => {
            let parameters = [from, at_most, filled, (searches, Type::TEXT)];
            database.read(&database.sql.page_of_searches, &parameters).await
        }
    }
}

/// A position, version, or limit as the server counts. What is larger than it can count is beyond all it holds.
fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn natural(row: &Row, column: usize) -> Result<u64, StoreError> {
    let number: i64 = row.try_get(column).map_err(damaged)?;
    u64::try_from(number).map_err(|_| damaged(format_args!("it holds {number} as a position")))
}
