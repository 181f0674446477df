//! Every type of message as the product makes it, the examples, and the documentation made from them.

use std::{collections::BTreeMap, env, fmt::Write, fs, path::Path};

use serde_json::{Value, json};

use super::{
    Account, Attendee, CalledAgent, Dispatched, EventType, Happening, Hook, Invitation, Recorded,
    SentOut, SipEntry, Streamed, message, outside::told,
};
use crate::{
    accounts::{Role, User},
    api_keys::ApiKey,
    audit::Actor,
    clock::Timestamp,
    livekit::{identity::Identity, token::Permissions, track::TrackSource},
    recordings::{RecordingFault, RecordingTitle},
    rooms::{KnownRoom, MemberRole},
    webhooks::PauseReason,
};

const AT: Timestamp = Timestamp(1_795_946_400_000);

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(last: u8) -> T {
    let text = format!("019ac8a4-7c00-7000-8000-0000000000{last:02x}");
    text.parse().unwrap()
}

fn user(name: &str) -> User {
    User {
        id: id(1),
        email: "ada@example.org".parse().unwrap(),
        name: name.parse().unwrap(),
        role: Role::User,
        disabled: false,
        created_at: AT,
        last_seen_at: None,
        updated_at: AT,
    }
}

/// One of each, whether it happened in a room, and whether somebody did it.
#[expect(clippy::too_many_lines, reason = "one of each of a long list")]
fn each(see: &mut dyn FnMut(Happening<'_>, bool, bool)) {
    let ada = user("Ada");
    let grace = user("Grace");
    let member = Account {
        id: id(2),
        name: &grace.name,
    };
    let identity: Identity = "u-019ac8a4-7c00-7000-8000-000000000002-1".parse().unwrap();
    let who = Attendee {
        identity: &identity,
        name: "Grace",
    };
    let title: RecordingTitle = "Standup".parse().unwrap();
    let recorded = Recorded {
        id: id(5),
        title: &title,
    };
    let key = ApiKey {
        id: id(6),
        key: "APIexample23456".to_owned(),
        name: "Agents".parse().unwrap(),
        grants: "room_join room_admin".parse().unwrap(),
        rooms: Some(r#"["lab-*"]"#.parse().unwrap()),
        created_by_name: "Ada".to_owned(),
        created_at: AT,
        last_used_at: None,
        revoked_at: None,
    };
    let invitation = || Invitation {
        id: "019ac8a4-7c00-7000-8000-000000000007",
        note: Some("for Lin"),
        email: None,
        role: Role::User,
    };
    let hook = Hook {
        id: id(8),
        host: "hooks.example.org",
    };
    let all = Permissions::ALL;
    let quiet = Permissions {
        audio: false,
        ..all
    };
    let change = |name: &str, from: Value, to: Value| json!({ name: { "from": from, "to": to } });
    let source = TrackSource::Microphone;

    see(Happening::RoomCreated, true, true);
    let changes = change("name", json!("Weekly"), json!("Daily"));
    see(Happening::RoomUpdated { changes }, true, true);
    see(Happening::RoomLocked, true, true);
    see(Happening::RoomUnlocked, true, true);
    see(Happening::RoomDeleted, true, true);
    see(Happening::RoomHandedOver { to: member }, true, true);
    see(Happening::CallEnded, true, true);
    let role = MemberRole::Moderator;
    see(Happening::MemberAdded { member, role }, true, true);
    let (from, to) = (MemberRole::Member, MemberRole::Moderator);
    see(Happening::MemberUpdated { member, from, to }, true, true);
    see(Happening::MemberRemoved { member }, true, true);
    see(Happening::MeetingStarted { id: id(4), at: AT }, true, false);
    see(Happening::MeetingEnded { id: id(4), at: AT }, true, false);
    see(Happening::ParticipantJoined { who, at: AT }, true, false);
    see(Happening::ParticipantLeft { who, at: AT }, true, false);
    let identity = who.identity;
    see(Happening::ParticipantUpdated { identity }, true, false);
    let (from, to) = (all, quiet);
    see(
        Happening::ParticipantPermitted { who, from, to },
        true,
        true,
    );
    see(Happening::ParticipantMuted { who, source }, true, true);
    see(Happening::AllMuted { source }, true, true);
    see(Happening::ParticipantKicked { who }, true, true);
    let reason = Some("spam");
    see(Happening::ParticipantBanned { who, reason }, true, true);
    let (banned, name) = ("g-4711", "Guest");
    let lifted = Happening::BanLifted {
        identity: banned,
        name,
    };
    see(lifted, true, true);
    let raised_at = Some(AT);
    see(
        Happening::HandChanged {
            identity,
            raised_at,
        },
        true,
        false,
    );

    let detail = json!({ "layout": "grid", "audio_only": false });
    see(
        Happening::RecordingRequested { recorded, detail },
        true,
        true,
    );
    see(
        Happening::RecordingStarted { recorded, at: AT },
        true,
        false,
    );
    see(Happening::RecordingStopped(recorded), true, true);
    see(Happening::RecordingComposing(recorded), true, false);
    see(Happening::RecordingProcessing(recorded), true, false);
    see(Happening::RecordingCompleted(recorded), true, false);
    let fault = RecordingFault::RecorderFailed;
    see(Happening::RecordingFailed { recorded, fault }, true, false);
    let changes = change("title", json!("Standup"), json!("Retro"));
    see(
        Happening::RecordingUpdated { recorded, changes },
        true,
        true,
    );
    see(Happening::RecordingDownloaded(recorded), true, true);
    see(Happening::RecordingShared(recorded), true, true);
    see(Happening::RecordingUnshared(recorded), true, true);
    see(Happening::RecordingViewed(recorded), true, false);
    see(Happening::RecordingRetried(recorded), true, true);
    see(Happening::RecordingDeleted(recorded), true, true);

    see(Happening::InviteCreated(invitation()), false, true);
    see(Happening::InviteRevoked(invitation()), false, true);
    see(Happening::ApiKeyCreated(&key), false, true);
    see(Happening::ApiKeyRevoked(&key), false, true);
    let detail =
        json!({ "grants": ["room_join"], "room": "lab-1", "identity": "bot", "expires_at": AT });
    see(Happening::TokenCreated { key: &key, detail }, false, true);
    see(Happening::UserCreated(&ada), false, true);
    let (before, after) = (&grace, &ada);
    see(Happening::UserUpdated { before, after }, false, true);
    see(Happening::UserDeleted(&ada), false, true);
    see(Happening::PasswordChanged(&ada), false, true);
    see(Happening::PasswordReset(&ada), false, true);
    see(Happening::ResetLinkCreated(&ada), false, true);
    see(Happening::UserSignedOut(&ada), false, true);
    let exported = Happening::ListExported {
        list: "users",
        format: "csv",
        filters: json!({ "role": "user" }),
    };
    see(exported, false, true);
    see(Happening::DoctorCheckBegun { id: id(12) }, false, true);

    let dispatched = || Dispatched {
        id: "AD_example23456",
        agent_name: "helper",
        room: "lab-1",
    };
    see(Happening::AgentDispatched(dispatched()), false, true);
    see(Happening::AgentDispatchDeleted(dispatched()), false, true);
    let called = CalledAgent {
        id: id(9),
        agent_name: "helper",
    };
    see(Happening::RoomAgentAdded(called), true, true);
    see(Happening::RoomAgentRemoved(called), true, true);
    let worker = "AW_example23456";
    see(Happening::AgentWorkerDrained { worker }, false, true);
    let job = "AJ_example23456";
    see(Happening::AgentJobEnded { job }, false, true);
    let (name, count) = ("helper", 2);
    see(Happening::AgentCommandStarted { name, count }, false, true);
    see(Happening::AgentCommandStopped { name }, false, true);
    see(Happening::AgentCommandScaled { name, count }, false, true);

    let trunk = SipEntry {
        id: "ST_example23456",
        name: "Our provider",
    };
    see(Happening::SipTrunkCreated(trunk), false, true);
    see(Happening::SipTrunkUpdated(trunk), false, true);
    see(Happening::SipTrunkDeleted { id: trunk.id }, false, true);
    let rule = SipEntry {
        id: "SDR_example23456",
        name: "To the lab",
    };
    see(Happening::SipRuleCreated(rule), false, true);
    see(Happening::SipRuleUpdated(rule), false, true);
    see(Happening::SipRuleDeleted { id: rule.id }, false, true);
    let (room, to) = ("lab-1", "+15105550100");
    let id = "SCL_example23456";
    see(Happening::SipCallMade { id, room, to }, false, true);
    let identity = &"sip_15105550100".parse().unwrap();
    let transferred = Happening::SipCallTransferred { identity, room, to };
    see(transferred, false, true);
    let streamed = Streamed {
        id: "IN_example23456",
        name: "Stage",
        live_room: "lab-1",
    };
    see(Happening::IngressCreated(streamed), false, true);
    let changed = Happening::IngressUpdated {
        ingress: streamed,
        enabled: false,
        identity: "camera",
        participant_name: "Camera",
    };
    see(changed, false, true);
    see(Happening::IngressDeleted(streamed), false, true);
    see(Happening::IngressStarted(streamed), false, false);
    see(Happening::IngressEnded(streamed), false, false);
    let changes = json!({ "registration": { "from": "invite", "to": "closed" } });
    see(Happening::SettingsUpdated { changes }, false, true);
    let egress = SentOut {
        id: "EG_example23456",
        kind: "participant",
        live_room: "lab-1",
    };
    see(Happening::EgressRequested(egress), false, true);
    let changed = Happening::EgressUpdated {
        egress,
        detail: json!({ "layout": "speaker" }),
    };
    see(changed, false, true);
    see(Happening::EgressStopped(egress), false, true);
    see(Happening::EgressStarted(egress), false, false);
    let error = "";
    see(Happening::EgressEnded { egress, error }, false, false);

    let name = "lab-1";
    let detail = json!({ "max_participants": 20 });
    see(Happening::LiveRoomCreated { name, detail }, false, true);
    let updated = Happening::LiveRoomUpdated {
        name,
        metadata_bytes: 20,
    };
    see(updated, false, true);
    see(Happening::LiveRoomEnded { name }, false, true);
    let (room, detail) = (name, json!({ "topic": "lights", "bytes": 3 }));
    see(Happening::LiveDataSent { room, detail }, false, true);
    let detail = json!({ "permissions": { "audio": false } });
    let updated = Happening::LiveParticipantUpdated { room, who, detail };
    see(updated, false, true);
    see(Happening::LiveParticipantRemoved { room, who }, false, true);
    see(Happening::LiveTrackMuted { room, who, source }, false, true);

    see(Happening::WebhookCreated(hook), false, true);
    let changes = change("events", json!([]), json!(["recording.*"]));
    see(Happening::WebhookUpdated { hook, changes }, false, true);
    see(Happening::WebhookSecretRotated(hook), false, true);
    let reason = PauseReason::NoAnswer;
    see(Happening::WebhookPaused { hook, reason }, false, false);
    see(Happening::WebhookResumed(hook), false, true);
    let detail = json!({ "since": AT, "queued": 3 });
    see(Happening::WebhookReplayed { hook, detail }, false, true);
    see(Happening::WebhookDeleted(hook), false, true);
}

/// The message of each type, as the product makes it.
fn messages() -> BTreeMap<String, Value> {
    let by = Actor {
        user_id: Some(id(1)),
        name: "Ada".to_owned(),
    };
    let room = KnownRoom {
        id: id(3),
        slug: "abc-defg-hij".parse().unwrap(),
    };
    let mut messages = BTreeMap::new();
    let mut add = |kind: EventType, data| {
        let message = serde_json::from_str(&message(kind, AT, &data)).unwrap();
        let other = messages.insert(kind.to_string(), message);
        assert_eq!(other, None, "{kind} stands twice");
    };
    each(&mut |happening, in_a_room, by_somebody| {
        let by = by_somebody.then_some(&by);
        let room = in_a_room.then_some(&room);
        let (kind, data) = told(&happening, by, room).unwrap();
        add(kind, data);
    });
    let test = json!({ "webhook_id": id::<crate::webhooks::WebhookId>(8), "by": by });
    add(EventType::WebhookTest, test.as_object().unwrap().clone());
    messages
}

fn is_current(path: &Path, current: &str) {
    if env::var_os("UPDATE").is_some() {
        fs::write(path, current).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == current,
        "{} is stale: UPDATE=1 cargo test --workspace --lib happenings",
        path.display()
    );
}

#[test]
fn every_type_is_made_and_the_examples_are_what_is_made() {
    let messages = messages();
    let types: Vec<&str> = EventType::ALL.iter().map(|kind| kind.as_str()).collect();
    for kind in &types {
        assert!(messages.contains_key(*kind), "nothing makes {kind}");
    }
    assert_eq!(messages.len(), types.len());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let examples = serde_json::to_string_pretty(&messages).unwrap() + "\n";
    is_current(&folder.join("src/happenings/examples.json"), &examples);
}

#[test]
fn the_documentation_lists_every_type_with_what_it_tells() {
    const BEGIN: &str = "<!-- types: made by a test of happenings -->\n";
    let messages = messages();
    let mut list = String::from(
        "| type | what happened | `data` besides `by`, `room`, `room_id` |\n|---|---|---|\n",
    );
    for kind in EventType::ALL {
        let data = messages[kind.as_str()]["data"].as_object().unwrap();
        let own: Vec<String> = data
            .keys()
            .filter(|name| !["by", "room", "room_id"].contains(&name.as_str()))
            .map(|name| format!("`{name}`"))
            .collect();
        writeln!(list, "| `{kind}` | {} | {} |", kind.says(), own.join(" ")).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/webhooks.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, after) = text.split_once(BEGIN).unwrap();
    let (_, after) = after.split_once("\n\n").unwrap();
    is_current(&path, &format!("{before}{BEGIN}{list}\n{after}"));
}

#[test]
fn a_message_is_a_standard_webhook_and_tells_who_did_what_where() {
    let message = &messages()["member.added"];
    let expected = json!({
        "type": "member.added",
        "timestamp": "2026-11-29T10:00:00Z",
        "data": {
            "by": { "user_id": "019ac8a4-7c00-7000-8000-000000000001", "name": "Ada" },
            "room": "abc-defg-hij", "room_id": "019ac8a4-7c00-7000-8000-000000000003",
            "user_id": "019ac8a4-7c00-7000-8000-000000000002", "name": "Grace", "role": "moderator",
        },
    });
    assert_eq!(message, &expected);
}
