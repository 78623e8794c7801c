-- part: incidents_of_period
-- The incidents that were known and going on at some time at or after $since and before $until.
SELECT *
FROM integration_incidents
WHERE coalesce(began_at, created_at) < $until
    AND created_at < $until
    AND (resolved_at IS NULL OR resolved_at > $since)

-- name: recorded_incidents
-- uses: incidents_of_period
-- Those incidents as they were at $until, oldest first. `relapses` is a JSON list of moments.
SELECT
    id,
    service_type,
    service_name,
    coalesce(began_at, created_at) AS began_at,
    created_at,
    severity,
    title,
    rule,
    reason,
    CASE WHEN resolved_at <= $until THEN resolved_at END AS resolved_at,
    CASE WHEN acknowledged_at <= $until THEN acknowledged_at END AS acknowledged_at,
    details ->> '$.relapses' AS relapses
FROM incidents_of_period
ORDER BY began_at, created_at, id;

-- name: recorded_messages
-- uses: incidents_of_period
-- What was written to the outbox at or after $since and up to $until, whatever became of it, and before that about
-- the incidents of the period: that something began, or is over. In the order it was written.
SELECT created_at, channel, CAST(payload AS VARCHAR) AS payload, incident_id
FROM notifications
WHERE action IN ('trigger', 'resolve')
    AND created_at <= $until
    AND (created_at >= $since OR incident_id IN (SELECT id FROM incidents_of_period))
ORDER BY created_at, id;

-- name: recorded_alert_changes
-- uses: incidents_of_period
-- When an alert of one of those incidents began to fire or ended, up to $until, oldest first.
SELECT timestamp, incident_id, rule, new_state = 'firing' AS fires
FROM alert_events
WHERE timestamp <= $until AND incident_id IN (SELECT id FROM incidents_of_period)
ORDER BY timestamp, id;

-- name: recorded_acknowledgements
-- uses: incidents_of_period
-- When somebody took one of those incidents, up to $until, oldest first.
SELECT incident_id, timestamp
FROM incident_events
WHERE kind = 'acknowledged' AND timestamp <= $until AND incident_id IN (SELECT id FROM incidents_of_period)
ORDER BY timestamp, id;
