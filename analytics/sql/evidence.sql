-- name: common_failures
-- The way in which most failed calls of each API failed after $since up to $until: its HTTP status (NULL without an
-- answer), the reason recorded with it last, and how many failed this way. The same calls count as in call_windows.
WITH failures AS (
    SELECT
        api_name,
        status_code,
        CASE WHEN status_code >= 400 THEN NULL ELSE reason END AS word,
        arg_max(reason, timestamp) AS reason,
        count(*) AS failed,
        max(timestamp) AS newest
    FROM api_metrics
    WHERE timestamp > $since AND timestamp <= $until
        AND NOT (coalesce(status_code BETWEEN 200 AND 399, false) AND reason IS NULL)
        AND NOT coalesce(origin = 'probe' AND (reason = 'auth' OR status_code IN (401, 403)), false)
    GROUP BY api_name, status_code, word
)
SELECT api_name AS name, status_code, reason, failed
FROM failures
QUALIFY row_number() OVER (PARTITION BY api_name ORDER BY failed DESC, newest DESC, status_code, word) = 1;

-- name: circuits
-- The newest change after $since up to $until of the circuit breaker of each client of each API; of changes in the
-- same moment the one to open.
SELECT
    api_name AS name,
    coalesce(origin, '') AS client,
    arg_max(new_state, (timestamp, new_state)) AS state,
    max(timestamp) AS changed_at,
    arg_max(coalesce(message, ''), (timestamp, new_state)) AS message
FROM circuit_events
WHERE timestamp > $since AND timestamp <= $until
GROUP BY name, client;

-- name: quota_levels
-- The newest word after $since up to $until of each client on each quota of each API.
SELECT
    api_name AS name,
    coalesce(origin, '') AS client,
    quota_name,
    arg_max({'used': quota_used, 'limit': quota_limit, 'resets_at': quota_reset_at}, timestamp) AS level,
    max(timestamp) AS at
FROM api_metrics
WHERE timestamp > $since AND timestamp <= $until
    AND quota_name IS NOT NULL AND quota_used IS NOT NULL AND quota_limit > 0
GROUP BY name, client, quota_name;

-- name: looks
-- Of each service after $since up to $until: its newest check, the newest one for which the collector's own network
-- was lost, and how many checks were known and how many of these down after each of $slow_long, $fast_long,
-- $slow_short and $fast_short. Of the attempts of one check only the newest is counted; a check made during
-- maintenance of its service is not.
WITH attempts AS (
    SELECT
        service_type,
        service_name,
        timestamp,
        status,
        reason,
        attempt,
        lead(attempt) OVER (PARTITION BY service_type, service_name ORDER BY timestamp) AS next_attempt
    FROM integration_health_checks
    WHERE timestamp > $since AND timestamp <= $until
),
checks AS (
    SELECT
        *,
        status <> 'unknown' AND NOT EXISTS (
            SELECT 1
            FROM maintenance
            WHERE maintenance.service_type = attempts.service_type
                AND maintenance.service_name = attempts.service_name
                AND maintenance.starts_at <= attempts.timestamp AND attempts.timestamp < maintenance.ends_at
        ) AS counts
    FROM attempts
    WHERE next_attempt IS NULL OR next_attempt <= attempt
)
SELECT
    service_type,
    service_name,
    max(timestamp) AS newest,
    arg_max(status, timestamp) AS status,
    arg_max(reason, timestamp) AS reason,
    max(timestamp) FILTER (reason = 'collector_offline') AS offline_at,
    count(*) FILTER (counts AND status = 'down' AND timestamp > $slow_long) AS slow_long_down,
    count(*) FILTER (counts AND timestamp > $slow_long) AS slow_long_known,
    count(*) FILTER (counts AND status = 'down' AND timestamp > $fast_long) AS fast_long_down,
    count(*) FILTER (counts AND timestamp > $fast_long) AS fast_long_known,
    count(*) FILTER (counts AND status = 'down' AND timestamp > $slow_short) AS slow_short_down,
    count(*) FILTER (counts AND timestamp > $slow_short) AS slow_short_known,
    count(*) FILTER (counts AND status = 'down' AND timestamp > $fast_short) AS fast_short_down,
    count(*) FILTER (counts AND timestamp > $fast_short) AS fast_short_known
FROM checks
GROUP BY service_type, service_name;
