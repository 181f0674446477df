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
    livekit::{Rtmp, SideStatus, ingress::IngressError},
    rooms::named,
};

/// Every ingress of the media server.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ingresses {
    /// Whether the media server takes streams; an official livekit-server without Redis does not.
    supported: bool,
    /// Whether RTMP would be taken if ffmpeg were installed beside the media server, or its port were free.
    rtmp_needs_ffmpeg: bool,
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
    let (whip_url, rtmp_url) = (whip_url(&site), rtmp_url(&app, &site));
    let view = View {
        whip_url: &whip_url,
        rtmp_url: &rtmp_url,
        with_key: current.user.role.may(Right::Administer),
    };
    let items = found.into_iter().map(|info| {
        let link = links.get(&info.room_name).cloned();
        Ingress::new(info, link, view)
    });
    let items = items.collect();
    let rtmp_needs_ffmpeg = match app.livekit.rtmp() {
        Rtmp::Off | Rtmp::NoFfmpeg { .. } => true,
        Rtmp::Here { status, .. } => matches!(&*status.borrow(), SideStatus::PortTaken { .. }),
        Rtmp::Elsewhere => false,
    };
    Ok(Json(Ingresses {
        supported,
        rtmp_needs_ffmpeg,
        items,
    }))
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
        rtmp_url: &rtmp_url(app, site),
        with_key: true,
    };
    Ok(Json(Ingress::new(info, link, view)))
}

/// Where encoders publish with a stream key.
fn whip_url(site: &SiteAddress) -> String {
    format!("{}/w", site.origin())
}

/// The same for older encoders, where the built-in media server takes them.
fn rtmp_url(app: &App, site: &SiteAddress) -> String {
    let port = app.livekit.rtmp().port();
    let origin = site.origin().parse::<url::Url>().ok();
    let host = origin.as_ref().and_then(|origin| origin.host_str());
    match (port, host) {
        (Some(port), Some(host)) => format!("rtmp://{host}:{port}/live"),
        _ => String::new(),
    }
}
