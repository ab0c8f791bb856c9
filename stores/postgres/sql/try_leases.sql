SELECT lock, pg_try_advisory_lock(lock) FROM (
    SELECT hashtextextended('cqrs lease of ' || $2 || ' ' || name, 0) AS lock, number
    FROM unnest($1) WITH ORDINALITY n(name, number)
    OFFSET 0
) wanted
ORDER BY number
