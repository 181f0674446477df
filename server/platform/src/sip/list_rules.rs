//! Lists dispatch rules; for administrators.

use axum::extract::State;

use super::rule::Rule;
use crate::{
    accounts::{CurrentUser, Right, SeesSite},
    app::App,
    http::{Json, Problem},
};

/// All rules for calls that come in.
#[utoipa::path(
    get, path = "/api/sip/rules", tag = "sip", operation_id = "listSipRules",
    responses(
        (status = 200, body = Vec<Rule>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(
    State(app): State<App>,
    _: SeesSite,
    who: CurrentUser,
) -> Result<Json<Vec<Rule>>, Problem> {
    let with_pin = who.user.role.may(Right::Administer);
    let rules = app.livekit.dispatch_rules(None, app.now()).await?;
    let rules = rules.into_iter().map(|rule| Rule::of(rule, with_pin));
    Ok(Json(rules.collect()))
}
