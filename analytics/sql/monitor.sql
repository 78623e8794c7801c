-- The monitor itself: what it watches by which limits, whether it ran, and how much it has kept.

-- name: monitored
-- Every service of the configuration in its order, also those switched off, with all it is judged by. NULL where the
-- collector that wrote the row was an earlier version; `depends_on` is a JSON list.
SELECT
    service_type,
    service_name,
    enabled,
    probe,
    target,
    interval_seconds,
    stale_after_seconds,
    basis,
    healthy_ms,
    down_ms,
    healthy_above_percent,
    down_below_percent,
    sure_after,
    objective,
    traffic_name,
    runbook,
    CAST(depends_on AS VARCHAR) AS depends_on,
    updated_at
FROM services
ORDER BY position;

-- name: cycles_in_steps
-- The cycles that began in each step of $seconds, from $since until before $until: how many, the checks they made and
-- how many of these failed, and how often they were due, in seconds. A step without a row is one without a cycle.
SELECT
    CAST((epoch_us(started_at) - epoch_us($since)) // (1000000 * $seconds) AS INTEGER) AS step,
    count(DISTINCT cycle_id) AS cycles,
    CAST(sum(checks) AS BIGINT) AS checks,
    CAST(sum(failures) AS BIGINT) AS failures,
    median(interval_seconds) AS interval_seconds
FROM collector_runs
WHERE started_at >= $since AND started_at < $until
GROUP BY step
ORDER BY step;

-- name: kept_rows
-- How many rows each table holds, and since when; `since` is NULL for an empty table and for settings.
SELECT 'integration_health_checks' AS name, count(*) AS kept, min(timestamp) AS since FROM integration_health_checks
UNION ALL
SELECT 'api_metrics', count(*), min(timestamp) FROM api_metrics
UNION ALL
SELECT 'webhook_metrics', count(*), min(timestamp) FROM webhook_metrics
UNION ALL
SELECT 'circuit_events', count(*), min(timestamp) FROM circuit_events
UNION ALL
SELECT 'collector_runs', count(*), min(started_at) FROM collector_runs
UNION ALL
SELECT 'check_hours', count(*), min(hour) FROM check_hours
UNION ALL
SELECT 'status_spans', count(*), min(hour) FROM status_spans
UNION ALL
SELECT 'traffic_hours', count(*), min(hour) FROM traffic_hours
UNION ALL
SELECT 'latency_hours', count(*), min(hour) FROM latency_hours
UNION ALL
SELECT 'service_latency_hours', count(*), min(hour) FROM service_latency_hours
UNION ALL
SELECT 'quota_hours', count(*), min(hour) FROM quota_hours
UNION ALL
SELECT 'integration_incidents', count(*), min(began_at) FROM integration_incidents
UNION ALL
SELECT 'incident_events', count(*), min(timestamp) FROM incident_events
UNION ALL
SELECT 'alert_events', count(*), min(timestamp) FROM alert_events
UNION ALL
SELECT 'notifications', count(*), min(created_at) FROM notifications
UNION ALL
SELECT 'vendor_incidents', count(*), min(started_at) FROM vendor_incidents
UNION ALL
SELECT 'maintenance', count(*), min(starts_at) FROM maintenance
UNION ALL
SELECT 'mutes', count(*), min(created_at) FROM mutes
UNION ALL
SELECT 'reports', count(*), min(period_start) FROM reports
UNION ALL
SELECT 'alert_rule_changes', count(*), min(timestamp) FROM alert_rule_changes
UNION ALL
SELECT 'services', count(*), NULL FROM services;
