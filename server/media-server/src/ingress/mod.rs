//! Ingresses: stream keys by which encoders publish without a token, and how each is doing (pkg/service/ingress.go). What is
//! told of one is on the disk. It must not know HTTP or Twirp.

mod change;
mod error;
mod file;
mod publish;
mod relay;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use livekit_wire::{
    ids::random_id,
    proto::{
        CreateIngressRequest, IngressInfo, IngressState, ListIngressRequest, UpdateIngressRequest,
        WebhookEvent, ingress_state::Status,
    },
};
use tokio::sync::{Mutex, mpsc::UnboundedSender};

use crate::{config::Ingress as Settings, shard::Rooms, whip::Publisher};

pub use error::{IngressError, NotPublished};
pub use publish::Door;
pub use relay::Relayed;

use file::IngressFile;

/// More than anybody tends by hand; each change writes them all.
const MOST: usize = 1000;

/// All ingresses. Cheap to clone.
#[derive(Clone)]
pub struct Ingresses {
    inside: Arc<Inside>,
}

struct Inside {
    /// Where they are kept; an error where they cannot be read, `None` where nobody said where.
    file: Option<Result<IngressFile, String>>,
    settings: Settings,
    all: Mutex<BTreeMap<String, Ingress>>,
    webhooks: UnboundedSender<WebhookEvent>,
    wall_clock: fn() -> SystemTime,
}

/// One of them.
#[derive(Clone)]
struct Ingress {
    info: IngressInfo,
    /// Who publishes by it now over WHIP.
    publisher: Option<Publisher>,
    /// Who publishes by it now through the ingress process.
    relayed: Option<Relayed>,
    /// Held by whoever comes in by it: of two at once the later one is noted last.
    coming_in: Arc<Mutex<()>>,
}

impl Ingress {
    fn new(info: IngressInfo) -> Self {
        Self {
            info,
            publisher: None,
            relayed: None,
            coming_in: Arc::default(),
        }
    }
}

impl Ingresses {
    /// Reads those that are on the disk. Whoever published by them when the server ended publishes no more.
    pub fn open(
        settings: &Settings,
        webhooks: UnboundedSender<WebhookEvent>,
        wall_clock: fn() -> SystemTime,
    ) -> Self {
        let mut all = BTreeMap::new();
        let file = settings.state_file.as_ref().map(|path| {
            let (file, kept) = IngressFile::open(path).map_err(|error| {
                tracing::error!(path = %path.display(), %error, "ingresses cannot be read");
                error.to_string()
            })?;
            for mut info in kept {
                let state = info.state.get_or_insert_default();
                let was = state.status();
                if matches!(was, Status::EndpointBuffering | Status::EndpointPublishing) {
                    "the media server was restarted".clone_into(&mut state.error);
                    end(state, wall_clock());
                }
                let started_at = state.started_at;
                if was == Status::EndpointPublishing {
                    let mut ended = event("ingress_ended", &info, wall_clock());
                    // The next start says so again, if nothing is written before: with the same id it is known.
                    ended.id = format!("EV_{}_{started_at}", info.ingress_id);
                    // Nobody is left who listens, or somebody is.
                    let _ = webhooks.send(ended);
                }
                change::address(info.input_type(), settings).clone_into(&mut info.url);
                all.insert(info.ingress_id.clone(), Ingress::new(info));
            }
            Ok(file)
        });
        Self {
            inside: Arc::new(Inside {
                file,
                settings: settings.clone(),
                all: Mutex::new(all),
                webhooks,
                wall_clock,
            }),
        }
    }

    /// Makes one with a stream key of its own.
    pub async fn create(&self, request: CreateIngressRequest) -> Result<IngressInfo, IngressError> {
        self.file()?;
        let info = change::created(request, &self.inside.settings, &mut rand::rng())?;
        self.change(move |all| {
            if all.len() >= MOST {
                return Err(IngressError::TooMany(MOST));
            }
            all.insert(info.ingress_id.clone(), Ingress::new(info.clone()));
            Ok(info)
        })
        .await
    }

    /// Changes one. Whoever publishes by it goes on as it was.
    pub async fn update(&self, request: UpdateIngressRequest) -> Result<IngressInfo, IngressError> {
        self.change(move |all| {
            let found = all.get_mut(&request.ingress_id);
            let ingress = found.ok_or(IngressError::NotFound)?;
            change::update(&mut ingress.info, request)?;
            Ok(ingress.info.clone())
        })
        .await
    }

