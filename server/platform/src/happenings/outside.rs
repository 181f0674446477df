//! What programs outside are told of what happens. It must not know who they are, nor hold a secret.

use serde::Serialize;
use serde_json::{Map, Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    Account, Attendee, CalledAgent, Dispatched, EventType, Happening, Hook, Invitation, Recorded,
    SentOut, SipEntry, Streamed, on_record::account_state,
};
use crate::{
    accounts::User, api_keys::ApiKey, audit, audit::Actor, clock::Timestamp, rooms::KnownRoom,
};

/// A message of Standard Webhooks.
#[derive(Serialize)]
struct Message<'a> {
    #[serde(rename = "type")]
    kind: EventType,
    timestamp: String,
    data: &'a Map<String, Value>,
}

/// The message of this type, as receivers get it.
pub fn message(kind: EventType, at: Timestamp, data: &Map<String, Value>) -> String {
    let nanoseconds = i128::from(at.0) * 1_000_000;
    let moment = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds);
    let moment = moment.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let message = Message {
        kind,
        timestamp: moment.format(&Rfc3339).unwrap_or_default(),
        data,
    };
    // Texts and numbers under names that are texts are always JSON.
    serde_json::to_string(&message).unwrap_or_default()
}

/// What is told of something that `by` did in `room`; nothing of what concerns only this site's own pages.
pub(super) fn told(
    happening: &Happening<'_>,
    by: Option<&Actor>,
    room: Option<&KnownRoom>,
) -> Option<(EventType, Map<String, Value>)> {
    let (kind, data) = happening.outside()?;
    let Value::Object(mut data) = data else {
        return None;
    };
    if let Some(room) = room {
        data.insert("room".to_owned(), json!(room.slug));
        data.insert("room_id".to_owned(), json!(room.id));
    }
    if let Some(by) = by {
        data.insert("by".to_owned(), json!(by));
    }
    Some((kind, data))
}

