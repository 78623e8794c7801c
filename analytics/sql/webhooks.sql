-- How webhook sources deliver, of $services (NULL for all).

-- part: wanted_deliveries
-- What the wanted webhook sources delivered in each hour.
-- uses: traffic_pieces, wanted_services
SELECT *
FROM traffic_pieces
WHERE service_type = 'webhook'
    AND ($services IS NULL OR hash(service_type, service_name) IN (SELECT wanted FROM wanted_services))

-- part: delivery_grains
-- The first and the last delivery in each stretch of $grain microseconds, from single rows; none when $grain is 0.
-- uses: traffic_names
WITH grains AS (
    SELECT source, event_type, min(timestamp) AS oldest, max(timestamp) AS newest
    FROM webhook_metrics
    WHERE $grain > 0 AND timestamp >= $since AND timestamp < $until
    GROUP BY source, event_type, epoch_us(timestamp) // $grain
)
SELECT coalesce(names.service_name, source) AS service_name, event_type AS endpoint, oldest, newest
FROM grains
LEFT JOIN traffic_names AS names ON names.service_type = 'webhook' AND names.name = source

-- part: delivery_p95
-- P95 of the processing of those that went well, of each source and event type, as quantile_cont has it: between the
-- times of two ranks, of which the fastest is the 0th. Apart from latency.sql, for in a month of many calls the rows of
-- deliveries are few.
-- uses: latency_pieces, wanted_services
WITH times AS (
    SELECT service_name, endpoint, latency_ms, CAST(sum(requests) AS BIGINT) AS requests
    FROM latency_pieces
    WHERE service_type = 'webhook'
        AND ($services IS NULL OR hash(service_type, service_name) IN (SELECT wanted FROM wanted_services))
    GROUP BY service_name, endpoint, latency_ms
),
ranked AS (
    SELECT
        service_name,
        endpoint,
        latency_ms,
        CAST(sum(requests) OVER (
            PARTITION BY service_name, endpoint ORDER BY latency_ms ROWS UNBOUNDED PRECEDING
        ) AS BIGINT) - requests AS first_rank,
        CAST(sum(requests) OVER (PARTITION BY service_name, endpoint) AS BIGINT) - 1 AS last_of_all
    FROM times
),
bounds AS (
    SELECT
        service_name,
        endpoint,
        any_value(last_of_all) AS last_of_all,
        max(latency_ms) FILTER (first_rank <= 95 * last_of_all // 100) AS low,
        max(latency_ms) FILTER (first_rank <= 95 * last_of_all // 100 + 1) AS high
    FROM ranked
    GROUP BY service_name, endpoint
)
SELECT service_name, endpoint, low + (95 * last_of_all % 100) / 100.0 * (high - low) AS p95_ms
FROM bounds

-- name: webhook_figures
-- Each webhook source and event type of the period: deliveries, how many were not genuine, not processed or repeated,
-- and the shares in percent; P95 of the processing in ms; the newest delivery, and the longest time without one, from
-- $since, between two, or up to $until, in seconds. Pauses within one stretch of $grain microseconds, of an hour when
-- that is 0, are not looked at: it is exact from this length on.
-- uses: wanted_deliveries, delivery_p95, delivery_grains
WITH counted AS (
    SELECT
        service_name,
        endpoint,
        CAST(sum(requests) AS BIGINT) AS deliveries,
        CAST(sum(unverified) AS BIGINT) AS unverified,
        CAST(sum(unprocessed) AS BIGINT) AS unprocessed,
        CAST(coalesce(sum(requests) FILTER (reason = 'repeated'), 0) AS BIGINT) AS repeated
    FROM wanted_deliveries
    GROUP BY service_name, endpoint
),
stretches AS (
    SELECT service_name, endpoint, oldest, newest FROM delivery_grains
    UNION ALL
    SELECT service_name, endpoint, min(first_at), max(last_at)
    FROM wanted_deliveries
    WHERE $grain = 0 AND first_at IS NOT NULL
    GROUP BY service_name, endpoint, hour
),
paused AS (
    SELECT
        service_name,
        endpoint,
        newest,
        epoch(oldest - coalesce(lag(newest) OVER in_order, $since)) AS pause,
        epoch($until - newest) AS since_then
    FROM stretches
    WINDOW in_order AS (PARTITION BY service_name, endpoint ORDER BY oldest)
),
silences AS (
    SELECT
        service_name,
        endpoint,
        max(newest) AS newest,
        greatest(max(pause), min(since_then)) AS longest_silence_seconds
    FROM paused
    GROUP BY service_name, endpoint
)
SELECT
    counted.service_name,
    counted.endpoint AS event_type,
    deliveries,
    unverified,
    unprocessed,
    repeated,
    100.0 * (deliveries - unverified) / deliveries AS verified_percent,
    100.0 * (deliveries - unverified - unprocessed) / nullif(deliveries - unverified, 0) AS processed_percent,
    p95_ms,
    newest,
    longest_silence_seconds
FROM counted
LEFT JOIN silences
    ON silences.service_name = counted.service_name AND silences.endpoint IS NOT DISTINCT FROM counted.endpoint
LEFT JOIN delivery_p95 AS times
    ON times.service_name = counted.service_name AND times.endpoint IS NOT DISTINCT FROM counted.endpoint
ORDER BY counted.service_name, event_type;
