//! The media sockets and the clock of the shards. It must not know what a packet means.
