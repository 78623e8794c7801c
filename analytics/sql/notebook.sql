-- name: notebook_standing
-- What a notebook is told first: the newest heartbeat and the newest check, and how many services are monitored.
SELECT
    (SELECT max(finished_at) FROM collector_runs) AS newest_run,
    (SELECT max(timestamp) FROM integration_health_checks) AS newest_check,
    (SELECT count(*) FROM services WHERE enabled) AS services;

-- name: known_services
-- Every service there is anything about, as type/name: the monitored ones, and those that once were.
SELECT service_type || '/' || service_name AS service FROM services
UNION
SELECT service_type || '/' || service_name FROM check_hours
UNION
SELECT service_type || '/' || service_name FROM traffic_hours
ORDER BY service;

-- name: table_columns
-- The tables and their columns, in order.
SELECT table_name, column_name
FROM information_schema.columns
WHERE table_catalog = current_database() AND table_schema = current_schema()
ORDER BY table_name, ordinal_position;
