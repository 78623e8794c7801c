-- name: hours_of_checks
-- What each of the $services that are monitored was in each hour: a row a service and hour with a check, in the order of
-- the configuration and of time. Names of $services are from $first_name to $last_name (NULL for all): where those are
-- few, most need not be read.
-- uses: chosen_checks, chosen_services
SELECT
    found.service_type,
    found.service_name,
    found.hour,
    CAST(sum(found.checks) AS BIGINT) AS checks,
    CAST(coalesce(sum(found.checks) FILTER (found.status <> 'unknown'), 0) AS BIGINT) AS known_checks,
    CAST(coalesce(sum(found.checks) FILTER (found.status = 'down'), 0) AS BIGINT) AS down_checks,
    coalesce(sum(found.seconds) FILTER (found.status = 'healthy'), 0.0) AS healthy_seconds,
    coalesce(sum(found.seconds) FILTER (found.status = 'degraded'), 0.0) AS degraded_seconds,
    coalesce(sum(found.seconds) FILTER (found.status = 'down'), 0.0) AS down_seconds,
    coalesce(sum(found.seconds) FILTER (found.status = 'unknown'), 0.0) AS unknown_seconds
FROM chosen_checks AS found
INNER JOIN chosen_services USING (service_type, service_name)
WHERE $first_name IS NULL OR found.service_name BETWEEN $first_name AND $last_name
GROUP BY found.service_type, found.service_name, found.hour
ORDER BY min(chosen_services.position), found.service_type, found.service_name, found.hour;
