//! What a recorder tells of an egress that is no recording of this site: it has begun, or is over.

use livekit_protocol as proto;

use super::model::told;
use crate::{
    app::App,
    db::{DbError, Tx},
    happenings::{self, Happening},
    recordings, rooms,
};

/// Whether an event of this name says something that is told on.
pub fn tells(event: &str) -> bool {
    matches!(event, "egress_started" | "egress_ended")
}

/// Tells on what an event says of an egress; recordings tell of themselves.
pub async fn hear(
    app: &App,
    tx: &mut Tx,
    event: &str,
    info: &proto::EgressInfo,
) -> Result<(), DbError> {
    let happening = match event {
        "egress_started" => Happening::EgressStarted(told(info)),
        "egress_ended" => Happening::EgressEnded {
            egress: told(info),
            error: &info.error,
        },
        _ => return Ok(()),
    };
    if recordings::is_recording(&mut *tx, &info.egress_id).await? {
        return Ok(());
    }
    let room = rooms::known(&mut *tx, &info.room_name).await?;
    happenings::tell(app, tx, None, room.as_ref(), &happening).await
}
