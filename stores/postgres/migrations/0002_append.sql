-- Appends, judged and written under the log's lock.
--
-- Each statement of a volatile function sees what was committed before it began, so everything behind the lock sees what
-- its former holders wrote. That holds in READ COMMITTED only, which is why the isolation is looked at.

-- The first event behind a position that a filter chooses. An order by all columns of an index, from a row behind, leads into
-- that index, and no further in it than to the first that fits, whatever the server knows of the tables. A filter is an array of selectors as the store sends them:
-- {"types": […], "streams": […], "tags": […]}, each left out where it asks nothing.
CREATE FUNCTION {log}first_match(filter json, after bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    selector json;
    wanted_types text[];
    wanted_streams text[];
    wanted_tags text[];
    found bigint;
    first bigint;
BEGIN
    FOR selector IN SELECT json_array_elements(filter) LOOP
        wanted_types := ARRAY(SELECT json_array_elements_text(selector -> 'types'));
        wanted_streams := ARRAY(SELECT json_array_elements_text(selector -> 'streams'));
        wanted_tags := ARRAY(SELECT json_array_elements_text(selector -> 'tags'));
        IF cardinality(wanted_tags) > 0 THEN
            SELECT tagged.position INTO found
            FROM {log}event_tags tagged, LATERAL (
                SELECT FROM {log}events event
                WHERE event.position = tagged.position AND event.tags @> wanted_tags
                    AND (cardinality(wanted_types) = 0 OR event.type = ANY (wanted_types))
                    AND (cardinality(wanted_streams) = 0 OR event.stream = ANY (wanted_streams))
                OFFSET 0
            ) event
            WHERE (tagged.tag, tagged.position) > (wanted_tags[1], after) AND tagged.tag <= wanted_tags[1]
            ORDER BY tagged.tag, tagged.position LIMIT 1;
        ELSIF cardinality(wanted_streams) > 0 THEN
            -- Versions follow positions, so where a stream goes on behind the position is found by halving.
            SELECT min(earliest.position) INTO found
            FROM unnest(wanted_streams) wanted(stream), LATERAL (
                WITH RECURSIVE halving(low, middle, high) AS (
                    (
                        SELECT 0::bigint, event.version, event.version FROM {log}events event
                        WHERE event.stream = wanted.stream
                        ORDER BY event.version DESC LIMIT 1
                    )
                    UNION ALL
                    SELECT next.low, next.low + (next.high - next.low + 1) / 2, next.high
                    FROM halving, LATERAL (
                        SELECT CASE WHEN event.position <= after THEN halving.middle ELSE halving.low END AS low,
                            CASE WHEN event.position <= after THEN halving.high ELSE halving.middle - 1 END AS high
                        FROM {log}events event
                        WHERE event.stream = wanted.stream AND event.version = halving.middle
                    ) next
                    WHERE halving.low < halving.high
                )
                SELECT coalesce(max(low), 0) AS version FROM halving
            ) passed, LATERAL (
                SELECT event.position FROM {log}events event
                WHERE (event.stream, event.version) > (wanted.stream, passed.version) AND event.stream <= wanted.stream
                    AND (cardinality(wanted_types) = 0 OR event.type = ANY (wanted_types))
                ORDER BY event.stream, event.version LIMIT 1
            ) earliest;
        ELSIF cardinality(wanted_types) > 0 THEN
            SELECT min(earliest.position) INTO found
            FROM unnest(wanted_types) wanted(type), LATERAL (
                SELECT event.position FROM {log}events event
                WHERE (event.type, event.position) > (wanted.type, after) AND event.type <= wanted.type
                ORDER BY event.type, event.position LIMIT 1
            ) earliest;
        ELSE
            SELECT event.position INTO found FROM {log}events event
            WHERE event.position > after ORDER BY event.position LIMIT 1;
        END IF;
        first := least(first, found);
    END LOOP;
    RETURN first;
END $$;

-- Changes claims in order, or none of them; answers with the place and the holder of the first that is refused. Changes
-- are objects {"op": "take" | "replace" | "release", "key", "value", "holder"}; a release without a value is of all.
CREATE FUNCTION {log}change_claims(changes json) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
    change record;
    present text;
    refused json;
BEGIN
    FOR change IN
        SELECT c.*, number - 1 AS place
        FROM json_array_elements(changes) WITH ORDINALITY AS element(value, number),
            json_to_record(element.value) AS c(op text, key text, value text, holder text)
    LOOP
        IF change.op = 'release' THEN
            DELETE FROM {log}claims c
            WHERE c.key = change.key AND c.holder = change.holder
                AND (change.value IS NULL OR c.value = change.value);
            CONTINUE;
        END IF;
        INSERT INTO {log}claims (key, value, holder) VALUES (change.key, change.value, change.holder)
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            SELECT c.holder INTO present FROM {log}claims c WHERE c.key = change.key AND c.value = change.value;
            IF present <> change.holder THEN
                refused := json_build_object('claimed', change.place, 'holder', present);
                -- Undoes what this call changed.
                RAISE EXCEPTION USING ERRCODE = 'CQRS1';
            END IF;
        END IF;
        IF change.op = 'replace' THEN
            DELETE FROM {log}claims c
            WHERE c.key = change.key AND c.holder = change.holder AND c.value <> change.value;
        END IF;
    END LOOP;
    RETURN NULL;
EXCEPTION WHEN SQLSTATE 'CQRS1' THEN
    RETURN refused;
END $$;

-- Judges one append after another, each seeing what those before it wrote. Answers with an array, one object an append:
-- {"last", "count"} where it is written, with "repeated" where it was before; {"stream": place, "actual"},
-- {"match": place, "found"} or {"unwritten": place} where the condition at that place does not hold; {"claimed": place,
-- "holder"} where that claim has another holder.
CREATE FUNCTION {log}append_each(events {log}new_event[], program json) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
    head bigint;
    append record;
    condition record;
    answer json;
    answers json[] := '{}';
    repeated uuid[] := '{}';
    known_last bigint;
    known_count bigint;
    actual bigint;
    added integer;
BEGIN
    SELECT coalesce(max(position), 0) INTO head FROM {log}events;
    FOR append IN
        SELECT a.* FROM json_array_elements(program) element,
            json_to_record(element) AS a(request uuid, writes boolean, conditions json, claims json, first integer, last integer)
    LOOP
        answer := NULL;
        SELECT e.position, e.written INTO known_last, known_count
        FROM {log}events e WHERE e.request = append.request AND e.written IS NOT NULL;
        IF NOT FOUND THEN
            SELECT r.last, 0 INTO known_last, known_count FROM {log}receipts r WHERE r.request = append.request;
        END IF;
        IF FOUND THEN
            repeated := repeated || append.request;
            answers := answers || json_build_object('last', known_last, 'count', known_count, 'repeated', true);
            CONTINUE;
        END IF;

        FOR condition IN
            SELECT c.*, number - 1 AS place
            FROM json_array_elements(append.conditions) WITH ORDINALITY AS element(value, number),
                json_to_record(element.value) AS c(stream text, at_least_one boolean, version bigint, filter json, after bigint, request uuid)
        LOOP
            IF condition.stream IS NOT NULL THEN
                SELECT coalesce(max(e.version), 0) INTO actual FROM {log}events e WHERE e.stream = condition.stream;
                IF actual IS DISTINCT FROM condition.version AND condition.at_least_one IS NULL
                    OR condition.at_least_one AND actual = 0
                THEN
                    answer := json_build_object('stream', condition.place, 'actual', actual);
                END IF;
            ELSIF condition.filter IS NOT NULL THEN
                actual := {log}first_match(condition.filter, condition.after);
                IF actual IS NOT NULL THEN
                    answer := json_build_object('match', condition.place, 'found', actual);
                END IF;
            ELSIF condition.request = ANY (repeated) OR NOT EXISTS (
                SELECT FROM {log}events e WHERE e.request = condition.request AND e.written IS NOT NULL
                UNION ALL SELECT FROM {log}receipts r WHERE r.request = condition.request
            ) THEN
                answer := json_build_object('unwritten', condition.place);
            END IF;
            EXIT WHEN answer IS NOT NULL;
        END LOOP;

        IF answer IS NULL AND append.claims IS NOT NULL THEN
            answer := {log}change_claims(append.claims);
        END IF;
        IF answer IS NOT NULL THEN
            answers := answers || answer;
            CONTINUE;
        END IF;

        added := append.last - append.first;
        IF added > 0 THEN
            INSERT INTO {log}events
                (position, version, recorded_at, request, correlation, causation, written, recorded_ns, stream, type, actor, custom, tags, payload)
            SELECT head + number,
                (SELECT coalesce(max(known.version), 0) FROM {log}events known WHERE known.stream = e.stream)
                    + row_number() OVER (PARTITION BY e.stream ORDER BY number),
                e.recorded_at, e.request, e.correlation, e.causation, e.written, e.recorded_ns, e.stream, e.type, e.actor, e.custom, e.tags, e.payload
            FROM unnest(events[append.first + 1:append.last]) WITH ORDINALITY AS e(stream_number, ahead, recorded_at, request, correlation,
                causation, written, recorded_ns, stream, type, actor, custom, tags, payload, number);
            INSERT INTO {log}event_tags (tag, position)
            SELECT DISTINCT tag, head + number
            FROM unnest(events[append.first + 1:append.last]) WITH ORDINALITY AS e(stream_number, ahead, recorded_at, request,
                correlation, causation, written, recorded_ns, stream, type, actor, custom, tags, payload, number), unnest(e.tags) tag;
            head := head + added;
        ELSIF append.writes THEN
            INSERT INTO {log}receipts (request, last) VALUES (append.request, head);
        END IF;
        answers := answers || json_build_object('last', head, 'count', added);
    END LOOP;
    RETURN array_to_json(answers);
END $$;

-- Appends a batch with one commit.
--
-- Nearly always every append of a batch holds. So that is tried first, all at once: no request was carried out before, every
-- stream is at the version that the appends on it begin at, no boundary is broken, no claim has another holder. The answer
-- is then the position that the batch begins behind. Where it is not so, nothing has been written yet, and the appends are
-- judged one by one.
--
--   events      all events of the batch, whether any of them has tags
--   streams     its streams, and in `versions` what each must be at: NULL, anything; -1, at least one event
--   requests    the requests of the appends
--   built_on    requests that must have been written before this batch; NULL: none
--   boundaries  conditions {"filter", "after"}, to be judged on the log before this batch; NULL: none
--   claims      all changes of claims, in order; NULL: none
--   receipts    the requests of appends that change claims only, and how many events of the batch are `before` each; NULL: none
--   program     the appends, to be judged one by one
--   at_once     whether that may be tried; not where something in the batch is bound to fail on what comes before it there
CREATE FUNCTION {log}append(
    events {log}new_event[], tagged boolean, streams text[], versions bigint[], requests uuid[], built_on uuid[], boundaries text,
    claims text, receipts uuid[], before bigint[], program text, at_once boolean
) RETURNS text
LANGUAGE plpgsql
-- A plan made anew for each call takes longer than what it plans. One that is kept was perhaps made when the log was empty,
-- so it must go by the indexes, whatever the statistics say.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
DECLARE
    head bigint;
    bases bigint[];
    holds boolean := at_once;
    answers text;
    event {log}new_event;
BEGIN
    PERFORM pg_advisory_xact_lock(1668444787, '{log}events'::regclass::oid::integer);
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'events are appended in READ COMMITTED, and this transaction is %', upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'CQRS2';
    END IF;

    -- One append of one event to one stream is what waits for its answer most: it takes the shortest way.
    IF holds AND cardinality(requests) = 1 THEN
        holds := NOT EXISTS (SELECT FROM {log}events e WHERE e.request = requests[1] AND e.written IS NOT NULL)
            AND NOT EXISTS (SELECT FROM {log}receipts r WHERE r.request = requests[1]);
    ELSIF holds THEN
        holds := NOT EXISTS (SELECT FROM {log}events e WHERE e.request = ANY (requests) AND e.written IS NOT NULL)
            AND NOT EXISTS (SELECT FROM {log}receipts r WHERE r.request = ANY (requests));
    END IF;
    IF holds THEN
        bases := ARRAY(
            SELECT coalesce((SELECT e.version FROM {log}events e WHERE e.stream = wanted.stream ORDER BY e.version DESC LIMIT 1), 0)
            FROM unnest(streams) wanted(stream)
        );
        holds := bases = versions OR NOT EXISTS (
            SELECT FROM unnest(bases, versions) AS asked(base, version)
            WHERE asked.version <> asked.base AND NOT (asked.version = -1 AND asked.base > 0)
        );
    END IF;
    IF holds AND built_on IS NOT NULL THEN
        holds := NOT EXISTS (
            SELECT FROM unnest(built_on) AS wanted(request)
            WHERE NOT EXISTS (SELECT FROM {log}events e WHERE e.request = wanted.request AND e.written IS NOT NULL)
                AND NOT EXISTS (SELECT FROM {log}receipts r WHERE r.request = wanted.request)
        );
    END IF;
    IF holds AND boundaries IS NOT NULL THEN
        holds := NOT EXISTS (
            SELECT FROM json_to_recordset(boundaries::json) AS boundary(filter json, after bigint)
            WHERE {log}first_match(boundary.filter, boundary.after) IS NOT NULL
        );
    END IF;
    IF holds AND claims IS NOT NULL THEN
        holds := {log}change_claims(claims::json) IS NULL;
    END IF;

    IF holds THEN
        SELECT coalesce(max(position), 0) INTO head FROM {log}events;
        answers := head;
        IF cardinality(events) = 1 THEN
            event := events[1];
            INSERT INTO {log}events
                (position, version, recorded_at, request, correlation, causation, written, recorded_ns, stream, type, actor, custom,
                 tags, payload)
            VALUES
                (head + 1, bases[event.stream_number] + event.ahead, event.recorded_at, event.request, event.correlation, event.causation, event.written,
                 event.recorded_ns, event.stream, event.type, event.actor, event.custom, event.tags, event.payload);
        ELSE
            INSERT INTO {log}events
                (position, version, recorded_at, request, correlation, causation, written, recorded_ns, stream, type, actor, custom,
                 tags, payload)
            SELECT head + number, bases[e.stream_number] + e.ahead, e.recorded_at, e.request, e.correlation, e.causation, e.written,
                e.recorded_ns, e.stream, e.type, e.actor, e.custom, e.tags, e.payload
            FROM unnest(events) WITH ORDINALITY AS e(stream_number, ahead, recorded_at, request, correlation, causation, written,
                recorded_ns, stream, type, actor, custom, tags, payload, number);
        END IF;
        IF tagged THEN
            INSERT INTO {log}event_tags (tag, position)
            SELECT DISTINCT tag, head + number
            FROM unnest(events) WITH ORDINALITY AS e(stream_number, ahead, recorded_at, request, correlation, causation, written,
                recorded_ns, stream, type, actor, custom, tags, payload, number), unnest(e.tags) tag;
        END IF;
        IF receipts IS NOT NULL THEN
            INSERT INTO {log}receipts (request, last)
            SELECT written.request, head + written.before FROM unnest(receipts, before) AS written(request, before);
        END IF;
    ELSE
        answers := {log}append_each(events, program::json);
    END IF;
    IF cardinality(events) > 0 THEN
        PERFORM pg_notify('{channel}', (SELECT max(position)::text FROM {log}events));
    END IF;
    RETURN answers;
END $$;
