-- name: maintenance_now
-- The maintenance windows that are on at $now, the one that ends last first.
SELECT service_type, service_name, name, starts_at, ends_at
FROM maintenance
WHERE starts_at <= $now AND ends_at > $now
ORDER BY ends_at DESC, name;

-- name: changes
-- What was changed after $since up to $until and may explain what happened then, the newest first, at most $limit of
-- each `kind`: `collector` (it was started, or runs another version: `subject`), `rule` (settings of the alert rule
-- `subject`, for all services or one, changed by `author`), `tools` (an MCP server offers other tools; `subject` is
-- what its alert says).
WITH collectors AS (
    SELECT version, min(started_at) AS changed_at
    FROM collector_runs
    WHERE started_at > CAST($since AS TIMESTAMPTZ) - INTERVAL 1 HOUR AND started_at <= $until
    GROUP BY collector, version
    HAVING min(started_at) > $since
),

found AS (
    SELECT changed_at, 'collector' AS kind, version AS subject, NULL AS service_type, NULL AS service_name, NULL AS author
    FROM collectors
    UNION ALL
    SELECT timestamp, 'rule', rule, service_type, service_name, author
    FROM alert_rule_changes
    WHERE timestamp > $since AND timestamp <= $until
    UNION ALL
    SELECT timestamp, 'tools', title, service_type, service_name, NULL
    FROM alert_events
    WHERE timestamp > $since AND timestamp <= $until AND rule = 'tools_changed' AND new_state = 'firing'
)

SELECT changed_at, kind, coalesce(subject, '') AS subject, service_type, service_name, author
FROM found
QUALIFY row_number() OVER (PARTITION BY kind ORDER BY changed_at DESC) <= $limit
ORDER BY changed_at DESC, kind, subject;
