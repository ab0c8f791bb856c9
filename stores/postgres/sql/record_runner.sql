INSERT INTO {log}runners (projection, lock, host, process, backend, since)
VALUES ($1, $2, $3, $4, pg_backend_pid(), clock_timestamp())
ON CONFLICT (projection) DO UPDATE
SET lock = excluded.lock, host = excluded.host, process = excluded.process, backend = excluded.backend, since = excluded.since
