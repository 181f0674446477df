//! Changes a dispatch rule; for administrators.

use axum::extract::State;

use super::{
    create_rule::with_room,
    find,
    message::UnknownKind,
    rule::{self, Rule, RuleSettings},
};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening, SipEntry},
    http::{Json, Path, Problem, SiteAddress},
};

/// Sets a rule anew; its PIN stays where none is given.
#[utoipa::path(
    put, path = "/api/sip/rules/{id}", tag = "sip", operation_id = "updateSipRule",
    params(("id" = String, Path)), request_body = RuleSettings,
    responses(
        (status = 200, body = Rule),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Admin(admin): Admin,
    site: SiteAddress,
    Path(id): Path<String>,
    Json(input): Json<RuleSettings>,
) -> Result<Json<Rule>, Problem> {
    let mut rule = find::rule(&app, &id).await?;
    if !rule::is_known(&rule) {
        return Err(UnknownKind.into());
    }
    with_room(&app, &site, input).await?.write_into(&mut rule);
    let updated = app.livekit.replace_dispatch_rule(rule, app.now()).await?;
    let updated = Rule::of(updated, true);
    let happening = Happening::SipRuleUpdated(SipEntry {
        id: &id,
        name: &updated.settings.name,
    });
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &happening).await?;
    Ok(Json(updated))
}
