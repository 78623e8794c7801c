-- part: chosen_spans
-- Of span_pieces the rows of the $services (each type/name; NULL is all).
-- A single one is told by its name, too, so that little else is read.
-- uses: span_pieces, wanted_services
SELECT *
FROM span_pieces
WHERE ($services IS NULL OR hash(service_type, service_name) IN (SELECT wanted FROM wanted_services))
    AND (coalesce(len($services), 0) <> 1 OR service_name = substr($services[1], strpos($services[1], '/') + 1));

-- name: status_timeline
-- The stretches of one status and reason of the $services, joined across full hours and cut to $first and $last. What
-- is missing between two is a gap. In the order of the configuration, each service from old to new.
-- uses: chosen_spans
WITH marked AS (
    SELECT
        *,
        (
            status = lag(status) OVER in_order AND reason = lag(reason) OVER in_order
            AND begun <= lag(ended) OVER in_order
        ) IS NOT true AS changed,
        lag(ended) OVER in_order AS ended_before,
        max(ended) OVER (PARTITION BY service_type, service_name) AS ended_last
    FROM chosen_spans
    WINDOW in_order AS (PARTITION BY service_type, service_name ORDER BY begun, ended)
),

stretches AS (
    SELECT
        service_type,
        service_name,
        status,
        reason,
        greatest(begun, $first) AS begun,
        least(coalesce(lead(ended_before) OVER in_order, ended_last), $last) AS ended
    FROM marked
    WHERE changed
    WINDOW in_order AS (PARTITION BY service_type, service_name ORDER BY begun, ended)
)

SELECT
    stretches.service_type,
    stretches.service_name,
    stretches.status,
    stretches.reason,
    stretches.begun,
    stretches.ended,
    epoch(stretches.ended) - epoch(stretches.begun) AS seconds
FROM stretches
LEFT JOIN services
    ON services.service_type = stretches.service_type AND services.service_name = stretches.service_name
        AND services.enabled
WHERE stretches.ended > stretches.begun
ORDER BY services.position NULLS LAST, stretches.service_type, stretches.service_name, stretches.begun;

-- name: status_hours
-- For how many seconds each of the $services was what, in each step from one of $begins until the one of $ends in the
-- same place: a row a service and step, also where nobody looked. In the order of the configuration.
-- uses: chosen_spans, chosen_services
WITH steps AS (
    SELECT
        unnest(CAST($begins AS TIMESTAMPTZ[])) AS begun,
        unnest(CAST($ends AS TIMESTAMPTZ[])) AS ended
),

-- No span is longer than its hour: an hour can only meet the steps it has a part of.
met AS (
    SELECT
        steps.begun,
        steps.ended,
        unnest(generate_series(
            time_bucket(INTERVAL 1 HOUR, steps.begun), steps.ended - INTERVAL 1 MICROSECOND, INTERVAL 1 HOUR
        )) AS hour
    FROM steps
),

spans AS MATERIALIZED (SELECT hour, service_type, service_name, status, begun, ended FROM chosen_spans),

shown AS (
    SELECT service_type, service_name, min(chosen_services.position) AS position
    FROM chosen_services
    FULL JOIN (SELECT DISTINCT service_type, service_name FROM spans) AS seen USING (service_type, service_name)
    GROUP BY service_type, service_name
),

held AS (
    SELECT
        spans.service_type,
        spans.service_name,
        met.begun,
        spans.status,
        greatest(0.0, epoch(least(spans.ended, met.ended)) - epoch(greatest(spans.begun, met.begun))) AS seconds
    FROM spans
    INNER JOIN met USING (hour)
),

summed AS (
    SELECT
        service_type,
        service_name,
        begun,
        coalesce(sum(seconds) FILTER (status = 'healthy'), 0.0) AS healthy,
        coalesce(sum(seconds) FILTER (status = 'degraded'), 0.0) AS degraded,
        coalesce(sum(seconds) FILTER (status = 'down'), 0.0) AS down,
        coalesce(sum(seconds) FILTER (status = 'unknown'), 0.0) AS unknown
    FROM held
    GROUP BY service_type, service_name, begun
)

SELECT
    shown.service_type,
    shown.service_name,
    steps.begun,
    steps.ended,
    coalesce(summed.healthy, 0.0) AS healthy_seconds,
    coalesce(summed.degraded, 0.0) AS degraded_seconds,
    coalesce(summed.down, 0.0) AS down_seconds,
    coalesce(summed.unknown, 0.0) AS unknown_seconds,
    greatest(
        0.0,
        epoch(steps.ended) - epoch(steps.begun)
        - coalesce(summed.healthy + summed.degraded + summed.down + summed.unknown, 0.0)
    ) AS gap_seconds,
    100.0 * (summed.healthy + summed.degraded) / nullif(summed.healthy + summed.degraded + summed.down, 0.0)
        AS uptime_percent
