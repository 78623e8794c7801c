"""The rows of the files the dashboard is measured on."""

CROWD_SERVICES = """
INSERT INTO services BY NAME
SELECT ['mcp', 'api', 'webhook', 'infrastructure'][1 + i % 4] AS service_type, name AS service_name,
    name AS traffic_name, i AS position, 'http' AS probe, 'http://127.0.0.1/' || i AS target,
    300 AS interval_seconds, 750 AS stale_after_seconds, 1000 AS healthy_ms, 3000 AS down_ms,
    true AS enabled, '[]' AS depends_on, $now AS updated_at, 3 AS sure_after, 95 AS healthy_above_percent,
    90 AS down_below_percent, 99.9 AS objective,
    ['present', 'calls', 'deliveries', 'present'][1 + i % 4] AS basis
FROM (SELECT i, 'service-' || lpad(CAST(i AS VARCHAR), 3, '0') AS name FROM range($services) AS _(i))
"""

CROWD_DAY = (
    """
INSERT INTO integration_health_checks BY NAME
SELECT uuid() AS id, service_type, service_name,
    $day + to_minutes(CAST($apart * i AS BIGINT)) + to_milliseconds(7 * position) AS timestamp,
    CASE WHEN luck < 4 THEN 'down' WHEN luck < 12 THEN 'degraded' ELSE 'healthy' END AS status,
    CASE WHEN luck < 4 THEN 'timeout' WHEN luck < 12 THEN 'slow' ELSE 'ok' END AS reason,
    CAST(80 + 400 * random() AS INTEGER) AS response_time_ms,
    CASE WHEN luck < 4 THEN 0 ELSE 100 END AS success_rate,
    CASE WHEN luck < 4 THEN 3 ELSE 0 END AS error_count, 0 AS retry_count, '{"server": "example"}' AS details,
    'answered' AS message, 1 AS attempt, uuid() AS run_id
FROM (
    SELECT *, hash(service_name, epoch_us($day) // 1000000 + i // 6) % 1000 AS luck
    FROM range(CAST(1440 // $apart AS BIGINT)) AS _(i), services
)
ORDER BY timestamp
""",
    """
INSERT INTO api_metrics BY NAME
SELECT uuid() AS id, $day + to_microseconds(i * 86400000000 // 100000) AS timestamp,
    'service-' || lpad(CAST(1 + 4 * (hash(i) % 175) AS VARCHAR), 3, '0') AS api_name,
    '/resource-' || i % 7 || '/{id}' AS endpoint, 'GET' AS method, 'shop' AS origin,
    CASE WHEN i % 97 = 0 THEN 503 ELSE 200 END AS status_code,
    CAST(exp(4 + 2 * random()) AS INTEGER) AS response_time_ms,
    CASE WHEN i % 97 = 0 THEN 'HTTP 503' END AS error_message,
    CASE WHEN i % 97 = 0 THEN 'http_5xx' END AS reason, CASE WHEN i % 31 = 0 THEN 1 ELSE 0 END AS retries
FROM range(100000) AS _(i)
""",
    """
INSERT INTO collector_runs BY NAME
SELECT uuid() AS id, uuid() AS cycle_id, 1 AS part, true AS complete, 'bench' AS collector, '0' AS version,
    $day + to_minutes(CAST($apart * i AS BIGINT)) AS started_at,
    $day + to_minutes(CAST($apart * i AS BIGINT)) + INTERVAL 5 SECOND AS finished_at,
    300 AS interval_seconds, 700 AS services, 700 AS checks, 0 AS failures
FROM range(CAST(1440 // $apart AS BIGINT)) AS _(i)
""",
)

INCIDENTS = """
INSERT INTO integration_incidents BY NAME
SELECT uuid() AS id, min(timestamp) AS began_at, min(timestamp) AS created_at,
    max(timestamp) + INTERVAL 5 MINUTE AS resolved_at, service_type, service_name, 'critical' AS severity,
    service_name || ' is down' AS title, 'no answer' AS description, 'resolved' AS status,
    'timeout' AS reason, 'service_down' AS rule, 0 AS relapses
FROM integration_health_checks WHERE status = 'down'
GROUP BY service_type, service_name, time_bucket(INTERVAL 30 MINUTE, timestamp)
"""

#: What a cycle leaves: a check of every service, calls of every API, a delivery of every source, a heartbeat.
CYCLE = (
    """
INSERT INTO integration_health_checks BY NAME
SELECT uuid() AS id, service_type, service_name,
    $now - to_milliseconds(CAST(100 + position AS BIGINT)) AS timestamp, 'healthy' AS status, 'ok' AS reason,
    CAST(80 + 400 * random() AS INTEGER) AS response_time_ms, 100 AS success_rate, 0 AS error_count,
    0 AS retry_count, '{"server": "example"}' AS details, 'answered' AS message, 1 AS attempt,
    uuid() AS run_id
FROM services
""",
    """
INSERT INTO api_metrics BY NAME
SELECT uuid() AS id, $now - to_milliseconds(CAST(10 * i AS BIGINT)) AS timestamp, service_name AS api_name,
    '/resource-1/{id}' AS endpoint, 'GET' AS method, 200 AS status_code,
    CAST(80 + 400 * random() AS INTEGER) AS response_time_ms, 0 AS retries, 'shop' AS origin
FROM services, range(5) AS _(i) WHERE service_type = 'api'
""",
    """
INSERT INTO webhook_metrics BY NAME
SELECT uuid() AS id, $now AS timestamp, service_name AS source, 'w-' || epoch_ms($now) AS webhook_id,
    'orders/create' AS event_type, true AS verified, true AS processed, 20 AS processing_time_ms,
    'receiver' AS origin
FROM services WHERE service_type = 'webhook'
""",
    """
INSERT INTO collector_runs BY NAME
SELECT uuid() AS id, uuid() AS cycle_id, 1 AS part, true AS complete, 'bench' AS collector, '0' AS version,
    $now AS started_at, $now AS finished_at, 60 AS interval_seconds, 16 AS services, 16 AS checks,
    0 AS failures
""",
)
