//! Starts an egress; for administrators.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    list::one,
    model::{Egress, told},
    target::{EgressOutputs, EgressTarget, check_target},
};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening},
    http::{Json, Problem},
    livekit::egress::Recorder,
    rooms::{self, named},
};

/// What goes out, and where to.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartEgress {
    #[garde(custom(check_target))]
    target: EgressTarget,
    #[garde(dive)]
    outputs: EgressOutputs,
}

/// Starts an egress. A film of a whole room of this site becomes a recording of it. Files of a cluster's egress service go to the
/// bucket of `recordings.storage`, where that is one; those of the built-in recorder stay in its folder.
#[utoipa::path(
    post, path = "/api/egress", tag = "egress", operation_id = "startEgress", request_body = StartEgress,
    responses(
        (status = 201, body = Egress),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn start(
    State(app): State<App>,
    Admin(admin): Admin,
    Json(input): Json<StartEgress>,
) -> Result<(StatusCode, Json<Egress>), Problem> {
    let StartEgress {
        mut target,
        outputs,
    } = input;
    if let Some(room) = target.room() {
        *room = named::find(&app, room).await?.0;
    }
    let recorder = app.recorder.as_ref();
    let place = |name: &str| match recorder {
        Some(recorder) => recorder.place(name),
        None => Recorder::in_its_folder(name),
    };
    let request = target.request(outputs, place)?;
    // Whoever hangs up here has started it all the same: that is on record.
    let done = tokio::spawn(async move {
        let egress = app.livekit.egress(app.recorder.as_ref());
        let started = egress.start(request, app.now()).await?;
        let happening = Happening::EgressRequested(told(&started));
        let by = Actor::user(&admin.user);
        let room = rooms::known(&app.db, &started.room_name).await?;
        happenings::tell_alone(&app, Some(&by), room.as_ref(), &happening).await?;
        Ok((StatusCode::CREATED, one(&app, started).await?))
    });
    done.await.map_err(|error| Problem::internal(&error))?
}
