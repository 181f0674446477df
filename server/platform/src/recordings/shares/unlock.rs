//! Takes the password of a link.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::open::{find, pass};
use crate::{
    app::App,
    http::{ClientIp, Json, Path, Problem},
};

/// The password that the link asks for.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnlockShare {
    #[garde(skip)]
    #[schema(value_type = String)]
    password: SecretString,
}

/// Proof that the password is known.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unlocked {
    /// For `pass` of the link's other addresses; good as long as the link.
    pass: String,
}

/// Unlocks a link with its password.
#[utoipa::path(
    post, path = "/api/shares/{token}/unlock", tag = "recordings", operation_id = "unlockSharedRecording",
    params(("token" = String, Path)), request_body = UnlockShare,
    responses((status = 200, body = Unlocked), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn unlock(
    State(app): State<App>,
    client: ClientIp,
    Path(secret): Path<String>,
    Json(input): Json<UnlockShare>,
) -> Result<Json<Unlocked>, Problem> {
    app.auth.limits.unlock_share(&app, client).await?;
    let (share, _) = find(&app, &secret).await?;
    let hash = share.password_hash.unwrap_or_default();
    // A link without a password needs none: any is right.
    if !hash.is_empty() && !app.auth.matches(input.password, hash.clone()).await? {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "wrong_password",
            "This password is wrong.",
        ));
    }
    let pass = pass(&secret, &hash);
    Ok(Json(Unlocked { pass }))
}
