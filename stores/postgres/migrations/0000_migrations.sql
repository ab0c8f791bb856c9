CREATE TABLE IF NOT EXISTS {log}migrations (
    number  bigint      NOT NULL PRIMARY KEY,
    applied timestamptz NOT NULL DEFAULT now()
);
