-- name: newest_run
-- The newest heartbeat of the collector up to $now: one row, or none when it never ran.
SELECT collector, version, started_at, finished_at, interval_seconds, services, checks, failures
FROM collector_runs
WHERE finished_at = (SELECT max(finished_at) FROM collector_runs WHERE finished_at <= $now)
LIMIT 1;

-- name: latest_heartbeat
-- When the collector's newest heartbeat ended by its own clock, also when that is after any other clock; NULL for none.
SELECT max(finished_at) AS finished_at FROM collector_runs;

-- name: services
-- What is monitored, in the order of the configuration.
SELECT
    service_type,
    service_name,
    probe,
    target,
    interval_seconds,
    stale_after_seconds,
    healthy_ms,
    down_ms,
    runbook
FROM services
WHERE enabled
ORDER BY position;

-- name: longest_reach
-- The time that $checks checks of every monitored service take, or in which its newest one still says something,
-- whichever is longer: the longest of all, in seconds. NULL when nothing is monitored.
SELECT max(greatest(stale_after_seconds, $checks * interval_seconds)) AS seconds
FROM services
WHERE enabled;

-- name: recent_checks
-- The last $checks checks of each service after $since up to $now, oldest first. Of the attempts of one check
-- (a failure that is being confirmed) only the newest is here: it carries the verdict. `begun` is the time of
-- the first of them.
WITH attempts AS (
    SELECT
        service_type,
        service_name,
        timestamp,
        status,
        reason,
        message,
        response_time_ms,
        CAST(success_rate AS DOUBLE) AS success_rate,
        attempt,
        lead(attempt) OVER newest_last AS next_attempt,
        coalesce(lag(timestamp, attempt - 1) OVER newest_last, timestamp) AS begun
    FROM integration_health_checks
    WHERE timestamp > $since AND timestamp <= $now
    WINDOW newest_last AS (PARTITION BY service_type, service_name ORDER BY timestamp)
)
SELECT
    service_type,
    service_name,
    timestamp,
    begun,
    status,
    reason,
    message,
    response_time_ms,
    success_rate,
    attempt
FROM attempts
WHERE next_attempt IS NULL OR next_attempt <= attempt
QUALIFY row_number() OVER (PARTITION BY service_type, service_name ORDER BY timestamp DESC) <= $checks
ORDER BY service_type, service_name, timestamp;
