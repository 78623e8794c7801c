-- How long requests took that did not fail. Grouping as in traffic.sql.

-- part: latency_rows
-- By endpoint, or the smaller table without endpoints.
-- uses: latency_pieces, service_latency_pieces
SELECT service_type, service_name, method, endpoint, latency_ms, requests
FROM latency_pieces
WHERE $by = 'endpoint'
UNION ALL
SELECT service_type, service_name, NULL, NULL, latency_ms, requests
FROM service_latency_pieces
WHERE $by <> 'endpoint'

-- part: wanted_latency
-- Those of the wanted services, with the number of their series.
-- uses: latency_rows, wanted_services
SELECT
    CASE $by
        WHEN 'all' THEN hash('all')
        WHEN 'type' THEN hash(service_type)
        WHEN 'service' THEN hash(service_type, service_name)
        ELSE hash(service_type, service_name, method, endpoint)
    END AS series,
    latency_ms,
    requests
FROM latency_rows
WHERE ($services IS NULL OR hash(service_type, service_name) IN (SELECT wanted FROM wanted_services))
    AND (coalesce(len($services), 0) <> 1 OR service_name = substr($services[1], strpos($services[1], '/') + 1))

-- part: latency_histograms
-- Two lists of each series, in no order: times, and how many requests took each of them.
-- uses: wanted_latency
WITH counted AS (
    SELECT series, latency_ms, CAST(sum(requests) AS BIGINT) AS requests
    FROM wanted_latency
    GROUP BY series, latency_ms
)
SELECT series, count(*) AS length, list(latency_ms) AS times, list(requests) AS counts
FROM counted
GROUP BY series

-- name: traffic_and_latency
-- Of a whole period ($step is 0) the columns of traffic_rates, and how long those requests took that did not fail:
-- `times` in ms and `counts`, how many took each of them, `length` rows of both, NULL where none has a time. What is
-- computed of them: analytics/percentiles.py.
-- uses: counted_traffic, latency_histograms
SELECT counted.*, coalesce(length, 0) AS length, times, counts
FROM counted_traffic AS counted
LEFT JOIN latency_histograms USING (series)
ORDER BY service_type, service_name, method, endpoint;

-- name: latency_rows_of_services
-- How many requests of the full hours took how long, in no order and not summed, with the number of their series and the
-- start of their hour. The names of $services are from $first_name to $last_name (NULL for all): where those are few,
-- most need not be read. Without the edges: two large results in a UNION ALL wait for each other for ever when they are
-- read bit by bit (https://github.com/duckdb/duckdb/issues/22215).
-- uses: wanted_services
SELECT
    CASE $by
        WHEN 'all' THEN hash('all')
        WHEN 'type' THEN hash(service_type)
        ELSE hash(service_type, service_name)
    END AS series,
    hour,
    latency_ms,
    requests
FROM service_latency_hours
WHERE hour >= $body_since AND hour < $body_until
    AND ($first_name IS NULL OR service_name BETWEEN $first_name AND $last_name)
    AND ($services IS NULL OR hash(service_type, service_name) IN (SELECT wanted FROM wanted_services));

-- name: latency_rows_of_endpoints
-- The same by endpoint, and of all services with a name in the range: it is quicker to leave out the series of others
-- than to look each row up here.
SELECT hash(service_type, service_name, method, endpoint) AS series, hour, latency_ms, requests
FROM latency_hours
WHERE hour >= $body_since AND hour < $body_until
    AND ($first_name IS NULL OR service_name BETWEEN $first_name AND $last_name);

-- name: latency_rows_of_edges
-- The same of the edges, summed.
-- uses: edge_times, wanted_services
SELECT
    CASE $by
        WHEN 'all' THEN hash('all')
        WHEN 'type' THEN hash(service_type)
        WHEN 'service' THEN hash(service_type, service_name)
        ELSE hash(service_type, service_name, method, endpoint)
    END AS series,
    hour,
    latency_ms,
    CAST(sum(requests) AS INTEGER) AS requests
FROM edge_times
WHERE $services IS NULL OR hash(service_type, service_name) IN (SELECT wanted FROM wanted_services)
GROUP BY ALL;

-- name: latency_figures_of_moments
-- The figures of steps under an hour, exactly, from single rows.
-- uses: edge_requests, wanted_services
WITH summed AS (
    SELECT
        epoch_us(timestamp) // $step AS step,
        CASE WHEN $by <> 'all' THEN service_type END AS service_type,
        CASE WHEN $by IN ('service', 'endpoint') THEN service_name END AS service_name,
        CASE WHEN $by = 'endpoint' THEN method END AS method,
        CASE WHEN $by = 'endpoint' THEN endpoint END AS endpoint,
        count(*) AS requests,
        quantile_cont(latency_ms, [0.5, 0.95, 0.99]) AS percentiles,
        avg(latency_ms) AS mean_ms,
        CAST(max(latency_ms) AS INTEGER) AS max_ms
    FROM edge_requests
    WHERE NOT failed AND latency_ms IS NOT NULL
        AND ($services IS NULL OR hash(service_type, service_name) IN (SELECT wanted FROM wanted_services))
    GROUP BY ALL
)
SELECT
    make_timestamptz(step * $step) AS step_start,
    service_type, service_name, method, endpoint,
    requests,
    percentiles[1] AS p50_ms, percentiles[2] AS p95_ms, percentiles[3] AS p99_ms,
    mean_ms, max_ms
FROM summed
ORDER BY ALL;
