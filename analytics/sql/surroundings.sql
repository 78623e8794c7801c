-- What surrounds one service, written type/name: its vendor, announced work, who wants to hear nothing, what it needs.

-- name: vendor_reports_of_service
-- What vendors reported about $service that was going on at some time from $since on, the newest first.
SELECT vendor, vendor_id, name, impact, state, started_at, updated_at, resolved_at, url
FROM vendor_incidents
WHERE list_contains(from_json(services, '["VARCHAR"]'), $service)
    AND (resolved_at IS NULL OR resolved_at >= $since)
ORDER BY resolved_at IS NOT NULL, started_at DESC, vendor_id
LIMIT $count;

-- name: vendor_feeds_of_service
-- The status pages of vendors that tell of $service.
SELECT vendor, url, indicator, description, checked_at, read_at, error
FROM vendor_feeds
WHERE list_contains(from_json(services, '["VARCHAR"]'), $service)
ORDER BY vendor;

-- name: maintenance_of_service
-- The announced work on the service from $since up to $until, the newest first.
SELECT name, starts_at, ends_at
FROM maintenance
WHERE service_type || '/' || service_name = $service AND ends_at > $since AND starts_at < $until
ORDER BY starts_at DESC, name;

-- name: mutes_of_service
-- Who wants to hear nothing of $service at $now, the longest lasting first.
SELECT rule, created_at, until, author, coalesce(note, '') AS note
FROM mutes
WHERE created_at <= $now AND until > $now
    AND (service_name IS NULL OR service_type || '/' || service_name = $service)
ORDER BY until DESC, id;

-- name: dependencies_of_service
-- What $service cannot work without (`needed`), and what cannot work without it, in configured order.
WITH monitored AS (
    SELECT
        position,
        service_type || '/' || service_name AS service,
        from_json(depends_on, '["VARCHAR"]') AS needs
    FROM services
    WHERE enabled
)
SELECT others.service, list_contains(own.needs, others.service) AS needed
FROM monitored AS own
JOIN monitored AS others
    ON list_contains(own.needs, others.service) OR list_contains(others.needs, own.service)
WHERE own.service = $service AND others.service <> own.service
ORDER BY others.position;
