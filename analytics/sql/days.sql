-- name: days
-- What each of the $services that are monitored was on each of the days that begin at $begins, the last one up to
-- $until: a row a service and day with a check, in the order of the configuration. An hour belongs to the day in which
-- most of it lies.
-- uses: chosen_checks, chosen_services
WITH days AS (SELECT unnest(CAST($begins AS TIMESTAMPTZ[])) AS begun)

SELECT
    found.service_type,
    found.service_name,
    days.begun,
    CAST(sum(found.checks) AS BIGINT) AS checks,
    CAST(coalesce(sum(found.checks) FILTER (found.status <> 'unknown'), 0) AS BIGINT) AS known_checks,
    CAST(coalesce(sum(found.checks) FILTER (found.status = 'down'), 0) AS BIGINT) AS down_checks,
    coalesce(sum(found.seconds) FILTER (found.status = 'healthy'), 0.0) AS healthy_seconds,
    coalesce(sum(found.seconds) FILTER (found.status = 'degraded'), 0.0) AS degraded_seconds,
    coalesce(sum(found.seconds) FILTER (found.status = 'down'), 0.0) AS down_seconds,
    coalesce(sum(found.seconds) FILTER (found.status = 'unknown'), 0.0) AS unknown_seconds
FROM chosen_checks AS found
INNER JOIN chosen_services USING (service_type, service_name)
ASOF INNER JOIN days ON found.hour + INTERVAL 30 MINUTE >= days.begun
GROUP BY found.service_type, found.service_name, days.begun
ORDER BY min(chosen_services.position), found.service_type, found.service_name, days.begun;
