//! The harness that drives the platform from outside: requests in, answers out, a stopped clock.
