//! Everything that happens, and what the streams say of it. It knows neither HTTP nor SQL.

use serde_json::Value;

use crate::{
    accounts::{Role, User, UserId, UserName},
    api_keys::ApiKey,
    clock::Timestamp,
    doctor::DoctorCheckId,
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
    /// Each setting that changed, see [`changes`](crate::audit::changes).
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
    /// Its title, or how long it is kept, see [`changes`](crate::audit::changes).
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
        /// Who the stream is in the room, and what it is called there.
        identity: &'a str,
        participant_name: &'a str,
    },
    IngressDeleted(Streamed<'a>),
    /// An encoder publishes.
    IngressStarted(Streamed<'a>),
    IngressEnded(Streamed<'a>),
    /// Settings that were changed while the site runs, see [`changes`](crate::audit::changes).
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
    /// See [`changes`](crate::audit::changes).
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
    /// An administrator had the doctor look at the server, and got a link for a browser elsewhere.
    DoctorCheckBegun {
        id: DoctorCheckId,
    },
    /// Some or all of an account's sessions ended.
    SessionsEnded(UserId),
}

impl Happening<'_> {
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
            | Happening::DoctorCheckBegun { .. }
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
