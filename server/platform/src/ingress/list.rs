//! Shows administrators the ingresses of the media server, and auditors the same without their keys.

use axum::extract::State;
use livekit_protocol as proto;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Ingress, View};
use crate::{
    accounts::{CurrentUser, Right, SeesSite},
    app::App,
    http::{Json, Problem, SiteAddress},
    livekit::ingress::IngressError,
    rooms::named,
};

/// Every ingress of the media server.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ingresses {
    /// Whether the media server takes streams; an official livekit-server without Redis does not.
    supported: bool,
    items: Vec<Ingress>,
}

/// Lists ingresses, with how each is doing. Stream keys are shown to administrators only.
#[utoipa::path(
    get, path = "/api/ingress", tag = "ingress", operation_id = "listIngresses",
    responses(
        (status = 200, body = Ingresses),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(
    State(app): State<App>,
    site: SiteAddress,
    _: SeesSite,
    current: CurrentUser,
) -> Result<Json<Ingresses>, Problem> {
    let (supported, mut found) = match app.livekit.ingresses(app.now()).await {
        Ok(found) => (true, found),
        Err(IngressError::NotConnected) => (false, Vec::new()),
        Err(error) => return Err(error.into()),
    };
    found.sort_by(|one, other| (&one.name, &one.ingress_id).cmp(&(&other.name, &other.ingress_id)));
    let names = found.iter().map(|info| info.room_name.as_str());
    let links = named::links(&app, names).await?;
    let whip_url = whip_url(&site);
    let view = View {
        whip_url: &whip_url,
        with_key: current.user.role.may(Right::Administer),
    };
    let items = found.into_iter().map(|info| {
        let link = links.get(&info.room_name).cloned();
        Ingress::new(info, link, view)
    });
    let items = items.collect();
    Ok(Json(Ingresses { supported, items }))
}

/// One that an administrator has just made or changed.
pub async fn one(
    app: &App,
    site: &SiteAddress,
    info: proto::IngressInfo,
) -> Result<Json<Ingress>, Problem> {
    let links = named::links(app, [info.room_name.as_str()].into_iter()).await?;
    let link = links.get(&info.room_name).cloned();
    let view = View {
        whip_url: &whip_url(site),
        with_key: true,
    };
    Ok(Json(Ingress::new(info, link, view)))
}

/// Where encoders publish with a stream key.
fn whip_url(site: &SiteAddress) -> String {
    format!("{}/w", site.origin())
}
