-- From a check to a person who knows: what is kept of incidents and alerts, of what was told to whom, and of those who acted.

-- When it began, how often it came back, who looks at it; `details` is what the rules remember from check to check.
ALTER TABLE integration_incidents ADD COLUMN began_at TIMESTAMPTZ;
ALTER TABLE integration_incidents ADD COLUMN acknowledged_at TIMESTAMPTZ;
ALTER TABLE integration_incidents ADD COLUMN acknowledged_by TEXT;
ALTER TABLE integration_incidents ADD COLUMN relapses INTEGER;
ALTER TABLE integration_incidents ADD COLUMN rule TEXT;
ALTER TABLE integration_incidents ADD COLUMN details JSON;

-- Only alerts that are not inactive have a row. `suppressed_by` is the reason why nobody is told.
ALTER TABLE alerts ADD COLUMN severity TEXT;
ALTER TABLE alerts ADD COLUMN title TEXT;
ALTER TABLE alerts ADD COLUMN suppressed_by TEXT;

-- A message of the outbox. `answer` is what the other side said; `severity` decided where it goes.
ALTER TABLE notifications ADD COLUMN severity TEXT;
ALTER TABLE notifications ADD COLUMN answer TEXT;
ALTER TABLE notifications ADD COLUMN first_attempt_at TIMESTAMPTZ;

-- One row for each change of an alert, suppressed ones with their reason: what fired, when, and why nobody heard.
CREATE TABLE alert_events (
    id UUID NOT NULL,
    timestamp TIMESTAMPTZ NOT NULL,
    rule TEXT NOT NULL,
    service_type TEXT NOT NULL,
    service_name TEXT NOT NULL,
    old_state TEXT NOT NULL,
    new_state TEXT NOT NULL,
    severity TEXT NOT NULL,
    title TEXT NOT NULL,
    suppressed_by TEXT,
    incident_id UUID
);

-- Who wants not to hear of what, until when. Without a rule it is every rule of the service, without a service all.
CREATE TABLE mutes (
    id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    service_type TEXT,
    service_name TEXT,
    rule TEXT,
    until TIMESTAMPTZ NOT NULL,
    author TEXT NOT NULL,
    note TEXT
);

-- Maintenance as it took place: one row an occurrence and service, so that uptime is known with and without it.
CREATE TABLE maintenance (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    service_type TEXT NOT NULL,
    service_name TEXT NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL
);

-- Thresholds that somebody changed while the collector ran; the newest row of a rule and service counts. A row
-- without settings takes the change back. They beat services.toml.
CREATE TABLE alert_rule_changes (
    id UUID NOT NULL,
    timestamp TIMESTAMPTZ NOT NULL,
    rule TEXT NOT NULL,
    service_type TEXT,
    service_name TEXT,
    settings JSON,
    author TEXT NOT NULL,
    note TEXT
);

-- What vendors say of themselves: context, never a verdict. One row an incident of a feed, the newest state of it.
CREATE TABLE vendor_incidents (
    vendor TEXT NOT NULL,
    vendor_id TEXT NOT NULL,
    name TEXT NOT NULL,
    impact TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    resolved_at TIMESTAMPTZ,
    url TEXT,
    components JSON NOT NULL,
    services JSON NOT NULL
);

-- One row a feed: when it was read last, what its page says as a whole, and what is wrong with the feed.
CREATE TABLE vendor_feeds (
    vendor TEXT NOT NULL,
    url TEXT NOT NULL,
    services JSON NOT NULL,
    checked_at TIMESTAMPTZ NOT NULL,
    read_at TIMESTAMPTZ,
    indicator TEXT,
    description TEXT,
    error TEXT
);

-- A report that was made: each period once, also when the collector was down when it was due.
CREATE TABLE reports (
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    period_start TIMESTAMPTZ NOT NULL,
    period_end TIMESTAMPTZ NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    path TEXT NOT NULL
);
