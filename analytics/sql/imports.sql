-- What the import of history from other monitors reads and writes. `import_rows` is the table of rows that
-- `analytics.imports` hands over.

-- name: monitored_and_not_imported
-- The services that are monitored here and into which nothing was ever imported: service_type, service_name.
SELECT service_type, service_name FROM services
EXCEPT
SELECT service_type, service_name FROM imports

-- name: imports_of_service
-- What was imported into a service: first_at, last_at, details, id, oldest first.
SELECT first_at, last_at, CAST(details AS VARCHAR) AS details, id
FROM imports
WHERE service_type = $service_type AND service_name = $service_name
ORDER BY last_at

-- name: first_own_check
-- When the collector first checked a service itself: its oldest single row that no import brought, or the oldest hour with
-- a check outside the times that were imported. An hour without one only holds what was found before it.
WITH imported AS (
    SELECT id, date_trunc('hour', first_at) AS since, last_at AS until
    FROM imports
    WHERE service_type = $service_type AND service_name = $service_name
),

known AS (
    SELECT timestamp AS moment FROM integration_health_checks
    WHERE service_type = $service_type AND service_name = $service_name
        AND (run_id IS NULL OR run_id NOT IN (SELECT id FROM imported))
    UNION ALL
    SELECT hour AS moment FROM check_hours
    WHERE service_type = $service_type AND service_name = $service_name AND checks > 0
        AND NOT EXISTS (SELECT 1 FROM imported WHERE hour >= since AND hour <= until)
)

SELECT min(moment) AS first_own FROM known

-- name: import_checks
-- Takes over single checks. Their ids are UUIDs of version 7 that sort by when a check was, like all others.
INSERT INTO integration_health_checks (
    id, timestamp, service_type, service_name, status, response_time_ms, error_count, retry_count, details,
    reason, message, attempt, run_id
)
SELECT
    CAST(substr(moment, 1, 8) || '-' || substr(moment, 9) || '-7' || substr(random, 16) AS UUID), timestamp,
    $service_type, $service_name, status, response_time_ms, error_count, 0, CAST(details AS JSON), reason,
    message, 1, CAST($run_id AS UUID)
FROM (
    SELECT
        *, lpad(lower(hex(epoch_ms(timestamp))), 12, '0') AS moment, CAST(gen_random_uuid() AS VARCHAR) AS random
    FROM import_rows
) AS marked

-- name: import_check_hours
-- Takes over how many checks there were in hours of which no single rows are kept, and how long they held.
INSERT INTO check_hours (hour, service_type, service_name, status, reason, in_maintenance, checks, seconds)
SELECT
    hour, $service_type, $service_name, status, reason, status = 'unknown', CAST(sum(checks) AS INTEGER),
    sum(seconds)
FROM import_rows
GROUP BY hour, status, reason
ORDER BY hour, status, reason

-- name: import_spans
-- Takes over the stretches of those hours.
INSERT INTO status_spans (hour, service_type, service_name, status, reason, begun, ended)
SELECT hour, $service_type, $service_name, status, reason, begun, ended
FROM import_rows
WHERE ended > begun
ORDER BY begun

-- name: import_traffic_hours
-- Takes over those of the checks that were kept as a sum as what was asked of a service and failed.
INSERT INTO traffic_hours (
    hour, service_type, service_name, method, endpoint, reason, requests, errors, retries, unverified,
    unprocessed
)
SELECT
    hour, $service_type, $service_name, NULL, NULL, nullif(reason, 'ok') AS why,
    CAST(sum(put_back) AS INTEGER),
    CAST(coalesce(sum(put_back) FILTER (status = 'down' OR (status = 'degraded' AND reason <> 'slow')), 0) AS INTEGER),
    0, 0, 0
FROM import_rows
WHERE put_back > 0 AND status <> 'unknown' AND $service_type <> 'webhook'
GROUP BY hour, why
ORDER BY hour

-- name: import_requests
-- The same of single checks of which only the hour is kept.
INSERT INTO traffic_hours (
    hour, service_type, service_name, method, endpoint, reason, requests, errors, retries, unverified,
    unprocessed, first_at, last_at
)
SELECT
    hour, $service_type, $service_name, NULL, NULL, nullif(reason, 'ok') AS why, CAST(count(*) AS INTEGER),
    CAST(count(*) FILTER (failed) AS INTEGER), 0, 0, 0, min(timestamp), max(timestamp)
FROM import_rows
WHERE status <> 'unknown' AND $service_type <> 'webhook'
GROUP BY hour, why
ORDER BY hour

-- name: import_latencies
-- How long those took that did not fail.
INSERT INTO latency_hours (hour, service_type, service_name, method, endpoint, latency_ms, requests)
SELECT hour, $service_type, $service_name, NULL, NULL, latency_ms, CAST(count(*) AS INTEGER)
FROM import_rows
WHERE latency_ms IS NOT NULL AND NOT failed AND status <> 'unknown' AND $service_type <> 'webhook'
GROUP BY hour, latency_ms
ORDER BY hour, latency_ms

-- name: import_service_latencies
-- The same without endpoints, of which there are none.
INSERT INTO service_latency_hours (hour, service_type, service_name, latency_ms, requests)
SELECT hour, $service_type, $service_name, latency_ms, CAST(count(*) AS INTEGER)
FROM import_rows
WHERE latency_ms IS NOT NULL AND NOT failed AND status <> 'unknown' AND $service_type <> 'webhook'
GROUP BY hour, latency_ms
ORDER BY hour, latency_ms

-- name: import_maintenance
-- Takes over when the other monitor was told to look away.
INSERT INTO maintenance (id, name, service_type, service_name, starts_at, ends_at)
SELECT CAST(id AS UUID), $name, $service_type, $service_name, starts_at, ends_at
FROM import_rows

-- name: forget_import
-- Makes room for a newer state of the same import.
DELETE FROM imports WHERE id = $id

-- name: note_import
-- Keeps what an import has brought of a service so far.
INSERT INTO imports (
    id, made_at, kind, source, service_type, service_name, first_at, last_at, checks, details
)
VALUES (
    $id, $made_at, $kind, $source, $service_type, $service_name, $first_at, $last_at, $checks,
    CAST($details AS JSON)
)
