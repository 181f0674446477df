//! The HTTP surface: signal WebSockets, the validate endpoints, Twirp and the health page. It must not know rooms from inside.
