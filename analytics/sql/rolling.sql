-- Rolling up: what there is to do, and doing it. The columns come from the parts of rollups.sql.

-- name: rollup_state
-- Up to when hours are finished, since when single rows are complete, and the longest interval in seconds; one row,
-- with how many rows the state has.
SELECT
    max(rolled_until) AS rolled_until,
    max(raw_since) AS raw_since,
    (SELECT max(interval_seconds) FROM services) AS longest_seconds,
    count(*) AS states
FROM rollup_state;

-- name: begin_rollups
-- The row of rollup_state. It is there before anything is rolled up, so that two who do that at once collide in it.
INSERT INTO rollup_state VALUES (NULL, NULL);

-- name: finish_hours
-- Says that the hours before $until are finished.
UPDATE rollup_state SET rolled_until = greatest(coalesce(rolled_until, $until), $until);

-- name: keep_raw_since
-- Says that single rows before $since are not complete any more.
UPDATE rollup_state SET raw_since = greatest(coalesce(raw_since, $since), $since);

-- name: first_row_to_roll_up
-- The time of the first single row at or after $since that belongs into the rollups; NULL when there is none.
SELECT min(first) AS first
FROM (
    SELECT min(timestamp) AS first FROM integration_health_checks WHERE timestamp >= $since
    UNION ALL
    SELECT min(timestamp) FROM api_metrics WHERE timestamp >= $since
    UNION ALL
    SELECT min(timestamp) FROM webhook_metrics WHERE timestamp >= $since
) AS tables;

-- name: reopen_hours
-- Says that the hours from $since on are not finished.
UPDATE rollup_state SET rolled_until = least(rolled_until, $since);

-- name: runs_around
-- How many runs of collectors ended before $now, and how many after it.
SELECT
    count(*) FILTER (finished_at <= $now) AS before,
    count(*) FILTER (finished_at > $now) AS after
FROM collector_runs;

-- name: left_open
-- Which services of the configuration have checks in the hours from $since until just before $until, and were not known
-- to be anything when these began, or were in the middle of a check.
WITH came AS (
    SELECT service_type, service_name, min_by(attempt, timestamp) AS first_attempt
    FROM integration_health_checks
    WHERE timestamp >= $since AND timestamp < $until
    GROUP BY service_type, service_name
),
known AS (
    SELECT DISTINCT service_type, service_name
    FROM status_spans
    WHERE hour >= $since - INTERVAL 1 HOUR AND hour < $since AND ended >= $since
)
SELECT service_type, service_name
FROM came
SEMI JOIN services USING (service_type, service_name)
WHERE first_attempt > 1 OR (service_type, service_name) NOT IN (SELECT (service_type, service_name) FROM known)
ORDER BY service_type, service_name;

-- name: intervals
-- The longest interval of each service of the configuration in seconds.
SELECT service_type, service_name, max(interval_seconds) AS seconds
FROM services
GROUP BY service_type, service_name;

-- name: waiting_late_hours
-- The finished hours for which rows came later, and of which service its checks, oldest first.
SELECT DISTINCT hour, service_type, service_name
FROM late_hours
WHERE hour < (SELECT max(rolled_until) FROM rollup_state)
ORDER BY hour, service_type, service_name;

-- name: finished_until
-- Up to when hours are finished; NULL when none is.
SELECT max(rolled_until) AS rolled_until FROM rollup_state;

-- name: mark_late_hours
-- Takes $hours into late_hours with the services in the same places, also those that wait there: whoever makes these
-- anew at this moment does not see what is written now, and forgets only what it saw.
INSERT INTO late_hours
SELECT
    unnest(CAST($hours AS TIMESTAMPTZ[])),
    unnest(CAST($types AS TEXT[])),
    unnest(CAST($names AS TEXT[]));

-- name: forget_late_hours
-- The hours from $since until just before $until are as they should be.
DELETE FROM late_hours WHERE hour >= $since AND hour < $until;

-- name: clear_check_hours
-- Makes room for the hours from $since until just before $until, of the $services (each type/name; NULL is all).
DELETE FROM check_hours
WHERE hour >= $since AND hour < $until
    AND (CAST($services AS TEXT[]) IS NULL
        OR list_contains(CAST($services AS TEXT[]), service_type || '/' || service_name));

