//! What stands on record of a happening: the action, whom or what it was done to, and values before and after. It must not know
//! who reads it.

use serde_json::{Value, json};

use super::{
    Account, Attendee, CalledAgent, Dispatched, Happening, Hook, Invitation, Recorded, SentOut,
    SipEntry, Streamed,
};
use crate::{
    accounts::User,
    api_keys::ApiKey,
    audit::{self, Action},
};

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
            Happening::IngressUpdated {
                ingress,
                enabled,
                identity,
                participant_name,
            } => {
                let Streamed { live_room, .. } = ingress;
                to_ingress("ingress.updated", ingress).detail(json!({
                    "room": live_room, "enabled": enabled, "identity": identity,
                    "participant_name": participant_name,
                }))
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
            Happening::DoctorCheckBegun { id } => {
                Action::new("doctor_check.begun").unnamed_target(id)
            }
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
