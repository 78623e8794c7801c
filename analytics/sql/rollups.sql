-- Figures over a period are pieces: rows of the rollups for the whole hours from $body_since to $body_until, and the
-- same columns from single rows for the edges from $since to $body_since and from $body_until to $until. Each edge
-- is a scan of its own: an OR of two ranges would read everything. With $body_since = $body_until = $until the first
-- edge is all there is, and that is how hours are rolled up. See analytics/coverage.py.

-- part: configured_intervals
-- The interval of each service in seconds.
SELECT service_type, service_name, max(interval_seconds) AS seconds
FROM services
GROUP BY service_type, service_name

-- part: slow_services
-- The services that are asked so seldom that what a check says can hold for more than five hours.
-- uses: configured_intervals
SELECT service_type, service_name FROM configured_intervals WHERE 2.5 * seconds > 5 * 3600

-- part: edge_bounds
-- The two edges with some time around them. Most services have in the quarter of an hour before an edge what still holds
-- in it and what shows their rhythm, four first attempts, and in the quarter after it the one that ends what holds.
SELECT 1 AS edge, CAST($since AS TIMESTAMPTZ) AS edge_since, CAST($body_since AS TIMESTAMPTZ) AS edge_until
UNION ALL
SELECT 2, $body_until, $until

-- part: near_attempts
-- The attempts in the edges, and in the quarters of an hour around them.
SELECT 1 AS edge, service_type, service_name, timestamp, attempt, status, reason
FROM integration_health_checks
WHERE $since < $body_since
    AND timestamp >= $since - INTERVAL 15 MINUTE AND timestamp < $body_since + INTERVAL 15 MINUTE
UNION ALL
SELECT 2, service_type, service_name, timestamp, attempt, status, reason
FROM integration_health_checks
WHERE $body_until < $until
    AND timestamp >= $body_until - INTERVAL 15 MINUTE AND timestamp < $until + INTERVAL 15 MINUTE

-- part: known_around
-- Of which services the near attempts say enough: `begun` before the edge, `ended` after it.
-- uses: near_attempts, edge_bounds
SELECT
    edge, service_type, service_name,
    count(*) FILTER (timestamp < edge_since AND attempt = 1) >= 4 AS begun,
    count(*) FILTER (timestamp >= edge_until) >= 1 AS ended
FROM near_attempts
INNER JOIN edge_bounds USING (edge)
GROUP BY edge, service_type, service_name

-- part: far_attempts
-- Of the other services the attempts of the hours around, and of the slow ones those of the days around: what a rhythm
-- of two hours says can hold for five, and four hours before it show the rhythm.
-- uses: known_around, slow_services
SELECT 1 AS edge, service_type, service_name, timestamp, attempt, status, reason
FROM integration_health_checks
ANTI JOIN (SELECT * FROM known_around WHERE edge = 1 AND begun) AS known USING (service_type, service_name)
WHERE $since < $body_since AND timestamp < $since - INTERVAL 15 MINUTE
    AND timestamp >= $since - INTERVAL 9 HOUR
UNION ALL
SELECT 1, service_type, service_name, timestamp, attempt, status, reason
FROM integration_health_checks
ANTI JOIN (SELECT * FROM known_around WHERE edge = 1 AND ended) AS known USING (service_type, service_name)
WHERE $since < $body_since AND timestamp >= $body_since + INTERVAL 15 MINUTE
    AND timestamp < $body_since + INTERVAL 5 HOUR
UNION ALL
SELECT 2, service_type, service_name, timestamp, attempt, status, reason
FROM integration_health_checks
ANTI JOIN (SELECT * FROM known_around WHERE edge = 2 AND begun) AS known USING (service_type, service_name)
WHERE $body_until < $until AND timestamp < $body_until - INTERVAL 15 MINUTE
    AND timestamp >= $body_until - INTERVAL 9 HOUR
UNION ALL
SELECT 2, service_type, service_name, timestamp, attempt, status, reason
FROM integration_health_checks
ANTI JOIN (SELECT * FROM known_around WHERE edge = 2 AND ended) AS known USING (service_type, service_name)
WHERE $body_until < $until AND timestamp >= $until + INTERVAL 15 MINUTE
    AND timestamp < $until + INTERVAL 5 HOUR
