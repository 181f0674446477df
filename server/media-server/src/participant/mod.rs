//! One participant: who it is, what it may do, what it announced and wants. It must not know the other participants.

mod announce;
mod close;
mod connection;
mod data;
mod flood;
mod info;
mod negotiation;
mod protocol;
mod signal;
mod subscription;
mod track_permission;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant, SystemTime};

use livekit_protocol as proto;
use livekit_wire::{Claims, Identity, ParticipantSid, TrackSid};

pub use announce::{
    AnnouncedTrack, known_audio_features, publish_plan, sorted_layers, source_fits, track_info,
};
pub use close::{ClientLeave, CloseReason, leave_request};
pub use connection::{Connection, ConnectionFactory, IceLite};
pub use data::ReliableOrder;
pub use flood::Allowance;
pub use negotiation::Negotiation;
pub use protocol::ProtocolVersion;
pub use signal::SignalConnection;
pub use subscription::{Subscription, SubscriptionState};
pub use track_permission::TrackPermissions;

use crate::forward::{ChannelObserver, PublisherClock};
use crate::ground::{AGENT_NAME_ATTRIBUTE, JoinRequest, SignalMode};
use crate::peer::{Backlog, PeerId, UpTrackId};

/// Signal messages a client may send per second, averaged over ten.
const SIGNAL_MESSAGES_PER_SECOND: u32 = 200;
/// Data messages a participant may send per second, averaged over ten.
const DATA_MESSAGES_PER_SECOND: u32 = 5_000;

/// Names a participant within its room, cheaper than its sid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParticipantKey(pub u32);

/// Which of a participant's peer connections; with a single one everything is `Publisher`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// The one on which the client offers.
    Publisher,
    /// The one on which the server offers.
    Subscriber,
}

impl From<Target> for proto::SignalTarget {
    fn from(target: Target) -> Self {
        match target {
            Target::Publisher => Self::Publisher,
            Target::Subscriber => Self::Subscriber,
        }
    }
}

/// A peer connection and what the room remembers about it.
pub struct Link {
    /// Its number in the shard.
    pub id: PeerId,
    /// The connection.
    pub connection: Box<dyn Connection>,
    /// DTLS has been up.
    pub connected: bool,
    /// ICE has a path now.
    pub ice_connected: bool,
    /// It has something to say.
    pub dirty: bool,
    /// When it wants to be called next.
    pub deadline: Option<Instant>,
}

impl Link {
    /// A connection that has just been opened.
    pub fn new(id: PeerId, connection: Box<dyn Connection>) -> Self {
        Self {
            id,
            connection,
            connected: false,
            ice_connected: false,
            dirty: false,
            deadline: None,
        }
    }
}