impl Happening<'_> {
    #[expect(clippy::too_many_lines, reason = "one of each of a long list")]
    fn outside(&self) -> Option<(EventType, Value)> {
        Some(match self {
            Happening::RoomCreated => (EventType::RoomCreated, json!({})),
            Happening::RoomUpdated { changes } => {
                (EventType::RoomUpdated, json!({ "changes": changes }))
            }
            Happening::RoomLocked => (EventType::RoomLocked, json!({})),
            Happening::RoomUnlocked => (EventType::RoomUnlocked, json!({})),
            Happening::RoomDeleted => (EventType::RoomDeleted, json!({})),
            Happening::RoomHandedOver { to } => {
                (EventType::RoomHandedOver, json!({ "to": account(to) }))
            }
            Happening::CallEnded => (EventType::RoomEnded, json!({})),
            Happening::MemberAdded { member, role } => {
                let data = with(account(member), json!({ "role": role }));
                (EventType::MemberAdded, data)
            }
            Happening::MemberUpdated { member, from, to } => {
                let changes = audit::changes(&json!({ "role": from }), &json!({ "role": to }));
                let data = with(account(member), json!({ "changes": changes }));
                (EventType::MemberUpdated, data)
            }
            Happening::MemberRemoved { member } => (EventType::MemberRemoved, account(member)),
            Happening::MeetingStarted { id, at } => {
                let data = json!({ "meeting_id": id, "started_at": at });
                (EventType::MeetingStarted, data)
            }
            Happening::MeetingEnded { id, at } => {
                let data = json!({ "meeting_id": id, "ended_at": at });
                (EventType::MeetingEnded, data)
            }
            Happening::ParticipantJoined { who, at } => {
                let data = with(attendee(who), json!({ "joined_at": at }));
                (EventType::ParticipantJoined, data)
            }
            Happening::ParticipantLeft { who, at } => {
                let data = with(attendee(who), json!({ "left_at": at }));
                (EventType::ParticipantLeft, data)
            }
            Happening::ParticipantUpdated { identity } => {
                let data = json!({ "identity": identity });
                (EventType::ParticipantUpdated, data)
            }
            Happening::HandChanged {
                identity,
                raised_at,
            } => {
                let data = json!({ "identity": identity, "hand_raised_at": raised_at });
                (EventType::HandChanged, data)
            }
            Happening::ParticipantPermitted { who, from, to } => {
                let changes = audit::changes(&json!(from), &json!(to));
                let data = with(attendee(who), json!({ "changes": changes }));
                (EventType::ParticipantPermitted, data)
            }
            Happening::ParticipantMuted { who, source } => {
                let data = with(attendee(who), json!({ "source": source }));
                (EventType::ParticipantMuted, data)
            }
            Happening::AllMuted { source } => {
                (EventType::ParticipantAllMuted, json!({ "source": source }))
            }
            Happening::ParticipantKicked { who } => (EventType::ParticipantKicked, attendee(who)),
            Happening::ParticipantBanned { who, reason } => {
                let data = with(attendee(who), json!({ "reason": reason }));
                (EventType::ParticipantBanned, data)
            }
            Happening::BanLifted { identity, name } => {
                let data = json!({ "identity": identity, "name": name });
                (EventType::BanLifted, data)
            }
            Happening::RecordingRequested { recorded, detail } => {
                let data = with(recording(recorded), detail.clone());
                (EventType::RecordingRequested, data)
            }
            Happening::RecordingStarted { recorded, at } => {
                let data = with(recording(recorded), json!({ "started_at": at }));
                (EventType::RecordingStarted, data)
            }
            Happening::RecordingStopped(it) => (EventType::RecordingStopped, recording(it)),
            Happening::RecordingComposing(it) => (EventType::RecordingComposing, recording(it)),
            Happening::RecordingProcessing(it) => (EventType::RecordingProcessing, recording(it)),
            Happening::RecordingCompleted(it) => (EventType::RecordingCompleted, recording(it)),
            Happening::RecordingFailed { recorded, fault } => {
                let data = with(recording(recorded), json!({ "fault": fault.as_str() }));
                (EventType::RecordingFailed, data)
            }
            Happening::RecordingUpdated { recorded, changes } => {
                let data = with(recording(recorded), json!({ "changes": changes }));
                (EventType::RecordingUpdated, data)
            }
            Happening::RecordingDownloaded(it) => (EventType::RecordingDownloaded, recording(it)),
            Happening::RecordingShared(it) => (EventType::RecordingShared, recording(it)),
            Happening::RecordingUnshared(it) => (EventType::RecordingUnshared, recording(it)),
            Happening::RecordingViewed(it) => (EventType::RecordingViewed, recording(it)),
            Happening::RecordingRetried(it) => (EventType::RecordingRetried, recording(it)),
            Happening::RecordingDeleted(it) => (EventType::RecordingDeleted, recording(it)),
            Happening::InviteCreated(it) => (EventType::InviteCreated, invitation(it)),
            Happening::InviteRevoked(it) => (EventType::InviteRevoked, invitation(it)),
            Happening::ApiKeyCreated(key) => {
                let data = json!({ "grants": key.grants, "rooms": key.rooms });
                (EventType::ApiKeyCreated, with(api_key(key), data))
            }
            Happening::ApiKeyRevoked(key) => (EventType::ApiKeyRevoked, api_key(key)),
            Happening::TokenCreated { key, detail } => {
                let data = with(api_key(key), json!({ "token": detail }));
                (EventType::TokenCreated, data)
            }
            Happening::UserCreated(it) => (EventType::UserCreated, user(it)),
            Happening::UserUpdated { before, after } => {
                let changes = audit::changes(&account_state(before), &account_state(after));
                let data = with(user(after), json!({ "changes": changes }));
                (EventType::UserUpdated, data)
            }
            Happening::UserDeleted(it) => (EventType::UserDeleted, user(it)),
            Happening::PasswordChanged(it) => (EventType::UserPasswordChanged, user(it)),
            Happening::PasswordReset(it) => (EventType::UserPasswordReset, user(it)),
            Happening::ResetLinkCreated(it) => (EventType::UserResetLinkCreated, user(it)),
            Happening::UserSignedOut(it) => (EventType::UserSignedOut, user(it)),
            Happening::ListExported { list, format, .. } => {
                let data = json!({ "list": list, "format": format });
                (EventType::ListExported, data)
            }
            Happening::DoctorCheckBegun { id } => {
                (EventType::DoctorCheckBegun, json!({ "id": id }))
            }
            Happening::WebhookCreated(it) => (EventType::WebhookCreated, hook(it)),
            Happening::WebhookUpdated { hook: it, changes } => {
                let data = with(hook(it), json!({ "changes": changes }));
                (EventType::WebhookUpdated, data)
            }
            Happening::WebhookSecretRotated(it) => (EventType::WebhookSecretRotated, hook(it)),
            Happening::WebhookPaused { hook: it, reason } => {
                let data = with(hook(it), json!({ "reason": reason }));
                (EventType::WebhookPaused, data)
            }
            Happening::WebhookResumed(it) => (EventType::WebhookResumed, hook(it)),
            Happening::WebhookReplayed { hook: it, detail } => {
                (EventType::WebhookReplayed, with(hook(it), detail.clone()))
            }
            Happening::WebhookDeleted(it) => (EventType::WebhookDeleted, hook(it)),
            Happening::AgentDispatched(it) => (EventType::AgentDispatched, dispatch(it)),
            Happening::AgentDispatchDeleted(it) => (EventType::AgentDispatchDeleted, dispatch(it)),
            Happening::RoomAgentAdded(it) => (EventType::RoomAgentAdded, called_agent(it)),
            Happening::RoomAgentRemoved(it) => (EventType::RoomAgentRemoved, called_agent(it)),
            Happening::AgentWorkerDrained { worker } => (
                EventType::AgentWorkerDrained,
                json!({ "worker_id": worker }),
            ),
            Happening::AgentJobEnded { job } => {
                (EventType::AgentJobEnded, json!({ "job_id": job }))
            }
            Happening::AgentCommandStarted { name, count } => {
                let data = json!({ "name": name, "count": count });
                (EventType::AgentCommandStarted, data)
            }
            Happening::AgentCommandStopped { name } => {
                (EventType::AgentCommandStopped, json!({ "name": name }))
            }
            Happening::AgentCommandScaled { name, count } => {
                let data = json!({ "name": name, "count": count });
                (EventType::AgentCommandScaled, data)
            }
            Happening::SipTrunkCreated(it) => (EventType::SipTrunkCreated, trunk(it)),
            Happening::SipTrunkUpdated(it) => (EventType::SipTrunkUpdated, trunk(it)),
            Happening::SipTrunkDeleted { id } => {
                (EventType::SipTrunkDeleted, json!({ "trunk_id": id }))
            }
            Happening::SipRuleCreated(it) => (EventType::SipRuleCreated, rule(it)),
            Happening::SipRuleUpdated(it) => (EventType::SipRuleUpdated, rule(it)),
            Happening::SipRuleDeleted { id } => {
                (EventType::SipRuleDeleted, json!({ "rule_id": id }))
            }
            Happening::SipCallMade { id, room, to } => {
                let data = with(live_room(room), json!({ "call_id": id, "to": to }));
                (EventType::SipCallMade, data)
            }
            Happening::SipCallTransferred { identity, room, to } => {
                let data = with(live_room(room), json!({ "identity": identity, "to": to }));
                (EventType::SipCallTransferred, data)
            }
            Happening::IngressCreated(it) => (EventType::IngressCreated, ingress(it)),
            Happening::IngressUpdated {
                ingress: it,
                enabled,
                ..
            } => {
                let data = with(ingress(it), json!({ "enabled": enabled }));
                (EventType::IngressUpdated, data)
            }
            Happening::IngressDeleted(it) => (EventType::IngressDeleted, ingress(it)),
            Happening::IngressStarted(it) => (EventType::IngressStarted, ingress(it)),
            Happening::IngressEnded(it) => (EventType::IngressEnded, ingress(it)),
            Happening::SettingsUpdated { changes } => {
                (EventType::SettingsUpdated, json!({ "changes": changes }))
            }
            Happening::EgressRequested(it) => (EventType::EgressRequested, egress(it)),
            Happening::EgressUpdated { egress: it, detail } => {
                (EventType::EgressUpdated, with(egress(it), detail.clone()))
            }
            Happening::EgressStopped(it) => (EventType::EgressStopped, egress(it)),
            Happening::EgressStarted(it) => (EventType::EgressStarted, egress(it)),
            Happening::EgressEnded { egress: it, error } => {
                let data = with(egress(it), json!({ "error": error }));
                (EventType::EgressEnded, data)
            }
            Happening::LiveRoomCreated { name, detail } => (
                EventType::LiveRoomCreated,
                with(live_room(name), detail.clone()),
            ),
            Happening::LiveRoomUpdated {
                name,
                metadata_bytes,
            } => {
                let data = with(live_room(name), json!({ "metadata_bytes": metadata_bytes }));
                (EventType::LiveRoomUpdated, data)
            }
            Happening::LiveRoomEnded { name } => (EventType::LiveRoomEnded, live_room(name)),
            Happening::LiveDataSent { room, detail } => (
                EventType::LiveRoomDataSent,
                with(live_room(room), detail.clone()),
            ),
            Happening::LiveParticipantUpdated { room, who, detail } => {
                let data = with(with(live_room(room), attendee(who)), detail.clone());
                (EventType::LiveParticipantUpdated, data)
            }
            Happening::LiveParticipantRemoved { room, who } => {
                let data = with(live_room(room), attendee(who));
                (EventType::LiveParticipantRemoved, data)
            }
            Happening::LiveTrackMuted { room, who, source } => {
                let data = with(live_room(room), attendee(who));
                let data = with(data, json!({ "source": source }));
                (EventType::LiveParticipantMuted, data)
            }
            // Of no use to anybody but this site's own streams.
            Happening::SessionsEnded(_) | Happening::WebhookTested { .. } => return None,
        })
    }
}

