-- name: vendor_incidents_going_on
-- What each vendor reports as going on, or as over since $since, of feeds that were read after $read_since; the
-- newest first. `services` is a JSON list of type/name.
SELECT
    incidents.vendor,
    incidents.vendor_id,
    incidents.name,
    incidents.impact,
    incidents.state,
    incidents.started_at,
    incidents.updated_at,
    incidents.resolved_at,
    incidents.url,
    incidents.components,
    incidents.services
FROM vendor_incidents AS incidents
JOIN vendor_feeds AS feeds USING (vendor)
WHERE (incidents.resolved_at IS NULL OR incidents.resolved_at >= $since) AND feeds.read_at >= $read_since
ORDER BY incidents.resolved_at IS NOT NULL, incidents.started_at DESC, incidents.vendor_id;

-- name: vendor_news_of_incidents
-- For each open incident of ours what the vendor of its service reports: going on, or over not longer than 15
-- minutes before ours began; of feeds that were read after $read_since. `began_at` is when ours began; oldest
-- news first.
SELECT
    ours.id AS incident_id,
    coalesce(ours.began_at, ours.created_at) AS began_at,
    theirs.vendor,
    theirs.vendor_id,
    theirs.name,
    theirs.impact,
    theirs.state,
    theirs.started_at,
    theirs.updated_at,
    theirs.resolved_at,
    theirs.url,
    theirs.components
FROM integration_incidents AS ours
JOIN vendor_incidents AS theirs
    ON list_contains(
        from_json(theirs.services, '["VARCHAR"]'), ours.service_type || '/' || ours.service_name
    )
JOIN vendor_feeds AS feeds ON feeds.vendor = theirs.vendor
WHERE ours.status <> 'resolved'
    AND feeds.read_at >= $read_since
    AND (
        theirs.resolved_at IS NULL
        OR theirs.resolved_at >= coalesce(ours.began_at, ours.created_at) - INTERVAL 15 MINUTE
    )
ORDER BY theirs.updated_at, theirs.vendor_id, ours.id;

-- name: vendor_events_told
-- What was told already of vendors in the timelines of the incidents of ours that are open.
SELECT events.incident_id, events.message
FROM incident_events AS events
JOIN integration_incidents AS ours ON ours.id = events.incident_id
WHERE events.kind = 'vendor' AND ours.status <> 'resolved';

-- name: vendor_incidents_stored
-- The incidents of $vendor that are stored as going on.
SELECT
    vendor_id,
    name,
    impact,
    state,
    started_at,
    updated_at,
    resolved_at,
    url,
    components,
    services
FROM vendor_incidents
WHERE vendor = $vendor AND resolved_at IS NULL;

-- name: vendor_feeds
-- Every feed: whose it is, where, of which services (JSON), when it was asked and read last, what the page says as
-- a whole, what is wrong with the feed, and how many incidents it reports as going on.
SELECT
    feeds.vendor,
    feeds.url,
    feeds.services,
    feeds.checked_at,
    feeds.read_at,
    feeds.indicator,
    feeds.description,
    feeds.error,
    (
        SELECT count(*) FROM vendor_incidents AS incidents
        WHERE incidents.vendor = feeds.vendor AND incidents.resolved_at IS NULL
    ) AS going_on
FROM vendor_feeds AS feeds
ORDER BY feeds.vendor;