/// One stay of one identity in a room.
pub struct Participant {
    /// Its name within the room.
    pub key: ParticipantKey,
    /// Its name on the wire.
    pub sid: ParticipantSid,
    /// Its name in the token.
    pub identity: Identity,
    /// What the token said, with every change since; signs into refreshed tokens.
    pub claims: Claims,
    /// When the first token ends; refreshed ones last at least as long.
    pub token_expires_at: SystemTime,
    /// One or two peer connections, and who may offer on them.
    pub mode: SignalMode,
    /// What the client says about itself.
    pub client: proto::ClientInfo,
    /// Subscribes to every new track.
    pub auto_subscribe: bool,
    /// Switches layers by the size of its video elements.
    pub adaptive_stream: bool,
    /// Wants streams paused when its downlink is full.
    pub allow_pause: bool,
    /// The client's frames.
    pub signal: SignalConnection,
    /// The connection on which the client offers.
    pub publisher: Link,
    /// The connection on which the server offers; None in single mode.
    pub subscriber: Option<Link>,
    /// Offers of the server, or requests for one.
    pub negotiation: Negotiation,
    /// Tracks announced and not yet published, oldest first.
    pub announced: Vec<AnnouncedTrack>,
    /// Published tracks, oldest first.
    pub tracks: Vec<TrackSid>,
    /// It has published a track, which may be gone.
    pub has_published: bool,
    /// Which published track, and which of its encodings, an up track of the publisher connection is.
    pub up_tracks: HashMap<UpTrackId, (TrackSid, usize)>,
    /// Tracks this participant wants.
    pub subscriptions: BTreeMap<TrackSid, Subscription>,
    /// Wishes about tracks, kept apart because they may come before the subscription.
    pub track_settings: HashMap<TrackSid, proto::UpdateTrackSettings>,
    /// Who may subscribe to this participant's tracks.
    pub track_permissions: TrackPermissions,
    /// Its wall clock, by the reports of its tracks.
    pub clock: PublisherClock,
    /// How much its connection carries.
    pub channel: ChannelObserver,
    /// SimulateScenario: as if its connection carried no more, in bits per second.
    pub bandwidth_cap: Option<u64>,
    /// Receivers of its data that are behind: its own packets have to wait for them.
    pub awaits: BTreeSet<ParticipantKey>,
    /// It has, or may still get, a data channel.
    pub takes_data: bool,
    /// Reliable packets received.
    pub reliable: ReliableOrder,
    /// Limits signal messages.
    pub signal_allowance: Allowance,
    /// Limits data messages.
    pub data_allowance: Allowance,
    /// When the next refreshed token is due.
    pub refresh_at: Instant,
    /// When the participant is given up unless it comes back.
    pub give_up_at: Option<Instant>,
    /// The client has closed its media and is expected to say `leave` by then.
    pub farewell_by: Option<Instant>,
    /// When it came, for the minute it has to connect.
    pub joined: Instant,
    joined_at: SystemTime,
    state: proto::participant_info::State,
    version: u32,
    is_publisher: bool,
    was_active: bool,
    close_reason: Option<CloseReason>,
}

