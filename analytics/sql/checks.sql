-- The single checks of one service, from $since up to $until, that not being in it.

-- name: service_checks
-- The attempts of the service, newest first: $count of them after the first $skipped, with $status or with any.
SELECT
    timestamp,
    status,
    reason,
    message,
    response_time_ms,
    attempt,
    CAST(details AS VARCHAR) AS details
FROM integration_health_checks
WHERE service_type = $service_type AND service_name = $service_name
    AND timestamp >= $since AND timestamp < $until
    AND ($status IS NULL OR status = $status)
ORDER BY timestamp DESC, id DESC
LIMIT $count OFFSET $skipped;

-- name: service_check_counts
-- How many attempts of the service had each status.
SELECT status, count(*) AS attempts
FROM integration_health_checks
WHERE service_type = $service_type AND service_name = $service_name
    AND timestamp >= $since AND timestamp < $until
GROUP BY status
ORDER BY status;

-- name: service_phases
-- How long the phases of a check took in each step of $step microseconds: the mean of the checks that were not down, of
-- one in $every. A phase that not every check of a step had counts as nothing in the others, so that the phases of a
-- step add up to its mean check.
WITH looked_at AS (
    SELECT
        epoch_us(timestamp) // $step AS step,
        id,
        CAST(json_extract(details, '$.steps_ms') AS MAP(VARCHAR, DOUBLE)) AS phases
    FROM integration_health_checks
    WHERE service_type = $service_type AND service_name = $service_name
        AND timestamp >= $since AND timestamp < $until
        AND status IN ('healthy', 'degraded')
        AND hash(id) % $every = 0
        AND json_type(details, '$.steps_ms') = 'OBJECT'
),
checked AS (
    SELECT step, count(*) AS checks
    FROM looked_at
    GROUP BY step
),
phases AS (
    SELECT step, unnest(map_entries(phases)) AS phase
    FROM looked_at
)
SELECT
    make_timestamptz(phases.step * $step) AS step_start,
    phase.key AS phase,
    sum(phase.value) / any_value(checked.checks) AS mean_ms,
    any_value(checked.checks) AS checks
FROM phases
JOIN checked ON checked.step = phases.step
WHERE phase.value IS NOT NULL
GROUP BY phases.step, phase.key
ORDER BY phases.step, phase.key;

-- name: newest_tools
-- The newest check of an MCP server that listed its tools: one row, or none.
SELECT timestamp, CAST(details AS VARCHAR) AS details
FROM integration_health_checks
WHERE service_type = 'mcp' AND service_name = $service_name
    AND timestamp >= $since AND timestamp < $until
    AND json_type(details, '$.tools') = 'OBJECT'
ORDER BY timestamp DESC
LIMIT 1;

-- name: tool_changes
-- The checks of an MCP server that found its tools changed, newest first.
SELECT timestamp, message, CAST(details AS VARCHAR) AS details
FROM integration_health_checks
WHERE service_type = 'mcp' AND service_name = $service_name
    AND timestamp >= $since AND timestamp < $until
    AND reason = 'schema_changed'
ORDER BY timestamp DESC
LIMIT $count;
