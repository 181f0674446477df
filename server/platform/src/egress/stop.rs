//! Stops an egress; for administrators.

use axum::extract::State;
use http::StatusCode;

use super::{
    ended,
    list::{one, show},
    model::{Egress, EgressStatus, has_ended, told},
    tell,
};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::Happening,
    http::{Json, Path, Problem},
    livekit::service::ServiceError,
    recordings,
};

/// Stops an egress. One that is a recording of this site is stopped as the recording is.
#[utoipa::path(
    post, path = "/api/egress/{id}/stop", tag = "egress", operation_id = "stopEgress",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Egress),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn stop(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<String>,
) -> Result<Json<Egress>, Problem> {
    // Whoever hangs up here has stopped it all the same: that is on record.
    let done = tokio::spawn(async move {
        let by = Actor::user(&admin.user);
        let egress = app.livekit.egress(app.recorder.as_ref());
        if recordings::stop_egress(&app, &by, &id).await? {
            return one(&app, egress.find(&id, app.now()).await?).await;
        }
        let found = egress.find(&id, app.now()).await?;
        if has_ended(&found) {
            return Err(ended());
        }
        let stopped = match egress.stop(&id, app.now()).await {
            Ok(stopped) => stopped,
            Err(error @ (ServiceError::NoWorker(_) | ServiceError::NotFound)) => {
                let mut shown = show(&app, vec![found]).await?;
                let is_lost = |shown: Egress| shown.status == EgressStatus::Lost;
                return Err(if shown.pop().is_some_and(is_lost) {
                    lost()
                } else {
                    error.into()
                });
            }
            Err(error) => return Err(error.into()),
        };
        tell(
            &app,
            &by,
            &stopped,
            Happening::EgressStopped(told(&stopped)),
        )
        .await?;
        one(&app, stopped).await
    });
    done.await.map_err(|error| Problem::internal(&error))?
}

fn lost() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "egress_lost",
        "Whoever recorded this is gone, and its room is too: there is nothing left to stop. The media server forgets it by itself.",
    )
}
