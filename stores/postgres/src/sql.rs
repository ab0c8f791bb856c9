//! The statements of the log, in a log's names.
//!
//! What reads events goes through an index whatever the server knows or believes of the tables: an order by all columns of
//! an index, from a row behind, is had from that index alone, and `OFFSET 0` keeps a look-up by key from becoming a join.
//! Nor does it think that much is read, and compile what is done before it is compiled: a limit that is a number tells it.

use crate::names::Names;

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        /// Each as it goes to the server.
        pub(crate) struct Sql {
            $($(#[$doc])* pub(crate) $name: String,)*
        }

        impl Sql {
            pub(crate) fn new(names: &Names) -> Self {
                Self { $($name: names.render($sql),)* }
            }
        }
    };
}

/// What folding takes, in the order in which `Decoder` reads it.
macro_rules! history_columns {
    () => {
        "e.position, e.version, e.type, e.payload"
    };
}

/// A whole event but for its stream.
macro_rules! event_columns {
    () => {
        concat!(
            history_columns!(),
            ", e.request, e.recorded_at, e.recorded_ns, e.correlation, e.causation, e.actor, e.custom, e.tags"
        )
    };
}

/// The first of the events that a statement gives in order, until their payloads fill $3 bytes as they are stored, and how
/// far the log reached then.
macro_rules! page_of {
    ($events:expr) => {
        concat!(
            "SELECT ",
            event_columns!(),
            ", e.stream, head.position FROM (SELECT coalesce(max(position), 0) AS position FROM {log}events) head LEFT JOIN (\
             SELECT e.*, sum(pg_column_size(e.payload)) OVER (ORDER BY e.position ROWS UNBOUNDED PRECEDING) \
             - pg_column_size(e.payload) AS bytes_before FROM (",
            $events,
            ") e) e ON e.bytes_before < $3"
        )
    };
}

/// The events at the positions of `found`.
macro_rules! events_found {
    ($found:expr) => {
        concat!(
            "SELECT found.position, e.version, e.type, e.payload, e.request, e.recorded_at, e.recorded_ns, e.correlation, \
             e.causation, e.actor, e.custom, e.tags, e.stream FROM (",
            $found,
            ") found CROSS JOIN LATERAL (SELECT * FROM {log}events e WHERE e.position = found.position OFFSET 0) e"
        )
    };
}

/// No more events than asked for, which leads the planner to an index even of a small table, and no more than a page holds,
/// which keeps it from thinking of more.
macro_rules! limited {
    ($events:expr, $limit:literal) => {
        concat!("SELECT * FROM (", $events, " LIMIT ", $limit, ") e LIMIT 4000")
    };
}

/// The first events of the type `wanted.type` behind a position.
macro_rules! positions_by_type {
    ($after:literal, $limit:literal) => {
        limited!(
            concat!(
                "SELECT e.position FROM {log}events e WHERE (e.type, e.position) > (wanted.type, ",
                $after,
                ") AND e.type <= wanted.type ORDER BY e.type, e.position"
            ),
            $limit
        )
    };
}

