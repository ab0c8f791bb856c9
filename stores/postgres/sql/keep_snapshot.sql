INSERT INTO {log}snapshots AS kept (stream, version, shape, state)
VALUES ($1, $2, $3, convert_from($4, 'UTF8')::json)
ON CONFLICT (stream) DO UPDATE
SET version = excluded.version, shape = excluded.shape, state = excluded.state
WHERE kept.shape <> excluded.shape OR kept.version <= excluded.version
