-- Since when something is known. Sums of hours lie in the order of time, so a few hours of them are found at once;
-- single rows matter from the last finished hour on, since those before it are in the sums.

-- name: checks_summed
-- The services of which a check of the hours after $from was known at $moment already.
SELECT DISTINCT service_type, service_name
FROM status_spans
WHERE hour > $from AND hour <= $moment AND begun <= $moment;

-- name: checks_single
-- The same from the single rows after $from.
SELECT DISTINCT service_type, service_name
FROM integration_health_checks
WHERE timestamp > $from AND timestamp <= $moment;

-- name: traffic_summed
-- The services of which a request of the hours after $from was known at $moment already.
SELECT DISTINCT service_type, service_name
FROM traffic_hours
WHERE hour > $from AND hour <= $moment AND coalesce(first_at, hour) <= $moment;

-- name: traffic_single
-- The same from the single rows after $from; what a request is, is said in rollups.sql.
-- uses: traffic_names
SELECT 'api' AS service_type, coalesce(names.service_name, api_name) AS service_name
FROM (SELECT DISTINCT api_name FROM api_metrics WHERE timestamp > $from AND timestamp <= $moment) AS calls
LEFT JOIN traffic_names AS names ON names.service_type = 'api' AND names.name = api_name
UNION
SELECT 'webhook', coalesce(names.service_name, source)
FROM (SELECT DISTINCT source FROM webhook_metrics WHERE timestamp > $from AND timestamp <= $moment) AS deliveries
LEFT JOIN traffic_names AS names ON names.service_type = 'webhook' AND names.name = source
UNION
SELECT service_type, service_name
FROM integration_health_checks
WHERE timestamp > $from AND timestamp <= $moment AND status <> 'unknown' AND service_type <> 'webhook';

-- name: first_summed
-- When the first of all that is in the sums of hours happened; NULL when there is none.
SELECT min(since) AS since
FROM (
    SELECT min(begun) AS since FROM status_spans WHERE hour = (SELECT min(hour) FROM status_spans)
    UNION ALL
    SELECT min(coalesce(first_at, hour)) FROM traffic_hours WHERE hour = (SELECT min(hour) FROM traffic_hours)
) AS sums;

-- name: first_single
-- The same of single rows.
SELECT least(
    (SELECT min(timestamp) FROM integration_health_checks),
    (SELECT min(timestamp) FROM api_metrics),
    (SELECT min(timestamp) FROM webhook_metrics)
) AS since;

-- name: first_of_services
-- When the first of each service that is known happened; $services are written type/name.
-- uses: traffic_names
SELECT service_type || '/' || service_name AS service, min(since) AS since
FROM (
    SELECT service_type, service_name, begun AS since FROM status_spans
    UNION ALL
    SELECT service_type, service_name, coalesce(first_at, hour) FROM traffic_hours
    UNION ALL
    SELECT service_type, service_name, timestamp FROM integration_health_checks
    UNION ALL
    SELECT 'api', coalesce(names.service_name, api_name), since
    FROM (SELECT api_name, min(timestamp) AS since FROM api_metrics GROUP BY api_name) AS calls
    LEFT JOIN traffic_names AS names ON names.service_type = 'api' AND names.name = api_name
    UNION ALL
    SELECT 'webhook', coalesce(names.service_name, source), since
    FROM (SELECT source, min(timestamp) AS since FROM webhook_metrics GROUP BY source) AS deliveries
    LEFT JOIN traffic_names AS names ON names.service_type = 'webhook' AND names.name = source
) AS known
WHERE list_contains($services, service_type || '/' || service_name)
GROUP BY ALL;
