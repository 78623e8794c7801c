-- What went to and came from services. Rows are grouped $by 'service', 'type', 'endpoint' or 'all', of $services (texts
-- type/name, NULL for all), in steps of $step microseconds (0: all is one step), counted from 1970 on in UTC.

-- part: wanted_services
-- A number for each of $services.
SELECT hash(split_part(service, '/', 1), substr(service, strpos(service, '/') + 1)) AS wanted
FROM (SELECT unnest(CAST($services AS VARCHAR[])) AS service)

-- part: wanted_traffic
-- The traffic of the wanted services: a single one is told by its name, too, so that little else is read. `series` is a
-- number for what is grouped by: of text alone it takes three times as long.
-- uses: traffic_pieces, wanted_services
SELECT
    CASE $by
        WHEN 'all' THEN hash('all')
        WHEN 'type' THEN hash(service_type)
        WHEN 'service' THEN hash(service_type, service_name)
        ELSE hash(service_type, service_name, method, endpoint)
    END AS series,
    *
FROM traffic_pieces
WHERE ($services IS NULL OR hash(service_type, service_name) IN (SELECT wanted FROM wanted_services))
    AND (coalesce(len($services), 0) <> 1 OR service_name = substr($services[1], strpos($services[1], '/') + 1))

-- part: counted_traffic
-- For each series and step: what it is about, requests, errors and retries as counts; the shares of them in percent; of
-- webhooks how many were not genuine, and of those that were how many were not processed.
-- uses: wanted_traffic
WITH counted AS (
    SELECT
        series,
        CASE WHEN $step = 0 THEN 0 ELSE epoch_us(hour) // $step END AS step,
        CASE WHEN $by <> 'all' THEN any_value(service_type) END AS service_type,
        CASE WHEN $by IN ('service', 'endpoint') THEN any_value(service_name) END AS service_name,
        CASE WHEN $by = 'endpoint' THEN any_value(method) END AS method,
        CASE WHEN $by = 'endpoint' THEN any_value(endpoint) END AS endpoint,
        CAST(sum(requests) AS BIGINT) AS requests,
        CAST(sum(errors) AS BIGINT) AS errors,
        CAST(sum(retries) AS BIGINT) AS retries,
        CAST(sum(unverified) AS BIGINT) AS unverified,
        CAST(sum(unprocessed) AS BIGINT) AS unprocessed
    FROM wanted_traffic
    GROUP BY series, step
)
SELECT
    series,
    step,
    make_timestamptz(step * $step) AS step_start,
    service_type, service_name, method, endpoint,
    requests, errors, retries,
    100.0 * (requests - errors) / nullif(requests, 0) AS success_percent,
    100.0 * errors / nullif(requests, 0) AS error_percent,
    100.0 * retries / nullif(requests, 0) AS retry_percent,
    unverified, unprocessed
FROM counted

-- name: traffic_rates
-- The figures of each series and step, without the numbers of both.
-- uses: counted_traffic
SELECT * EXCLUDE (series, step)
FROM counted_traffic
ORDER BY step, service_type, service_name, method, endpoint;

-- name: traffic_places
-- The same, with the numbers of both.
-- uses: counted_traffic
SELECT *
FROM counted_traffic
ORDER BY step, service_type, service_name, method, endpoint;

-- name: traffic_rates_of_moments
-- The figures of steps under an hour, from single rows.
-- uses: edge_requests, wanted_services
WITH counted AS (
    SELECT
        epoch_us(timestamp) // $step AS step,
        CASE WHEN $by <> 'all' THEN service_type END AS service_type,
        CASE WHEN $by IN ('service', 'endpoint') THEN service_name END AS service_name,
        CASE WHEN $by = 'endpoint' THEN method END AS method,
        CASE WHEN $by = 'endpoint' THEN endpoint END AS endpoint,
        count(*) AS requests,
        count(*) FILTER (failed) AS errors,
        CAST(sum(retries) AS BIGINT) AS retries,
        count(*) FILTER (unverified) AS unverified,
        count(*) FILTER (unprocessed) AS unprocessed
    FROM edge_requests
    WHERE $services IS NULL OR hash(service_type, service_name) IN (SELECT wanted FROM wanted_services)
    GROUP BY ALL
)
SELECT
    make_timestamptz(step * $step) AS step_start,
    service_type, service_name, method, endpoint,
    requests, errors, retries,
    100.0 * (requests - errors) / requests AS success_percent,
    100.0 * errors / requests AS error_percent,
    100.0 * retries / requests AS retry_percent,
    unverified, unprocessed
FROM counted
ORDER BY ALL;

-- name: traffic_failures
-- What failed, the most frequent first: errors by service, endpoint and reason, and their share of all errors of that
-- service in percent.
-- uses: traffic_pieces, wanted_services
WITH failed AS (
    SELECT service_type, service_name, method, endpoint, reason, CAST(sum(errors) AS BIGINT) AS errors
    FROM traffic_pieces
    WHERE errors > 0
        AND ($services IS NULL OR hash(service_type, service_name) IN (SELECT wanted FROM wanted_services))
    GROUP BY service_type, service_name, method, endpoint, reason
)
SELECT
    *,
    100.0 * errors / sum(errors) OVER (PARTITION BY service_type, service_name) AS share_percent
FROM failed
ORDER BY errors DESC, service_type, service_name, method, endpoint, reason;
