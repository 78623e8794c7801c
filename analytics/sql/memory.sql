-- name: last_checks
-- The newest check of each service after $since, with its failures in a row (of what is judged by traffic, those
-- of its probe), and the details of its newest good one (its baseline).
SELECT
    service_type,
    service_name,
    max(timestamp) AS timestamp,
    arg_max(status, timestamp) AS status,
    arg_max(reason, timestamp) AS reason,
    arg_max(
        CASE
            WHEN details->>'$.total' IS NULL THEN error_count
            ELSE coalesce(CAST(details->>'$.probe_failures_in_row' AS INTEGER), 0)
        END,
        timestamp
    ) AS failures_in_row,
    arg_max(details, timestamp)
        FILTER (reason IN ('ok', 'slow', 'passed_on_retry', 'schema_changed')) AS details
FROM integration_health_checks
WHERE timestamp > $since
GROUP BY service_type, service_name;

-- name: processed_deliveries
-- The ids of the deliveries after $since that need not be processed again, oldest first, with their source: of
-- each source the newest $most.
SELECT source, webhook_id
FROM webhook_metrics
WHERE timestamp > $since AND verified AND coalesce(processed, true) AND webhook_id IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY source ORDER BY timestamp DESC) <= $most
ORDER BY timestamp;
