//! The way into the rooms for HTTP: requests to rooms on shard threads. It must not know sockets or HTTP.
