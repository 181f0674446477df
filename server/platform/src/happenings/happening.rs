//! Everything that happens, and what the record and the streams say of it. It knows neither HTTP nor SQL.

use serde_json::{Value, json};

use crate::{
    accounts::{Role, User, UserId, UserName},
    api_keys::ApiKey,
    audit::{self, Action},
    clock::Timestamp,
    events::EventBody,
    livekit::{
        identity::{Identity, Subject},
        token::Permissions,
        track::TrackSource,
    },
    meetings::MeetingId,
    recordings::{RecordingFault, RecordingId, RecordingTitle},
    rooms::{MemberRole, agents::RoomAgentId},
    webhooks::{PauseReason, WebhookId},
};

/// An account, as it is called at that moment.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    pub id: UserId,
    pub name: &'a UserName,
}

/// Somebody in a call, as they are called at that moment.
#[derive(Debug, Clone, Copy)]
pub struct Attendee<'a> {
    pub identity: &'a Identity,
    pub name: &'a str,
}

/// An invitation, by what administrators know it by.
#[derive(Debug, Clone, Copy)]
pub struct Invitation<'a> {
    pub id: &'a str,
    pub note: Option<&'a str>,
    pub email: Option<&'a str>,
    /// What whoever uses it becomes.
    pub role: Role,
}

/// A recording, as it is called at that moment.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    pub id: RecordingId,
    pub title: &'a RecordingTitle,
}

/// The wish for an agent in a room.
#[derive(Debug)]
pub struct Dispatched<'a> {
    /// `AD_…`
    pub id: &'a str,
    /// Of its worker; empty where only the media server knows.
    pub agent_name: &'a str,
    /// The room's name on the media server.
    pub room: &'a str,
}

/// An agent that comes into every call of a room.
#[derive(Debug, Clone, Copy)]
pub struct CalledAgent<'a> {
    pub id: RoomAgentId,
    /// Of its worker; empty for those without a name.
    pub agent_name: &'a str,
}

/// A trunk or a rule of SIP, as it is called at that moment.
#[derive(Debug, Clone, Copy)]
pub struct SipEntry<'a> {
    /// `ST_…` or `SDR_…`
    pub id: &'a str,
    pub name: &'a str,
}

/// A stream that comes in from an encoder. Never its key.
#[derive(Debug, Clone, Copy)]
pub struct Streamed<'a> {
    /// `IN_…`
    pub id: &'a str,
    pub name: &'a str,
    /// The room's name on the media server.
    pub live_room: &'a str,
}

/// What goes out of a room. Never where to.
#[derive(Debug, Clone, Copy)]
pub struct SentOut<'a> {
    /// `EG_…`
    pub id: &'a str,
    /// `room`, `participant`, `tracks`, `track`, `web` or `other`.
    pub kind: &'static str,
    /// The room's name on the media server; empty for a web page.
    pub live_room: &'a str,
}

/// A webhook, as it is called at that moment: its address may hold a secret, its host does not.
#[derive(Debug, Clone, Copy)]
pub struct Hook<'a> {
    pub id: WebhookId,
    pub host: &'a str,
}

