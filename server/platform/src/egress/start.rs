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
    tell,
};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::Happening,
    http::{Json, Problem, SiteAddress},
    livekit::egress::Recorder,
    rooms::{named, region},
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
    site: SiteAddress,
    Json(input): Json<StartEgress>,
) -> Result<(StatusCode, Json<Egress>), Problem> {
    let StartEgress {
        mut target,
        outputs,
    } = input;
    if let Some(room) = target.room() {
        let found = named::find(&app, &site, "target", room).await?;
        region::refuse_elsewhere(&app, &found).await?;
        *room = found.0;
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
        let by = Actor::user(&admin.user);
        tell(
            &app,
            &by,
            &started,
            Happening::EgressRequested(told(&started)),
        )
        .await?;
        Ok((StatusCode::CREATED, one(&app, started).await?))
    });
    done.await.map_err(|error| Problem::internal(&error))?
}
