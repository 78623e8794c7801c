-- The tables are the contract. Times are UTC, ids are UUID version 7, details are JSON.
-- Lines marked "file only" hold what a DuckLake does not know (CHECK); there the same rules hold in code.

CREATE TABLE integration_health_checks (
    id UUID NOT NULL,
    timestamp TIMESTAMPTZ NOT NULL,
    service_type TEXT NOT NULL,
    service_name TEXT NOT NULL,
    status TEXT NOT NULL,
    response_time_ms INTEGER,
    success_rate DECIMAL(5, 2),
    error_count INTEGER DEFAULT 0,
    retry_count INTEGER DEFAULT 0,
    details JSON,
    reason TEXT NOT NULL,
    message TEXT,
    attempt INTEGER NOT NULL,
    run_id UUID NOT NULL
    , CHECK (service_type IN ('mcp', 'api', 'webhook', 'infrastructure'))  -- file only
    , CHECK (status IN ('healthy', 'degraded', 'down', 'unknown'))  -- file only
);

CREATE TABLE api_metrics (
    id UUID NOT NULL,
    timestamp TIMESTAMPTZ NOT NULL,
    api_name TEXT NOT NULL,
    endpoint TEXT,
    method TEXT,
    status_code INTEGER,
    response_time_ms INTEGER,
    error_message TEXT,
    retries INTEGER DEFAULT 0
);

CREATE TABLE webhook_metrics (
    id UUID NOT NULL,
    timestamp TIMESTAMPTZ NOT NULL,
    source TEXT NOT NULL,
    webhook_id TEXT,
    event_type TEXT,
    verified BOOLEAN,
    processed BOOLEAN,
    error_message TEXT,
    processing_time_ms INTEGER
);

CREATE TABLE integration_incidents (
    id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    resolved_at TIMESTAMPTZ,
    service_type TEXT NOT NULL,
    service_name TEXT NOT NULL,
    severity TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL DEFAULT 'open',
    reason TEXT
    , CHECK (severity IN ('critical', 'warning', 'info'))  -- file only
    , CHECK (status IN ('open', 'investigating', 'resolved'))  -- file only
);

-- What is monitored, written by the collector at its start, so that the file explains itself.
CREATE TABLE services (
    service_type TEXT NOT NULL,
    service_name TEXT NOT NULL,
    position INTEGER NOT NULL,
    probe TEXT NOT NULL,
    target TEXT NOT NULL,
    interval_seconds DOUBLE NOT NULL,
    stale_after_seconds DOUBLE NOT NULL,
    healthy_ms DOUBLE NOT NULL,
    down_ms DOUBLE NOT NULL,
    enabled BOOLEAN NOT NULL,
    depends_on JSON NOT NULL,
    runbook TEXT,
    updated_at TIMESTAMPTZ NOT NULL
);

-- One row for each transaction of a cycle: the heartbeat. A cycle usually has one part; one that waits for
-- confirmations has more. `checks` is the number of integration_health_checks rows with this run_id.
CREATE TABLE collector_runs (
    id UUID NOT NULL,
    cycle_id UUID NOT NULL,
    part INTEGER NOT NULL,
    complete BOOLEAN NOT NULL,
    collector TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL,
    interval_seconds DOUBLE NOT NULL,
    services INTEGER NOT NULL,
    checks INTEGER NOT NULL,
    failures INTEGER NOT NULL
);

CREATE TABLE incident_events (
    id UUID NOT NULL,
    incident_id UUID NOT NULL,
    timestamp TIMESTAMPTZ NOT NULL,
    kind TEXT NOT NULL,
    author TEXT,
    message TEXT NOT NULL,
    details JSON
);

CREATE TABLE alerts (
    rule TEXT NOT NULL,
    service_type TEXT NOT NULL,
    service_name TEXT NOT NULL,
    state TEXT NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    incident_id UUID,
    details JSON
    , CHECK (state IN ('inactive', 'pending', 'firing', 'resolved'))  -- file only
);

CREATE TABLE notifications (
    id UUID NOT NULL,
    incident_id UUID,
    channel TEXT NOT NULL,
    action TEXT NOT NULL,
    dedup_key TEXT NOT NULL,
    payload JSON NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL,
    next_attempt_at TIMESTAMPTZ,
    delivered_at TIMESTAMPTZ,
    last_error TEXT
);

CREATE TABLE service_hours (
    hour TIMESTAMPTZ NOT NULL,
    service_type TEXT NOT NULL,
    service_name TEXT NOT NULL,
    healthy INTEGER NOT NULL,
    degraded INTEGER NOT NULL,
    down INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    reasons JSON NOT NULL,
    latency_histogram JSON NOT NULL
);

CREATE TABLE api_hours (
    hour TIMESTAMPTZ NOT NULL,
    api_name TEXT NOT NULL,
    endpoint TEXT,
    requests INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    retries INTEGER NOT NULL,
    latency_histogram JSON NOT NULL
);
