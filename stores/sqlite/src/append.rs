//! Judging appends, and writing those that stand.

use std::{collections::HashMap, sync::Arc};

use cqrs_core::{
    Append, AppendError, Appended, Condition, Conflict, Metadata, NewEvent, Position, RequestId, StreamId, Version,
};
use rusqlite::{CachedStatement, Connection, params};

use crate::{
    claims::change_claims,
    error::Fault,
    read,
    sql::{Text, int, natural},
    writer::{Transaction, Work},
};

const INSERT_EVENT: &str = "INSERT INTO events (position, stream, version, type, request, recorded_at, recorded_ns, \
     correlation, causation, actor, custom, tags, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
const INSERT_TAG: &str = "INSERT INTO event_tags (tag, position) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
const INSERT_REQUEST: &str = "INSERT INTO requests (request, last, count) VALUES (?1, ?2, ?3)";

/// How many streams' versions are kept from one transaction to the next.
const KNOWN_VERSIONS: usize = 16_384;

/// A batch on its way to the writer.
pub(crate) struct AppendBatch(pub(crate) Vec<Append>);

impl Work for AppendBatch {
    type Answer = Vec<Result<Appended, AppendError>>;

    fn perform(&self, transaction: &mut Transaction<'_>) -> Result<Self::Answer, Fault> {
        let log = transaction.log()?;
        log.repeated.clear();
        self.0
            .iter()
            .map(|append| match log.append(append) {
                Ok(appended) => Ok(Ok(appended)),
                Err(Refused::Append(error)) => Ok(Err(error)),
                Err(Refused::Batch(fault)) => Err(fault),
            })
            .collect()
    }

    fn is_written(&self, conn: &Connection) -> bool {
        let first = self.0.iter().find(|append| append.writes());
        first.is_some_and(|append| matches!(read::receipt(conn, append.request), Ok(Some(_))))
    }
}

/// Whom an error concerns.
pub(crate) enum Refused {
    /// One append, of which nothing is written.
    Append(AppendError),
    /// The transaction.
    Batch(Fault),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Batch(fault)
    }
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self::Batch(error.into())
    }
}

/// What the writer knows of the log from one transaction to the next.
#[derive(Default)]
pub(crate) struct Known {
    /// What `PRAGMA data_version` said, which every commit of another connection changes; `None` where nothing is known.
    data_version: Option<i64>,
    head: u64,
    versions: HashMap<StreamId, u64>,
}

impl Known {
    /// What of it still holds, told while the lock is held.
    fn verified(self, conn: &Connection) -> Result<Self, Fault> {
        let data_version = conn.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        if self.data_version != Some(data_version) {
            return Ok(Self { data_version: Some(data_version), head: read::head(conn)?.0, versions: HashMap::new() });
        }
        let mut known = self;
        if known.versions.len() > KNOWN_VERSIONS {
            known.versions.clear();
        }
        Ok(known)
    }
}

/// The log within one transaction. The lock is held, so what is known stays true.
pub(crate) struct LogWriter<'conn> {
    conn: &'conn Connection,
    known: Known,
    /// The requests of this batch that were written before it, which nothing in it can build on.
    repeated: Vec<RequestId>,
    receipt: CachedStatement<'conn>,
    version: CachedStatement<'conn>,
    insert_event: CachedStatement<'conn>,
    insert_request: CachedStatement<'conn>,
}

impl<'conn> LogWriter<'conn> {
    pub(crate) fn new(conn: &'conn Connection, known: Known) -> Result<Self, Fault> {
        Ok(Self {
            conn,
            known: known.verified(conn)?,
            repeated: Vec::new(),
            receipt: conn.prepare_cached(read::RECEIPT)?,
            version: conn.prepare_cached(read::VERSION)?,
            insert_event: conn.prepare_cached(INSERT_EVENT)?,
            insert_request: conn.prepare_cached(INSERT_REQUEST)?,
        })
    }

    /// The position of the last event.
    pub(crate) fn head(&self) -> Position {
        Position(self.known.head)
    }

    /// What is known once the transaction is committed. Rolled back, none of it is true.
    pub(crate) fn into_known(self) -> Known {
        self.known
    }

