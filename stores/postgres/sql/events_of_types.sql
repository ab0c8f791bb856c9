WITH missing AS MATERIALIZED (
    SELECT $2 - count(*) AS number FROM (
        SELECT FROM {log}events e
        WHERE e.position > $1 AND e.position <= $4 AND e.type = ANY ($5)
        ORDER BY e.position LIMIT 4000
    ) near
)
(
    SELECT e.position, e.version, e.type, e.payload, e.request, e.recorded_at, e.recorded_ns, e.correlation, e.causation,
        e.actor, e.custom, e.tags, e.stream
    FROM {log}events e
    WHERE e.position > $1 AND e.position <= $4 AND e.type = ANY ($5)
    ORDER BY e.position LIMIT 4000
)
UNION ALL
SELECT found.position, e.version, e.type, e.payload, e.request, e.recorded_at, e.recorded_ns, e.correlation, e.causation,
    e.actor, e.custom, e.tags, e.stream
FROM (
    SELECT found.position
    FROM unnest($5) AS wanted(type) CROSS JOIN LATERAL (
        SELECT * FROM (
            SELECT e.position FROM {log}events e
            WHERE (e.type, e.position) > (wanted.type, $4) AND e.type <= wanted.type
            ORDER BY e.type, e.position LIMIT (SELECT number FROM missing)
        ) e LIMIT 4000
    ) found
    ORDER BY found.position LIMIT (SELECT number FROM missing)
) found CROSS JOIN LATERAL (SELECT * FROM {log}events e WHERE e.position = found.position OFFSET 0) e
