-- What is told outside of what happened, a message of Standard Webhooks; null: nothing. It lies in the outbox beside what
-- streams are told, so that one commit tells both.
ALTER TABLE outbox ADD COLUMN webhook TEXT;

-- Where an administrator has events sent. Its secrets are derived, never stored.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    -- Words of webhooks/filter.rs, with blanks between them; empty: every event.
    events TEXT NOT NULL,
    -- Ids of rooms, with blanks between them, named and not referenced; empty: every room, and what is in none.
    rooms TEXT NOT NULL,
    -- Which of its secrets signs, from 1 on; the one before signs as well until then.
    secret_version BIGINT NOT NULL,
    old_secret_until BIGINT,
    paused_at BIGINT,
    paused_because TEXT,
    -- The last message of the outbox that was looked at for it.
    fed_to BIGINT NOT NULL,
    -- What its next delivery is called, and which place in the queue the next one gets.
    next_number BIGINT NOT NULL,
    next_place BIGINT NOT NULL,
    -- The server that sends to it now.
    leased_by TEXT,
    leased_until BIGINT,
    last_attempt_at BIGINT,
    last_status BIGINT,
    last_error TEXT,
    failing_since BIGINT,
    -- Named, not referenced.
    created_by TEXT NOT NULL,
    created_by_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- Gone for everybody; its deliveries go in slices.
    deleted_at BIGINT
);

-- One event on its way to one endpoint.
CREATE TABLE webhook_deliveries (
    -- Also in the message's id: the same for every attempt.
    id TEXT PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id),
    -- Counts the webhook's deliveries in the order of the events: a text of 16 hexadecimal digits.
    number TEXT NOT NULL,
    kind TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Its place among those that wait; null: it does not.
    queue_place BIGINT,
    next_attempt_at BIGINT,
    -- Of the three days under way: how many attempts, since when; and how many times three days have passed.
    tries BIGINT NOT NULL,
    trying_since BIGINT,
    rounds BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_attempt_at BIGINT,
    last_status BIGINT,
    last_error TEXT
);
CREATE UNIQUE INDEX webhook_deliveries_in_order ON webhook_deliveries (webhook_id, number);
CREATE UNIQUE INDEX webhook_deliveries_in_queue ON webhook_deliveries (webhook_id, queue_place);
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (webhook_id, happened_at);
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (webhook_id, state, number);
CREATE INDEX webhook_deliveries_by_kind ON webhook_deliveries (webhook_id, kind, number);
CREATE INDEX webhook_deliveries_by_both ON webhook_deliveries (webhook_id, kind, state, number);

-- What a receiver said to one attempt.
CREATE TABLE webhook_attempts (
    delivery_id TEXT NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    status BIGINT,
    error TEXT,
    -- The beginning of it.
    answer TEXT,
    duration_ms BIGINT NOT NULL,
    PRIMARY KEY (delivery_id, number)
);
