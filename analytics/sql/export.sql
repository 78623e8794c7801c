-- What an export asks before it begins.

-- name: names_of_services
-- Every service that is or was configured, and what its traffic calls it.
SELECT service_type, service_name, coalesce(traffic_name, service_name) AS traffic_name
FROM services
ORDER BY position;

-- name: time_zones
-- The names of all time zones.
SELECT name FROM pg_timezone_names() ORDER BY name;
