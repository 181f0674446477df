//! Letting a participant in: who is replaced, who is refused, and the first frames (service/roommanager.go StartSession).

use livekit_protocol as proto;
use livekit_wire::ParticipantSid;
use livekit_wire::token::sign;
use proto::participant_info::State;
use proto::signal_response::Message;
use tokio::sync::mpsc::Sender;

use super::Room;
use super::broadcast::Broadcast;
use crate::ground::{JoinRequest, Joined, Now, SignalMode, SignalOut};
use crate::participant::{
    CloseReason, IceLite, Link, Participant, ParticipantKey, ProtocolVersion, REFRESH_INTERVAL,
    SignalConnection, Target, leave_request,
};
use crate::peer::PeerRole;

/// Seconds between a client's pings.
const PING_INTERVAL: i32 = 5;
/// Seconds without any frame after which a client takes the signal connection for lost.
const PING_TIMEOUT: i32 = 15;
/// Refreshed tokens last this long, or what is left of the first one if that is longer.
const REFRESHED_TOKEN_TTL: std::time::Duration = std::time::Duration::from_mins(10);

impl Room {
    /// Opens a signal session: a new participant, or one that comes back. Refusals are sent as `leave`.
    pub fn join(&mut self, request: &JoinRequest, frames: Sender<SignalOut>, now: Now) -> Joined {
        let session = self.roster.new_session();
        let mut signal = SignalConnection::open(session, frames);
        let existing = self.roster.by_identity(request.identity.as_str());
        if let Some(resume) = &request.reconnect {
            return match existing {
                Some(key) if self.may_resume(key, resume) => self.resume(key, signal, request, now),
                Some(_) | None => {
                    refuse(&mut signal, request, CloseReason::StateMismatch);
                    Joined {
                        participant: ParticipantSid::from_wire(String::new()),
                        session,
                    }
                }
            };
        }
        if let Some(key) = existing {
            tracing::info!(room = %self.name, identity = %request.identity, "identity joins again");
            self.remove(key, CloseReason::DuplicateIdentity, now);
        }
        let sid = ParticipantSid::random(&mut self.random);
        if self.is_full(request) {
            tracing::info!(room = %self.name, identity = %request.identity, "room is full");
            refuse(&mut signal, request, CloseReason::JoinFailed);
            return Joined {
                participant: sid,
                session,
            };
        }
        let recorded = self.is_recorded();
        self.shared.traffic.joins.add(1);
        let key = self.admit(sid.clone(), request, signal, now);
        self.send_join_response(key);
        if self.is_recorded() != recorded {
            // Nobody is recorded for seconds without knowing it.
            self.send_room_update();
        }
        self.send_refresh_token(key, now);
        self.subscribe_to_existing(key, now);
        for track in &request.add_track_requests {
            self.add_track(key, track, now);
        }
        if let Some(offer) = &request.publisher_offer {
            self.handle_offer(key, offer, now);
        }
        self.broadcast(key, Broadcast::default(), now);
        self.tell_agents_joined(key);
        Joined {
            participant: sid,
            session,
        }
    }

    fn is_full(&self, request: &JoinRequest) -> bool {
        self.max_participants > 0
            && !is_dependent(request)
            && self.roster.company() >= self.max_participants
    }

