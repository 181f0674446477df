//! Raises or lowers a hand: an attribute that only the server sets.

use std::collections::HashMap;

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::HAND_RAISED_AT;
use crate::{
    app::App,
    happenings::{self, Happening},
    http::{Json, Path, Problem},
    livekit::identity::Identity,
    rooms::{Slug, caller::Caller, region, view},
};

/// Whose hand, up or down.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hand {
    #[garde(skip)]
    raised: bool,
    /// Somebody else's, which moderators may lower.
    #[garde(skip)]
    identity: Option<Identity>,
}

/// Raises or lowers a hand.
#[utoipa::path(
    post, path = "/api/rooms/{slug}/hand", tag = "participants", operation_id = "raiseHand",
    params(("slug" = Slug, Path)), request_body = Hand,
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn hand(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
    Json(input): Json<Hand>,
) -> Result<StatusCode, Problem> {
    let found = view::find(&app, &slug, &caller).await?;
    let found = found.ok_or_else(|| Problem::not_found("room"))?;
    let own = caller.identity().ok_or_else(Problem::unauthenticated)?;
    let identity = input.identity.as_ref().unwrap_or(own);
    if identity != own {
        if !found.viewer(&caller).moderates() {
            return Err(Problem::forbidden(
                "Only moderators lower other people's hands.",
            ));
        }
        if input.raised {
            return Err(Problem::forbidden("Nobody raises another's hand."));
        }
    }
    let now = app.now();
    let raised_at = input.raised.then_some(now);
    let value = raised_at.map_or_else(String::new, |at| at.0.to_string());
    let attributes = HashMap::from([(HAND_RAISED_AT.to_owned(), value)]);
    let name = found.room.id.livekit_name();
    let livekit = region::livekit_of(&app, &name).await?;
    livekit
        .set_attributes(&name, identity, attributes, now)
        .await?;
    let changed = Happening::HandChanged {
        identity,
        raised_at,
    };
    happenings::tell_alone(&app, None, Some(&found.room.known()), &changed).await?;
    Ok(StatusCode::NO_CONTENT)
}
