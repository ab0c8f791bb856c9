SELECT e.position, e.version, e.type, e.payload, e.request, e.recorded_at, e.recorded_ns, e.correlation, e.causation, e.actor,
    e.custom, e.tags
FROM {log}events e
WHERE e.stream = $1 AND e.version > $2
ORDER BY e.version LIMIT $3