    /// Those that are wanted, each with what it publishes now.
    pub async fn list(
        &self,
        rooms: &Rooms,
        request: &ListIngressRequest,
    ) -> Result<Vec<IngressInfo>, IngressError> {
        self.file()?;
        let found: Vec<Ingress> = {
            let all = self.inside.all.lock().await;
            let by_id = |id: &str| request.ingress_id.is_empty() || request.ingress_id == id;
            let by_room = |room: &str| request.room_name.is_empty() || request.room_name == room;
            all.iter()
                .filter(|(id, ingress)| by_id(id) && by_room(&ingress.info.room_name))
                .map(|(_, ingress)| ingress.clone())
                .collect()
        };
        if found.is_empty() && !request.ingress_id.is_empty() {
            return Err(IngressError::NotFound);
        }
        let mut infos = Vec::with_capacity(found.len());
        for ingress in found {
            infos.push(publish::as_it_is(rooms, ingress).await);
        }
        Ok(infos)
    }

    /// Removes one, and whoever publishes by it.
    pub async fn delete(&self, id: &str) -> Result<IngressInfo, IngressError> {
        let id = id.to_owned();
        let removed = self
            .change(move |all| all.remove(&id).ok_or(IngressError::NotFound))
            .await?;
        if let Some(publisher) = removed.publisher {
            publisher.end().await;
        }
        if let Some(relayed) = removed.relayed {
            relayed.end().await;
        }
        let mut info = removed.info;
        let state = info.state.get_or_insert_default();
        if state.status() != Status::EndpointInactive {
            end(state, (self.inside.wall_clock)());
        }
        Ok(info)
    }

    fn file(&self) -> Result<&IngressFile, IngressError> {
        match &self.inside.file {
            Some(Ok(file)) => Ok(file),
            Some(Err(error)) => Err(IngressError::Disk(error.clone())),
            None => Err(IngressError::NotConnected),
        }
    }

    /// Changes them on the disk, then here: what fails is as it was in both. A caller that hangs up meanwhile stops nothing.
    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, Ingress>) -> Result<T, IngressError> + Send + 'static,
    ) -> Result<T, IngressError> {
        let this = self.clone();
        let changed = tokio::spawn(async move {
            let file = this.file()?;
            let mut all = this.inside.all.lock().await;
            let mut next = all.clone();
            let changed = change(&mut next)?;
            file.save(&next).await?;
            *all = next;
            Ok(changed)
        });
        changed
            .await
            .unwrap_or_else(|error| Err(IngressError::Disk(error.to_string())))
    }

    /// Notes how one is doing. That is so even where the disk does not take it, and where the caller hangs up meanwhile.
    async fn note(
        &self,
        id: &str,
        note: impl FnOnce(&mut Ingress) + Send + 'static,
    ) -> Option<IngressInfo> {
        let (this, id) = (self.clone(), id.to_owned());
        let noted = tokio::spawn(async move {
            let file = this.file().ok()?;
            let mut all = this.inside.all.lock().await;
            let ingress = all.get_mut(&id)?;
            note(ingress);
            let info = ingress.info.clone();
            if let Err(error) = file.save(&all).await {
                tracing::error!(%error, "the state of an ingress cannot be written");
            }
            Some(info)
        });
        noted.await.ok().flatten()
    }

    fn tell(&self, name: &str, info: &IngressInfo) {
        let event = event(name, info, (self.inside.wall_clock)());
        // Webhooks end after everything else.
        let _ = self.inside.webhooks.send(event);
    }
}

/// It publishes no more.
fn end(state: &mut IngressState, now: SystemTime) {
    state.status = Status::EndpointInactive.into();
    state.ended_at = nanos(now);
    state.updated_at = state.ended_at;
    state.tracks.clear();
    state.video = None;
    state.audio = None;
}

/// What webhooks tell: never a stream key.
fn event(name: &str, info: &IngressInfo, now: SystemTime) -> WebhookEvent {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    WebhookEvent {
        event: name.to_owned(),
        id: random_id("EV_", &mut rand::rng()),
        created_at: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        ingress_info: Some(IngressInfo {
            stream_key: String::new(),
            ..info.clone()
        }),
        ..WebhookEvent::default()
    }
}

/// LiveKit's times of ingresses.
fn nanos(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}
