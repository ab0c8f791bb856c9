SELECT e.position, e.version, e.type, e.payload
FROM {log}events e
WHERE e.stream = $1 AND e.version > $2
ORDER BY e.version LIMIT $3
