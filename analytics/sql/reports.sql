-- name: monitored_since
-- When the collector worked for the first time; NULL when it never did.
SELECT min(started_at) AS since
FROM collector_runs;

-- name: report_services
-- What is monitored, in the order of the configuration.
SELECT service_type, service_name, healthy_ms
FROM services
WHERE enabled
ORDER BY position;

-- name: report_status_spans
-- The time from $start to $end as stretches of one status a service, in order. A look holds until the next one, if
-- that comes within 5 minutes or 2.5 times the service's interval; otherwise nobody knew, and the look holds for one
-- interval alone: what is missing between two stretches was not monitored. $since lies so far before $start that
-- the look is found that held when the period began. The interval is the configured one, or the longer one
-- that checks really had.
WITH looks AS (
    SELECT
        service_type,
        service_name,
        timestamp,
        status,
        epoch(lead(timestamp) OVER in_order - timestamp) AS pause
    FROM integration_health_checks
    WHERE timestamp > $since AND timestamp < $end
    WINDOW in_order AS (PARTITION BY service_type, service_name ORDER BY timestamp)
),
rhythms AS (
    SELECT
        looks.service_type,
        looks.service_name,
        greatest(coalesce(max(services.interval_seconds), 0), coalesce(median(pause), 0), 1) AS seconds
    FROM looks
    LEFT JOIN services USING (service_type, service_name)
    GROUP BY looks.service_type, looks.service_name
),
held AS (
    SELECT
        service_type,
        service_name,
        status,
        greatest(timestamp, $start) AS begun,
        least($end, timestamp + to_microseconds(CAST(1000000 * CASE
            WHEN coalesce(pause, epoch($end - timestamp)) <= greatest(300, 2.5 * seconds)
                THEN coalesce(pause, epoch($end - timestamp))
            ELSE seconds
        END AS BIGINT))) AS until
    FROM looks
    JOIN rhythms USING (service_type, service_name)
),
marked AS (
    SELECT
        *,
        CAST(
            status IS DISTINCT FROM lag(status) OVER in_order
            OR begun > lag(until) OVER in_order + INTERVAL 1 SECOND
        AS INTEGER) AS changed
    FROM held
    WHERE until > begun
    WINDOW in_order AS (PARTITION BY service_type, service_name ORDER BY begun)
),
stretches AS (
    SELECT
        *,
        sum(coalesce(changed, 1)) OVER (
            PARTITION BY service_type, service_name ORDER BY begun ROWS UNBOUNDED PRECEDING
        ) AS stretch
    FROM marked
)
SELECT service_type, service_name, status, min(begun) AS begun, max(until) AS until
FROM stretches
GROUP BY service_type, service_name, stretch, status
ORDER BY service_type, service_name, begun;

-- name: report_calls
-- What went to and came from each service from $start to $end: API calls, webhook deliveries, attempts of probes. How
-- many, how many of them failed (of deliveries: were not genuine, or not processed), how many were repeated, and P50,
-- P95 and P99 of those that did not fail, in ms (of deliveries: of their processing). An API without a call is judged
-- by its checks, and those count. What is judged by calls has no status but unknown an hour after the last one.
SELECT
    'api' AS service_type,
    api_name AS service_name,
    count(*) AS calls,
    count(*) FILTER (NOT succeeded) AS errors,
    CAST(sum(retries) AS BIGINT) AS retries,
    quantile_cont(response_time_ms, [0.5, 0.95, 0.99]) FILTER (succeeded) AS latency_ms
FROM (
    SELECT
        api_name,
        response_time_ms,
        coalesce(retries, 0) AS retries,
        coalesce(status_code BETWEEN 200 AND 399, false) AND reason IS NULL AS succeeded
    FROM api_metrics
    WHERE timestamp >= $start AND timestamp < $end
) AS calls
GROUP BY api_name
UNION ALL
SELECT
    'webhook',
    source,
    count(*),
    count(*) FILTER (NOT coalesce(verified, true) OR NOT coalesce(processed, true)),
    0,
    quantile_cont(processing_time_ms, [0.5, 0.95, 0.99])
FROM webhook_metrics
WHERE timestamp >= $start AND timestamp < $end
GROUP BY source
UNION ALL
SELECT
    service_type,
    service_name,
    count(*),
    count(*) FILTER (error_count > 0),
    count(*) FILTER (attempt > 1),
    quantile_cont(response_time_ms, [0.5, 0.95, 0.99]) FILTER (error_count = 0)
