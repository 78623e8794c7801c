-- name: slo_services
-- The objective (percent of good checks) of each of the $services that are monitored, in the order of the
-- configuration, as the collector wrote it beside them; and whether it wrote the alert rules, too.
-- uses: chosen_services
SELECT service_type, service_name, objective, (SELECT count(*) > 0 FROM alert_rules) AS rules_written
FROM chosen_services
ORDER BY position;

-- name: slo_hours
-- How many checks of each of the $services were known, and how many of these down, in each hour from $since until just
-- before $until: `starts` are the hours (seconds since 1970) that have any, in order, `known` and `bad` what belongs
-- to each of them, `seconds` for how long the known ones held in all. Checks made during maintenance do not count.
-- uses: chosen_checks
WITH hours AS (
    SELECT
        service_type,
        service_name,
        CAST(epoch(hour) AS BIGINT) AS start,
        CAST(sum(checks) AS BIGINT) AS known,
        CAST(coalesce(sum(checks) FILTER (status = 'down'), 0) AS BIGINT) AS bad,
        sum(seconds) AS seconds
    FROM chosen_checks
    WHERE status <> 'unknown' AND NOT in_maintenance
    GROUP BY service_type, service_name, hour
)

SELECT
    service_type,
    service_name,
    list(start ORDER BY start) AS starts,
    list(known ORDER BY start) AS known,
    list(bad ORDER BY start) AS bad,
    sum(seconds) AS seconds
FROM hours
GROUP BY service_type, service_name;
