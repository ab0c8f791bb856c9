-- How far each projection has come. The table of a read model, `view_` and its name, is made when it is first prepared.
CREATE TABLE {log}checkpoints (
    projection text   NOT NULL PRIMARY KEY COLLATE "C",
    position   bigint NOT NULL,
    shape      bigint NOT NULL -- the schema's hash, as a signed number
);

-- Who runs each projection, as each runner wrote when it began. Rows outlive runners that died: ask {log}running.
CREATE TABLE {log}runners (
    projection text        NOT NULL PRIMARY KEY COLLATE "C",
    lock       bigint      NOT NULL, -- the key of the advisory lock that it holds
    host       text,
    process    bigint      NOT NULL, -- its id on the host
    backend    integer     NOT NULL, -- the server's process that holds the lock
    since      timestamptz NOT NULL
);

-- Who runs each projection now: the runners whose lock is held. To hand a projection to another process, end the
-- connection that holds its lock: SELECT pg_terminate_backend(backend) FROM {log}running WHERE projection = '…'.
CREATE VIEW {log}running AS
SELECT runner.projection, runner.host, runner.process, activity.application_name AS application,
    activity.client_addr AS address, runner.backend, runner.since
FROM {log}runners runner
    JOIN pg_locks lock ON lock.pid = runner.backend AND lock.locktype = 'advisory' AND lock.granted AND lock.objsubid = 1
        AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND ((lock.classid::bigint << 32) | lock.objid::bigint) = runner.lock
    LEFT JOIN pg_stat_activity activity ON activity.pid = lock.pid;
