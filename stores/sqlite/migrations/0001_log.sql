-- The log. Positions are handed out inside the transaction that writes, so they have no gaps.
CREATE TABLE events (
    position    INTEGER PRIMARY KEY,
    stream      TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    type        TEXT    NOT NULL,
    request     BLOB    NOT NULL,
    recorded_at INTEGER NOT NULL, -- seconds since 1970
    recorded_ns INTEGER NOT NULL, -- nanoseconds of that second
    correlation BLOB,             -- NULL: the request
    causation   BLOB,
    actor       TEXT,
    custom      TEXT,             -- a JSON object; NULL: empty
    tags        TEXT,             -- a JSON array in the order given; NULL: none
    payload     TEXT    NOT NULL  -- JSON; last, so that a scan that filters never reads it
) STRICT;

CREATE UNIQUE INDEX events_stream ON events (stream, version);

CREATE TABLE event_tags (
    tag      TEXT    NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (tag, position)
) STRICT, WITHOUT ROWID;

-- Unique values and who holds them.
CREATE TABLE claims (
    key    TEXT NOT NULL,
    value  TEXT NOT NULL,
    holder TEXT NOT NULL,
    PRIMARY KEY (key, value)
) STRICT, WITHOUT ROWID;

CREATE INDEX claims_holder ON claims (holder, key);

-- The receipts of all appends that wrote something.
CREATE TABLE requests (
    request BLOB    NOT NULL PRIMARY KEY,
    last    INTEGER NOT NULL,
    count   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
