-- What the answers of APIs told of quotas: of whole hours from the rollups, of the edges and of what is finer from
-- single rows.

-- part: wanted_quotas
-- What was told in each hour, of the wanted services.
-- uses: quota_pieces, wanted_services
SELECT *
FROM quota_pieces
WHERE $services IS NULL OR hash('api', service_name) IN (SELECT wanted FROM wanted_services)

-- part: quota_pace
-- Of the time since $pace_since, or since a quota last fell by more than a twentieth of the limit, how much was used at
-- its beginning, and when that was.
-- uses: traffic_names
WITH readings AS (
    SELECT
        coalesce(names.service_name, api_name) AS service_name,
        origin AS client,
        quota_name AS quota,
        timestamp,
        quota_used AS used,
        quota_limit
    FROM api_metrics
    LEFT JOIN traffic_names AS names ON names.service_type = 'api' AND names.name = api_name
    WHERE timestamp >= $pace_since AND timestamp < $until AND quota_limit > 0 AND quota_used IS NOT NULL
),
marked AS (
    SELECT
        *,
        used < lag(used) OVER (PARTITION BY service_name, client, quota ORDER BY timestamp) - 0.05 * quota_limit
            AS fell
    FROM readings
),
fallen AS (
    SELECT service_name, client, quota, max(timestamp) FILTER (fell) AS fell_at
    FROM marked
    GROUP BY service_name, client, quota
)
SELECT
    fallen.service_name,
    fallen.client,
    fallen.quota,
    min(timestamp) AS first_at,
    min_by(used, timestamp) AS first_used
FROM readings
JOIN fallen
    ON fallen.service_name = readings.service_name
    AND fallen.client IS NOT DISTINCT FROM readings.client
    AND fallen.quota IS NOT DISTINCT FROM readings.quota
WHERE timestamp >= coalesce(fell_at, timestamp)
GROUP BY fallen.service_name, fallen.client, fallen.quota

-- name: quota_newest
-- The newest reading of each quota, the fullest first; and how much was used at the beginning of the time whose pace
-- counts, and when that was.
-- uses: wanted_quotas, quota_pace
WITH newest AS (
    SELECT
        service_name,
        client,
        quota,
        max(told_at) AS at,
        max_by({'used': used, 'limit': quota_limit, 'resets_at': resets_at}, told_at) AS reading
    FROM wanted_quotas
    GROUP BY service_name, client, quota
)
SELECT
    newest.service_name,
    newest.client,
    newest.quota,
    reading.used AS used,
    reading.limit AS quota_limit,
    100.0 * reading.used / reading.limit AS used_percent,
    newest.at,
    reading.resets_at AS resets_at,
    first_at,
    first_used
FROM newest
LEFT JOIN quota_pace AS pace
    ON pace.service_name = newest.service_name
    AND pace.client IS NOT DISTINCT FROM newest.client
    AND pace.quota IS NOT DISTINCT FROM newest.quota
ORDER BY used_percent DESC, newest.service_name, newest.client, newest.quota;

-- name: quota_steps
-- How full each quota was at most in each step of $step microseconds, in percent.
-- uses: wanted_quotas
SELECT
    make_timestamptz(epoch_us(hour) // $step * $step) AS step_start,
    service_name,
    client,
    quota,
    max(used_percent) AS used_percent
FROM wanted_quotas
GROUP BY ALL
ORDER BY ALL;

-- name: quota_steps_of_moments
-- The same for steps under an hour, from single rows.
-- uses: traffic_names, wanted_services
WITH fullest AS (
    SELECT
        epoch_us(timestamp) // $step AS step,
        api_name,
        origin AS client,
        quota_name AS quota,
        max(100.0 * quota_used / quota_limit) AS used_percent
    FROM api_metrics
    WHERE timestamp >= $since AND timestamp < $until AND quota_limit > 0 AND quota_used IS NOT NULL
    GROUP BY ALL
),
named AS (
    SELECT step, coalesce(names.service_name, api_name) AS service_name, client, quota, used_percent
    FROM fullest
    LEFT JOIN traffic_names AS names ON names.service_type = 'api' AND names.name = fullest.api_name
)
SELECT make_timestamptz(step * $step) AS step_start, service_name, client, quota, max(used_percent) AS used_percent
FROM named
WHERE $services IS NULL OR hash('api', service_name) IN (SELECT wanted FROM wanted_services)
GROUP BY ALL
ORDER BY ALL;