FROM integration_health_checks
WHERE timestamp >= $start AND timestamp < $end AND status <> 'unknown'
    AND (service_type IN ('mcp', 'infrastructure') OR (service_type = 'api' AND service_name NOT IN (
        SELECT api_name FROM api_metrics WHERE timestamp >= $start - INTERVAL 1 HOUR AND timestamp < $end
    )))
GROUP BY service_type, service_name;

-- name: report_latency
-- P95 of the successful calls of each API from $start to $end, one row a step of $step seconds that has any; of an API
-- without a call (see report_calls) that of its checks.
WITH successes AS (
    SELECT api_name AS service_name, timestamp, response_time_ms
    FROM api_metrics
    WHERE timestamp >= $start AND timestamp < $end AND status_code BETWEEN 200 AND 399 AND reason IS NULL
    UNION ALL
    SELECT service_name, timestamp, response_time_ms
    FROM integration_health_checks
    WHERE timestamp >= $start AND timestamp < $end AND service_type = 'api' AND status <> 'unknown' AND error_count = 0
        AND service_name NOT IN (
            SELECT api_name FROM api_metrics WHERE timestamp >= $start - INTERVAL 1 HOUR AND timestamp < $end
        )
)
SELECT
    service_name,
    time_bucket(to_seconds(CAST($step AS BIGINT)), timestamp, CAST($start AS TIMESTAMPTZ)) AS step_start,
    quantile_cont(response_time_ms, 0.95) AS p95_ms
FROM successes
WHERE response_time_ms IS NOT NULL
GROUP BY ALL
ORDER BY service_name, step_start;

-- name: report_incidents
-- The incidents that were open at any time from $start to $end, oldest first. `began_at` is the first sign of it;
-- one that was resolved after $end counts as open.
SELECT
    service_type,
    service_name,
    severity,
    title,
    coalesce(began_at, created_at) AS began_at,
    CASE WHEN resolved_at < $end THEN resolved_at END AS resolved_at,
    coalesce(relapses, 0) AS relapses,
    CASE WHEN acknowledged_at < $end THEN acknowledged_by END AS acknowledged_by
FROM integration_incidents
WHERE coalesce(began_at, created_at) < $end AND (resolved_at IS NULL OR resolved_at >= $start)
ORDER BY began_at, service_type, service_name;

-- name: report_suppressed
-- What fired from $start to $end and was told to nobody, with the reason why, and how often.
SELECT service_type, service_name, rule, suppressed_by, arg_max(title, timestamp) AS title,
    count(*) FILTER (old_state <> new_state) AS times
FROM alert_events
WHERE timestamp >= $start AND timestamp < $end AND new_state = 'firing' AND suppressed_by IS NOT NULL
GROUP BY service_type, service_name, rule, suppressed_by
ORDER BY min(timestamp), service_type, service_name, rule, suppressed_by;

-- name: report_undelivered
-- The messages made from $start to $end that nobody got, by channel and what became of them: refused for good,
-- expired, or still waiting after failed attempts; how many, and what was wrong last.
SELECT channel, state, count(*) AS messages, arg_max(last_error, created_at) AS last_error
FROM notifications
WHERE created_at >= $start AND created_at < $end
    AND (state IN ('refused', 'expired') OR (state = 'pending' AND attempts > 0))
GROUP BY channel, state
ORDER BY channel, state;

-- name: report_stops
-- When the collector did not run from $start to $end: from when the next cycle should have begun, where two are further
-- apart than 5 minutes and 2.5 times their interval.
WITH beats AS (
    SELECT started_at AS beat, interval_seconds FROM collector_runs WHERE started_at >= $start AND started_at < $end
    UNION ALL
    SELECT CAST($start AS TIMESTAMPTZ), 0
    UNION ALL
    SELECT CAST($end AS TIMESTAMPTZ), 0
),
pauses AS (
    SELECT
        beat + to_microseconds(CAST(1000000 * interval_seconds AS BIGINT)) AS begun,
        beat,
        lead(beat) OVER (ORDER BY beat) AS next_beat,
        greatest(300, 2.5 * interval_seconds) AS longest
    FROM beats
)
SELECT begun, next_beat AS until
FROM pauses
WHERE epoch(next_beat - beat) > longest
ORDER BY beat;

-- name: report_maintenance
-- The maintenance windows that overlap the time from $start to $end.
SELECT name, service_type, service_name, starts_at, ends_at
FROM maintenance
WHERE starts_at < $end AND ends_at > $start
ORDER BY starts_at, name, service_type, service_name;
