-- name: incidents_between
-- The incidents that were going on at some time after $since and before $until, newest first. `told_at` is when
-- a channel first accepted that it began; `seconds` is how long it lasted, up to $now when it is not over.
WITH told AS (
    SELECT incident_id, min(delivered_at) AS told_at
    FROM notifications
    WHERE action = 'trigger' AND state = 'delivered' AND incident_id IS NOT NULL
    GROUP BY incident_id
)
SELECT
    CAST(incidents.id AS VARCHAR) AS id,
    incidents.service_type,
    incidents.service_name,
    incidents.severity,
    incidents.status,
    incidents.title,
    incidents.description,
    incidents.rule,
    incidents.reason,
    incidents.began_at,
    incidents.created_at,
    told.told_at,
    incidents.acknowledged_at,
    incidents.acknowledged_by,
    incidents.resolved_at,
    coalesce(incidents.relapses, 0) AS relapses,
    epoch(coalesce(incidents.resolved_at, $now)) - epoch(coalesce(incidents.began_at, incidents.created_at)) AS seconds
FROM integration_incidents AS incidents
LEFT JOIN told ON told.incident_id = incidents.id
WHERE coalesce(incidents.began_at, incidents.created_at) < $until
    AND (incidents.resolved_at IS NULL OR incidents.resolved_at > $since)
ORDER BY incidents.created_at DESC, incidents.id DESC;

-- name: one_incident
-- The incident $id, with the columns of incidents_between; no row when there is none.
SELECT
    CAST(incidents.id AS VARCHAR) AS id,
    incidents.service_type,
    incidents.service_name,
    incidents.severity,
    incidents.status,
    incidents.title,
    incidents.description,
    incidents.rule,
    incidents.reason,
    incidents.began_at,
    incidents.created_at,
    (
        SELECT min(delivered_at)
        FROM notifications
        WHERE action = 'trigger' AND state = 'delivered' AND incident_id = $id
    ) AS told_at,
    incidents.acknowledged_at,
    incidents.acknowledged_by,
    incidents.resolved_at,
    coalesce(incidents.relapses, 0) AS relapses,
    epoch(coalesce(incidents.resolved_at, $now)) - epoch(coalesce(incidents.began_at, incidents.created_at)) AS seconds
FROM integration_incidents AS incidents
WHERE incidents.id = $id;

-- name: incidents_closed_by_hand
-- The incidents that a person resolved after $since, and who did: the newest word counts.
SELECT CAST(incident_id AS VARCHAR) AS id, max_by(author, timestamp) AS author
FROM incident_events
WHERE kind = 'resolved' AND timestamp > $since
GROUP BY incident_id
HAVING max_by(author, timestamp) <> 'collector'
ORDER BY id;

-- name: incident_timeline
-- The timeline of the incident $id, oldest first.
SELECT CAST(id AS VARCHAR) AS id, timestamp, kind, author, message
FROM incident_events
WHERE incident_id = $id
ORDER BY timestamp, id;

-- name: incident_notifications
-- What was sent about the incident $id, or is to be, in the order it was written. Without payload.
SELECT
    CAST(id AS VARCHAR) AS id,
    channel,
    action,
    severity,
    state,
    attempts,
    created_at,
    first_attempt_at,
    next_attempt_at,
    delivered_at,
    answer,
    last_error
FROM notifications
WHERE incident_id = $id
ORDER BY created_at, id;

-- name: alert_changes
-- Every change of an alert after $since up to $until, newest first. `suppressed_by` is why nobody was told.
SELECT
    timestamp,
    rule,
    service_type,
    service_name,
    old_state,
    new_state,
    severity,
    title,
    suppressed_by,
    CAST(incident_id AS VARCHAR) AS incident_id
FROM alert_events
WHERE timestamp > $since AND timestamp <= $until
ORDER BY timestamp DESC, id DESC;

-- name: incident_figures
-- How fast incidents that were opened at or after $since and before $until were noticed, told, acknowledged and
-- over: a row a severity ('all' first) and measure, also of those without any. Seconds; `target_seconds` are
-- those of the design document. `reached` counts incidents that got so far, `overdue` those that did not though
-- the target has passed, up to $now; `met_percent` is the share of both that made it in time. Nothing that did
-- not happen counts as zero. Whoever acknowledged before any channel was told counts as 0 seconds.
WITH told AS (
    SELECT incident_id, min(delivered_at) AS told_at
    FROM notifications
    WHERE action = 'trigger' AND state = 'delivered' AND incident_id IS NOT NULL
    GROUP BY incident_id
),

opened AS (
    SELECT
        incidents.severity,
        incidents.began_at,
        -- What was held back, for maintenance or a dependency, was known before it opened an incident.
        coalesce(TRY_CAST(incidents.details ->> '$.sure_at' AS TIMESTAMPTZ), incidents.created_at) AS sure_at,
        told.told_at,
        incidents.acknowledged_at,
        incidents.resolved_at,
        coalesce(incidents.relapses, 0) AS relapses
    FROM integration_incidents AS incidents
    LEFT JOIN told ON told.incident_id = incidents.id
    WHERE incidents.created_at >= $since AND incidents.created_at < $until
),