FROM shown
CROSS JOIN steps
LEFT JOIN summed
    ON summed.service_type = shown.service_type AND summed.service_name = shown.service_name
        AND summed.begun = steps.begun
ORDER BY shown.position NULLS LAST, shown.service_type, shown.service_name, steps.begun;

-- name: standing_reach
-- From when on to read so that the newest check of every monitored service is found while it says something: counted
-- from the newest heartbeat up to $now, so that the last checks before a long stop are found, too.
SELECT
    coalesce((SELECT max(finished_at) FROM collector_runs WHERE finished_at <= $now), CAST($now AS TIMESTAMPTZ))
        - to_seconds(1.1 * coalesce(max(greatest(stale_after_seconds, interval_seconds)), 3600)) AS reach
FROM services
WHERE enabled;

-- name: standing
-- Every monitored service at $now, in the order of the configuration: its newest check after $reach, whether it is too
-- old to say anything, and its loudest open incident.
WITH newest AS (
    SELECT
        service_type,
        service_name,
        max(timestamp) AS last_check,
        arg_max({
            'status': status,
            'reason': reason,
            'message': message,
            'response_time_ms': response_time_ms,
            'success_rate': CAST(success_rate AS DOUBLE)
        }, timestamp) AS found
    FROM integration_health_checks
    WHERE timestamp > $reach AND timestamp <= $now
    GROUP BY service_type, service_name
),

troubles AS (
    SELECT
        service_type,
        service_name,
        CAST(id AS VARCHAR) AS id,
        severity,
        title,
        coalesce(began_at, created_at) AS began_at,
        CASE WHEN acknowledged_at <= $now THEN acknowledged_at END AS acknowledged_at,
        CASE WHEN acknowledged_at <= $now THEN acknowledged_by END AS acknowledged_by
    FROM integration_incidents
    WHERE created_at <= $now AND (resolved_at IS NULL OR resolved_at > $now)
    QUALIFY row_number() OVER (
        PARTITION BY service_type, service_name
        ORDER BY list_position(['critical', 'warning', 'info'], severity), created_at, integration_incidents.id
    ) = 1
)

SELECT
    services.service_type,
    services.service_name,
    newest.found.status AS status,
    newest.found.reason AS reason,
    newest.found.message AS message,
    newest.last_check,
    newest.found.response_time_ms AS response_time_ms,
    newest.found.success_rate AS success_rate,
    coalesce(epoch($now) - epoch(newest.last_check) > services.stale_after_seconds, true) AS stale,
    troubles.id AS incident_id,
    troubles.severity AS incident_severity,
    troubles.title AS incident_title,
    troubles.began_at AS incident_began_at,
    troubles.acknowledged_at,
    troubles.acknowledged_by
FROM services
LEFT JOIN newest USING (service_type, service_name)
LEFT JOIN troubles USING (service_type, service_name)
WHERE services.enabled
ORDER BY services.position;

-- name: standing_since
-- The status each of the $services was found in last, and since when (after $since) it has been in it without a gap.
-- Names of $services are from $first_name to $last_name (NULL for all): where those are few, most need not be read.
-- uses: chosen_spans
WITH marked AS (
    SELECT
        service_type,
        service_name,
        status,
        begun,
        (status = lag(status) OVER in_order AND begun <= lag(ended) OVER in_order) IS NOT true AS changed
    FROM chosen_spans
    WHERE $first_name IS NULL OR service_name BETWEEN $first_name AND $last_name
    WINDOW in_order AS (PARTITION BY service_type, service_name ORDER BY begun, ended)
)

SELECT
    service_type,
    service_name,
    arg_max(status, begun) AS status,
    max(begun) FILTER (changed) AS begun
FROM marked
GROUP BY service_type, service_name;

-- name: standing_unbroken
-- Which services were, from $first up to $now, found in one status only, without a pause that can be a gap: the status,
-- and when the first of these checks was.
WITH paused AS (
    SELECT
        service_type,
        service_name,
        timestamp,
        status,
        epoch(timestamp) - epoch(lag(timestamp) OVER in_order) AS pause
    FROM integration_health_checks
    WHERE timestamp >= $first AND timestamp <= $now
    WINDOW in_order AS (PARTITION BY service_type, service_name ORDER BY timestamp)
)

SELECT
    paused.service_type,
    paused.service_name,
    min(paused.timestamp) AS first_check,
    min(paused.status) AS status
FROM paused
INNER JOIN services
    ON services.service_type = paused.service_type AND services.service_name = paused.service_name AND services.enabled
GROUP BY paused.service_type, paused.service_name
HAVING min(paused.status) = max(paused.status)
    AND coalesce(2 * max(paused.pause) <= greatest(600, 5 * min(services.interval_seconds)), true);
