//! Delivery of webhook events, ordered per room. It must not know what an event means.
