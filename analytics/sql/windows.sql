-- name: call_windows
-- The calls of each API after $since up to $until: totals, P95 of the successful ones in ms, retries, the
-- failures in a row that end with the newest call, when the newest success ended, and the newest failure. A call
-- succeeded when its answer was a 2xx or 3xx without a reason to complain in it. Calls are in the order of their
-- ends: a quick failure is not newer than the slow success that was under way. A probe whose own credentials are
-- refused says nothing about the calls of others, and is not among them.
WITH calls AS (
    SELECT
        api_name,
        timestamp + to_milliseconds(coalesce(response_time_ms, 0)) AS ended,
        status_code,
        response_time_ms,
        error_message,
        reason,
        coalesce(retries, 0) AS retries,
        coalesce(status_code BETWEEN 200 AND 399, false) AND reason IS NULL AS succeeded
    FROM api_metrics
    WHERE timestamp > $since AND timestamp <= $until
        AND NOT coalesce(origin = 'probe' AND (reason = 'auth' OR status_code IN (401, 403)), false)
),
successes AS (
    SELECT api_name, max(ended) AS newest FROM calls WHERE succeeded GROUP BY api_name
)
SELECT
    calls.api_name AS name,
    count(*) AS total,
    count(*) FILTER (NOT succeeded) AS failed,
    quantile_cont(response_time_ms, 0.95) FILTER (succeeded) AS p95_ms,
    count(*) FILTER (successes.newest IS NULL OR calls.ended > successes.newest) AS consecutive_failures,
    max(calls.ended) AS newest,
    max(successes.newest) AS newest_success,
    sum(retries) AS retries,
    arg_max({'status': status_code, 'message': error_message, 'reason': reason}, calls.ended)
        FILTER (NOT succeeded) AS failure
FROM calls
LEFT JOIN successes USING (api_name)
GROUP BY calls.api_name;

-- name: delivery_windows
-- The deliveries of each webhook source after $since up to $until of which it could be told whether they are genuine
-- (by our fault, of some it cannot): how many, how many were not, P95 of the processing time in ms, the newest one,
-- the newest genuine one, and of the genuine ones how many the application was asked to process and how many of these it did not; what was
-- wrong with the newest that was not verified, and with the newest not processed.
SELECT
    source AS name,
    count(verified) AS total,
    count(*) FILTER (NOT verified) AS failed,
    quantile_cont(processing_time_ms, 0.95) AS p95_ms,
    max(timestamp) FILTER (verified IS NOT NULL) AS newest,
    max(timestamp) FILTER (verified) AS newest_success,
    count(processed) FILTER (verified) AS handed_on,
    count(*) FILTER (verified AND NOT processed) AS unprocessed,
    arg_max(coalesce(error_message, reason, ''), timestamp) FILTER (NOT verified) AS unverified_message,
    arg_max(coalesce(error_message, reason, ''), timestamp) FILTER (verified AND NOT processed)
        AS unprocessed_message
FROM webhook_metrics
WHERE timestamp > $since AND timestamp <= $until
GROUP BY source;

-- name: delivery_rhythms
-- How each webhook source usually speaks, from its genuine deliveries after $since up to $until: how many pauses
-- there were between two, the median pause and the one that 99 of 100 do not exceed, in seconds, and the newest.
-- Of a source that speaks a lot its newest twenty thousand or so are enough: a week of them would take seconds.
-- Its nights may not be among those; so the longest pause is that after $extreme_since, minute by minute: pauses
-- within one minute are not looked at, and matter to nobody. `oldest` is the first delivery it was looked for in.
WITH minutes AS (
    SELECT
        source,
        min(timestamp) AS oldest,
        max(timestamp) AS newest,
        count(*) FILTER (timestamp > $since) AS deliveries
    FROM webhook_metrics
    WHERE timestamp > $extreme_since AND timestamp <= $until AND verified
    GROUP BY source, epoch_ms(timestamp) // 60000
),
between_minutes AS (
    SELECT
        *,
        epoch(oldest - lag(newest) OVER (PARTITION BY source ORDER BY oldest)) AS seconds
    FROM minutes
),
spoken AS (
    SELECT
        source,
        sum(deliveries) AS deliveries,
        max(newest) AS newest,
        min(oldest) AS oldest,
        max(seconds) AS extreme_seconds
    FROM between_minutes
    GROUP BY source
    HAVING sum(deliveries) > 0
),
pauses AS (
    SELECT
        source,
        epoch(timestamp - lag(timestamp) OVER (PARTITION BY source ORDER BY timestamp)) AS seconds
    FROM webhook_metrics
    JOIN spoken USING (source)
    WHERE timestamp > $since AND timestamp <= $until AND verified
        AND timestamp > spoken.newest
            - to_seconds(epoch($until - $since) * least(1.0, 20000.0 / spoken.deliveries))
),
usual AS (
    SELECT
        source,
        count(seconds) AS pauses,
        median(seconds) AS usual_seconds,
        quantile_cont(seconds, 0.99) AS longest_seconds
    FROM pauses
    GROUP BY source
)
SELECT
    spoken.source AS name,
    usual.pauses,
    usual.usual_seconds,
    usual.longest_seconds,
    spoken.newest,
    spoken.oldest,
    spoken.extreme_seconds
FROM usual
JOIN spoken USING (source);
