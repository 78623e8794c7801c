-- name: bad_time
-- Every monitored service in the order of the configuration: uptime by checks in percent, seconds down and degraded, the
-- status and reason it had most of that time for (down before degraded), and how many incidents went on in the period.
-- uses: check_pieces
WITH held AS (
    SELECT service_type, service_name, status, reason, sum(seconds) AS seconds, sum(checks) AS checks
    FROM check_pieces
    GROUP BY service_type, service_name, status, reason
),
summed AS (
    SELECT
        service_type,
        service_name,
        100.0 * sum(checks) FILTER (status IN ('healthy', 'degraded'))
            / nullif(sum(checks) FILTER (status <> 'unknown'), 0) AS up_percent,
        sum(checks) FILTER (status <> 'unknown') AS known,
        sum(seconds) FILTER (status = 'down') AS down_seconds,
        sum(seconds) FILTER (status = 'degraded') AS degraded_seconds,
        max_by(
            {'status': status, 'reason': reason}, (status = 'down', seconds, reason)
        ) FILTER (status IN ('down', 'degraded') AND seconds > 0) AS worst
    FROM held
    GROUP BY service_type, service_name
),
troubled AS (
    SELECT service_type, service_name, count(*) AS incidents
    FROM integration_incidents
    WHERE coalesce(began_at, created_at) < $until AND coalesce(resolved_at >= $since, true)
    GROUP BY service_type, service_name
)
SELECT
    services.service_type,
    services.service_name,
    CASE WHEN known > 0 THEN coalesce(up_percent, 0) END AS uptime_percent,
    coalesce(down_seconds, 0) AS down_seconds,
    coalesce(degraded_seconds, 0) AS degraded_seconds,
    worst.status AS worst_status,
    worst.reason AS worst_reason,
    coalesce(incidents, 0) AS incidents,
    services.healthy_ms
FROM services
LEFT JOIN summed USING (service_type, service_name)
LEFT JOIN troubled USING (service_type, service_name)
WHERE services.enabled
ORDER BY services.position;
