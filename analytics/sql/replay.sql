-- name: replay_begin
-- From when on to look so that what was going on at $since is known from its begin: `begun` is the begin of the
-- oldest incident that was open at $begin or had ended within two hours before, NULL without one.
SELECT min(coalesce(began_at, created_at)) AS begun
FROM integration_incidents
WHERE coalesce(began_at, created_at) < $begin AND created_at <= $begin
    AND (resolved_at IS NULL OR resolved_at > $begin - INTERVAL 2 HOUR);

-- name: replay_services
-- What is monitored, in configured order, with what the alert rules need beside the limits.
SELECT service_type, service_name, interval_seconds, depends_on, runbook, traffic_name
FROM services
WHERE enabled
ORDER BY position, service_type, service_name;

-- name: replay_parts
-- What was written together after $since up to $until, in the order in which it was written: when, in microseconds
-- since 1970, and whether a cycle ended with it.
SELECT epoch_us(finished_at) AS done, complete
FROM collector_runs
WHERE finished_at > $since AND finished_at <= $until
ORDER BY finished_at, started_at, part, id;

-- name: replay_checks
-- The checks of those parts and of what is monitored: the places of part and service in the two queries above, those
-- of status and reason in $statuses and $reasons (0 is one that is not among them); times in microseconds since 1970;
-- `days_left` is that of a certificate. A missing number is -1.
WITH parts AS (
    SELECT id, row_number() OVER (ORDER BY finished_at, started_at, part, id) - 1 AS place
    FROM collector_runs
    WHERE finished_at > $since AND finished_at <= $until
),
known AS (
    SELECT
        service_type,
        service_name,
        row_number() OVER (ORDER BY position, service_type, service_name) - 1 AS place
    FROM services
    WHERE enabled
)
SELECT
    parts.place AS part,
    known.place AS service,
    epoch_us(checks.timestamp) AS time,
    coalesce(list_position($statuses, checks.status), 0) AS status,
    coalesce(list_position($reasons, checks.reason), 0) AS reason,
    checks.message,
    checks.details,
    coalesce(checks.error_count, 0) AS errors,
    coalesce(checks.response_time_ms, -1) AS response_ms,
    CAST(coalesce(checks.success_rate, -1) AS DOUBLE) AS success_rate,
    checks.attempt,
    CASE
        WHEN contains(CAST(checks.details AS VARCHAR), '"tls_days_left"')
            THEN TRY_CAST(checks.details->>'$.tls_days_left' AS DOUBLE)
    END AS days_left
FROM integration_health_checks AS checks
JOIN parts ON parts.id = checks.run_id
JOIN known ON known.service_type = checks.service_type AND known.service_name = checks.service_name
WHERE checks.timestamp > $since - INTERVAL 1 HOUR AND checks.timestamp <= $until;

-- name: replay_calls
-- The calls after $since up to $until of the APIs $names (`name` is the place in it) that count as those of
-- call_windows do: times in microseconds since 1970 and ms, and of those that failed how. A missing number is -1.
SELECT
    list_position($names, api_name) AS name,
    epoch_us(timestamp) AS time,
    coalesce(response_time_ms, -1) AS response_ms,
    CAST(least(coalesce(retries, 0), 32767) AS SMALLINT) AS retries,
    coalesce(status_code BETWEEN 200 AND 399, false) AND reason IS NULL AS succeeded,
    CASE WHEN NOT succeeded THEN status_code END AS status,
    CASE WHEN NOT succeeded THEN reason END AS why,
    CASE WHEN NOT succeeded THEN error_message END AS message
FROM api_metrics
WHERE timestamp > $since AND timestamp <= $until AND list_contains($names, api_name)
    AND NOT coalesce(origin = 'probe' AND (reason = 'auth' OR status_code IN (401, 403)), false);

-- name: replay_deliveries
-- The deliveries after $since up to $until of the sources $names (`name` is the place in it): times in microseconds
-- since 1970 and ms; whether it was genuine and processed as 1 or 0, -1 where nobody knows; what was wrong with it.
SELECT
    list_position($names, source) AS name,
    epoch_us(timestamp) AS time,
    coalesce(CAST(verified AS TINYINT), -1) AS verified,
    coalesce(CAST(processed AS TINYINT), -1) AS processed,
    coalesce(processing_time_ms, -1) AS response_ms,
    CASE WHEN NOT verified OR NOT processed THEN coalesce(error_message, reason, '') END AS message
FROM webhook_metrics
WHERE timestamp > $since AND timestamp <= $until AND list_contains($names, source);

-- name: replay_circuits
-- Every change of a circuit breaker after $since up to $until, in the order in which the newest one counts.
SELECT api_name AS name, coalesce(origin, '') AS client, new_state, timestamp, coalesce(message, '') AS message
FROM circuit_events
WHERE timestamp > $since AND timestamp <= $until
ORDER BY name, client, timestamp, new_state;

-- name: replay_quota_series
-- Which client spoke of which quota of the APIs $names after $since up to $until, by a number that stands for all three.
SELECT DISTINCT
    hash(api_name, coalesce(origin, ''), quota_name) AS series,
    api_name AS name,
    coalesce(origin, '') AS client,
    quota_name AS quota
FROM api_metrics
WHERE timestamp > $since AND timestamp <= $until AND list_contains($names, api_name)
    AND quota_name IS NOT NULL AND quota_used IS NOT NULL AND quota_limit > 0
ORDER BY name, client, quota;

-- name: replay_quotas
-- Every word on those quotas, by the same number; times in microseconds since 1970, a missing one is -1.
SELECT
    hash(api_name, coalesce(origin, ''), quota_name) AS series,
    epoch_us(timestamp) AS time,
    quota_used AS used,
    quota_limit AS most,
    coalesce(epoch_us(quota_reset_at), -1) AS resets_at
FROM api_metrics
WHERE timestamp > $since AND timestamp <= $until AND list_contains($names, api_name)
    AND quota_name IS NOT NULL AND quota_used IS NOT NULL AND quota_limit > 0;

-- name: replay_maintenance
-- Maintenance that took place after $since up to $until.
SELECT service_type, service_name, name, starts_at, ends_at
FROM maintenance
WHERE ends_at > $since AND starts_at <= $until
ORDER BY starts_at, name;

-- name: replay_mutes
-- Who did not want to hear of what after $since up to $until, oldest first.
SELECT id, created_at, service_type, service_name, rule, until, author, coalesce(note, '') AS note
FROM mutes
WHERE until > $since AND created_at <= $until
ORDER BY created_at, id;

-- name: replay_deeds
-- What people did after $since up to $until to the incidents of services: acknowledged them, or said that they were over.
SELECT events.timestamp, ours.service_type, ours.service_name, events.kind, events.author, events.message
FROM incident_events AS events
JOIN integration_incidents AS ours ON ours.id = events.incident_id
WHERE events.timestamp > $since AND events.timestamp <= $until
    AND (events.kind = 'acknowledged' OR (events.kind = 'resolved' AND events.author <> 'collector'))
ORDER BY events.timestamp, events.id;

-- name: replay_vendors
-- What vendors reported as going on after $since, the newest first.
SELECT
    vendor,
    vendor_id,
    name,
    impact,
    state,
    started_at,
    updated_at,
    resolved_at,
    url,
    components,
    services
FROM vendor_incidents
WHERE started_at <= $until AND (resolved_at IS NULL OR resolved_at >= $since)
ORDER BY started_at DESC, vendor_id;