fn live_room(name: &str) -> Value {
    json!({ "live_room": name })
}

fn dispatch(dispatched: &Dispatched<'_>) -> Value {
    let Dispatched {
        id,
        agent_name,
        room,
    } = dispatched;
    json!({ "dispatch_id": id, "agent_name": agent_name, "live_room": room })
}

fn called_agent(agent: &CalledAgent<'_>) -> Value {
    json!({ "room_agent_id": agent.id, "agent_name": agent.agent_name })
}

fn trunk(entry: &SipEntry<'_>) -> Value {
    json!({ "trunk_id": entry.id, "name": entry.name })
}

fn rule(entry: &SipEntry<'_>) -> Value {
    json!({ "rule_id": entry.id, "name": entry.name })
}

fn ingress(streamed: &Streamed<'_>) -> Value {
    let Streamed {
        id,
        name,
        live_room,
    } = streamed;
    json!({ "ingress_id": id, "name": name, "live_room": live_room })
}

fn egress(sent: &SentOut<'_>) -> Value {
    let SentOut {
        id,
        kind,
        live_room,
    } = sent;
    json!({ "egress_id": id, "kind": kind, "live_room": live_room })
}

fn with(mut data: Value, more: Value) -> Value {
    if let (Value::Object(data), Value::Object(more)) = (&mut data, more) {
        data.extend(more);
    }
    data
}

fn account(account: &Account<'_>) -> Value {
    json!({ "user_id": account.id, "name": account.name })
}

fn attendee(who: &Attendee<'_>) -> Value {
    json!({ "identity": who.identity, "name": who.name })
}

fn recording(recorded: &Recorded<'_>) -> Value {
    json!({ "recording_id": recorded.id, "title": recorded.title })
}

fn invitation(invitation: &Invitation<'_>) -> Value {
    let Invitation {
        id,
        note,
        email,
        role,
    } = invitation;
    json!({ "invite_id": id, "note": note, "email": email, "role": role })
}

fn api_key(key: &ApiKey) -> Value {
    json!({ "api_key": key.key, "name": key.name })
}

fn user(user: &User) -> Value {
    json!({ "user_id": user.id, "name": user.name, "email": user.email })
}

fn hook(hook: &Hook<'_>) -> Value {
    json!({ "webhook_id": hook.id, "host": hook.host })
}