UNION ALL
SELECT 1, service_type, service_name, timestamp, attempt, status, reason
FROM integration_health_checks
SEMI JOIN slow_services USING (service_type, service_name)
WHERE $since < $body_since
    AND timestamp >= $since - INTERVAL 8 DAY AND timestamp < $body_since + INTERVAL 8 DAY
    AND NOT (timestamp >= $since - INTERVAL 9 HOUR AND timestamp < $body_since + INTERVAL 5 HOUR)
UNION ALL
SELECT 2, service_type, service_name, timestamp, attempt, status, reason
FROM integration_health_checks
SEMI JOIN slow_services USING (service_type, service_name)
WHERE $body_until < $until
    AND timestamp >= $body_until - INTERVAL 8 DAY AND timestamp < $until + INTERVAL 8 DAY
    AND NOT (timestamp >= $body_until - INTERVAL 9 HOUR AND timestamp < $until + INTERVAL 5 HOUR)

-- part: edge_attempts
-- The attempts in and around the edges: those before it that may still hold, with what shows their rhythm, and those
-- after it that end what holds.
-- uses: near_attempts, far_attempts, edge_bounds
SELECT edge, edge_since, edge_until, service_type, service_name, timestamp, attempt, status, reason
FROM (SELECT * FROM near_attempts UNION ALL SELECT * FROM far_attempts) AS attempts
INNER JOIN edge_bounds USING (edge)

-- part: edge_looks
-- The same in microseconds since 1970, which are computed with much faster than timestamps, and with `next_at`, when the
-- next attempt was, `is_check`, whether it is the last attempt of its check, and `usual`, the rhythm: of the last three
-- pauses between checks (from first attempt to first attempt) the middle one, if they lie within four hours before the
-- attempt. One long pause is a stop and no rhythm.
-- uses: edge_attempts
WITH attempts AS (
    SELECT
        edge, service_type, service_name, status, reason, attempt,
        epoch_us(timestamp) AS moment,
        CASE WHEN attempt = 1 THEN epoch_us(timestamp) END AS first_at,
        epoch_us(edge_since) AS edge_since,
        epoch_us(edge_until) AS edge_until
    FROM edge_attempts
),
ordered AS (
    SELECT
        *,
        lead(moment) OVER in_order AS next_at,
        lead(attempt) OVER in_order AS next_attempt,
        lag(first_at, 1 IGNORE NULLS) OVER in_order AS first_1,
        lag(first_at, 2 IGNORE NULLS) OVER in_order AS first_2,
        lag(first_at, 3 IGNORE NULLS) OVER in_order AS first_3,
        lag(first_at, 4 IGNORE NULLS) OVER in_order AS first_4
    FROM attempts
    WINDOW in_order AS (PARTITION BY edge, service_type, service_name ORDER BY moment, attempt, status, reason)
),
paused AS (
    SELECT
        *,
        coalesce(first_at - first_1, first_1 - first_2) AS newest_pause,
        CASE WHEN first_at IS NULL THEN first_2 - first_3 ELSE first_1 - first_2 END AS middle_pause,
        CASE WHEN first_at IS NULL THEN first_3 - first_4 ELSE first_2 - first_3 END AS oldest_pause,
        moment - CASE WHEN first_at IS NULL THEN first_4 ELSE first_3 END AS shown_in
    FROM ordered
)
SELECT
    edge_since, edge_until, service_type, service_name, status, reason, moment, next_at,
    coalesce(next_attempt <= attempt, true) AS is_check,
    CASE
        WHEN shown_in <= 14400000000
            THEN newest_pause + middle_pause + oldest_pause
                - greatest(newest_pause, middle_pause, oldest_pause)
                - least(newest_pause, middle_pause, oldest_pause)
    END AS usual
FROM paused