/// Something that happened. What happens in a room is told with its place.
#[derive(Debug)]
pub enum Happening<'a> {
    RoomCreated,
    /// Each setting that changed, see [`audit::changes`].
    RoomUpdated {
        changes: Value,
    },
    RoomLocked,
    RoomUnlocked,
    RoomDeleted,
    /// Its owner's account was deleted.
    RoomHandedOver {
        to: Account<'a>,
    },
    /// Somebody sent everybody away.
    CallEnded,
    MemberAdded {
        member: Account<'a>,
        role: MemberRole,
    },
    MemberUpdated {
        member: Account<'a>,
        from: MemberRole,
        to: MemberRole,
    },
    MemberRemoved {
        member: Account<'a>,
    },
    MeetingStarted {
        id: MeetingId,
        at: Timestamp,
    },
    MeetingEnded {
        id: MeetingId,
        at: Timestamp,
    },
    ParticipantJoined {
        who: Attendee<'a>,
        at: Timestamp,
    },
    ParticipantLeft {
        who: Attendee<'a>,
        at: Timestamp,
    },
    /// Their tracks or permissions changed.
    ParticipantUpdated {
        identity: &'a Identity,
    },
    HandChanged {
        identity: &'a Identity,
        raised_at: Option<Timestamp>,
    },
    ParticipantPermitted {
        who: Attendee<'a>,
        from: Permissions,
        to: Permissions,
    },
    ParticipantMuted {
        who: Attendee<'a>,
        source: TrackSource,
    },
    AllMuted {
        source: TrackSource,
    },
    ParticipantKicked {
        who: Attendee<'a>,
    },
    ParticipantBanned {
        who: Attendee<'a>,
        reason: Option<&'a str>,
    },
    BanLifted {
        identity: &'a str,
        name: &'a str,
    },
    /// Somebody asked for a recording; it has not begun.
    RecordingRequested {
        recorded: Recorded<'a>,
        detail: Value,
    },
    RecordingStarted {
        recorded: Recorded<'a>,
        at: Timestamp,
    },
    RecordingStopped(Recorded<'a>),
    /// The recorder makes the film, or has a first version to look at.
    RecordingComposing(Recorded<'a>),
    RecordingProcessing(Recorded<'a>),
    RecordingCompleted(Recorded<'a>),
    RecordingFailed {
        recorded: Recorded<'a>,
        fault: RecordingFault,
    },
    /// Its title, or how long it is kept, see [`audit::changes`].
    RecordingUpdated {
        recorded: Recorded<'a>,
        changes: Value,
    },
    RecordingDownloaded(Recorded<'a>),
    /// Somebody made a link for outsiders.
    RecordingShared(Recorded<'a>),
    /// Somebody ended a link for outsiders.
    RecordingUnshared(Recorded<'a>),
    /// An outsider opened a link.
    RecordingViewed(Recorded<'a>),
    /// An administrator had a film fetched again.
    RecordingRetried(Recorded<'a>),
    RecordingDeleted(Recorded<'a>),
    InviteCreated(Invitation<'a>),
    InviteRevoked(Invitation<'a>),
    ApiKeyCreated(&'a ApiKey),
    ApiKeyRevoked(&'a ApiKey),
    /// A token was signed with a key, for a person or a program.
    TokenCreated {
        key: &'a ApiKey,
        detail: Value,
    },
    /// Somebody asked for an agent in a room.
    AgentDispatched(Dispatched<'a>),
    AgentDispatchDeleted(Dispatched<'a>),
    /// An agent comes into every call of the room from now on.
    RoomAgentAdded(CalledAgent<'a>),
    RoomAgentRemoved(CalledAgent<'a>),
    /// A worker gets no more jobs.
    AgentWorkerDrained {
        worker: &'a str,
    },
    AgentJobEnded {
        job: &'a str,
    },
    /// A command of this server runs again.
    AgentCommandStarted {
        name: &'a str,
        count: u8,
    },
    AgentCommandStopped {
        name: &'a str,
    },
    /// A command has another number of processes.
    AgentCommandScaled {
        name: &'a str,
        count: u8,
    },
    SipTrunkCreated(SipEntry<'a>),
    SipTrunkUpdated(SipEntry<'a>),
    SipTrunkDeleted {
        id: &'a str,
    },
    SipRuleCreated(SipEntry<'a>),
    SipRuleUpdated(SipEntry<'a>),
    SipRuleDeleted {
        id: &'a str,
    },
    /// Somebody is called into a room.
    SipCallMade {
        id: &'a str,
        room: &'a str,
        to: &'a str,
    },
    /// A call was sent on to another number.
    SipCallTransferred {
        identity: &'a Identity,
        room: &'a str,
        to: &'a str,
    },
    IngressCreated(Streamed<'a>),
    IngressUpdated {
        ingress: Streamed<'a>,
        enabled: bool,
    },
    IngressDeleted(Streamed<'a>),
    /// An encoder publishes.
    IngressStarted(Streamed<'a>),
    IngressEnded(Streamed<'a>),
    /// Settings that were changed while the site runs, see [`audit::changes`].
    SettingsUpdated {
        changes: Value,
    },
    /// Somebody asked for it here.
    EgressRequested(SentOut<'a>),
    /// What changed, in numbers and words without secrets.
    EgressUpdated {
        egress: SentOut<'a>,
        detail: Value,
    },
    /// Somebody stopped it here.
    EgressStopped(SentOut<'a>),
    /// The recorder says so, whoever asked for it.
    EgressStarted(SentOut<'a>),
    /// The recorder says so; `error` is empty when all went well.
    EgressEnded {
        egress: SentOut<'a>,
        error: &'a str,
    },
    /// A room that is none of the site's was made on the media server.
    LiveRoomCreated {
        name: &'a str,
        detail: Value,
    },
    LiveRoomUpdated {
        name: &'a str,
        metadata_bytes: usize,
    },
    /// A room that is none of the site's was ended.
    LiveRoomEnded {
        name: &'a str,
    },
    LiveDataSent {
        room: &'a str,
        detail: Value,
    },
    LiveParticipantUpdated {
        room: &'a str,
        who: Attendee<'a>,
        detail: Value,
    },
    /// Somebody was sent out of a room that is none of the site's.
    LiveParticipantRemoved {
        room: &'a str,
        who: Attendee<'a>,
    },
    LiveTrackMuted {
        room: &'a str,
        who: Attendee<'a>,
        source: TrackSource,
    },
    WebhookCreated(Hook<'a>),
    /// See [`audit::changes`].
    WebhookUpdated {
        hook: Hook<'a>,
        changes: Value,
    },
    WebhookSecretRotated(Hook<'a>),
    WebhookPaused {
        hook: Hook<'a>,
        reason: PauseReason,
    },
    WebhookResumed(Hook<'a>),
    /// Deliveries were queued again.
    WebhookReplayed {
        hook: Hook<'a>,
        detail: Value,
    },
    /// The test button; what the receiver said is in the log.
    WebhookTested {
        hook: Hook<'a>,
        delivered: bool,
    },
    WebhookDeleted(Hook<'a>),
    UserCreated(&'a User),
    UserUpdated {
        before: &'a User,
        after: &'a User,
    },
    UserDeleted(&'a User),
    PasswordChanged(&'a User),
    PasswordReset(&'a User),
    ResetLinkCreated(&'a User),
    /// An administrator ended one or all sessions of somebody.
    UserSignedOut(&'a User),
    /// Somebody took a whole list of the site along.
    ListExported {
        list: &'static str,
        format: &'static str,
        /// What the list was narrowed to.
        filters: Value,
    },
    /// Some or all of an account's sessions ended.
    SessionsEnded(UserId),
}

impl Happening<'_> {
    /// What the record says of it; `None` for what nobody did, or did to themselves alone.
    pub(super) fn action(&self) -> Option<Action> {
        Some(match self {
            Happening::RoomCreated => Action::new("room.created"),
            Happening::RoomUpdated { changes } => {
                Action::new("room.updated").detail(json!({ "changes": changes }))
            }
            Happening::RoomLocked => Action::new("room.locked"),
            Happening::RoomUnlocked => Action::new("room.unlocked"),
            Happening::RoomDeleted => Action::new("room.deleted"),
            Happening::RoomHandedOver { to } => to_account("room.handed_over", to),
            Happening::CallEnded => Action::new("room.ended"),
            Happening::MemberAdded { member, role } => {
                to_account("member.added", member).detail(json!({ "role": role }))
            }
            Happening::MemberUpdated { member, from, to } => {
                let changes = audit::changes(&json!({ "role": from }), &json!({ "role": to }));
                to_account("member.updated", member).detail(json!({ "changes": changes }))
            }
            Happening::MemberRemoved { member } => to_account("member.removed", member),
            Happening::ParticipantPermitted { who, from, to } => {
                let changes = audit::changes(&json!(from), &json!(to));
                to_participant("participant.permitted", who).detail(json!({ "changes": changes }))
            }
            Happening::ParticipantMuted { who, source } => {
                to_participant("participant.muted", who).detail(json!({ "source": source }))
            }
            Happening::AllMuted { source } => {
                Action::new("participant.all_muted").detail(json!({ "source": source }))
            }
            Happening::ParticipantKicked { who } => to_participant("participant.kicked", who),
            Happening::ParticipantBanned { who, reason } => {
                to_participant("participant.banned", who).detail(json!({ "reason": reason }))
            }
            Happening::BanLifted { identity, name } => {
                Action::new("ban.lifted").target(*identity, *name)
            }
            Happening::RecordingRequested { recorded, detail } => {
                to_recording("recording.started", recorded).detail(detail.clone())
            }
            Happening::RecordingStopped(recorded) => to_recording("recording.stopped", recorded),
            Happening::RecordingUpdated { recorded, changes } => {
                to_recording("recording.updated", recorded).detail(json!({ "changes": changes }))
            }
            Happening::RecordingDownloaded(recorded) => {
                to_recording("recording.downloaded", recorded)
            }
            Happening::RecordingShared(recorded) => to_recording("recording.shared", recorded),
            Happening::RecordingUnshared(recorded) => to_recording("recording.unshared", recorded),
            Happening::RecordingViewed(recorded) => to_recording("recording.viewed", recorded),
            Happening::RecordingRetried(recorded) => to_recording("recording.retried", recorded),
            Happening::RecordingDeleted(recorded) => to_recording("recording.deleted", recorded),
            Happening::InviteCreated(invitation) => to_invitation("invite.created", invitation),
            Happening::InviteRevoked(invitation) => to_invitation("invite.revoked", invitation),
            Happening::ApiKeyCreated(key) => to_api_key("api_key.created", key)
                .detail(json!({ "grants": key.grants, "rooms": key.rooms })),
            Happening::ApiKeyRevoked(key) => to_api_key("api_key.revoked", key),
            Happening::TokenCreated { key, detail } => {
                to_api_key("token.created", key).detail(detail.clone())
            }
            Happening::AgentDispatched(dispatched) => to_dispatch("agent.dispatched", dispatched),
            Happening::AgentDispatchDeleted(dispatched) => {
                to_dispatch("agent.dispatch_deleted", dispatched)
            }
            Happening::RoomAgentAdded(agent) => to_called_agent("room.agent_added", agent),
            Happening::RoomAgentRemoved(agent) => to_called_agent("room.agent_removed", agent),
            Happening::AgentWorkerDrained { worker } => {
                Action::new("agent.worker_drained").unnamed_target(*worker)
            }
            Happening::AgentJobEnded { job } => Action::new("agent.job_ended").unnamed_target(*job),
            Happening::AgentCommandStarted { name, count } => Action::new("agent.command_started")
                .target(*name, *name)
                .detail(json!({ "count": count })),
            Happening::AgentCommandStopped { name } => {
                Action::new("agent.command_stopped").target(*name, *name)
            }
            Happening::AgentCommandScaled { name, count } => Action::new("agent.command_scaled")
                .target(*name, *name)
                .detail(json!({ "count": count })),
            Happening::SipTrunkCreated(entry) => to_sip("sip.trunk_created", entry),
            Happening::SipTrunkUpdated(entry) => to_sip("sip.trunk_updated", entry),
            Happening::SipTrunkDeleted { id } => {
                Action::new("sip.trunk_deleted").unnamed_target(*id)
            }
            Happening::SipRuleCreated(entry) => to_sip("sip.rule_created", entry),
            Happening::SipRuleUpdated(entry) => to_sip("sip.rule_updated", entry),
            Happening::SipRuleDeleted { id } => Action::new("sip.rule_deleted").unnamed_target(*id),
            Happening::SipCallMade { id, room, to } => Action::new("sip.call_made")
                .unnamed_target(*id)
                .detail(json!({ "room": room, "to": to })),
            Happening::SipCallTransferred { identity, room, to } => {
                Action::new("sip.call_transferred")
                    .unnamed_target(*identity)
                    .detail(json!({ "room": room, "to": to }))
            }
            Happening::IngressCreated(ingress) => to_ingress("ingress.created", ingress),
            Happening::IngressUpdated { ingress, enabled } => {
                let Streamed { live_room, .. } = ingress;
                to_ingress("ingress.updated", ingress)
                    .detail(json!({ "room": live_room, "enabled": enabled }))
            }
            Happening::IngressDeleted(ingress) => to_ingress("ingress.deleted", ingress),
            Happening::SettingsUpdated { changes } => {
                Action::new("settings.updated").detail(json!({ "changes": changes }))
            }
            Happening::EgressRequested(egress) => to_egress("egress.requested", egress),
            Happening::EgressUpdated { egress, detail } => {
                to_egress("egress.updated", egress).detail(detail.clone())
            }
            Happening::EgressStopped(egress) => to_egress("egress.stopped", egress),
            Happening::LiveRoomCreated { name, detail } => {
                to_live_room("live_room.created", name).detail(detail.clone())
            }
            Happening::LiveRoomUpdated {
                name,
                metadata_bytes,
            } => to_live_room("live_room.updated", name)
                .detail(json!({ "metadata_bytes": metadata_bytes })),
            Happening::LiveRoomEnded { name } => to_live_room("live_room.ended", name),
            Happening::LiveDataSent { room, detail } => {
                to_live_room("live_room.data_sent", room).detail(detail.clone())
            }
            Happening::LiveParticipantUpdated { room, who, detail } => {
                let mut detail = detail.clone();
                detail["live_room"] = json!(room);
                to_participant("live_participant.updated", who).detail(detail)
            }
            Happening::LiveParticipantRemoved { room, who } => {
                to_participant("live_participant.removed", who).detail(json!({ "live_room": room }))
            }
            Happening::LiveTrackMuted { room, who, source } => {
                to_participant("live_participant.muted", who)
                    .detail(json!({ "live_room": room, "source": source }))
            }
            Happening::WebhookCreated(hook) => to_hook("webhook.created", hook),
            Happening::WebhookUpdated { hook, changes } => {
                to_hook("webhook.updated", hook).detail(json!({ "changes": changes }))
            }
            Happening::WebhookSecretRotated(hook) => to_hook("webhook.secret_rotated", hook),
            Happening::WebhookPaused { hook, reason } => {
                to_hook("webhook.paused", hook).detail(json!({ "because": reason }))
            }
            Happening::WebhookResumed(hook) => to_hook("webhook.resumed", hook),
            Happening::WebhookReplayed { hook, detail } => {
                to_hook("webhook.replayed", hook).detail(detail.clone())
            }
            Happening::WebhookTested { hook, delivered } => {
                to_hook("webhook.tested", hook).detail(json!({ "delivered": delivered }))
            }
            Happening::WebhookDeleted(hook) => to_hook("webhook.deleted", hook),
            Happening::UserCreated(user) => to_user("user.created", user),
            Happening::UserUpdated { before, after } => {
                let changes = audit::changes(&account_state(before), &account_state(after));
                to_user("user.updated", after)
                    .detail(json!({ "name": after.name, "changes": changes }))
            }
            Happening::UserDeleted(user) => to_user("user.deleted", user),
            Happening::PasswordChanged(user) => to_user("user.password_changed", user),
            Happening::PasswordReset(user) => to_user("user.password_reset", user),
            Happening::ResetLinkCreated(user) => to_user("user.reset_link_created", user),
            Happening::UserSignedOut(user) => to_user("user.signed_out", user),
            Happening::ListExported {
                list,
                format,
                filters,
            } => Action::new("list.exported")
                .unnamed_target(*list)
                .detail(json!({ "list": list, "format": format, "filters": filters })),
            Happening::MeetingStarted { .. }
            | Happening::MeetingEnded { .. }
            | Happening::ParticipantJoined { .. }
            | Happening::ParticipantLeft { .. }
            | Happening::ParticipantUpdated { .. }
            | Happening::HandChanged { .. }
            | Happening::RecordingStarted { .. }
            | Happening::RecordingComposing(_)
            | Happening::RecordingProcessing(_)
            | Happening::RecordingCompleted(_)
            | Happening::RecordingFailed { .. }
            | Happening::IngressStarted(_)
            | Happening::IngressEnded(_)
            | Happening::EgressStarted(_)
            | Happening::EgressEnded { .. }
            | Happening::SessionsEnded(_) => return None,
        })
    }

    /// What streams tell of it; `room` is the link of the room where it happened.
    pub(super) fn event(&self, room: String) -> Option<EventBody> {
        Some(match self {
            Happening::RoomCreated
            | Happening::RoomUpdated { .. }
            | Happening::RoomLocked
            | Happening::RoomUnlocked
            | Happening::RoomHandedOver { .. }
            | Happening::MemberAdded { .. }
            | Happening::MemberUpdated { .. }
            | Happening::MemberRemoved { .. }
            | Happening::ParticipantBanned { .. }
            | Happening::BanLifted { .. }
            | Happening::RecordingRequested { .. } => EventBody::RoomUpdated { room },
            Happening::RoomDeleted => EventBody::RoomDeleted { room },
            Happening::MeetingStarted { id, at } => EventBody::MeetingStarted {
                room,
                meeting_id: id.to_string(),
                started_at: *at,
            },
            Happening::MeetingEnded { id, at } => EventBody::MeetingEnded {
                room,
                meeting_id: id.to_string(),
                ended_at: *at,
            },
            Happening::ParticipantJoined { who, at } => EventBody::ParticipantJoined {
                room,
                identity: who.identity.clone(),
                name: who.name.to_owned(),
                joined_at: *at,
            },
            Happening::ParticipantLeft { who, at } => EventBody::ParticipantLeft {
                room,
                identity: who.identity.clone(),
                left_at: *at,
            },
            Happening::ParticipantUpdated { identity } => EventBody::ParticipantUpdated {
                room,
                identity: (*identity).clone(),
            },
            Happening::HandChanged {
                identity,
                raised_at,
            } => EventBody::HandChanged {
                room,
                identity: (*identity).clone(),
                hand_raised_at: *raised_at,
            },
            Happening::RecordingStarted { recorded, at } => EventBody::RecordingStarted {
                room,
                recording_id: recorded.id.to_string(),
                started_at: *at,
            },
            Happening::RecordingStopped(recorded) => EventBody::RecordingStopped {
                room,
                recording_id: recorded.id.to_string(),
            },
            Happening::RecordingComposing(recorded) => EventBody::RecordingComposing {
                room,
                recording_id: recorded.id.to_string(),
            },
            Happening::RecordingProcessing(recorded) => EventBody::RecordingProcessing {
                room,
                recording_id: recorded.id.to_string(),
            },
            Happening::RecordingCompleted(recorded) => EventBody::RecordingCompleted {
                room,
                recording_id: recorded.id.to_string(),
            },
            Happening::RecordingFailed { recorded, fault } => EventBody::RecordingFailed {
                room,
                recording_id: recorded.id.to_string(),
                fault: fault.as_str(),
            },
            Happening::RecordingDeleted(recorded) => EventBody::RecordingDeleted {
                room,
                recording_id: recorded.id.to_string(),
            },
            // What the media server does then is told when it has.
            Happening::CallEnded
            | Happening::ParticipantPermitted { .. }
            | Happening::ParticipantMuted { .. }
            | Happening::AllMuted { .. }
            | Happening::ParticipantKicked { .. }
            | Happening::RecordingUpdated { .. }
            | Happening::RecordingDownloaded(_)
            | Happening::RecordingShared(_)
            | Happening::RecordingUnshared(_)
            | Happening::RecordingViewed(_)
            | Happening::RecordingRetried(_)
            | Happening::InviteCreated(_)
            | Happening::InviteRevoked(_)
            | Happening::ApiKeyCreated(_)
            | Happening::ApiKeyRevoked(_)
            | Happening::TokenCreated { .. }
            | Happening::AgentDispatched(_)
            | Happening::AgentDispatchDeleted(_)
            | Happening::RoomAgentAdded(_)
            | Happening::RoomAgentRemoved(_)
            | Happening::AgentWorkerDrained { .. }
            | Happening::AgentJobEnded { .. }
            | Happening::AgentCommandStarted { .. }
            | Happening::AgentCommandStopped { .. }
            | Happening::AgentCommandScaled { .. }
            | Happening::SipTrunkCreated(_)
            | Happening::SipTrunkUpdated(_)
            | Happening::SipTrunkDeleted { .. }
            | Happening::SipRuleCreated(_)
            | Happening::SipRuleUpdated(_)
            | Happening::SipRuleDeleted { .. }
            | Happening::SipCallMade { .. }
            | Happening::SipCallTransferred { .. }
            | Happening::IngressCreated(_)
            | Happening::IngressUpdated { .. }
            | Happening::IngressDeleted(_)
            | Happening::IngressStarted(_)
            | Happening::IngressEnded(_)
            | Happening::SettingsUpdated { .. }
            | Happening::EgressRequested(_)
            | Happening::EgressUpdated { .. }
            | Happening::EgressStopped(_)
            | Happening::EgressStarted(_)
            | Happening::EgressEnded { .. }
            | Happening::LiveRoomCreated { .. }
            | Happening::LiveRoomUpdated { .. }
            | Happening::LiveRoomEnded { .. }
            | Happening::LiveDataSent { .. }
            | Happening::LiveParticipantUpdated { .. }
            | Happening::LiveParticipantRemoved { .. }
            | Happening::LiveTrackMuted { .. }
            | Happening::WebhookCreated(_)
            | Happening::WebhookUpdated { .. }
            | Happening::WebhookSecretRotated(_)
            | Happening::WebhookPaused { .. }
            | Happening::WebhookResumed(_)
            | Happening::WebhookReplayed { .. }
            | Happening::WebhookTested { .. }
            | Happening::WebhookDeleted(_)
            | Happening::UserCreated(_)
            | Happening::UserUpdated { .. }
            | Happening::UserDeleted(_)
            | Happening::PasswordChanged(_)
            | Happening::PasswordReset(_)
            | Happening::ResetLinkCreated(_)
            | Happening::UserSignedOut(_)
            | Happening::ListExported { .. }
            | Happening::SessionsEnded(_) => return None,
        })
    }

    /// Who loses sight of the room by it.
    pub(super) fn concerns(&self) -> Option<Subject> {
        match self {
            Happening::MemberRemoved { member } => Some(Subject::of_user(member.id)),
            Happening::ParticipantBanned { who, .. } => Some(who.identity.subject()),
            _ => None,
        }
    }

    /// The webhook that it is about, which hears nothing of itself.
    pub(super) fn hook(&self) -> Option<WebhookId> {
        match self {
            Happening::WebhookCreated(hook)
            | Happening::WebhookUpdated { hook, .. }
            | Happening::WebhookSecretRotated(hook)
            | Happening::WebhookPaused { hook, .. }
            | Happening::WebhookResumed(hook)
            | Happening::WebhookReplayed { hook, .. }
            | Happening::WebhookTested { hook, .. }
            | Happening::WebhookDeleted(hook) => Some(hook.id),
            _ => None,
        }
    }

    /// Whose sessions or rights it changes: their streams look again whether they may go on.
    pub(super) fn changes_access_of(&self) -> Option<UserId> {
        match self {
            Happening::UserUpdated { before, after } => {
                let rights = |user: &User| (user.role, user.disabled);
                (rights(before) != rights(after)).then_some(after.id)
            }
            Happening::UserDeleted(user)
            | Happening::PasswordChanged(user)
            | Happening::PasswordReset(user) => Some(user.id),
            Happening::SessionsEnded(user) => Some(*user),
            _ => None,
        }
    }
}

fn to_account(name: &'static str, account: &Account<'_>) -> Action {
    Action::new(name).target(&account.id, account.name)
}

fn to_participant(name: &'static str, who: &Attendee<'_>) -> Action {
    Action::new(name).target(who.identity, who.name)
}

fn to_live_room(name: &'static str, room: &str) -> Action {
    Action::new(name).target(room, room)
}

fn to_user(name: &'static str, user: &User) -> Action {
    Action::new(name)
        .target(&user.id, &user.name)
        .detail(json!({ "name": user.name, "email": user.email }))
}

fn to_recording(name: &'static str, recorded: &Recorded<'_>) -> Action {
    Action::new(name).target(&recorded.id, recorded.title)
}

fn to_api_key(name: &'static str, key: &ApiKey) -> Action {
    Action::new(name).target(&key.key, &key.name)
}

fn to_dispatch(name: &'static str, dispatched: &Dispatched<'_>) -> Action {
    let Dispatched {
        id,
        agent_name,
        room,
    } = dispatched;
    Action::new(name)
        .unnamed_target(*id)
        .detail(json!({ "agent_name": agent_name, "room": room }))
}

fn to_called_agent(name: &'static str, agent: &CalledAgent<'_>) -> Action {
    Action::new(name).target(&agent.id, agent.agent_name)
}

fn to_sip(name: &'static str, entry: &SipEntry<'_>) -> Action {
    Action::new(name).target(entry.id, entry.name)
}

fn to_ingress(name: &'static str, ingress: &Streamed<'_>) -> Action {
    Action::new(name)
        .target(&ingress.id, ingress.name)
        .detail(json!({ "room": ingress.live_room }))
}

fn to_egress(name: &'static str, egress: &SentOut<'_>) -> Action {
    Action::new(name)
        .unnamed_target(egress.id)
        .detail(json!({ "kind": egress.kind, "room": egress.live_room }))
}

fn to_hook(name: &'static str, hook: &Hook<'_>) -> Action {
    Action::new(name).target(&hook.id, hook.host)
}

fn to_invitation(name: &'static str, invitation: &Invitation<'_>) -> Action {
    let Invitation {
        id,
        note,
        email,
        role,
    } = invitation;
    let action = Action::new(name).detail(json!({ "note": note, "email": email, "role": role }));
    match (note, email) {
        (Some(note), _) => action.target(*id, *note),
        (None, Some(email)) => action.target(*id, *email),
        (None, None) => action.unnamed_target(*id),
    }
}

pub(super) fn account_state(user: &User) -> Value {
    json!({ "name": user.name, "role": user.role, "disabled": user.disabled })
}
