-- name: call_windows
-- The calls of each API after $since up to $until: totals, P95 of the successful ones in ms, retries, the
-- failures in a row that end with the newest call, and the newest failure.
WITH calls AS (
    SELECT
        api_name,
        timestamp,
        status_code,
        response_time_ms,
        error_message,
        coalesce(retries, 0) AS retries,
        coalesce(status_code BETWEEN 200 AND 299, false) AS succeeded
    FROM api_metrics
    WHERE timestamp > $since AND timestamp <= $until
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
    arg_max({'status': status_code, 'message': error_message}, calls.timestamp) FILTER (NOT succeeded) AS failure
FROM calls
LEFT JOIN successes USING (api_name)
GROUP BY calls.api_name;

-- name: delivery_windows
-- The deliveries of each webhook source after $since up to $until: totals, those not verified, P95 of the
-- processing time in ms, and the newest failure.
SELECT
    source AS name,
    count(*) AS total,
    count(*) FILTER (NOT coalesce(verified, false)) AS failed,
    quantile_cont(processing_time_ms, 0.95) AS p95_ms,
    0 AS consecutive_failures,
    max(timestamp) AS newest,
    0 AS retries,
    arg_max({'status': NULL::INTEGER, 'message': error_message}, timestamp)
        FILTER (NOT coalesce(verified, false)) AS failure
FROM webhook_metrics
WHERE timestamp > $since AND timestamp <= $until
GROUP BY source;
