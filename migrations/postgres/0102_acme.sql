-- Certificates from an authority that speaks ACME: one replica orders, all show them.
CREATE TABLE acme_accounts (
    directory TEXT PRIMARY KEY,
    -- The account's name and private key, as JSON.
    credentials TEXT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE TABLE acme_certificates (
    directory TEXT NOT NULL,
    -- In alphabetical order, with commas.
    names TEXT NOT NULL,
    -- PEM.
    chain TEXT NOT NULL,
    private_key TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    renew_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (directory, names)
);
-- Orders that did not succeed since the last that did.
CREATE TABLE acme_failed_orders (
    directory TEXT NOT NULL,
    names TEXT NOT NULL,
    failures BIGINT NOT NULL,
    failed_at BIGINT NOT NULL,
    detail TEXT NOT NULL,
    is_rate_limit BOOLEAN NOT NULL,
    PRIMARY KEY (directory, names)
);
-- What the authority is shown while an order is open.
CREATE TABLE acme_proofs (
    token TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    key_authorization TEXT NOT NULL,
    -- Base64 of SHA-256 of that.
    digest TEXT NOT NULL,
    shown_until BIGINT NOT NULL
);
