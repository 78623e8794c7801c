-- A month in a glance and a year in the file: what is kept of each finished hour when its single rows are gone.
-- Nothing ever wrote the two tables that go; those that come hold plain numbers, so that any period and any
-- grouping is a sum. A key may have several rows: what comes late for an hour whose single rows are gone is added.

DROP TABLE service_hours;
DROP TABLE api_hours;

-- Of the checks of an hour (of several attempts the last): how many, and for how many seconds of the hour what they
-- said held. What is missing to 3600 seconds is a gap: nobody knew.
CREATE TABLE check_hours (
    hour TIMESTAMPTZ NOT NULL,
    service_type TEXT NOT NULL,
    service_name TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    in_maintenance BOOLEAN NOT NULL,
    checks INTEGER NOT NULL,
    seconds DOUBLE NOT NULL
);

-- The same hours as stretches of time with one status and reason, cut at the full hour.
CREATE TABLE status_spans (
    hour TIMESTAMPTZ NOT NULL,
    service_type TEXT NOT NULL,
    service_name TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    begun TIMESTAMPTZ NOT NULL,
    ended TIMESTAMPTZ NOT NULL
);

-- What went to and came from a service in an hour: calls of an API by method and endpoint, deliveries of a webhook
-- source by event type (in `endpoint`), attempts of probes of everything else. By reason; NULL is nothing to complain of.
-- `first_at` and `last_at` are the times of the first and the last request, NULL when they are not known.
CREATE TABLE traffic_hours (
    hour TIMESTAMPTZ NOT NULL,
    service_type TEXT NOT NULL,
    service_name TEXT NOT NULL,
    method TEXT,
    endpoint TEXT,
    reason TEXT,
    requests INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    retries INTEGER NOT NULL,
    unverified INTEGER NOT NULL,
    unprocessed INTEGER NOT NULL,
    first_at TIMESTAMPTZ,
    last_at TIMESTAMPTZ
);

-- How long those took that did not fail: a histogram. `latency_ms` is the time itself, rounded to at most 1 %.
CREATE TABLE latency_hours (
    hour TIMESTAMPTZ NOT NULL,
    service_type TEXT NOT NULL,
    service_name TEXT NOT NULL,
    method TEXT,
    endpoint TEXT,
    latency_ms INTEGER NOT NULL,
    requests INTEGER NOT NULL
);

-- The same without endpoints, for what is asked most: a fifth of the rows.
CREATE TABLE service_latency_hours (
    hour TIMESTAMPTZ NOT NULL,
    service_type TEXT NOT NULL,
    service_name TEXT NOT NULL,
    latency_ms INTEGER NOT NULL,
    requests INTEGER NOT NULL
);

-- What the answers of an API told of each quota: the newest reading of the hour, and how full it was at most.
CREATE TABLE quota_hours (
    hour TIMESTAMPTZ NOT NULL,
    service_name TEXT NOT NULL,
    client TEXT,
    quota TEXT,
    used DOUBLE NOT NULL,
    quota_limit DOUBLE NOT NULL,
    resets_at TIMESTAMPTZ,
    used_percent DOUBLE NOT NULL,
    told_at TIMESTAMPTZ NOT NULL
);

-- One row: up to when hours are finished, and since when single rows are complete.
CREATE TABLE rollup_state (
    rolled_until TIMESTAMPTZ,
    raw_since TIMESTAMPTZ
);

-- Hours for which rows came when they were over: to be made anew, if they are finished. With a service its checks came,
-- without one traffic. One may stand here more than once.
CREATE TABLE late_hours (
    hour TIMESTAMPTZ NOT NULL,
    service_type TEXT,
    service_name TEXT
);

-- What was taken over from another monitor: per source and service up to when, so that nothing comes twice.
CREATE TABLE imports (
    id UUID NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    service_type TEXT NOT NULL,
    service_name TEXT NOT NULL,
    first_at TIMESTAMPTZ NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    checks INTEGER NOT NULL,
    details JSON
);

-- What else a service is judged by, so that the past can be judged again from the file alone. `traffic_name` is the
-- api_name or source of its traffic, `objective` the share of good checks it promises, in percent.
ALTER TABLE services ADD COLUMN basis TEXT;
ALTER TABLE services ADD COLUMN sure_after INTEGER;
ALTER TABLE services ADD COLUMN healthy_above_percent DOUBLE;
ALTER TABLE services ADD COLUMN down_below_percent DOUBLE;
ALTER TABLE services ADD COLUMN traffic_name TEXT;
ALTER TABLE services ADD COLUMN objective DOUBLE;

-- The alert rules of services.toml in its own words, durations in seconds: all settings of each rule, and for single
-- services what they have of their own. Beside the rules `flapping`, and `recovery` with its `checks`.
CREATE TABLE alert_rules (
    rule TEXT NOT NULL,
    service_type TEXT,
    service_name TEXT,
    settings JSON NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- Where alerts go: the channels of services.toml in its order, with the severities each takes. Holds no address.
CREATE TABLE alert_channels (
    channel TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    severities JSON NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
