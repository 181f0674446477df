//! What a browser needs to know to find out why it cannot connect.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::LiveKit;
use crate::{
    app::App,
    http::{Json, SiteAddress},
};

/// Addresses and ports of the media, as far as they are known.
#[derive(Debug, Serialize, ToSchema)]
pub struct Connectivity {
    /// `starting`, `ready` or `down`.
    media: &'static str,
    /// Where the signal socket is opened.
    signal_url: String,
    /// UDP port that must be reachable.
    #[schema(required = true)]
    udp_port: Option<u16>,
    /// Another one, which more networks let out.
    #[schema(required = true)]
    second_udp_port: Option<u16>,
    /// TCP port for networks that block UDP.
    #[schema(required = true)]
    tcp_port: Option<u16>,
    /// Address that media is announced with.
    #[schema(required = true)]
    node_ip: Option<String>,
    /// Whether a TURN server relays for networks that block both.
    turn: bool,
}

/// What must be reachable for a call to work.
#[utoipa::path(
    get, path = "/api/connectivity", tag = "livekit", operation_id = "readConnectivity",
    responses((status = 200, body = Connectivity))
)]
pub async fn connectivity(State(app): State<App>, site: SiteAddress) -> Json<Connectivity> {
    let facts = app.livekit.facts();
    Json(Connectivity {
        media: app.livekit.status().as_str(),
        signal_url: signal_url(&app, &site),
        udp_port: facts.udp_port,
        second_udp_port: facts.second_udp_port,
        tcp_port: facts.tcp_port,
        node_ip: app.livekit.node_ip().map(|ip| ip.to_string()),
        turn: facts.turn,
    })
}

/// Where browsers open the first region's signal socket.
pub fn signal_url(app: &App, site: &SiteAddress) -> String {
    app.livekit.signal_url(site)
}

impl LiveKit {
    /// Where browsers open its signal socket: the configured address, else this site as they reached it.
    pub fn signal_url(&self, site: &SiteAddress) -> String {
        match &self.endpoint().public_ws_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => site.socket_origin(),
        }
    }
}
