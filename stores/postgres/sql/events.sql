SELECT * FROM (
    SELECT * FROM {log}events e WHERE e.position > $1 ORDER BY e.position LIMIT $2
) e LIMIT 4000
