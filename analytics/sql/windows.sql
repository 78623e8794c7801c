-- name: call_windows
-- The calls of each API after $since up to $until: totals, P95 of the successful ones in ms, retries, the
-- failures in a row that end with the newest call, and the newest failure. A call succeeded when its answer was
-- a 2xx or 304 without a reason to complain in it. A probe whose own credentials are refused says nothing about
-- the calls of others, and is not among them.
WITH calls AS (
    SELECT
        api_name,
        timestamp,
        status_code,
        response_time_ms,
        error_message,
        reason,
        coalesce(retries, 0) AS retries,
        coalesce((status_code BETWEEN 200 AND 299 OR status_code = 304) AND reason IS NULL, false) AS succeeded
    FROM api_metrics
    WHERE timestamp > $since AND timestamp <= $until
        AND NOT coalesce(origin = 'probe' AND status_code IN (401, 403), false)
),
successes AS (
    SELECT api_name, max(timestamp) AS newest FROM calls WHERE succeeded GROUP BY api_name
)
SELECT
    calls.api_name AS name,
    count(*) AS total,
    count(*) FILTER (NOT succeeded) AS failed,
    quantile_cont(response_time_ms, 0.95) FILTER (succeeded) AS p95_ms,
    count(*) FILTER (successes.newest IS NULL OR calls.timestamp > successes.newest) AS consecutive_failures,
    max(calls.timestamp) AS newest,
    sum(retries) AS retries,
    arg_max({'status': status_code, 'message': error_message, 'reason': reason}, calls.timestamp)
        FILTER (NOT succeeded) AS failure
FROM calls
LEFT JOIN successes USING (api_name)
GROUP BY calls.api_name;

-- name: delivery_windows
-- The deliveries of each webhook source after $since up to $until of which it could be told whether they are genuine
-- (by our fault, of some it cannot): how many, how many were not, P95 of the processing time in ms, the newest one,
-- and of the genuine ones how many the application was asked to process and how many of these it did not; what was
-- wrong with the newest that was not verified, and with the newest not processed.
SELECT
    source AS name,
    count(verified) AS total,
    count(*) FILTER (NOT verified) AS failed,
    quantile_cont(processing_time_ms, 0.95) AS p95_ms,
    max(timestamp) FILTER (verified IS NOT NULL) AS newest,
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
WITH pauses AS (
    SELECT
        source,
        timestamp,
        epoch(timestamp - lag(timestamp) OVER (PARTITION BY source ORDER BY timestamp)) AS seconds
    FROM webhook_metrics
    WHERE timestamp > $since AND timestamp <= $until AND verified
)
SELECT
    source AS name,
    count(seconds) AS pauses,
    median(seconds) AS usual_seconds,
    quantile_cont(seconds, 0.99) AS longest_seconds,
    max(timestamp) AS newest
FROM pauses
GROUP BY source;
