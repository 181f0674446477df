//! The media servers elsewhere, beside the first one: each in a region with a name. It must not know which call is where.

use http_edge::outbound::ClientError;
use livekit_client::InvalidWebhook;
use livekit_protocol as proto;
use tokio::sync::watch;

use super::{Endpoint, LiveKit, Media, MediaFacts, MediaStatus, Rtmp};
use crate::{app::App, clock::Timestamp, config::RegionName};

/// A media server elsewhere, as the platform is told of it.
#[derive(Debug, Clone)]
pub struct RegionMedia {
    /// What the region is called.
    pub name: RegionName,
    /// Where it answers and with which key.
    pub endpoint: Endpoint,
    /// How it is doing.
    pub status: watch::Receiver<MediaStatus>,
}

/// Every region: the first one, whose media server is the app's own, and those beside it.
pub struct Regions {
    first: RegionName,
    others: Vec<(RegionName, LiveKit)>,
}

/// A region with its media server.
#[derive(Clone, Copy)]
pub struct InRegion<'a> {
    pub name: &'a RegionName,
    pub livekit: &'a LiveKit,
}

impl InRegion<'_> {
    /// Whether its media server answered when it was last asked.
    pub fn is_ready(&self) -> bool {
        self.livekit.status() == MediaStatus::Ready
    }
}

impl Regions {
    /// Makes the clients; opens no connection.
    pub fn new(first: RegionName, others: Vec<RegionMedia>) -> Result<Regions, ClientError> {
        let others = others.into_iter().map(|region| {
            let livekit = LiveKit::new(elsewhere(region.endpoint, region.status))?;
            Ok((region.name, livekit))
        });
        let others = others.collect::<Result<_, ClientError>>()?;
        Ok(Regions { first, others })
    }

    /// Whether there is a choice at all.
    pub fn are_several(&self) -> bool {
        !self.others.is_empty()
    }
}

/// All that is known of a media server that somebody else runs.
fn elsewhere(endpoint: Endpoint, status: watch::Receiver<MediaStatus>) -> Media {
    Media {
        endpoint,
        status,
        ended: watch::channel(None).1,
        node_ip: watch::channel(None).1,
        starts_anew: false,
        outdated: watch::channel(false).1,
        facts: MediaFacts {
            engine: "external".to_owned(),
            ..MediaFacts::default()
        },
        version: watch::channel(None).1,
        recorder: None,
        rtmp: Rtmp::Elsewhere,
        regions: Vec::new(),
    }
}

impl App {
    /// The region of the app's own media server: everything but calls of the site's rooms is there.
    pub fn first_region(&self) -> InRegion<'_> {
        InRegion {
            name: &self.regions.first,
            livekit: &self.livekit,
        }
    }

    /// Every region, the first one first.
    pub fn every_region(&self) -> impl Iterator<Item = InRegion<'_>> {
        let others = self.regions.others.iter();
        let others = others.map(|(name, livekit)| InRegion { name, livekit });
        std::iter::once(self.first_region()).chain(others)
    }

    /// The region of this name, if there is one.
    pub fn region(&self, name: &RegionName) -> Option<InRegion<'_>> {
        self.every_region().find(|region| region.name == name)
    }

    /// Whether calls can be made in any region; where not, what the first one says.
    pub fn media_status(&self) -> MediaStatus {
        if self.every_region().any(|region| region.is_ready()) {
            MediaStatus::Ready
        } else {
            self.livekit.status()
        }
    }

    /// Verifies and reads a webhook, with the key of the region that sent it; `authorization` with or without `Bearer`.
    pub fn receive_webhook(
        &self,
        body: &[u8],
        authorization: &str,
        now: Timestamp,
    ) -> Result<(InRegion<'_>, proto::WebhookEvent), InvalidWebhook> {
        let mut refused = None;
        for region in self.every_region() {
            match region.livekit.receive_webhook(body, authorization, now) {
                Ok(event) => return Ok((region, event)),
                // Another region's key may be the one.
                Err(error @ InvalidWebhook::Unauthenticated(_)) => {
                    refused.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        // There is a first region at least.
        Err(refused.unwrap_or(InvalidWebhook::WrongHash))
    }
}
