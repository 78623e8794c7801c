-- Traffic by service and step of time, for `analytics/traffic_cube.py`. `series` is a number for the service: of text
-- alone it takes three times as long. Steps are of $step microseconds, counted from 1970 on in UTC.

-- name: cube_of_traffic
-- The requests, errors and retries of each of $services (texts type/name, NULL for all) in each step.
-- uses: traffic_pieces, wanted_services
SELECT
    hash(service_type, service_name) AS series,
    epoch_us(hour) // $step AS step,
    any_value(service_type) AS service_type,
    any_value(service_name) AS service_name,
    CAST(sum(requests) AS BIGINT) AS requests,
    CAST(sum(errors) AS BIGINT) AS errors,
    CAST(sum(retries) AS BIGINT) AS retries
FROM traffic_pieces
WHERE $services IS NULL OR hash(service_type, service_name) IN (SELECT wanted FROM wanted_services)
GROUP BY series, step
ORDER BY step, service_type, service_name;