-- part: edge_holds
-- How long each attempt held within its edge, from `begun` to `ended`: until the next one if that comes within five
-- minutes or 2.5 intervals, else for one interval alone. `counts` says that it is a check of the edge itself.
-- uses: edge_looks, configured_intervals
WITH timed AS (
    SELECT
        looks.*,
        greatest(coalesce(CAST(1000000 * seconds AS BIGINT), usual, 60000000), coalesce(usual, 0)) AS pace
    FROM edge_looks AS looks
    LEFT JOIN configured_intervals USING (service_type, service_name)
),
clipped AS (
    SELECT
        service_type, service_name, status, reason, moment,
        is_check AND moment >= edge_since AND moment < edge_until AS counts,
        greatest(moment, edge_since) AS begun,
        least(
            edge_until,
            CASE WHEN 2 * (next_at - moment) <= greatest(600000000, 5 * pace) THEN next_at ELSE moment + pace END
        ) AS ended
    FROM timed
),
announced AS (
    SELECT service_type, service_name, epoch_us(starts_at) AS starts_at, epoch_us(ends_at) AS ends_at
    FROM maintenance
)
SELECT
    service_type, service_name, status, reason, counts, begun, ended,
    EXISTS (
        SELECT 1
        FROM announced
        WHERE announced.service_type = clipped.service_type
            AND announced.service_name = clipped.service_name
            AND announced.starts_at <= clipped.moment AND clipped.moment < announced.ends_at
    ) AS in_maintenance
FROM clipped
WHERE counts OR ended > begun

