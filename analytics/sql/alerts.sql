-- name: standing_alerts
-- The alerts that fire or wait to, those that fire first, each the loudest first. `suppressed_by` is why nobody is told.
SELECT
    rule,
    service_type,
    service_name,
    state,
    since,
    severity,
    title,
    suppressed_by,
    CAST(incident_id AS VARCHAR) AS incident_id
FROM alerts
WHERE state IN ('firing', 'pending')
ORDER BY
    state,
    CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END,
    since,
    service_type,
    service_name,
    rule;

-- part: changes_of_firing
-- The changes of alerts to firing, in it and out of it up to $until, numbered by the firing they belong to.
SELECT
    *,
    count(*) FILTER (WHERE new_state = 'firing' AND old_state <> 'firing') OVER (
        PARTITION BY rule, service_type, service_name ORDER BY timestamp, id
    ) AS firing
FROM alert_events
WHERE timestamp <= $until AND 'firing' IN (old_state, new_state);

-- part: every_firing
-- Each firing up to $until in a row.
-- uses: changes_of_firing
SELECT
    rule,
    service_type,
    service_name,
    firing,
    min(timestamp) AS begun,
    max(timestamp) FILTER (WHERE new_state <> 'firing') AS over_at,
    arg_max(severity, timestamp) AS severity,
    arg_max(title, timestamp) FILTER (WHERE new_state = 'firing') AS title,
    bool_or(new_state = 'firing' AND suppressed_by IS NULL) AS was_told,
    arg_max(suppressed_by, timestamp) FILTER (WHERE new_state = 'firing') AS suppressed_by,
    arg_max(CAST(incident_id AS VARCHAR), timestamp) FILTER (WHERE incident_id IS NOT NULL) AS incident_id
FROM changes_of_firing
WHERE firing > 0
GROUP BY rule, service_type, service_name, firing;

-- part: every_firing_with_its_end
-- Two of one rule and service at once, of two programs for example: the first is shown up to the second.
-- uses: every_firing
SELECT
    *,
    coalesce(over_at, lead(begun) OVER (PARTITION BY rule, service_type, service_name ORDER BY firing)) AS ended
FROM every_firing;

-- part: firings_in_period
-- When alerts fired at some time between $since and $until: from the change to firing up to the end, NULL while it
-- goes on. `suppressed_by` is the newest reason why nobody was told, NULL when people were.
-- uses: every_firing_with_its_end
SELECT
    rule,
    service_type,
    service_name,
    begun,
    ended,
    severity,
    title,
    CASE WHEN NOT was_told THEN suppressed_by END AS suppressed_by,
    incident_id
FROM every_firing_with_its_end
WHERE ended IS NULL OR ended > $since;

-- name: alert_firings
-- The firings of $since to $until, the newest first.
-- uses: firings_in_period
SELECT *
FROM firings_in_period
ORDER BY begun DESC, rule, service_type, service_name;

-- name: suppressed_alerts
-- The firings of $since to $until of which nobody was told, and why: a row a rule, service and reason, the newest
-- first. `suppressions` counts firings, `first_at` and `last_at` say when the first and the last began.
-- uses: firings_in_period
SELECT
    service_type,
    service_name,
    rule,
    suppressed_by,
    count(*) AS suppressions,
    arg_max(severity, begun) AS severity,
    arg_max(title, begun) AS title,
    min(begun) AS first_at,
    max(begun) AS last_at
FROM firings_in_period
WHERE suppressed_by IS NOT NULL
GROUP BY service_type, service_name, rule, suppressed_by
ORDER BY last_at DESC, service_type, service_name, rule;

-- name: channel_health
-- How each channel does, in the order of services.toml; last those that have messages and are not configured any
-- more, if any wait or went there after $since. Counts of delivered, refused and expired are of after $since.
WITH sent AS (
    SELECT
        channel,
        count(*) FILTER (WHERE state = 'pending') AS waiting,
        min(created_at) FILTER (WHERE state = 'pending') AS waiting_since,
        min(next_attempt_at) FILTER (WHERE state = 'pending') AS next_attempt_at,
        coalesce(max(attempts) FILTER (WHERE state = 'pending'), 0) AS attempts,
        count(*) FILTER (WHERE state = 'delivered' AND delivered_at > $since) AS delivered,
        count(*) FILTER (WHERE state = 'refused' AND created_at > $since) AS refused,
        count(*) FILTER (WHERE state = 'expired' AND created_at > $since) AS expired,
        quantile_cont(epoch(delivered_at - created_at), 0.5) FILTER (
            WHERE state = 'delivered' AND delivered_at > $since
        ) AS median_seconds,
        max(delivered_at) AS last_delivered_at,
        max(created_at) AS last_created_at,
        arg_max(last_error, coalesce(first_attempt_at, created_at)) FILTER (
            WHERE last_error IS NOT NULL AND state <> 'folded'
        ) AS last_error,
        max(coalesce(first_attempt_at, created_at)) FILTER (
            WHERE last_error IS NOT NULL AND state <> 'folded'
        ) AS last_error_at
    FROM notifications
    GROUP BY channel
)

SELECT
    coalesce(channels.channel, sent.channel) AS channel,
    channels.kind,
    CAST(channels.severities AS VARCHAR) AS severities,
    coalesce(sent.waiting, 0) AS waiting,
    sent.waiting_since,
    sent.next_attempt_at,
    coalesce(sent.attempts, 0) AS attempts,
    coalesce(sent.delivered, 0) AS delivered,
    coalesce(sent.refused, 0) AS refused,
    coalesce(sent.expired, 0) AS expired,
    sent.median_seconds,
    sent.last_delivered_at,
    sent.last_error,
    sent.last_error_at
FROM alert_channels AS channels
FULL JOIN sent ON channels.channel = sent.channel
WHERE channels.channel IS NOT NULL OR sent.waiting > 0 OR sent.last_created_at > $since
ORDER BY channels.position NULLS LAST, channel;

-- name: mutes_in_force
-- Who wants to hear nothing at $now, of which service and rule (NULL: all); what ends first stands first.
SELECT
    CAST(id AS VARCHAR) AS id,
    service_type,
    service_name,
    rule,
    created_at,
    until,
    author,
    coalesce(note, '') AS note
FROM mutes
WHERE created_at <= $now AND until > $now
ORDER BY until, id;

-- name: announced_work
-- The maintenance that went on at some time from $since on, the newest first: a row a window, with its `services`
-- (type/name, in order, as a list).
SELECT
    name,
    starts_at,
    ends_at,
    list(service_type || '/' || service_name ORDER BY service_type, service_name) AS services
FROM maintenance
WHERE ends_at > $since AND ends_at > starts_at
GROUP BY name, starts_at, ends_at
ORDER BY starts_at DESC, name;

-- name: alert_rule_changes_made
-- Every change people made of the alert rules up to $now, the oldest first; one without settings took another back.
-- uses: changes_of_rules
SELECT * EXCLUDE (id)
FROM changes_of_rules
ORDER BY timestamp, id;
