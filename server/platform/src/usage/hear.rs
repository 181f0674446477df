//! Counts who got into a call and who did not, as the media server's webhooks tell, each once.

use livekit_protocol as proto;
use proto::participant_info::Kind;

use super::{minute::minute_of, store};
use crate::{
    clock::Timestamp,
    db::{DbError, Tx},
};

/// Writes down what one event, of `at`, says of connections.
pub async fn hear(tx: &mut Tx, event: &proto::WebhookEvent, at: Timestamp) -> Result<(), DbError> {
    let Some(info) = &event.participant else {
        return Ok(());
    };
    // Recorders and agents come from the server's own network.
    if matches!(info.kind(), Kind::Egress | Kind::Agent) {
        return Ok(());
    }
    match event.event.as_str() {
        "participant_joined" => store::count(tx, minute_of(at), (1, 0)).await,
        "participant_connection_aborted" => store::count(tx, minute_of(at), (0, 1)).await,
        _ => Ok(()),
    }
}
