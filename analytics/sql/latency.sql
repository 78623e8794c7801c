-- How long requests took that did not fail. Grouping as in traffic.sql.

-- part: latency_rows
-- By endpoint, or the smaller table without endpoints.
-- uses: latency_pieces, service_latency_pieces
SELECT hour, service_type, service_name, method, endpoint, latency_ms, requests
FROM latency_pieces
WHERE $by = 'endpoint'
UNION ALL
SELECT hour, service_type, service_name, NULL, NULL, latency_ms, requests
FROM service_latency_pieces
WHERE $by <> 'endpoint'

-- part: wanted_latency
-- Those of the wanted services, with the numbers of their series and step.
-- uses: latency_rows, wanted_services
SELECT
    CASE $by
        WHEN 'all' THEN hash('all')
        WHEN 'type' THEN hash(service_type)
        WHEN 'service' THEN hash(service_type, service_name)
        ELSE hash(service_type, service_name, method, endpoint)
    END AS series,
    CASE WHEN $step = 0 THEN 0 ELSE epoch_us(hour) // $step END AS step,
    latency_ms,
    requests
FROM latency_rows
WHERE $services IS NULL OR hash(service_type, service_name) IN (SELECT wanted FROM wanted_services)

-- part: latency_histograms
-- Two lists of each series and step, in no order: times, and how many requests took each of them.
-- uses: wanted_latency
WITH counted AS (
    SELECT series, step, latency_ms, CAST(sum(requests) AS BIGINT) AS requests
    FROM wanted_latency
    GROUP BY series, step, latency_ms
)
SELECT series, step, count(*) AS length, list(latency_ms) AS times, list(requests) AS counts
FROM counted
GROUP BY series, step

-- name: traffic_and_latency
-- The columns of traffic_rates, and how long those requests took that did not fail: `times` in ms and `counts`, how many
-- took each of them, `length` rows of both, NULL where none has a time. What is computed of them:
-- analytics/percentiles.py.
-- uses: counted_traffic, latency_histograms
SELECT counted.*, coalesce(length, 0) AS length, times, counts
FROM counted_traffic AS counted
LEFT JOIN latency_histograms USING (series, step)
ORDER BY step, service_type, service_name, method, endpoint;

-- name: traffic_and_latency_steps
-- The same for steps of a few hours: putting their rows together first would cost more than it saves. In one list, each
-- row is 2 to the 32 times its time in ms, and how many requests took that long.
-- uses: counted_traffic, wanted_latency
WITH listed AS (
    SELECT series, step, count(*) AS length, list(4294967296 * latency_ms + requests) AS times
    FROM wanted_latency
    GROUP BY series, step
)
SELECT counted.*, coalesce(length, 0) AS length, times
FROM counted_traffic AS counted
LEFT JOIN listed USING (series, step)
ORDER BY step, service_type, service_name, method, endpoint;

-- name: latency_figures_of_moments
-- The same for steps under an hour, exactly, from single rows.
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