measures AS (
    SELECT *
    FROM (
        VALUES
        (1, 'detection', 60.0),
        (2, 'alert', 300.0),
        (3, 'acknowledge', 900.0),
        (4, 'resolve', 7200.0)
    ) AS known (position, measure, target_seconds)
),

severities AS (
    SELECT *
    FROM (VALUES (0, 'all'), (1, 'critical'), (2, 'warning'), (3, 'info')) AS known (loudness, severity)
),

steps AS (
    SELECT severity, 'detection' AS measure, began_at AS from_at, sure_at AS to_at, resolved_at, relapses FROM opened
    UNION ALL
    SELECT severity, 'alert', began_at, told_at, resolved_at, relapses FROM opened
    UNION ALL
    SELECT severity, 'acknowledge', told_at, acknowledged_at, resolved_at, relapses FROM opened
    UNION ALL
    SELECT severity, 'resolve', began_at, resolved_at, resolved_at, relapses FROM opened
),

timed AS (
    SELECT
        severity,
        measure,
        relapses,
        -- greatest() alone passes over NULL, and would make 0 of it.
        CASE WHEN to_at IS NOT NULL AND from_at IS NOT NULL THEN greatest(epoch(to_at) - epoch(from_at), 0.0) END
            AS seconds,
        -- What was over before the target had passed missed nothing.
        CASE WHEN to_at IS NULL THEN epoch(coalesce(resolved_at, $now)) - epoch(from_at) END AS waiting
    FROM steps
)

SELECT
    severities.severity,
    measures.measure,
    count(timed.severity) AS incidents,
    count(timed.severity) FILTER (timed.relapses > 0) AS relapsed,
    count(timed.seconds) AS reached,
    count(*) FILTER (timed.waiting > measures.target_seconds) AS overdue,
    median(timed.seconds) AS median_seconds,
    quantile_cont(timed.seconds, 0.95) AS p95_seconds,
    avg(timed.seconds) AS mean_seconds,
    CAST(measures.target_seconds AS DOUBLE) AS target_seconds,
    count(*) FILTER (timed.seconds < measures.target_seconds) AS met,
    100.0 * count(*) FILTER (timed.seconds < measures.target_seconds)
        / nullif(count(timed.seconds) + count(*) FILTER (timed.waiting > measures.target_seconds), 0) AS met_percent
FROM severities
CROSS JOIN measures
LEFT JOIN timed
    ON timed.measure = measures.measure AND (severities.severity = 'all' OR timed.severity = severities.severity)
GROUP BY severities.loudness, severities.severity, measures.position, measures.measure, measures.target_seconds
ORDER BY severities.loudness, measures.position;

-- name: incident_durations
-- How long the incidents that began at or after $since and before $until lasted, a row a service that had any, in the
-- order of the configuration, those no longer monitored last. Seconds; what is not over at $now lasts until then, and
-- is left out of `mean_to_resolve_seconds`. `mean_between_seconds` is how long there was none: from the end of all that
-- began so far to the next one.
WITH begun AS (
    SELECT
        service_type,
        service_name,
        coalesce(began_at, created_at) AS began_at,
        CASE WHEN resolved_at <= $now THEN resolved_at END AS resolved_at
    FROM integration_incidents
    WHERE coalesce(began_at, created_at) >= $since AND coalesce(began_at, created_at) < $until
),

timed AS (
    SELECT
        service_type,
        service_name,
        resolved_at,
        greatest(0.0, epoch(coalesce(resolved_at, $now)) - epoch(began_at)) AS seconds,
        CASE WHEN count(*) FILTER (resolved_at IS NULL) OVER so_far = 0
            THEN epoch(lead(began_at) OVER in_order) - epoch(max(resolved_at) OVER so_far)
        END AS pause
    FROM begun
    WINDOW
        in_order AS (PARTITION BY service_type, service_name ORDER BY began_at, resolved_at),
        so_far AS (
            PARTITION BY service_type, service_name ORDER BY began_at, resolved_at ROWS UNBOUNDED PRECEDING
        )
)

SELECT
    timed.service_type,
    timed.service_name,
    count(*) AS incidents,
    count(*) FILTER (timed.resolved_at IS NULL) AS open,
    sum(timed.seconds) AS total_seconds,
    median(timed.seconds) AS median_seconds,
    max(timed.seconds) AS longest_seconds,
    avg(timed.seconds) FILTER (timed.resolved_at IS NOT NULL) AS mean_to_resolve_seconds,
    avg(timed.pause) FILTER (timed.pause > 0) AS mean_between_seconds
FROM timed
LEFT JOIN services
    ON services.service_type = timed.service_type AND services.service_name = timed.service_name AND services.enabled
GROUP BY timed.service_type, timed.service_name
ORDER BY min(services.position) NULLS LAST, timed.service_type, timed.service_name;
