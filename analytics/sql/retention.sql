-- What is forgotten, and when: single rows when their hours are rolled up and old enough, everything else after more
-- than a year. What is not over is never old.

-- name: newest_run_before
-- When the newest run that ended at or before $moment did so; NULL when there is none.
SELECT max(finished_at) AS finished_at FROM collector_runs WHERE finished_at <= $moment;

-- name: first_single_row
-- The time of the first single row at or after $since; NULL when there is none.
SELECT min(first) AS first
FROM (
    SELECT min(timestamp) AS first FROM integration_health_checks WHERE timestamp >= $since
    UNION ALL
    SELECT min(timestamp) FROM api_metrics WHERE timestamp >= $since
    UNION ALL
    SELECT min(timestamp) FROM webhook_metrics WHERE timestamp >= $since
    UNION ALL
    SELECT min(timestamp) FROM circuit_events WHERE timestamp >= $since
    UNION ALL
    SELECT min(started_at) FROM collector_runs WHERE started_at >= $since
) AS tables;

-- name: drop_checks
-- Deletes what lies from $since until just before $until.
DELETE FROM integration_health_checks WHERE timestamp >= $since AND timestamp < $until;

-- name: drop_calls
-- The same.
DELETE FROM api_metrics WHERE timestamp >= $since AND timestamp < $until;

-- name: drop_deliveries
-- The same.
DELETE FROM webhook_metrics WHERE timestamp >= $since AND timestamp < $until;

-- name: drop_circuit_events
-- The same.
DELETE FROM circuit_events WHERE timestamp >= $since AND timestamp < $until;

-- name: drop_runs
-- The same.
DELETE FROM collector_runs WHERE started_at >= $since AND started_at < $until;

-- name: drop_old_check_hours
-- Deletes what lies before $before.
DELETE FROM check_hours WHERE hour < $before;

-- name: drop_old_status_spans
-- The same.
DELETE FROM status_spans WHERE hour < $before;

-- name: drop_old_traffic_hours
-- The same.
DELETE FROM traffic_hours WHERE hour < $before;

-- name: drop_old_latency_hours
-- The same.
DELETE FROM latency_hours WHERE hour < $before;

-- name: drop_old_service_latency_hours
-- The same.
DELETE FROM service_latency_hours WHERE hour < $before;

-- name: drop_old_quota_hours
-- The same.
DELETE FROM quota_hours WHERE hour < $before;

-- name: drop_old_incident_events
-- Deletes the timelines of incidents that were over before $before.
DELETE FROM incident_events
WHERE incident_id IN (SELECT id FROM integration_incidents WHERE resolved_at < $before);

-- name: drop_old_incidents
-- Deletes the incidents that were over before $before.
DELETE FROM integration_incidents WHERE resolved_at < $before;

-- name: drop_old_notifications
-- Deletes the messages of before $before that wait for nothing.
DELETE FROM notifications WHERE created_at < $before AND state <> 'pending';

-- name: drop_old_alert_events
-- Deletes the changes of alerts before $before.
DELETE FROM alert_events WHERE timestamp < $before;

-- name: drop_old_reports
-- Deletes the word that a report was made before $before; its files stay.
DELETE FROM reports WHERE made_at < $before;

-- name: drop_old_vendor_incidents
-- Deletes what vendors said was over before $before.
DELETE FROM vendor_incidents WHERE resolved_at < $before;

-- name: drop_old_mutes
-- Deletes the mutes that ended before $before.
DELETE FROM mutes WHERE until < $before;

-- name: drop_old_maintenance
-- Deletes the maintenance that ended before $before.
DELETE FROM maintenance WHERE ends_at < $before;
