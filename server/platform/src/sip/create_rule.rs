//! Makes a dispatch rule; for administrators.

use axum::extract::State;
use http::StatusCode;
use livekit_protocol as proto;

use super::rule::{Rule, RuleSettings, RuleTarget};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening, SipEntry},
    http::{Json, Problem, SiteAddress},
    rooms::named,
};

/// Makes a rule for calls that come in.
#[utoipa::path(
    post, path = "/api/sip/rules", tag = "sip", operation_id = "createSipRule", request_body = RuleSettings,
    responses(
        (status = 201, body = Rule),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn create(
    State(app): State<App>,
    Admin(admin): Admin,
    site: SiteAddress,
    Json(input): Json<RuleSettings>,
) -> Result<(StatusCode, Json<Rule>), Problem> {
    let mut rule = proto::SipDispatchRuleInfo::default();
    with_room(&app, &site, input).await?.write_into(&mut rule);
    let made = app.livekit.create_dispatch_rule(rule, app.now()).await?;
    let made = Rule::of(made, true);
    let happening = Happening::SipRuleCreated(SipEntry {
        id: &made.id,
        name: &made.settings.name,
    });
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &happening).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// The same, with the room's name on the media server in the place of a link.
pub(super) async fn with_room(
    app: &App,
    site: &SiteAddress,
    mut input: RuleSettings,
) -> Result<RuleSettings, Problem> {
    if let RuleTarget::Direct { room } = &mut input.target {
        *room = named::find(app, site, "target", room).await?.0;
    }
    Ok(input)
}
