//! The types of what programs outside are told, once: for messages, for filters and for the API's description.

use crate::db::text_enum;

macro_rules! event_types {
    ($($name:ident => $word:tt, $says:literal;)+) => {
        text_enum! {
            /// What happened, as a webhook's message calls it.
            EventType {
                $(#[doc = $says] $name => $word,)+
            }
        }

        impl EventType {
            /// Every one of them.
            pub const ALL: &[EventType] = &[$(EventType::$name,)+];

            /// What it says, for people.
            pub fn says(self) -> &'static str {
                match self {
                    $(EventType::$name => $says,)+
                }
            }
        }
    };
}

event_types! {
    RoomCreated => "room.created", "A room was made.";
    RoomUpdated => "room.updated", "Settings of a room changed.";
    RoomLocked => "room.locked", "A room was locked.";
    RoomUnlocked => "room.unlocked", "A room was unlocked.";
    RoomDeleted => "room.deleted", "A room was deleted.";
    RoomHandedOver => "room.handed_over", "A room got another owner, because its owner's account was deleted.";
    RoomEnded => "room.ended", "Somebody ended the call for everybody.";
    MemberAdded => "member.added", "Somebody came on a room's list of members.";
    MemberUpdated => "member.updated", "A member's role changed.";
    MemberRemoved => "member.removed", "Somebody was taken off a room's list of members.";
    MeetingStarted => "meeting.started", "A call began.";
    MeetingEnded => "meeting.ended", "A call is over.";
    ParticipantJoined => "participant.joined", "Somebody is in a call.";
    ParticipantLeft => "participant.left", "Somebody left a call.";
    ParticipantUpdated => "participant.updated", "Somebody's tracks or permissions changed on the media server.";
    ParticipantPermitted => "participant.permitted", "Somebody was allowed or denied to send something.";
    ParticipantMuted => "participant.muted", "Somebody was muted.";
    ParticipantAllMuted => "participant.all_muted", "Everybody was muted.";
    ParticipantKicked => "participant.kicked", "Somebody was removed from a call.";
    ParticipantBanned => "participant.banned", "Somebody was banned from a room.";
    BanLifted => "ban.lifted", "Somebody may come into a room again.";
    HandChanged => "hand.changed", "Somebody raised or lowered a hand.";
    RecordingRequested => "recording.requested", "Somebody asked for a recording; it has not begun.";
    RecordingStarted => "recording.started", "It records from now on.";
    RecordingStopped => "recording.stopped", "No more is recorded.";
    RecordingComposing => "recording.composing", "The recorder makes the film, or has a first version to look at.";
    RecordingProcessing => "recording.processing", "The recorder is done, the film is being stored.";
    RecordingCompleted => "recording.completed", "The film can be watched.";
    RecordingFailed => "recording.failed", "There is no film.";
    RecordingUpdated => "recording.updated", "A recording's title changed, or how long it is kept.";
    RecordingDownloaded => "recording.downloaded", "Somebody downloaded a film.";
    RecordingShared => "recording.shared", "Somebody made a link for outsiders.";
    RecordingUnshared => "recording.unshared", "Somebody ended a link for outsiders.";
    RecordingViewed => "recording.viewed", "An outsider opened a link.";
    RecordingRetried => "recording.retried", "An administrator had a film fetched again.";
    RecordingDeleted => "recording.deleted", "A recording was deleted.";
    InviteCreated => "invite.created", "An invitation was made.";
    InviteRevoked => "invite.revoked", "An invitation was revoked.";
    ApiKeyCreated => "api_key.created", "An API key was made.";
    ApiKeyRevoked => "api_key.revoked", "An API key was revoked.";
    TokenCreated => "token.created", "A token was signed with an API key, for a person or a program.";
    AgentDispatched => "agent.dispatched", "Somebody asked for an agent in a call.";
    AgentDispatchDeleted => "agent.dispatch_deleted", "Somebody sent a call's agent away.";
    RoomAgentAdded => "room.agent_added", "An agent comes into every call of a room from now on.";
    RoomAgentRemoved => "room.agent_removed", "An agent comes into a room's calls no more.";
    AgentWorkerDrained => "agent.worker_drained", "An agent's worker gets no more jobs.";
    AgentJobEnded => "agent.job_ended", "Somebody ended an agent's job.";
    AgentCommandStarted => "agent.command_started", "Somebody had a worker's command run again.";
    AgentCommandStopped => "agent.command_stopped", "Somebody stopped a worker's command.";
    AgentCommandScaled => "agent.command_scaled", "Somebody changed how many processes a worker's command has.";
    SipTrunkCreated => "sip.trunk_created", "A SIP trunk was made.";
    SipTrunkUpdated => "sip.trunk_updated", "A SIP trunk changed.";
    SipTrunkDeleted => "sip.trunk_deleted", "A SIP trunk was deleted.";
    SipRuleCreated => "sip.rule_created", "A rule for telephone calls was made.";
    SipRuleUpdated => "sip.rule_updated", "A rule for telephone calls changed.";
    SipRuleDeleted => "sip.rule_deleted", "A rule for telephone calls was deleted.";
    SipCallMade => "sip.call_made", "Somebody is called by telephone.";
    SipCallTransferred => "sip.call_transferred", "A telephone call was sent on to another number.";
    IngressCreated => "ingress.created", "A key for encoders to stream into a room was made.";
    IngressUpdated => "ingress.updated", "A stream for encoders was changed, or switched on or off.";
    IngressDeleted => "ingress.deleted", "A stream for encoders was deleted.";
    IngressStarted => "ingress.started", "An encoder streams into a room.";
    IngressEnded => "ingress.ended", "An encoder streams no more.";
    SettingsUpdated => "settings.updated", "Settings of the site were changed while it runs.";
    EgressRequested => "egress.requested", "Somebody asked for a room, a participant or a track to be sent out.";
    EgressUpdated => "egress.updated", "The layout or the addresses of what is sent out changed.";
    EgressStopped => "egress.stopped", "Somebody stopped what is sent out.";
    EgressStarted => "egress.started", "A recorder sends out from now on; recordings of the site have events of their own.";
    EgressEnded => "egress.ended", "A recorder sends out no more.";
    LiveRoomCreated => "live_room.created", "A room that is none of the site's was made on the media server.";
    LiveRoomUpdated => "live_room.updated", "Metadata of a room on the media server changed.";
    LiveRoomEnded => "live_room.ended", "A room that is none of the site's was ended.";
    LiveRoomDataSent => "live_room.data_sent", "Somebody sent data into a room on the media server.";
    LiveParticipantUpdated => "live_participant.updated", "Somebody's name, permissions or metadata in a room on the media server changed.";
    LiveParticipantRemoved => "live_participant.removed", "Somebody was sent out of a room that is none of the site's.";
    LiveParticipantMuted => "live_participant.muted", "Somebody was muted in a room that is none of the site's.";
    UserCreated => "user.created", "An account was made.";
    UserUpdated => "user.updated", "An account's name, role or state changed.";
    UserDeleted => "user.deleted", "An account was deleted.";
    UserPasswordChanged => "user.password_changed", "Somebody changed their password.";
    UserPasswordReset => "user.password_reset", "Somebody set a new password by a link.";
    UserResetLinkCreated => "user.reset_link_created", "An administrator made a link that sets a new password.";
    UserSignedOut => "user.signed_out", "An administrator signed somebody out, on one device or on all.";
    ListExported => "list.exported", "Somebody took a whole list of the site along as a file.";
    DoctorCheckBegun => "doctor_check.begun", "An administrator had the doctor look at the server.";
    WebhookCreated => "webhook.created", "Another webhook was made.";
    WebhookUpdated => "webhook.updated", "Another webhook was changed.";
    WebhookSecretRotated => "webhook.secret_rotated", "Another webhook got a new secret.";
    WebhookPaused => "webhook.paused", "Another webhook was paused, by an administrator or because its receiver took nothing.";
    WebhookResumed => "webhook.resumed", "Another webhook was resumed.";
    WebhookReplayed => "webhook.replayed", "Deliveries of another webhook were queued again.";
    WebhookDeleted => "webhook.deleted", "Another webhook was deleted.";
    WebhookTest => "webhook.test", "An administrator pressed the test button.";
}
