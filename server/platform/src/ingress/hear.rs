//! What the media server tells of an ingress: a stream has begun, or is over.

use livekit_protocol as proto;

use super::model::told;
use crate::{
    app::App,
    db::{DbError, Tx},
    happenings::{self, Happening},
    rooms,
};

/// Tells on what an event says of an ingress; other events say nothing that anybody waits for.
pub async fn hear(
    app: &App,
    tx: &mut Tx,
    event: &str,
    info: &proto::IngressInfo,
) -> Result<(), DbError> {
    let happening = match event {
        "ingress_started" => Happening::IngressStarted(told(info)),
        "ingress_ended" => Happening::IngressEnded(told(info)),
        _ => return Ok(()),
    };
    let room = rooms::known(&app.db, &info.room_name).await?;
    happenings::tell(app, tx, None, room.as_ref(), &happening).await
}
