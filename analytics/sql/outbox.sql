-- name: outbox_waiting
-- The messages that are not settled, oldest first: of each channel those of at most $keys keys, first the keys with the
-- loudest message and then those that wait longest, and of each key the oldest $rows. `past` is what became of the newest
-- trigger of the same channel and key that is settled ("delivered" when anything was delivered since, or unknown).
WITH pending AS (
    SELECT channel, dedup_key, id, CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END AS loudness
    FROM notifications
    WHERE state = 'pending'
),
chosen AS (
    SELECT channel, dedup_key
    FROM pending
    GROUP BY channel, dedup_key
    QUALIFY row_number() OVER (PARTITION BY channel ORDER BY min(loudness), min(id)) <= $keys
),
waiting AS (
    SELECT
        n.id, n.incident_id, n.channel, n.dedup_key, n.payload, n.attempts, n.created_at, n.next_attempt_at,
        n.first_attempt_at
    FROM notifications n
    SEMI JOIN chosen c ON n.channel = c.channel AND n.dedup_key = c.dedup_key
    WHERE n.state = 'pending'
    QUALIFY row_number() OVER (PARTITION BY n.channel, n.dedup_key ORDER BY n.id) <= $rows
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
-- For each channel with messages that wait or never arrived: how many wait, the first attempt of the oldest that failed so
-- far, the most attempts of one that waits, how many never arrived, and the newest trouble. Of those that never arrived the
-- ones count that are newer than what the channel took last: refused since $since, or expired whenever that was.
WITH unarrived AS MATERIALIZED (
    SELECT id, channel, state, first_attempt_at, attempts, last_error
    FROM notifications
    WHERE state IN ('pending', 'expired')
    OR (state = 'refused' AND coalesce(first_attempt_at, created_at) > $since)
),
taken AS (
    SELECT channel, max(id) AS newest
    FROM notifications
    WHERE state = 'delivered' AND id > (SELECT min(id) FROM unarrived WHERE state <> 'pending')
    GROUP BY channel
),
troubled AS (
    SELECT u.*
    FROM unarrived u
    LEFT JOIN taken t ON t.channel = u.channel
    WHERE u.state = 'pending' OR t.newest IS NULL OR u.id > t.newest
)
SELECT
    channel,
    count(*) FILTER (state = 'pending') AS waiting,
    min(first_attempt_at) FILTER (state = 'pending' AND attempts > 0) AS failing_since,
    coalesce(max(attempts) FILTER (state = 'pending'), 0) AS attempts,
    count(*) FILTER (state <> 'pending') AS refused,
    coalesce(arg_max(last_error, id) FILTER (last_error IS NOT NULL), '') AS last_error
FROM troubled
GROUP BY channel
ORDER BY channel;

-- name: outbox_refused_triggers
-- The newest triggers that were refused for good though their incident is not over, or their alert without an incident still
-- fires, with their channel.
SELECT n.channel, n.dedup_key, CAST(max(n.id) AS VARCHAR) AS id
FROM notifications n
WHERE n.action = 'trigger'
AND (
    n.incident_id IN (SELECT id FROM integration_incidents WHERE status <> 'resolved')
    OR (n.incident_id IS NULL AND n.dedup_key IN (SELECT details->>'$.dedup_key' FROM alerts WHERE state = 'firing'))
)
GROUP BY n.channel, n.dedup_key
HAVING arg_max(n.state, n.id) = 'refused'
ORDER BY id;