    /// Judges one append and writes it. Everything that can be refused is, before anything is written.
    fn append(&mut self, append: &Append) -> Result<Appended, Refused> {
        if let Some(first) = read::receipt_with(&mut self.receipt, append.request)? {
            self.repeated.push(append.request);
            return Ok(first);
        }
        for condition in &append.conditions {
            self.judge(condition)?;
        }
        if !append.claims.is_empty() {
            change_claims(self.conn, &append.claims)?;
        }
        if !append.events.is_empty() {
            let envelope = Envelope::new(&append.metadata)?;
            for event in &append.events {
                self.insert(event, &envelope)?;
            }
        }
        let count = append.events.len() as u64;
        if append.writes() {
            let RequestId(request) = append.request;
            self.insert_request.execute(params![request.as_bytes().as_slice(), int(self.known.head), int(count)])?;
        }
        Ok(Appended { last: self.head(), count, repeated: false })
    }

    fn judge(&mut self, condition: &Condition) -> Result<(), Refused> {
        let conflict = match condition {
            Condition::Stream { stream, expected } => {
                let actual = Version(self.version_of(stream)?);
                if expected.holds(actual) {
                    return Ok(());
                }
                Conflict::Stream { stream: stream.clone(), expected: *expected, actual }
            }
            Condition::NoMatch { filter, after } => match read::first_match(self.conn, filter, *after) {
                Ok(None) => return Ok(()),
                Ok(Some(found)) => Conflict::Match { filter: Box::new(filter.clone()), after: *after, found },
                // An event that cannot be read spoils the appends that ask for it, and no others.
                Err(Fault::Store(error)) => return Err(Refused::Append(error.into())),
                Err(fault) => return Err(fault.into()),
            },
            Condition::Written { request } => match read::receipt_with(&mut self.receipt, *request)? {
                Some(_) if !self.repeated.contains(request) => return Ok(()),
                _ => Conflict::Unwritten { request: *request },
            },
        };
        Err(Refused::Append(conflict.into()))
    }

    fn version_of(&mut self, stream: &StreamId) -> Result<u64, Fault> {
        if let Some(version) = self.known.versions.get(stream) {
            return Ok(*version);
        }
        let mut rows = self.version.query([stream.as_str()])?;
        let version = match rows.next()? {
            Some(row) => natural(row.get(0)?)?,
            None => 0,
        };
        self.known.versions.insert(stream.clone(), version);
        Ok(version)
    }

    fn insert(&mut self, event: &NewEvent, envelope: &Envelope<'_>) -> Result<(), Fault> {
        let version = self.version_of(&event.stream)? + 1;
        let position = self.known.head + 1;
        let Envelope { metadata, custom } = envelope;
        let RequestId(request) = &metadata.request;
        let correlation =
            (metadata.correlation_id != *request).then_some(metadata.correlation_id.as_bytes().as_slice());
        self.insert_event.execute(params![
            int(position),
            event.stream.as_str(),
            int(version),
            &*event.event_type,
            request.as_bytes().as_slice(),
            metadata.recorded_at.timestamp(),
            metadata.recorded_at.timestamp_subsec_nanos(),
            correlation,
            metadata.causation_id.as_ref().map(|id| id.as_bytes().as_slice()),
            metadata.actor.as_deref(),
            custom,
            tag_list(event)?,
            Text(&event.payload),
        ])?;
        if !event.tags.is_empty() {
            let mut insert_tag = self.conn.prepare_cached(INSERT_TAG)?;
            for tag in &event.tags {
                insert_tag.execute(params![tag.as_str(), int(position)])?;
            }
        }
        self.known.head = position;
        if let Some(known) = self.known.versions.get_mut(&event.stream) {
            *known = version;
        }
        Ok(())
    }
}

/// What all events of an append share, made ready once.
struct Envelope<'a> {
    metadata: &'a Arc<Metadata>,
    custom: Option<String>,
}

impl<'a> Envelope<'a> {
    fn new(metadata: &'a Arc<Metadata>) -> Result<Self, Fault> {
        let custom = (!metadata.custom.is_empty()).then(|| json(&metadata.custom)).transpose()?;
        Ok(Self { metadata, custom })
    }
}

fn tag_list(event: &NewEvent) -> Result<Option<String>, Fault> {
    let tags = || event.tags.iter().map(cqrs_core::Tag::as_str).collect::<Vec<_>>();
    (!event.tags.is_empty()).then(|| json(&tags())).transpose()
}

fn json(value: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::failed(format!("metadata cannot be written as JSON: {error}")))
}