statements! {
    append = "SELECT {log}append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    receipt = "SELECT position, written FROM {log}events WHERE request = $1 AND written IS NOT NULL \
               UNION ALL SELECT last, 0 FROM {log}receipts WHERE request = $1";
    head = "SELECT coalesce(max(position), 0) FROM {log}events";
    holder = "SELECT holder FROM {log}claims WHERE key = $1 AND value = $2";
    /// Of the stream $1 behind the version $2, up to $3.
    stream = concat!(
        "SELECT ", event_columns!(),
        " FROM {log}events e WHERE e.stream = $1 AND e.version > $2 ORDER BY e.version LIMIT $3"
    );
    /// The same.
    history = concat!(
        "SELECT ", history_columns!(),
        " FROM {log}events e WHERE e.stream = $1 AND e.version > $2 ORDER BY e.version LIMIT $3"
    );
    /// Every event behind $1, up to $2.
    page = page_of!(limited!("SELECT * FROM {log}events e WHERE e.position > $1 ORDER BY e.position", "$2"));
    /// Those of the types $5. Up to the position $4 the log itself is read, which costs least where most of it is chosen;
    /// behind it the index is, for what is missing then.
    page_of_types = concat!(
        "WITH missing AS MATERIALIZED (SELECT $2 - count(*) AS number FROM (\
         SELECT FROM {log}events e WHERE e.position > $1 AND e.position <= $4 AND e.type = ANY ($5) \
         ORDER BY e.position LIMIT 4000) near) ",
        page_of!(concat!(
            "(SELECT e.position, e.version, e.type, e.payload, e.request, e.recorded_at, e.recorded_ns, e.correlation, \
             e.causation, e.actor, e.custom, e.tags, e.stream FROM {log}events e \
             WHERE e.position > $1 AND e.position <= $4 AND e.type = ANY ($5) ORDER BY e.position LIMIT 4000) UNION ALL ",
            events_found!(concat!(
                "SELECT found.position FROM unnest($5) AS wanted(type) CROSS JOIN LATERAL (",
                positions_by_type!("$4", "(SELECT number FROM missing)"),
                ") found ORDER BY found.position LIMIT (SELECT number FROM missing)"
            ))
        ))
    );
    /// Those that any of the searches $4 finds. Versions follow positions, so where a stream goes on behind $1 is found by
    /// halving, the newest event first.
    page_of_searches = concat!(
        "WITH search AS MATERIALIZED (SELECT * FROM json_to_recordset($4::json) \
         AS search(by text, name text, types text[], streams text[], tags text[])) ",
        page_of!(events_found!(concat!(
            "SELECT DISTINCT found.position FROM (\
             SELECT e.position FROM search CROSS JOIN LATERAL (",
            limited!(
                "SELECT tagged.position FROM {log}event_tags tagged CROSS JOIN LATERAL (\
                 SELECT FROM {log}events e WHERE e.position = tagged.position AND e.tags @> search.tags \
                 AND (search.types IS NULL OR e.type = ANY (search.types)) \
                 AND (search.streams IS NULL OR e.stream = ANY (search.streams)) OFFSET 0) e \
                 WHERE tagged.tag = search.name AND tagged.position > $1 ORDER BY tagged.position",
                "$2"
            ),
            ") e WHERE search.by = 'tag' UNION ALL SELECT e.position FROM search CROSS JOIN LATERAL (\
             WITH RECURSIVE halving(low, middle, high) AS (\
             (SELECT 0::bigint, e.version, e.version FROM {log}events e WHERE e.stream = search.name \
             ORDER BY e.version DESC LIMIT 1) \
             UNION ALL \
             SELECT next.low, next.low + (next.high - next.low + 1) / 2, next.high FROM halving CROSS JOIN LATERAL (\
             SELECT CASE WHEN e.position <= $1 THEN halving.middle ELSE halving.low END AS low, \
             CASE WHEN e.position <= $1 THEN halving.high ELSE halving.middle - 1 END AS high \
             FROM {log}events e WHERE e.stream = search.name AND e.version = halving.middle) next \
             WHERE halving.low < halving.high) \
             SELECT coalesce(max(low), 0) AS version FROM halving) passed CROSS JOIN LATERAL (",
            limited!(
                "SELECT e.position FROM {log}events e \
                 WHERE (e.stream, e.version) > (search.name, passed.version) AND e.stream <= search.name \
                 AND (search.types IS NULL OR e.type = ANY (search.types)) ORDER BY e.stream, e.version",
                "$2"
            ),
            ") e WHERE search.by = 'stream' UNION ALL SELECT e.position FROM search CROSS JOIN LATERAL (\
             SELECT search.name AS type) wanted CROSS JOIN LATERAL (",
            positions_by_type!("$1", "$2"),
            ") e WHERE search.by = 'type') found ORDER BY found.position LIMIT $2"
        )))
    );
    snapshot = "SELECT version, shape, state FROM {log}snapshots WHERE stream = $1";
    keep_snapshot = "INSERT INTO {log}snapshots AS kept (stream, version, shape, state) \
                     VALUES ($1, $2, $3, convert_from($4, 'UTF8')::json) ON CONFLICT (stream) DO UPDATE \
                     SET version = excluded.version, shape = excluded.shape, state = excluded.state \
                     WHERE kept.shape <> excluded.shape OR kept.version <= excluded.version";
}
