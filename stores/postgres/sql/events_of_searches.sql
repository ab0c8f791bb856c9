WITH search AS MATERIALIZED (
    SELECT * FROM json_to_recordset($4::json) AS search(by text, name text, types text[], streams text[], tags text[])
)
SELECT found.position, e.version, e.type, e.payload, e.request, e.recorded_at, e.recorded_ns, e.correlation, e.causation,
    e.actor, e.custom, e.tags, e.stream
FROM (
    SELECT DISTINCT found.position FROM (
        SELECT e.position
        FROM search CROSS JOIN LATERAL (
            SELECT * FROM (
                SELECT tagged.position
                FROM {log}event_tags tagged CROSS JOIN LATERAL (
                    SELECT FROM {log}events e
                    WHERE e.position = tagged.position AND e.tags @> search.tags
                        AND (search.types IS NULL OR e.type = ANY (search.types))
                        AND (search.streams IS NULL OR e.stream = ANY (search.streams))
                    OFFSET 0
                ) e
                WHERE tagged.tag = search.name AND tagged.position > $1
                ORDER BY tagged.position LIMIT $2
            ) e LIMIT 4000
        ) e
        WHERE search.by = 'tag'
        UNION ALL
        SELECT e.position
        FROM search CROSS JOIN LATERAL (
            WITH RECURSIVE halving(low, middle, high) AS (
                (
                    SELECT 0::bigint, e.version, e.version FROM {log}events e
                    WHERE e.stream = search.name
                    ORDER BY e.version DESC LIMIT 1
                )
                UNION ALL
                SELECT next.low, next.low + (next.high - next.low + 1) / 2, next.high
                FROM halving CROSS JOIN LATERAL (
                    SELECT CASE WHEN e.position <= $1 THEN halving.middle ELSE halving.low END AS low,
                        CASE WHEN e.position <= $1 THEN halving.high ELSE halving.middle - 1 END AS high
                    FROM {log}events e
                    WHERE e.stream = search.name AND e.version = halving.middle
                ) next
                WHERE halving.low < halving.high
            )
            SELECT coalesce(max(low), 0) AS version FROM halving
        ) passed CROSS JOIN LATERAL (
            SELECT * FROM (
                SELECT e.position FROM {log}events e
                WHERE (e.stream, e.version) > (search.name, passed.version) AND e.stream <= search.name
                    AND (search.types IS NULL OR e.type = ANY (search.types))
                ORDER BY e.stream, e.version LIMIT $2
            ) e LIMIT 4000
        ) e
        WHERE search.by = 'stream'
        UNION ALL
        SELECT e.position
        FROM search CROSS JOIN LATERAL (SELECT search.name AS type) wanted CROSS JOIN LATERAL (
            SELECT * FROM (
                SELECT e.position FROM {log}events e
                WHERE (e.type, e.position) > (wanted.type, $1) AND e.type <= wanted.type
                ORDER BY e.type, e.position LIMIT $2
            ) e LIMIT 4000
        ) e
        WHERE search.by = 'type'
    ) found
    ORDER BY found.position LIMIT $2
) found CROSS JOIN LATERAL (SELECT * FROM {log}events e WHERE e.position = found.position OFFSET 0) e
