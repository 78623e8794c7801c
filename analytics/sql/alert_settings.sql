-- name: alert_rules_written
-- The alert rules as the collector wrote them at its start, in the words of services.toml, durations in seconds.
-- A rule without a service holds for all of them; `settings` is JSON. No row in a file of an earlier version.
SELECT rule, service_type, service_name, CAST(settings AS VARCHAR) AS settings
FROM alert_rules
ORDER BY rule, service_type NULLS FIRST, service_name NULLS FIRST;

-- part: changes_of_rules
-- What people changed of the alert rules while the collector ran, up to $now; without settings they took a change back.
SELECT
    id,
    rule,
    service_type,
    service_name,
    CAST(settings AS VARCHAR) AS settings,
    timestamp,
    author,
    coalesce(note, '') AS note
FROM alert_rule_changes
WHERE timestamp <= $now;

-- name: alert_rule_changes_in_force
-- Of each rule and service the newest change up to $now, also one that took another back.
-- uses: changes_of_rules
SELECT * EXCLUDE (id)
FROM changes_of_rules
QUALIFY row_number() OVER (PARTITION BY rule, service_type, service_name ORDER BY timestamp DESC, id DESC) = 1
ORDER BY rule, service_type NULLS FIRST, service_name NULLS FIRST;

-- name: alert_channels_in_order
-- The channels alerts go to, in the order of services.toml; `severities` is a JSON list of those each takes.
SELECT channel, kind, CAST(severities AS VARCHAR) AS severities
FROM alert_channels
ORDER BY position, channel;

-- name: service_limits
-- What each service is judged by. NULL where the collector that wrote the row was an earlier version.
SELECT
    service_type,
    service_name,
    basis,
    healthy_ms,
    down_ms,
    sure_after,
    stale_after_seconds,
    healthy_above_percent,
    down_below_percent
FROM services
ORDER BY position;
