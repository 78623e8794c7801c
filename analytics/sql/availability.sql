-- part: chosen_checks
-- Of check_pieces the rows of the $services (each type/name; NULL is all).
-- A single one is told by its name, too, so that little else is read.
-- uses: check_pieces, wanted_services
SELECT *
FROM check_pieces
WHERE ($services IS NULL OR hash(service_type, service_name) IN (SELECT wanted FROM wanted_services))
    AND (coalesce(len($services), 0) <> 1 OR service_name = substr($services[1], strpos($services[1], '/') + 1));

-- part: chosen_services
-- What is monitored of the $services (each type/name; NULL is all).
SELECT *
FROM services
WHERE enabled
    AND (
        CAST($services AS VARCHAR[]) IS NULL
        OR list_contains(CAST($services AS VARCHAR[]), service_type || '/' || service_name)
    );

-- name: availability
-- How many checks of the $services from $since until just before $until found what, and for how many seconds it held:
-- a row a service, a type or for all, as $by says. Of several attempts the last one counts; degraded is up, unknown is
-- neither. The percentages are of the known checks, with maintenance and without; NULL when there is none. In the
-- order of the configuration; what is monitored has a row without a check, too, what no longer is stands at the end.
-- uses: chosen_checks, chosen_services
WITH counted AS (
    SELECT
        service_type,
        service_name,
        sum(checks) AS checks,
        sum(checks) FILTER (status = 'healthy') AS healthy,
        sum(checks) FILTER (status = 'degraded') AS degraded,
        sum(checks) FILTER (status = 'down') AS down,
        sum(checks) FILTER (status = 'unknown') AS unknown,
        sum(checks) FILTER (in_maintenance) AS in_maintenance,
        sum(checks) FILTER (status IN ('healthy', 'degraded') AND NOT in_maintenance) AS up_outside,
        sum(checks) FILTER (status = 'down' AND NOT in_maintenance) AS down_outside,
        sum(seconds) FILTER (status IN ('healthy', 'degraded')) AS up_seconds,
        sum(seconds) FILTER (status = 'degraded') AS degraded_seconds,
        sum(seconds) FILTER (status = 'down') AS down_seconds,
        sum(seconds) FILTER (status = 'unknown') AS unknown_seconds,
        greatest(0.0, epoch($until) - epoch($since) - sum(seconds)) AS gap_seconds
    FROM chosen_checks
    GROUP BY service_type, service_name
),

grouped AS (
    SELECT
        CASE WHEN $by <> 'all' THEN service_type END AS service_type,
        CASE WHEN $by = 'service' THEN service_name END AS service_name,
        min(monitored.position) AS position,
        count(*) AS services,
        sum(checks) AS checks,
        coalesce(sum(healthy), 0) AS healthy,
        coalesce(sum(degraded), 0) AS degraded,
        coalesce(sum(down), 0) AS down,
        sum(unknown) AS unknown,
        sum(in_maintenance) AS in_maintenance,
        coalesce(sum(up_outside), 0) AS up_outside,
        coalesce(sum(down_outside), 0) AS down_outside,
        sum(up_seconds) AS up_seconds,
        sum(degraded_seconds) AS degraded_seconds,
        sum(down_seconds) AS down_seconds,
        sum(unknown_seconds) AS unknown_seconds,
        sum(coalesce(gap_seconds, epoch($until) - epoch($since))) AS gap_seconds
    FROM (SELECT service_type, service_name, position FROM chosen_services) AS monitored
    FULL JOIN counted USING (service_type, service_name)
    GROUP BY ALL
)

SELECT
    service_type,
    service_name,
    position IS NOT NULL AS monitored,
    services,
    CAST(coalesce(checks, 0) AS BIGINT) AS checks,
    CAST(healthy AS BIGINT) AS healthy,
    CAST(degraded AS BIGINT) AS degraded,
    CAST(down AS BIGINT) AS down,
    CAST(coalesce(unknown, 0) AS BIGINT) AS unknown,
    CAST(coalesce(in_maintenance, 0) AS BIGINT) AS in_maintenance,
    100.0 * (healthy + degraded) / nullif(healthy + degraded + down, 0) AS uptime_percent,
    100.0 * up_outside / nullif(up_outside + down_outside, 0) AS uptime_percent_without_maintenance,
    coalesce(up_seconds, 0.0) AS up_seconds,
    coalesce(degraded_seconds, 0.0) AS degraded_seconds,
    coalesce(down_seconds, 0.0) AS down_seconds,
    coalesce(unknown_seconds, 0.0) AS unknown_seconds,
    gap_seconds
FROM grouped
ORDER BY position NULLS LAST, service_type, service_name;

-- name: reasons
-- Why each of the $services was as it was from $since until just before $until: a row a status and reason, with the
-- number of checks that said so and the seconds it held. In the order of the configuration, the longest first.
-- uses: chosen_checks, chosen_services
SELECT
    found.service_type,
    found.service_name,
    found.status,
    found.reason,
    CAST(sum(found.checks) AS BIGINT) AS checks,
    sum(found.seconds) AS seconds
FROM chosen_checks AS found
LEFT JOIN chosen_services USING (service_type, service_name)
GROUP BY found.service_type, found.service_name, found.status, found.reason
ORDER BY min(chosen_services.position) NULLS LAST, found.service_type, found.service_name, seconds DESC, found.reason;

-- name: availability_steps
-- How many checks of the $services found what in each step of $step microseconds (whole hours, counted from 1970 on in
-- UTC), and for how many seconds that held: a row a service and step, by time. What says nothing has no row.
-- uses: chosen_checks
SELECT
    make_timestamptz(epoch_us(hour) // $step * $step) AS step_start,
    service_type,
    service_name,
    CAST(sum(checks) AS BIGINT) AS checks,
    CAST(coalesce(sum(checks) FILTER (status IN ('healthy', 'degraded')), 0) AS BIGINT) AS up,
    CAST(coalesce(sum(checks) FILTER (status = 'down'), 0) AS BIGINT) AS down,
    coalesce(sum(seconds) FILTER (status = 'degraded'), 0.0) AS degraded_seconds,
    coalesce(sum(seconds) FILTER (status = 'down'), 0.0) AS down_seconds
FROM chosen_checks
GROUP BY step_start, service_type, service_name
ORDER BY step_start, service_type, service_name;
