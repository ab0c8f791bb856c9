-- The newest state kept of each aggregate that keeps one. A cache: its rows may be deleted at any time.
CREATE TABLE {log}snapshots (
    stream  text   NOT NULL PRIMARY KEY COLLATE "C",
    version bigint NOT NULL,
    shape   bigint NOT NULL, -- the hash of the state's shape, as a signed number
    state   json   NOT NULL
);
