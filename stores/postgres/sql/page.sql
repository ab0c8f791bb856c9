SELECT e.position, e.version, e.type, e.payload, e.request, e.recorded_at, e.recorded_ns, e.correlation, e.causation, e.actor,
    e.custom, e.tags, e.stream, head.position
FROM (SELECT coalesce(max(position), 0) AS position FROM {log}events) head
LEFT JOIN (
    SELECT e.*,
        sum(pg_column_size(e.payload)) OVER (ORDER BY e.position ROWS UNBOUNDED PRECEDING)
            - pg_column_size(e.payload) AS bytes_before
    FROM (
{events}
    ) e
) e ON e.bytes_before < $3
