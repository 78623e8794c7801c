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

-- name: slo_lately
-- What the full hours leave out of the last six: of each service how many checks were known and how many of these down
-- after $since and before the full hour $whole_since (`early`), from the full hour $whole_until up to $until (`late`),
-- and after $hour_since up to $until (`hour`). Of the attempts of one check only the newest is counted, which comes
-- within a quarter of an hour; a check made during maintenance of its service is not.
WITH attempts AS (
    SELECT service_type, service_name, timestamp, status, attempt
    FROM integration_health_checks
    WHERE timestamp > $since AND timestamp < CAST($whole_since AS TIMESTAMPTZ) + INTERVAL 15 MINUTE
    UNION ALL
    SELECT service_type, service_name, timestamp, status, attempt
    FROM integration_health_checks
    WHERE timestamp > $hour_since AND timestamp <= $until
),
ordered AS (
    SELECT
        *,
        timestamp > $hour_since AS in_hour,
        lead(attempt) OVER (PARTITION BY service_type, service_name ORDER BY timestamp) AS next_attempt
    FROM attempts
),
checks AS (
    SELECT
        service_type,
        service_name,
        status = 'down' AS bad,
        timestamp < $whole_since AS early,
        timestamp >= $whole_until AS late,
        in_hour
    FROM ordered
    WHERE (next_attempt IS NULL OR next_attempt <= attempt)
        AND status <> 'unknown'
        AND (in_hour OR timestamp < $whole_since)
        AND NOT EXISTS (
            SELECT 1
            FROM maintenance
            WHERE maintenance.service_type = ordered.service_type
                AND maintenance.service_name = ordered.service_name
                AND maintenance.starts_at <= ordered.timestamp AND ordered.timestamp < maintenance.ends_at
        )
)
SELECT
    service_type,
    service_name,
    count(*) FILTER (early AND bad) AS early_bad,
    count(*) FILTER (early) AS early_known,
    count(*) FILTER (late AND bad) AS late_bad,
    count(*) FILTER (late) AS late_known,
    count(*) FILTER (in_hour AND bad) AS hour_bad,
    count(*) FILTER (in_hour) AS hour_known
FROM checks
GROUP BY service_type, service_name;
