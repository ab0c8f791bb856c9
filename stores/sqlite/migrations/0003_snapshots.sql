-- The newest state kept of each aggregate that keeps one. A cache: its rows may be deleted at any time.
CREATE TABLE snapshots (
    stream  TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    shape   INTEGER NOT NULL, -- the hash of the state's shape, as a signed number
    state   TEXT    NOT NULL  -- JSON
) STRICT;
