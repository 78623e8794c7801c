-- name: uptime
-- Every monitored service from $since until just before $until, in the order of the configuration. Counts are of
-- checks, of several attempts the last one; degraded is up, unknown is neither. The percentages are of the known
-- checks, with maintenance and without; NULL when there is none. The seconds add up to the period: what an attempt
-- said holds until the next one, and no longer than it says something (`stale_after_seconds`).
WITH monitored AS (
    SELECT service_type, service_name, position, stale_after_seconds FROM services WHERE enabled
),

looks AS (
    SELECT
        checks.service_type,
        checks.service_name,
        checks.timestamp,
        checks.status,
        checks.timestamp >= $since AND coalesce(lead(checks.attempt) OVER next_one <= checks.attempt, true) AS counts,
        greatest(
            0.0,
            epoch(least(
                checks.timestamp + to_seconds(monitored.stale_after_seconds),
                coalesce(lead(checks.timestamp) OVER next_one, $until),
                $until
            )) - epoch(greatest(checks.timestamp, $since))
        ) AS seconds
    FROM integration_health_checks AS checks
    INNER JOIN monitored USING (service_type, service_name)
    WHERE checks.timestamp >= $since - to_seconds((SELECT coalesce(max(stale_after_seconds), 0) FROM monitored))
        AND checks.timestamp < $until
    WINDOW next_one AS (PARTITION BY checks.service_type, checks.service_name ORDER BY checks.timestamp)
),

marked AS (
    SELECT
        looks.*,
        EXISTS (
            SELECT 1
            FROM maintenance
            WHERE maintenance.service_type = looks.service_type
                AND maintenance.service_name = looks.service_name
                AND looks.timestamp >= maintenance.starts_at
                AND looks.timestamp < maintenance.ends_at
        ) AS announced
    FROM looks
),

counted AS (
    SELECT
        service_type,
        service_name,
        count(*) FILTER (counts) AS checks,
        count(*) FILTER (counts AND status = 'healthy') AS healthy,
        count(*) FILTER (counts AND status = 'degraded') AS degraded,
        count(*) FILTER (counts AND status = 'down') AS down,
        count(*) FILTER (counts AND status = 'unknown') AS unknown,
        count(*) FILTER (counts AND announced) AS in_maintenance,
        count(*) FILTER (counts AND announced AND status IN ('healthy', 'degraded')) AS up_in_maintenance,
        count(*) FILTER (counts AND announced AND status = 'down') AS down_in_maintenance,
        sum(seconds) FILTER (status IN ('healthy', 'degraded')) AS up_seconds,
        sum(seconds) FILTER (status = 'down') AS down_seconds
    FROM marked
    GROUP BY service_type, service_name
)

SELECT
    monitored.service_type,
    monitored.service_name,
    coalesce(counted.checks, 0) AS checks,
    coalesce(counted.healthy, 0) AS healthy,
    coalesce(counted.degraded, 0) AS degraded,
    coalesce(counted.down, 0) AS down,
    coalesce(counted.unknown, 0) AS unknown,
    coalesce(counted.in_maintenance, 0) AS in_maintenance,
    100.0 * (counted.healthy + counted.degraded)
        / nullif(counted.healthy + counted.degraded + counted.down, 0) AS uptime_percent,
    100.0 * (counted.healthy + counted.degraded - counted.up_in_maintenance)
        / nullif(
            counted.healthy + counted.degraded + counted.down
            - counted.up_in_maintenance - counted.down_in_maintenance,
            0
        ) AS uptime_percent_without_maintenance,
    coalesce(counted.up_seconds, 0.0) AS up_seconds,
    coalesce(counted.down_seconds, 0.0) AS down_seconds,
    epoch($until) - epoch($since) - coalesce(counted.up_seconds, 0.0) - coalesce(counted.down_seconds, 0.0)
        AS unknown_seconds
FROM monitored
LEFT JOIN counted USING (service_type, service_name)
ORDER BY monitored.position;