-- name: clear_status_spans
-- The same.
DELETE FROM status_spans
WHERE hour >= $since AND hour < $until
    AND (CAST($services AS TEXT[]) IS NULL
        OR list_contains(CAST($services AS TEXT[]), service_type || '/' || service_name));

-- name: clear_traffic_hours
-- The same.
DELETE FROM traffic_hours
WHERE hour >= $since AND hour < $until
    AND (CAST($services AS TEXT[]) IS NULL
        OR list_contains(CAST($services AS TEXT[]), service_type || '/' || service_name));

-- name: clear_latency_hours
-- The same.
DELETE FROM latency_hours
WHERE hour >= $since AND hour < $until
    AND (CAST($services AS TEXT[]) IS NULL
        OR list_contains(CAST($services AS TEXT[]), service_type || '/' || service_name));

-- name: clear_quota_hours
-- The same.
DELETE FROM quota_hours
WHERE hour >= $since AND hour < $until
    AND (CAST($services AS TEXT[]) IS NULL
        OR list_contains(CAST($services AS TEXT[]), 'api/' || service_name));

-- name: clear_service_latency_hours
-- The same.
DELETE FROM service_latency_hours
WHERE hour >= $since AND hour < $until
    AND (CAST($services AS TEXT[]) IS NULL
        OR list_contains(CAST($services AS TEXT[]), service_type || '/' || service_name));

-- name: fill_check_hours
-- Adds what the single rows of the first edge say of the $services (NULL is all). All five are in an order in which
-- their columns are small in the file, and in which the hours of a period lie together.
-- uses: check_edges
INSERT INTO check_hours
SELECT hour, service_type, service_name, status, reason, in_maintenance, checks, seconds
FROM check_edges
WHERE CAST($services AS TEXT[]) IS NULL
    OR list_contains(CAST($services AS TEXT[]), service_type || '/' || service_name)
ORDER BY hour, service_type, service_name, status, reason, in_maintenance;

-- name: fill_status_spans
-- The same.
-- uses: span_edges
INSERT INTO status_spans
SELECT hour, service_type, service_name, status, reason, begun, ended
FROM span_edges
WHERE CAST($services AS TEXT[]) IS NULL
    OR list_contains(CAST($services AS TEXT[]), service_type || '/' || service_name)
ORDER BY hour, service_type, service_name, begun;

-- name: fill_traffic_hours
-- The same.
-- uses: traffic_edges
INSERT INTO traffic_hours
SELECT
    hour, service_type, service_name, method, endpoint, reason, requests, errors, retries, unverified, unprocessed,
    first_at, last_at
FROM traffic_edges
WHERE CAST($services AS TEXT[]) IS NULL
    OR list_contains(CAST($services AS TEXT[]), service_type || '/' || service_name)
ORDER BY hour, service_type, service_name, endpoint, method, reason;

-- name: fill_latency_hours
-- The same. With the latency first the file is a quarter smaller than by service and endpoint.
-- uses: latency_edges
INSERT INTO latency_hours
SELECT hour, service_type, service_name, method, endpoint, latency_ms, requests
FROM latency_edges
WHERE CAST($services AS TEXT[]) IS NULL
    OR list_contains(CAST($services AS TEXT[]), service_type || '/' || service_name)
ORDER BY hour, latency_ms, service_type, service_name, endpoint, method;

-- name: fill_quota_hours
-- The same.
-- uses: quota_edges
INSERT INTO quota_hours
SELECT hour, service_name, client, quota, used, quota_limit, resets_at, used_percent, told_at
FROM quota_edges
WHERE CAST($services AS TEXT[]) IS NULL
    OR list_contains(CAST($services AS TEXT[]), 'api/' || service_name)
ORDER BY hour, service_name, client, quota, told_at;

-- name: fill_service_latency_hours
-- Sums up latency_hours over endpoints, for the hours from $since until just before $until.
INSERT INTO service_latency_hours
SELECT hour, service_type, service_name, latency_ms, sum(requests) AS requests
FROM latency_hours
WHERE hour >= $since AND hour < $until
    AND (CAST($services AS TEXT[]) IS NULL
        OR list_contains(CAST($services AS TEXT[]), service_type || '/' || service_name))
GROUP BY hour, service_type, service_name, latency_ms
ORDER BY hour, latency_ms, service_type, service_name;