    fn admit(
        &mut self,
        sid: ParticipantSid,
        request: &JoinRequest,
        signal: SignalConnection,
        now: Now,
    ) -> ParticipantKey {
        let key = self.roster.new_key();
        let protocol = ProtocolVersion(request.client.protocol);
        let ice_lite = match request.mode {
            SignalMode::OneShot => IceLite::Always,
            _ if request.disable_ice_lite || !protocol.knows_ice_lite() => IceLite::Never,
            SignalMode::Single | SignalMode::Dual => IceLite::AsSet,
        };
        let mut open = |role, target| {
            let (id, connection) = self.shared.connections.open(role, ice_lite, now.instant);
            self.links.add(id, key, target);
            Link::new(id, connection)
        };
        let (publisher, subscriber) = match request.mode {
            SignalMode::Single => (open(PeerRole::Single, Target::Publisher), None),
            SignalMode::OneShot => (open(PeerRole::Publisher, Target::Publisher), None),
            SignalMode::Dual => (
                open(PeerRole::Publisher, Target::Publisher),
                Some(open(PeerRole::Subscriber, Target::Subscriber)),
            ),
        };
        let mut participant = Participant::new(
            key,
            sid,
            request,
            self.shared.settings.allow_pause,
            signal,
            publisher,
            subscriber,
            now,
        );
        if participant.subscriber.is_some() {
            participant.negotiation.force(now.instant);
        }
        tracing::info!(
            room = %self.name, room_sid = %self.sid, identity = %participant.identity,
            participant = %participant.sid, mode = ?participant.mode, "participant joins"
        );
        if !participant.is_dependent() {
            self.lifetime.company_came();
        }
        let reuse = protocol.reuses_transceivers();
        for (_, link) in participant.links() {
            link.connection.set_section_reuse(reuse);
        }
        for (_, link) in participant.links() {
            self.links.mark_dirty(link);
        }
        self.roster.add(participant);
        self.wake_at(now.instant);
        self.room_changed(now);
        key
    }

    fn send_join_response(&mut self, key: ParticipantKey) {
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        let response = proto::JoinResponse {
            room: Some(self.info()),
            participant: Some(self.participant_info(participant)),
            other_participants: self.everybody(key, false).into_iter().flatten().collect(),
            server_version: self.shared.settings.node.version.clone(),
            server_region: self.shared.settings.node.region.clone(),
            ice_servers: (self.shared.settings.ice_servers)(participant.sid.as_str()),
            subscriber_primary: participant.subscriber_primary(),
            ping_interval: PING_INTERVAL,
            ping_timeout: PING_TIMEOUT,
            server_info: Some(self.shared.settings.node.server_info()),
            sif_trailer: self.sif_trailer.clone(),
            enabled_publish_codecs: self
                .shared
                .settings
                .room
                .enabled_codecs
                .iter()
                .filter(|codec| !codec.mime.to_ascii_lowercase().ends_with("/rtx"))
                .cloned()
                .collect(),
            fast_publish: participant.can_publish(),
            ..proto::JoinResponse::default()
        };
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        participant.send(Message::Join(response));
        participant.advance(State::Joined);
    }

    /// Gives the client a token that says what it may do now, for its next reconnect.
    pub(super) fn send_refresh_token(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        participant.refresh_at = now.instant + REFRESH_INTERVAL;
        let left = participant
            .token_expires_at
            .duration_since(now.system)
            .unwrap_or_default();
        let (api_key, secret) = self.shared.settings.keys.first();
        let valid_for = left.max(REFRESHED_TOKEN_TTL);
        match sign(&participant.claims, api_key, secret, now.system, valid_for) {
            Ok(token) => participant.send(Message::RefreshToken(token)),
            Err(error) => {
                tracing::error!(%error, participant = %participant.sid, "no refreshed token");
            }
        }
    }
}

fn is_dependent(request: &JoinRequest) -> bool {
    use proto::participant_info::Kind;
    let claims = &request.token.claims;
    matches!(claims.participant_kind(), Kind::Agent | Kind::Egress)
        || claims
            .video
            .as_ref()
            .is_some_and(|grants| grants.agent || grants.recorder)
}

/// Tells a client that it cannot have this session, as the first and only frame.
fn refuse(signal: &mut SignalConnection, request: &JoinRequest, reason: CloseReason) {
    let protocol = ProtocolVersion(request.client.protocol);
    signal.send(Message::Leave(leave_request(
        reason.disconnect_reason(),
        reason.action(),
        protocol,
    )));
    signal.close();
}
