//! Changes an egress while it goes on: its layout, the addresses that it streams to; for administrators.

use axum::extract::State;
use garde::Validate;
use livekit_protocol as proto;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{ToSchema, openapi::Object};

use super::{
    ended,
    list::one,
    model::{Egress, goes_on, told},
    target::{LONGEST_PLACE, LONGEST_TEXT, MOST_STREAMS, check_streams, streams},
    tell,
};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    db::DbError,
    happenings::Happening,
    http::{Json, Path, Problem, openapi},
};

/// What is to be different; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateEgress {
    /// See `layout` of what is sent out.
    #[garde(inner(length(chars, min = 1, max = LONGEST_TEXT)))]
    #[serde(default)]
    #[schema(schema_with = layout)]
    layout: Option<String>,
    /// Addresses to stream to as well.
    #[garde(custom(check_streams))]
    #[serde(default)]
    #[schema(schema_with = streams)]
    add_streams: Vec<String>,
    /// Addresses to stream to no more: as they were given, or as they are told.
    #[garde(length(max = MOST_STREAMS), inner(length(chars, min = 1, max = LONGEST_PLACE)))]
    #[serde(default)]
    #[schema(max_items = 10)]
    remove_streams: Vec<String>,
}

fn layout() -> Object {
    openapi::or_null(openapi::text(1..=LONGEST_TEXT))
}

/// Changes an egress while it goes on.
#[utoipa::path(
    patch, path = "/api/egress/{id}", tag = "egress", operation_id = "updateEgress",
    params(("id" = String, Path)), request_body = UpdateEgress,
    responses(
        (status = 200, body = Egress),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<String>,
    Json(input): Json<UpdateEgress>,
) -> Result<Json<Egress>, Problem> {
    // Two changes are two calls: whoever hangs up in between has both made, and on record.
    let done = tokio::spawn(async move {
        let UpdateEgress {
            layout,
            add_streams: added,
            remove_streams: removed,
        } = input;
        let by = Actor::user(&admin.user);
        let egress = app.livekit.egress(app.recorder.as_ref());
        let found = egress.find(&id, app.now()).await?;
        let changes = layout.is_some() || !added.is_empty() || !removed.is_empty();
        // A cluster's recorder that has ended is not there to say so.
        if changes && !goes_on(&found) {
            return Err(ended());
        }
        let mut updated = found;
        if !added.is_empty() || !removed.is_empty() {
            let done = egress.set_streams(&id, &added, &removed, app.now()).await?;
            let detail = json!({ "added": added.len(), "removed": removed.len() });
            tell_update(&app, &by, &done, detail).await?;
            updated = done;
        }
        if let Some(layout) = layout {
            let done = egress.set_layout(&id, &layout, app.now()).await?;
            tell_update(&app, &by, &done, json!({ "layout": layout })).await?;
            updated = done;
        }
        one(&app, updated).await
    });
    done.await.map_err(|error| Problem::internal(&error))?
}

async fn tell_update(
    app: &App,
    by: &Actor,
    done: &proto::EgressInfo,
    detail: Value,
) -> Result<(), DbError> {
    let egress = told(done);
    tell(app, by, done, Happening::EgressUpdated { egress, detail }).await
}