-- part: edge_stretches
-- The same cut at the full hour; `hour` counts hours since 1970.
-- uses: edge_holds
WITH cut AS (
    SELECT
        *,
        unnest(range(begun // 3600000000, greatest(begun, ended - 1) // 3600000000 + 1)) AS hour
    FROM edge_holds
)
SELECT
    hour, service_type, service_name, status, reason, in_maintenance,
    counts AND hour = begun // 3600000000 AS counts,
    greatest(begun, 3600000000 * hour) AS begun,
    least(ended, 3600000000 * (hour + 1)) AS ended
FROM cut

-- part: check_edges
-- The columns of check_hours, of the edges.
-- uses: edge_stretches
SELECT
    make_timestamptz(3600000000 * hour) AS hour,
    service_type, service_name, status, reason, in_maintenance,
    count(*) FILTER (counts) AS checks,
    sum(ended - begun) / 1000000 AS seconds
FROM edge_stretches AS stretches
GROUP BY stretches.hour, service_type, service_name, status, reason, in_maintenance

-- part: span_edges
-- The columns of status_spans, of the edges.
-- uses: edge_stretches
WITH marked AS (
    SELECT
        hour, service_type, service_name, status, reason, begun, ended,
        CAST(
            status IS DISTINCT FROM lag(status) OVER in_order
            OR reason IS DISTINCT FROM lag(reason) OVER in_order
            OR begun > lag(ended) OVER in_order
        AS INTEGER) AS changed
    FROM edge_stretches
    WHERE ended > begun
    WINDOW in_order AS (PARTITION BY hour, service_type, service_name ORDER BY begun)
),
numbered AS (
    SELECT
        *,
        sum(changed) OVER (
            PARTITION BY hour, service_type, service_name ORDER BY begun ROWS UNBOUNDED PRECEDING
        ) AS nth
    FROM marked
)
SELECT
    make_timestamptz(3600000000 * hour) AS hour,
    service_type, service_name, status, reason,
    make_timestamptz(min(begun)) AS begun,
    make_timestamptz(max(ended)) AS ended
FROM numbered
GROUP BY numbered.hour, service_type, service_name, nth, status, reason

-- part: check_pieces
-- The columns of check_hours over the whole period; `hour` is the start of the hour a row lies in.
-- uses: check_edges
SELECT hour, service_type, service_name, status, reason, in_maintenance, checks, seconds
FROM check_hours
WHERE hour >= $body_since AND hour < $body_until
UNION ALL
SELECT hour, service_type, service_name, status, reason, in_maintenance, checks, seconds FROM check_edges

-- part: span_pieces
-- The columns of status_spans over the whole period.
-- uses: span_edges
SELECT hour, service_type, service_name, status, reason, begun, ended
FROM status_spans
WHERE hour >= $body_since AND hour < $body_until
UNION ALL
SELECT hour, service_type, service_name, status, reason, begun, ended FROM span_edges

-- part: traffic_names
-- The service that each api_name or source belongs to; of several the first one, and one that is checked before all
-- that are not.
SELECT
    service_type,
    coalesce(traffic_name, service_name) AS name,
    min_by(service_name, (NOT enabled, position, service_name)) AS service_name
FROM services
WHERE service_type IN ('api', 'webhook')
GROUP BY ALL

-- part: edge_calls
-- The calls of each API in the edges. One failed unless its answer was a 2xx or 3xx without a reason to complain. What
-- says only that a probe's own credentials are refused `counts` for nothing.
-- uses: traffic_names
WITH calls AS (
    SELECT timestamp, api_name, method, endpoint, reason, status_code, origin, retries, response_time_ms
    FROM api_metrics
    WHERE timestamp >= $since AND timestamp < $body_since
    UNION ALL
    SELECT timestamp, api_name, method, endpoint, reason, status_code, origin, retries, response_time_ms
    FROM api_metrics
    WHERE timestamp >= $body_until AND timestamp < $until
)
SELECT
    timestamp,
    make_timestamptz(epoch_us(timestamp) // 3600000000 * 3600000000) AS hour,
    coalesce(names.service_name, api_name) AS service_name,
    method,
    endpoint,
    reason,
    status_code,
    NOT (coalesce(status_code BETWEEN 200 AND 399, false) AND reason IS NULL) AS failed,
    coalesce(retries, 0) AS retries,
    response_time_ms,
    NOT coalesce(origin = 'probe' AND (reason = 'auth' OR status_code IN (401, 403)), false) AS counts
FROM calls
LEFT JOIN traffic_names AS names ON names.service_type = 'api' AND names.name = calls.api_name

-- part: hours_with_calls
-- Of each API the hours with a call, also where only a part of the hour belongs to the edge.
-- uses: traffic_names
SELECT DISTINCT hour, coalesce(names.service_name, api_name) AS service_name
FROM (
    SELECT DISTINCT make_timestamptz(epoch_us(timestamp) // 3600000000 * 3600000000) AS hour, api_name
    FROM api_metrics
    WHERE $since < $body_since
        AND timestamp >= make_timestamptz(epoch_us($since) // 3600000000 * 3600000000)
        AND timestamp < make_timestamptz((epoch_us($body_since) + 3599999999) // 3600000000 * 3600000000)
    UNION ALL
    SELECT DISTINCT make_timestamptz(epoch_us(timestamp) // 3600000000 * 3600000000), api_name
    FROM api_metrics
    WHERE $body_until < $until
        AND timestamp >= make_timestamptz(epoch_us($body_until) // 3600000000 * 3600000000)
        AND timestamp < make_timestamptz((epoch_us($until) + 3599999999) // 3600000000 * 3600000000)
) AS called
LEFT JOIN traffic_names AS names ON names.service_type = 'api' AND names.name = called.api_name

-- part: edge_probes
-- The attempts in the edges that are requests: those of MCP servers and infrastructure, and those of an API in an hour
-- in which nobody called it.
-- uses: hours_with_calls
WITH attempts AS (
    SELECT timestamp, service_type, service_name, status, reason, error_count, attempt, response_time_ms
    FROM integration_health_checks
    WHERE timestamp >= $since AND timestamp < $body_since AND status <> 'unknown' AND service_type <> 'webhook'
    UNION ALL
    SELECT timestamp, service_type, service_name, status, reason, error_count, attempt, response_time_ms
    FROM integration_health_checks
    WHERE timestamp >= $body_until AND timestamp < $until AND status <> 'unknown' AND service_type <> 'webhook'
),
timed AS (
    SELECT *, make_timestamptz(epoch_us(timestamp) // 3600000000 * 3600000000) AS hour FROM attempts
)
SELECT
    timestamp, hour, service_type, service_name, reason, coalesce(error_count > 0, false) AS failed, attempt,
    response_time_ms
FROM timed
WHERE service_type <> 'api' OR NOT EXISTS (
    SELECT 1
    FROM hours_with_calls AS called
    WHERE called.hour = timed.hour AND called.service_name = timed.service_name
)

-- part: edge_deliveries
-- The deliveries of each webhook source in the edges.
-- uses: traffic_names
WITH deliveries AS (
    SELECT timestamp, source, event_type, reason, verified, processed, processing_time_ms
    FROM webhook_metrics
    WHERE timestamp >= $since AND timestamp < $body_since
    UNION ALL
    SELECT timestamp, source, event_type, reason, verified, processed, processing_time_ms
    FROM webhook_metrics
    WHERE timestamp >= $body_until AND timestamp < $until
)
SELECT
    timestamp,
    make_timestamptz(epoch_us(timestamp) // 3600000000 * 3600000000) AS hour,
    coalesce(names.service_name, source) AS service_name,
    event_type,
    reason,
    coalesce(NOT verified, false) AS unverified,
    coalesce(verified AND NOT processed, false) AS unprocessed,
    processing_time_ms
FROM deliveries
LEFT JOIN traffic_names AS names ON names.service_type = 'webhook' AND names.name = deliveries.source

-- part: edge_requests
-- What went to and came from each service in the edges, a row a request. A failed call without a reason has the one its
-- HTTP status says.
-- uses: edge_calls, edge_deliveries, edge_probes
SELECT
    timestamp,
    hour,
    'api' AS service_type,
    service_name,
    method,
    endpoint,
    CASE
        WHEN NOT failed THEN NULL
        WHEN reason IS NOT NULL THEN reason
        WHEN status_code IS NULL THEN 'connect'
        WHEN status_code IN (401, 403) THEN 'auth'
        WHEN status_code = 429 THEN 'rate_limited'
        WHEN status_code >= 500 THEN 'http_5xx'
        WHEN status_code >= 400 THEN 'http_4xx'
        ELSE 'protocol'
    END AS reason,
    failed,
    retries,
    false AS unverified,
    false AS unprocessed,
    response_time_ms AS latency_ms
FROM edge_calls
WHERE counts
UNION ALL
SELECT
    timestamp, hour, 'webhook', service_name, NULL, event_type, reason, unverified OR unprocessed, 0, unverified, unprocessed,
    processing_time_ms
FROM edge_deliveries
UNION ALL
SELECT
    timestamp, hour, service_type, service_name, NULL, NULL, nullif(reason, 'ok'), failed, CAST(attempt > 1 AS INTEGER),
    false, false, response_time_ms
FROM edge_probes

-- part: traffic_edges
-- The columns of traffic_hours, of the edges.
-- uses: edge_requests
SELECT
    hour, service_type, service_name, method, endpoint, reason,
    count(*) AS requests,
    count(*) FILTER (failed) AS errors,
    CAST(sum(retries) AS BIGINT) AS retries,
    count(*) FILTER (unverified) AS unverified,
    count(*) FILTER (unprocessed) AS unprocessed,
    min(timestamp) AS first_at,
    max(timestamp) AS last_at
FROM edge_requests
GROUP BY hour, service_type, service_name, method, endpoint, reason

-- part: edge_latencies
-- The times of the requests in the edges that did not fail, with the step of the scale each is rounded to: from 100 ms
-- on two digits and a half, so that no time is moved by more than 1 %.
-- uses: edge_requests
SELECT
    hour, service_type, service_name, method, endpoint,
    CAST(latency_ms AS BIGINT) AS exact_ms,
    CASE
        WHEN latency_ms < 100 THEN 1
        WHEN latency_ms < 1000 THEN CASE WHEN latency_ms < 200 THEN 2 WHEN latency_ms < 500 THEN 4 ELSE 10 END
        WHEN latency_ms < 10000 THEN CASE WHEN latency_ms < 2000 THEN 20 WHEN latency_ms < 5000 THEN 40 ELSE 100 END
        WHEN latency_ms < 100000
            THEN CASE WHEN latency_ms < 20000 THEN 200 WHEN latency_ms < 50000 THEN 400 ELSE 1000 END
        WHEN latency_ms < 1000000
            THEN CASE WHEN latency_ms < 200000 THEN 2000 WHEN latency_ms < 500000 THEN 4000 ELSE 10000 END
        WHEN latency_ms < 10000000
            THEN CASE WHEN latency_ms < 2000000 THEN 20000 WHEN latency_ms < 5000000 THEN 40000 ELSE 100000 END
        ELSE 200000
    END AS step
FROM edge_requests
WHERE NOT failed AND latency_ms IS NOT NULL

-- part: edge_times
-- The columns of latency_hours, of the edges, with a row for each request.
-- uses: edge_latencies
SELECT
    hour, service_type, service_name, method, endpoint,
    CAST(least((exact_ms + step // 2) // step * step, 2147400000) AS INTEGER) AS latency_ms,
    1 AS requests
FROM edge_latencies

-- part: latency_edges
-- The same, counted up.
-- uses: edge_times
SELECT hour, service_type, service_name, method, endpoint, latency_ms, CAST(sum(requests) AS INTEGER) AS requests
FROM edge_times
GROUP BY ALL

-- part: traffic_pieces
-- The columns of traffic_hours over the whole period; `hour` is the start of the hour a row lies in.
-- uses: traffic_edges
SELECT
    hour, service_type, service_name, method, endpoint, reason, requests, errors, retries, unverified, unprocessed,
    first_at, last_at
FROM traffic_hours
WHERE hour >= $body_since AND hour < $body_until
UNION ALL
SELECT
    hour, service_type, service_name, method, endpoint, reason, requests, errors, retries, unverified, unprocessed,
    first_at, last_at
FROM traffic_edges

-- part: latency_pieces
-- The columns of latency_hours over the whole period; `hour` is the start of the hour a row lies in.
-- uses: latency_edges
SELECT hour, service_type, service_name, method, endpoint, latency_ms, requests
FROM latency_hours
WHERE hour >= $body_since AND hour < $body_until
UNION ALL
SELECT hour, service_type, service_name, method, endpoint, latency_ms, requests FROM latency_edges

-- part: service_latency_pieces
-- The columns of service_latency_hours over the whole period.
-- uses: latency_edges
SELECT hour, service_type, service_name, latency_ms, requests
FROM service_latency_hours
WHERE hour >= $body_since AND hour < $body_until
UNION ALL
SELECT hour, service_type, service_name, latency_ms, requests FROM latency_edges

-- part: quota_edges
-- The columns of quota_hours, of the edges. `client` is the program that was told.
-- uses: traffic_names
WITH readings AS (
    SELECT timestamp, api_name, origin, quota_name, quota_used, quota_limit, quota_reset_at
    FROM api_metrics
    WHERE timestamp >= $since AND timestamp < $body_since AND quota_limit > 0 AND quota_used IS NOT NULL
    UNION ALL
    SELECT timestamp, api_name, origin, quota_name, quota_used, quota_limit, quota_reset_at
    FROM api_metrics
    WHERE timestamp >= $body_until AND timestamp < $until AND quota_limit > 0 AND quota_used IS NOT NULL
),
newest AS (
    SELECT
        epoch_us(timestamp) // 3600000000 AS hour,
        api_name,
        origin AS client,
        quota_name AS quota,
        max_by({'used': quota_used, 'limit': quota_limit, 'resets_at': quota_reset_at}, timestamp) AS reading,
        max(100.0 * quota_used / quota_limit) AS used_percent,
        max(timestamp) AS told_at
    FROM readings
    GROUP BY ALL
)
SELECT
    make_timestamptz(3600000000 * hour) AS hour,
    coalesce(names.service_name, api_name) AS service_name,
    client,
    quota,
    reading.used AS used,
    reading.limit AS quota_limit,
    reading.resets_at AS resets_at,
    used_percent,
    told_at
FROM newest
LEFT JOIN traffic_names AS names ON names.service_type = 'api' AND names.name = newest.api_name

-- part: quota_pieces
-- The columns of quota_hours over the whole period.
-- uses: quota_edges
SELECT hour, service_name, client, quota, used, quota_limit, resets_at, used_percent, told_at
FROM quota_hours
WHERE hour >= $body_since AND hour < $body_until
UNION ALL
SELECT hour, service_name, client, quota, used, quota_limit, resets_at, used_percent, told_at FROM quota_edges
