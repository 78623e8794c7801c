-- Traffic as its clients and senders experience it: why a call failed, who reported it, what is left of a quota.

ALTER TABLE api_metrics ADD COLUMN reason TEXT;
ALTER TABLE api_metrics ADD COLUMN origin TEXT;
ALTER TABLE api_metrics ADD COLUMN quota_name TEXT;
ALTER TABLE api_metrics ADD COLUMN quota_used DOUBLE;
ALTER TABLE api_metrics ADD COLUMN quota_limit DOUBLE;
ALTER TABLE api_metrics ADD COLUMN quota_reset_at TIMESTAMPTZ;

ALTER TABLE webhook_metrics ADD COLUMN reason TEXT;
ALTER TABLE webhook_metrics ADD COLUMN origin TEXT;

-- One row for each change of a client's circuit breaker.
CREATE TABLE circuit_events (
    id UUID NOT NULL,
    timestamp TIMESTAMPTZ NOT NULL,
    api_name TEXT NOT NULL,
    origin TEXT,
    old_state TEXT NOT NULL,
    new_state TEXT NOT NULL,
    message TEXT
    , CHECK (old_state IN ('closed', 'open', 'half_open'))  -- file only
    , CHECK (new_state IN ('closed', 'open', 'half_open'))  -- file only
);
