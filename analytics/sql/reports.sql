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
-- The time from $start to $end as stretches of one status a service, in order; what is missing between two of them was
-- not monitored. How long a check holds is said in rollups.sql.
-- uses: span_pieces
WITH held AS (
    SELECT service_type, service_name, status, greatest(begun, $start) AS begun, least(ended, $end) AS until
    FROM span_pieces
    WHERE begun < $end AND ended > $start
),
marked AS (
    SELECT
        *,
        CAST(
            status IS DISTINCT FROM lag(status) OVER in_order
            OR begun > lag(until) OVER in_order + INTERVAL 1 SECOND
        AS INTEGER) AS changed
    FROM held
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

-- part: report_times
-- How many requests of each service took how long, in steps of $step microseconds from $start on (0: all is one step).
-- uses: service_latency_pieces
SELECT
    service_type,
    service_name,
    CASE WHEN $step = 0 THEN 0 ELSE greatest(0, epoch_us(hour) - epoch_us($start)) // $step END AS step,
    latency_ms,
    CAST(sum(requests) AS BIGINT) AS requests
FROM service_latency_pieces
GROUP BY ALL

-- part: report_percentiles
-- P50, P95 and P99 of them in ms, as quantile_cont has them: between the times of two ranks.
-- uses: report_times
WITH ranked AS (
    SELECT
        service_type,
        service_name,
        step,
        latency_ms,
        sum(requests) OVER (PARTITION BY service_type, service_name, step ORDER BY latency_ms) AS reached,
        sum(requests) OVER (PARTITION BY service_type, service_name, step) - 1 AS last
    FROM report_times
),
between_ranks AS (
    SELECT
        service_type,
        service_name,
        step,
        share,
        share * any_value(last) % 100 / 100.0 AS fraction,
        min(latency_ms) FILTER (reached > share * last // 100) AS fastest,
        min(latency_ms) FILTER (reached > least(share * last // 100 + 1, last)) AS slowest
    FROM ranked
    CROSS JOIN (VALUES (50), (95), (99)) AS shares (share)
    GROUP BY service_type, service_name, step, share
)
SELECT
    service_type,
    service_name,
    step,
    max(fastest + fraction * (slowest - fastest)) FILTER (share = 50) AS p50_ms,
    max(fastest + fraction * (slowest - fastest)) FILTER (share = 95) AS p95_ms,
    max(fastest + fraction * (slowest - fastest)) FILTER (share = 99) AS p99_ms
FROM between_ranks
GROUP BY service_type, service_name, step

-- name: report_traffic
-- What went to and came from each service: requests, errors and retries as counts, and P50, P95 and P99 of those that
-- did not fail, in ms. What a request is, is said in rollups.sql.
-- uses: traffic_pieces, report_percentiles
WITH counted AS (
    SELECT
        service_type,
        service_name,
        CAST(sum(requests) AS BIGINT) AS requests,
        CAST(sum(errors) AS BIGINT) AS errors,
        CAST(sum(retries) AS BIGINT) AS retries
    FROM traffic_pieces
    GROUP BY service_type, service_name
)
SELECT service_type, service_name, requests, errors, retries, p50_ms, p95_ms, p99_ms
FROM counted
LEFT JOIN report_percentiles USING (service_type, service_name);

-- name: report_latency
-- P95 of each API, a row a step of $step microseconds from $start on that has any; hours belong to the step they begin in.
-- uses: report_percentiles
SELECT service_name, make_timestamptz(epoch_us($start) + step * $step) AS step_start, p95_ms
FROM report_percentiles
WHERE service_type = 'api'
ORDER BY service_name, step_start;

-- name: report_latency_of_moments
-- The same for steps under an hour, exactly, from single rows.
-- uses: edge_requests
SELECT
    service_name,
    make_timestamptz(epoch_us($start) + (epoch_us(timestamp) - epoch_us($start)) // $step * $step) AS step_start,
    quantile_cont(latency_ms, 0.95) AS p95_ms
FROM edge_requests
WHERE service_type = 'api' AND NOT failed AND latency_ms IS NOT NULL
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
