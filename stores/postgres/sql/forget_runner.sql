DELETE FROM {log}runners WHERE projection = $1 AND backend = pg_backend_pid()
