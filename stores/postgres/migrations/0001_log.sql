-- The log. Positions are handed out under its lock, so they have no gaps and come in the order of commits.
CREATE TABLE {log}events (
    position    bigint      NOT NULL PRIMARY KEY,
    version     bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    request     uuid        NOT NULL,
    correlation uuid,                 -- NULL: the request
    causation   uuid,
    written     integer,              -- on the last event of an append: how many it wrote
    recorded_ns smallint    NOT NULL, -- nanoseconds below the microsecond of recorded_at
    stream      text        NOT NULL COLLATE "C",
    type        text        NOT NULL COLLATE "C",
    actor       text,
    custom      json,                 -- an object; NULL: empty
    tags        text[],               -- in the order given; NULL: none
    payload     json        NOT NULL,
    UNIQUE (stream, version)
);

-- Whoever asks for some types reads their events in order, and no others.
CREATE INDEX {local}events_by_type ON {log}events (type, position);

-- The receipt of an append is its last event. A request so is carried out once, whatever else goes wrong.
CREATE UNIQUE INDEX {local}events_by_request ON {log}events (request) WHERE written IS NOT NULL;

CREATE TABLE {log}event_tags (
    tag      text   NOT NULL COLLATE "C",
    position bigint NOT NULL,
    PRIMARY KEY (tag, position)
);

-- Unique values and who holds them.
CREATE TABLE {log}claims (
    key    text NOT NULL COLLATE "C",
    value  text NOT NULL COLLATE "C",
    holder text NOT NULL COLLATE "C",
    PRIMARY KEY (key, value)
);

CREATE INDEX {local}claims_by_holder ON {log}claims (holder, key);

-- The receipts of appends that changed claims and wrote no event.
CREATE TABLE {log}receipts (
    request uuid   NOT NULL PRIMARY KEY,
    last    bigint NOT NULL
);

-- An event on its way into the log.
CREATE TYPE {log}new_event AS (
    stream_number integer, -- its stream's place among the streams of the batch
    ahead         bigint,  -- how many events of the batch come before it in its stream, itself counted
    recorded_at   timestamptz,
    request       uuid,
    correlation   uuid,
    causation     uuid,
    written       integer,
    recorded_ns   smallint,
    stream        text,
    type          text,
    actor         text,
    custom        json,
    tags          text[],
    payload       json
);
