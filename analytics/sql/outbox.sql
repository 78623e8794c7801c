-- name: outbox_waiting
-- The messages that are not settled, oldest first, of each channel at most $most; `past` is what became of the newest
-- trigger of the same channel and key that is settled ("delivered" when anything was delivered since, or unknown).
WITH waiting AS (
    SELECT id, incident_id, channel, dedup_key, payload, attempts, created_at, next_attempt_at, first_attempt_at
    FROM notifications
    WHERE state = 'pending'
    QUALIFY row_number() OVER (PARTITION BY channel ORDER BY id) <= $most
),
settled AS (
    SELECT
        n.channel,
        n.dedup_key,
        max(n.id) FILTER (n.action = 'trigger') AS newest_trigger,
        arg_max(n.state, n.id) FILTER (n.action = 'trigger') AS state,
        max(n.id) FILTER (n.state = 'delivered') AS newest_delivered
    FROM notifications n
    SEMI JOIN waiting w ON n.channel = w.channel AND n.dedup_key = w.dedup_key
    WHERE n.state <> 'pending'
    GROUP BY n.channel, n.dedup_key
)
SELECT
    w.id,
    w.incident_id,
    w.channel,
    w.dedup_key,
    CAST(w.payload AS VARCHAR) AS payload,
    w.attempts,
    w.created_at,
    w.next_attempt_at,
    w.first_attempt_at,
    CASE
        WHEN s.newest_trigger IS NULL OR s.newest_delivered >= s.newest_trigger THEN 'delivered'
        ELSE s.state
    END AS past
FROM waiting w
LEFT JOIN settled s ON s.channel = w.channel AND s.dedup_key = w.dedup_key
ORDER BY w.id;

-- name: outbox_newest_id
-- The id of the newest message, as text; NULL without any. Ids of later messages are greater.
SELECT CAST(max(id) AS VARCHAR) AS id FROM notifications;

-- name: outbox_channel_health
-- For each channel with messages that wait or were refused since $since: how many wait, the first attempt of the
-- oldest that failed so far, the most attempts of one that waits, how many were refused, and the newest trouble.
SELECT
    channel,
    count(*) FILTER (state = 'pending') AS waiting,
    min(first_attempt_at) FILTER (state = 'pending' AND attempts > 0) AS failing_since,
    coalesce(max(attempts) FILTER (state = 'pending'), 0) AS attempts,
    count(*) FILTER (state = 'refused') AS refused,
    coalesce(arg_max(last_error, id) FILTER (last_error IS NOT NULL), '') AS last_error
FROM notifications
WHERE state = 'pending' OR (state = 'refused' AND coalesce(first_attempt_at, created_at) > $since)
GROUP BY channel
ORDER BY channel;

-- name: outbox_refused_triggers
-- The newest triggers that were refused for good though their incident is not over, with their channel.
SELECT n.channel, n.dedup_key, CAST(max(n.id) AS VARCHAR) AS id
FROM notifications n
SEMI JOIN integration_incidents i ON i.id = n.incident_id AND i.status <> 'resolved'
WHERE n.action = 'trigger'
GROUP BY n.channel, n.dedup_key
HAVING arg_max(n.state, n.id) = 'refused'
ORDER BY id;