impl Participant {
    /// A participant that has been let in and has seen nothing yet.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is one fact about the newcomer"
    )]
    pub fn new(
        key: ParticipantKey,
        sid: ParticipantSid,
        request: &JoinRequest,
        default_allow_pause: bool,
        signal: SignalConnection,
        publisher: Link,
        subscriber: Option<Link>,
        now: crate::ground::Now,
    ) -> Self {
        let mut claims = request.token.claims.clone();
        if !request.metadata.is_empty() {
            claims.metadata.clone_from(&request.metadata);
        }
        for (name, value) in &request.attributes {
            claims.attributes.insert(name.clone(), value.clone());
        }
        Self {
            key,
            sid,
            identity: request.identity.clone(),
            claims,
            token_expires_at: request.token.expires_at,
            mode: request.mode,
            client: request.client.clone(),
            auto_subscribe: request.auto_subscribe,
            adaptive_stream: request.adaptive_stream,
            allow_pause: request
                .subscriber_allow_pause
                .unwrap_or(default_allow_pause),
            signal,
            publisher,
            subscriber,
            negotiation: Negotiation::default(),
            announced: Vec::new(),
            tracks: Vec::new(),
            has_published: false,
            up_tracks: HashMap::new(),
            subscriptions: BTreeMap::new(),
            track_settings: HashMap::new(),
            track_permissions: TrackPermissions::default(),
            clock: PublisherClock::default(),
            channel: ChannelObserver::default(),
            bandwidth_cap: None,
            awaits: BTreeSet::new(),
            takes_data: request.mode != SignalMode::OneShot,
            reliable: ReliableOrder::default(),
            signal_allowance: Allowance::new(SIGNAL_MESSAGES_PER_SECOND, now.instant),
            data_allowance: Allowance::new(DATA_MESSAGES_PER_SECOND, now.instant),
            refresh_at: now.instant + REFRESH_INTERVAL,
            give_up_at: None,
            farewell_by: None,
            joined: now.instant,
            joined_at: now.system,
            state: proto::participant_info::State::Joining,
            version: 0,
            is_publisher: false,
            was_active: false,
            close_reason: None,
        }
    }

    /// The client's protocol number.
    pub fn protocol(&self) -> ProtocolVersion {
        ProtocolVersion(self.client.protocol)
    }

    /// Whether the subscriber connection decides when the participant is active.
    pub fn subscriber_primary(&self) -> bool {
        self.subscriber.is_some() && self.protocol().subscriber_primary()
    }

    /// The connection this target names; in single mode there is one for both.
    pub fn link(&mut self, target: Target) -> &mut Link {
        match (target, &mut self.subscriber) {
            (Target::Subscriber, Some(link)) => link,
            (Target::Publisher, _) | (Target::Subscriber, None) => &mut self.publisher,
        }
    }

    /// The connection that carries tracks and data to the client.
    pub fn down_link(&mut self) -> &mut Link {
        self.link(Target::Subscriber)
    }

    fn down_connection(&self) -> &dyn Connection {
        let link = self.subscriber.as_ref().unwrap_or(&self.publisher);
        &*link.connection
    }

    /// Reliable data that the client has not taken yet.
    pub fn data_backlog(&self) -> Backlog {
        self.down_connection().data_backlog()
    }

    /// The largest data message the client takes.
    pub fn max_data_size(&self) -> usize {
        self.down_connection().max_data_size()
    }

    /// Both connections.
    pub fn links(&mut self) -> impl Iterator<Item = (Target, &mut Link)> {
        std::iter::once((Target::Publisher, &mut self.publisher)).chain(
            self.subscriber
                .iter_mut()
                .map(|link| (Target::Subscriber, link)),
        )
    }

    /// Whether media was ever connected.
    pub fn has_connected(&self) -> bool {
        self.publisher.ice_connected
            || self.publisher.connected
            || self
                .subscriber
                .as_ref()
                .is_some_and(|link| link.ice_connected || link.connected)
    }

    /// Whether the connection that counts has a path now.
    pub fn has_media(&self) -> bool {
        let primary = match &self.subscriber {
            Some(subscriber) if self.protocol().subscriber_primary() => subscriber,
            Some(_) | None => &self.publisher,
        };
        primary.ice_connected
    }

    /// Does not count as company: a room with only these is empty.
    pub fn is_dependent(&self) -> bool {
        use proto::participant_info::Kind;
        matches!(self.claims.participant_kind(), Kind::Agent | Kind::Egress)
            || self
                .claims
                .video
                .as_ref()
                .is_some_and(|grants| grants.agent || grants.recorder)
    }

    /// What the participant may do.
    pub fn permission(&self) -> proto::ParticipantPermission {
        self.claims
            .video
            .clone()
            .unwrap_or_default()
            .to_permission()
    }

    /// Whether others do not see the participant.
    pub fn is_hidden(&self) -> bool {
        self.claims
            .video
            .as_ref()
            .is_some_and(|grants| grants.hidden)
    }

    /// Whether a worker sent it here: it comes back by a new dispatch, not by itself.
    pub fn is_sent_by_worker(&self) -> bool {
        self.claims.participant_kind() == proto::participant_info::Kind::Agent
            && self.claims.attributes.contains_key(AGENT_NAME_ATTRIBUTE)
    }

    /// Whether the participant records the room.
    pub fn is_recorder(&self) -> bool {
        self.claims.participant_kind() == proto::participant_info::Kind::Egress
            || self
                .claims
                .video
                .as_ref()
                .is_some_and(|grants| grants.recorder)
    }

    /// Whether its client can resume the stay when its media or its signal connection is lost.
    pub fn comes_back(&self) -> bool {
        self.mode != SignalMode::OneShot
    }

    /// May subscribe to tracks, and could be told of them.
    pub fn can_subscribe(&self) -> bool {
        self.comes_back()
            && self
                .claims
                .video
                .as_ref()
                .is_none_or(livekit_wire::VideoGrants::can_subscribe)
    }

    /// May send data.
    pub fn can_publish_data(&self) -> bool {
        self.claims
            .video
            .as_ref()
            .is_none_or(livekit_wire::VideoGrants::can_publish_data)
    }

    /// May publish at all.
    pub fn can_publish(&self) -> bool {
        self.claims
            .video
            .as_ref()
            .is_none_or(livekit_wire::VideoGrants::can_publish)
    }

    /// May publish from this source.
    pub fn can_publish_source(&self, source: proto::TrackSource) -> bool {
        self.claims
            .video
            .as_ref()
            .is_none_or(|grants| grants.can_publish_source(source))
    }

    /// Sends a frame to the client.
    pub fn send(&mut self, message: proto::signal_response::Message) {
        self.signal.send(message);
    }
}

/// How often a client gets a new token (roommanager.go tokenRefreshInterval).
pub const REFRESH_INTERVAL: Duration = Duration::from_mins(5);
