//! Moderation from outside: what the media server is told, and what old tokens are still good for.

use futures::{SinkExt, StreamExt};
use livekit_protocol as proto;
use livekit_wire::{Claims, VideoGrants};
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error as WsError, Message},
};

use crate::{
    accounts::{Devices, LeaveCalls},
    jobs::Job,
    testing::{
        Entered, FakeLiveKit, TestApp, TestClient, TestRoom,
        livekit::{API_SECRET, Behaviour, claims, deliver, sign_claims},
    },
};

struct Call {
    app: TestApp,
    livekit: FakeLiveKit,
    ada: TestClient,
    room: TestRoom,
}

impl Call {
    async fn start() -> Call {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        Call {
            app,
            livekit,
            ada,
            room,
        }
    }

    async fn enter(&self, who: &mut TestClient) -> Entered {
        self.room.enter(&self.app, &self.livekit, who).await
    }

    async fn act(&mut self, identity: &str, action: &str, body: Value) -> u16 {
        let path = self
            .room
            .path(&format!("/participants/{identity}/{action}"));
        self.ada.post(&path, body).await.status
    }

    /// What the signal socket answers to a token without an upgrade: 200 is LiveKit's own word.
    async fn validate(&self, token: &str) -> (u16, String) {
        self.validate_with(token, "").await
    }

    async fn validate_with(&self, token: &str, parameters: &str) -> (u16, String) {
        let path = format!("/rtc/validate?access_token={token}{parameters}");
        let answer = self.app.browser().get(&path).await;
        (answer.status, answer.code().to_owned())
    }

    async fn join(&self, who: &mut TestClient) -> String {
        let answer = self.room.join(who, "Guest").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json["token"].as_str().unwrap().to_owned()
    }

    /// Uses a token on the media server itself; whether its holder is still there afterwards.
    async fn stays_beside(&self, token: &str, suffix: &str) -> bool {
        let entered = self
            .room
            .enter_beside(&self.app, &self.livekit, token, suffix)
            .await;
        let inside = self.livekit.identities(&self.room.id);
        inside.contains(&entered.identity)
    }

    async fn lock(&mut self, locked: bool) {
        let answer = self
            .ada
            .put(&self.room.path("/lock"), json!({ "locked": locked }))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    async fn live(&mut self) -> i64 {
        let room = self.ada.get(&self.room.path("")).await;
        room.json["live"]["participants"].as_i64().unwrap()
    }

    async fn actions(&mut self) -> Vec<String> {
        let answer = self.ada.get(&self.room.path("/audit")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let items = answer.json["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["action"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[tokio::test]
async fn a_banned_guest_with_an_old_token_is_turned_away_at_the_signal_socket() {
    let mut call = Call::start().await;
    let mut guest = call.app.browser();
    let entered = call.enter(&mut guest).await;
    assert_eq!(call.validate(&entered.token).await.0, 200);
    assert_eq!(
        call.act(&entered.identity, "ban", json!({"reason": "noise"}))
            .await,
        201
    );
    assert!(call.livekit.identities(&call.room.id).is_empty());
    assert_eq!(
        call.validate(&entered.token).await,
        (403, "banned".to_owned())
    );
    let address = call.app.listen().await;
    let refused = connect_async(format!("ws://{address}/rtc?access_token={}", entered.token)).await;
    match refused {
        Err(WsError::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("{other:?}"),
    }
    assert!(call.livekit.signals().is_empty());
    let again = call.room.join(&mut guest, "Guest").await;
    assert_eq!((again.status, again.code()), (403, "banned"));
    assert_eq!(
        guest.get(&call.room.path("")).await.json["join"]["reason"],
        "banned"
    );
}

#[tokio::test]
async fn a_banned_participant_who_got_in_beside_the_proxy_is_removed_when_the_webhook_tells() {
    let mut call = Call::start().await;
    let entered = call.enter(&mut call.app.browser()).await;
    call.act(&entered.identity, "ban", json!({})).await;
    let now = call.app.app().now();
    let info = call.livekit.enter(&call.room.id, &entered.identity, now);
    let event = call
        .livekit
        .event("participant_joined", &call.room.id, Some(&info), now);
    assert_eq!(deliver(&call.app, &event).await.status, 200);
    assert!(call.livekit.identities(&call.room.id).is_empty());
}

#[tokio::test]
async fn a_ban_of_a_user_holds_on_every_device_and_can_be_lifted() {
    let mut call = Call::start().await;
    let mut grace = call.app.user("grace").await;
    let entered = call.enter(&mut grace).await;
    call.act(&entered.identity, "ban", json!({})).await;
    let sign_in = json!({"email": "grace@example.org", "password": crate::testing::PASSWORD});
    let mut phone = call.app.browser();
    assert_eq!(phone.post("/api/auth/sign-in", sign_in).await.status, 200);
    assert_eq!(call.room.join(&mut phone, "x").await.code(), "banned");
    let bans = call.ada.get(&call.room.path("/bans")).await.json["items"].clone();
    assert_eq!(bans[0]["identity"], entered.identity);
    assert_eq!(bans[0]["banned_by"], "ada");
    let path = call
        .room
        .path(&format!("/bans/{}", bans[0]["id"].as_str().unwrap()));
    assert_eq!(call.ada.delete(&path).await.status, 204);
    assert_eq!(call.ada.delete(&path).await.code(), "not_found");
    assert_eq!(call.room.join(&mut phone, "x").await.status, 200);
}

#[tokio::test]
async fn a_ban_counts_although_the_media_server_does_not_answer() {
    let mut call = Call::start().await;
    let entered = call.enter(&mut call.app.browser()).await;
    call.livekit.behave(Behaviour::Say(503, "busy"));
    assert_eq!(call.act(&entered.identity, "ban", json!({})).await, 201);
    assert_eq!(call.validate(&entered.token).await.1, "banned");
}

#[tokio::test]
async fn a_kicked_guests_old_token_is_worthless_but_a_new_one_is_not() {
    let mut call = Call::start().await;
    let mut guest = call.app.browser();
    let entered = call.enter(&mut guest).await;
    assert_eq!(call.act(&entered.identity, "kick", json!({})).await, 204);
    assert!(call.livekit.identities(&call.room.id).is_empty());
    assert_eq!(
        call.validate(&entered.token).await,
        (403, "token_withdrawn".to_owned())
    );
    // Beside the proxy the old token opens the door for a moment only.
    let now = call.app.app().now();
    let info = call.livekit.enter(&call.room.id, &entered.identity, now);
    let event = call
        .livekit
        .event("participant_joined", &call.room.id, Some(&info), now);
    deliver(&call.app, &event).await;
    assert!(call.livekit.identities(&call.room.id).is_empty());
    // The clock stands still: even a token of the same second counts when it came after the kick.
    let again = call.enter(&mut guest).await;
    assert_eq!(again.identity, entered.identity);
    assert_eq!(call.validate(&again.token).await.0, 200);
    assert_eq!(call.validate(&entered.token).await.1, "token_withdrawn");
    assert_eq!(call.livekit.identities(&call.room.id), [entered.identity]);
}

#[tokio::test]
async fn muting_reaches_the_open_tracks_of_one_source() {
    let mut call = Call::start().await;
    let entered = call.enter(&mut call.app.browser()).await;
    let sound = call.livekit.publish(
        &call.room.id,
        &entered.identity,
        proto::TrackSource::Microphone,
    );
    call.livekit
        .publish(&call.room.id, &entered.identity, proto::TrackSource::Camera);
    let source = json!({"source": "microphone"});
    assert_eq!(
        call.act(&entered.identity, "mute", source.clone()).await,
        204
    );
    assert_eq!(
        call.act(&entered.identity, "mute", source.clone()).await,
        204
    );
    let calls = call.livekit.calls("MutePublishedTrack");
    assert_eq!(calls.len(), 1);
    let request: proto::MuteRoomTrackRequest = calls[0].request();
    assert_eq!((request.track_sid, request.muted), (sound, true));
    assert_eq!(calls[0].claims.video.room, call.room.id);
    assert!(calls[0].claims.video.room_admin && !calls[0].claims.video.room_create);
    assert_eq!(call.act("g-nobody", "mute", source).await, 404);
    assert_eq!(
        call.act(&entered.identity, "mute", json!({"source": "tuba"}))
            .await,
        422
    );
}

#[tokio::test]
async fn muting_the_camera_reaches_video_by_any_other_name() {
    use proto::TrackSource::{Camera, Microphone, ScreenShare, Unknown};
    let mut call = Call::start().await;
    let entered = call.enter(&mut call.app.browser()).await;
    let (room, identity) = (call.room.id.clone(), entered.identity.clone());
    let mut published = Vec::new();
    for (source, mime_type) in [
        (Microphone, "video/VP8"),
        (Unknown, "video/H264"),
        (Camera, "video/VP8"),
        (ScreenShare, "video/VP8"),
        (Camera, "audio/opus"),
    ] {
        let track = call.livekit.publish_as(&room, &identity, source, mime_type);
        published.push(track.sid);
    }
    let muted = |call: &Call| {
        let calls = call.livekit.calls("MutePublishedTrack");
        let request = |call: &crate::testing::livekit::Call| -> proto::MuteRoomTrackRequest {
            call.request()
        };
        calls
            .iter()
            .map(|call| request(call).track_sid)
            .collect::<Vec<_>>()
    };
    let camera = json!({"source": "camera"});
    assert_eq!(call.act(&identity, "mute", camera).await, 204);
    assert_eq!(muted(&call), published[..3]);
    let microphone = json!({"source": "microphone"});
    assert_eq!(call.act(&identity, "mute", microphone).await, 204);
    assert_eq!(muted(&call)[3..], published[4..]);
}

#[tokio::test]
async fn who_publishes_video_as_a_microphone_without_the_right_to_video_is_sent_out() {
    let mut call = Call::start().await;
    let entered = call.enter(&mut call.app.browser()).await;
    let path = call
        .room
        .path(&format!("/participants/{}/permissions", entered.identity));
    call.ada.put(&path, json!({"video": false})).await;
    let now = call.app.app().now();
    let (room, identity) = (&call.room.id, &entered.identity);
    for (source, mime_type, removed) in [
        (proto::TrackSource::Microphone, "audio/opus", 0),
        (proto::TrackSource::Microphone, "video/VP8", 1),
    ] {
        let track = call.livekit.publish_as(room, identity, source, mime_type);
        let mut event = call
            .livekit
            .event("track_published", room, Some(&entered.info), now);
        event.track = Some(track);
        assert_eq!(deliver(&call.app, &event).await.status, 200);
        assert_eq!(call.livekit.calls("RemoveParticipant").len(), removed);
    }
}

#[tokio::test]
async fn muting_everybody_spares_the_caller_and_other_moderators() {
    let mut call = Call::start().await;
    let mut grace = call.app.user("grace").await;
    let member = json!({"email": "grace@example.org", "role": "moderator"});
    call.ada.post(&call.room.path("/members"), member).await;
    let mut ada = call.ada.clone();
    for who in [
        &mut ada,
        &mut grace,
        &mut call.app.browser(),
        &mut call.app.browser(),
    ] {
        let entered = call.enter(who).await;
        call.livekit.publish(
            &call.room.id,
            &entered.identity,
            proto::TrackSource::Microphone,
        );
    }
    let path = call.room.path("/mute-all");
    let answer = call.ada.post(&path, json!({"source": "microphone"})).await;
    assert_eq!(
        (answer.status, answer.json["muted"].as_i64()),
        (200, Some(2))
    );
    assert_eq!(call.livekit.calls("MutePublishedTrack").len(), 2);
}

#[tokio::test]
async fn a_permission_that_was_taken_stays_taken_after_a_rejoin_and_ends_with_the_meeting() {
    let mut call = Call::start().await;
    let mut guest = call.app.browser();
    let entered = call.enter(&mut guest).await;
    let path = call
        .room
        .path(&format!("/participants/{}/permissions", entered.identity));
    call.app.advance(std::time::Duration::from_secs(1));
    let answer = call
        .ada
        .put(&path, json!({"audio": false, "screen_share": false}))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let expected = json!({"audio": false, "video": true, "screen_share": false, "chat": true});
    assert_eq!(answer.json["permissions"], expected);
    assert_eq!(call.validate(&entered.token).await.1, "token_withdrawn");
    let again = call.room.join(&mut guest, "Guest").await;
    let token = claims(again.json["token"].as_str().unwrap());
    assert_eq!(token.video.can_publish_sources, ["camera"]);
    // With the old token beside the proxy: the server is told again.
    let now = call.app.app().now();
    call.livekit.leave(&call.room.id, &entered.identity);
    let info = call.livekit.enter(&call.room.id, &entered.identity, now);
    let event = call
        .livekit
        .event("participant_joined", &call.room.id, Some(&info), now);
    deliver(&call.app, &event).await;
    assert_eq!(call.livekit.calls("UpdateParticipant").len(), 2);
    let event = call
        .livekit
        .event("room_finished", &call.room.id, None, now);
    deliver(&call.app, &event).await;
    let next = call.room.join(&mut guest, "Guest").await;
    let token = claims(next.json["token"].as_str().unwrap());
    assert_eq!(token.video.can_publish_sources.len(), 4);
}

#[tokio::test]
async fn nobody_acts_upon_the_owner_and_only_the_owner_upon_moderators() {
    let call = Call::start().await;
    let mut ada = call.ada.clone();
    let mut grace = call.app.user("grace").await;
    let mut linus = call.app.user("linus").await;
    for name in ["grace", "linus"] {
        let member = json!({"email": format!("{name}@example.org"), "role": "moderator"});
        assert_eq!(
            ada.post(&call.room.path("/members"), member).await.status,
            201
        );
    }
    let owner = call.enter(&mut ada).await;
    let moderator = call.enter(&mut linus).await;
    let visitor = call.enter(&mut call.app.browser()).await;
    let path = |who: &Entered, action| {
        call.room
            .path(&format!("/participants/{}/{action}", who.identity))
    };
    for action in ["kick", "ban"] {
        assert_eq!(
            grace.post(&path(&owner, action), json!({})).await.code(),
            "forbidden"
        );
        assert_eq!(
            grace
                .post(&path(&moderator, action), json!({}))
                .await
                .code(),
            "forbidden"
        );
    }
    assert_eq!(
        ada.post(&path(&owner, "ban"), json!({})).await.code(),
        "forbidden"
    );
    assert_eq!(
        grace.post(&path(&visitor, "kick"), json!({})).await.status,
        204
    );
    assert_eq!(
        ada.post(&path(&moderator, "kick"), json!({})).await.status,
        204
    );
    let mut stranger = call.app.user("stranger").await;
    assert_eq!(
        stranger.post(&path(&owner, "kick"), json!({})).await.code(),
        "forbidden"
    );
    let nobody = call
        .app
        .browser()
        .post(&path(&owner, "kick"), json!({}))
        .await;
    assert_eq!(nobody.code(), "unauthenticated");
}

#[tokio::test]
async fn a_raised_hand_is_seen_and_a_moderator_lowers_it() {
    let mut call = Call::start().await;
    let mut guest = call.app.browser();
    let entered = call.enter(&mut guest).await;
    let path = call.room.path("/hand");
    assert_eq!(guest.post(&path, json!({"raised": true})).await.status, 204);
    let list = guest.get(&call.room.path("/participants")).await;
    assert_eq!(
        list.json["items"][0]["hand_raised_at"],
        call.app.app().now().0
    );
    let other = json!({"raised": false, "identity": entered.identity});
    let mut somebody = call.app.browser();
    call.enter(&mut somebody).await;
    assert_eq!(
        somebody.post(&path, other.clone()).await.code(),
        "forbidden"
    );
    assert_eq!(call.ada.post(&path, other).await.status, 204);
    let list = guest.get(&call.room.path("/participants")).await;
    assert_eq!(list.json["items"][0]["hand_raised_at"], Value::Null);
}

#[tokio::test]
async fn roles_in_the_list_come_from_the_record_and_only_people_inside_see_it() {
    let mut call = Call::start().await;
    let mut ada = call.ada.clone();
    call.enter(&mut ada).await;
    let mut guest = call.app.browser();
    call.enter(&mut guest).await;
    call.livekit.publish(
        &call.room.id,
        &call.livekit.identities(&call.room.id)[0],
        proto::TrackSource::Camera,
    );
    let list = guest.get(&call.room.path("/participants")).await;
    assert_eq!(list.status, 200, "{list:?}");
    let items = list.json["items"].as_array().unwrap();
    assert_eq!(items[0]["role"], "owner");
    assert_eq!(items[0]["user_id"], ada.user_id);
    assert_eq!(items[0]["tracks"][0]["source"], "camera");
    assert_eq!(
        (items[1]["role"].as_str(), items[1]["guest"].as_bool()),
        (Some("visitor"), Some(true))
    );
    let outsider = call
        .app
        .browser()
        .get(&call.room.path("/participants"))
        .await;
    assert_eq!(outsider.code(), "forbidden");
    call.livekit.behave(Behaviour::Say(503, "busy"));
    let answer = call.ada.get(&call.room.path("/participants")).await;
    assert_eq!((answer.status, answer.code()), (503, "media_unavailable"));
}

#[tokio::test]
async fn ending_the_call_sends_everybody_out_and_their_tokens_with_them() {
    let mut call = Call::start().await;
    let entered = call.enter(&mut call.app.browser()).await;
    assert_eq!(
        call.ada
            .post(&call.room.path("/end"), json!({}))
            .await
            .status,
        204
    );
    assert_eq!(call.livekit.calls("DeleteRoom").len(), 1);
    assert_eq!(call.validate(&entered.token).await.1, "token_withdrawn");
    assert_eq!(
        call.ada
            .post(&call.room.path("/end"), json!({}))
            .await
            .status,
        204
    );
}

#[tokio::test]
async fn every_action_leaves_an_audit_record() {
    let mut call = Call::start().await;
    let one = call.enter(&mut call.app.browser()).await;
    let two = call.enter(&mut call.app.browser()).await;
    let lock = call.room.path("/lock");
    call.ada.put(&lock, json!({"locked": true})).await;
    call.act(&one.identity, "mute", json!({"source": "camera"}))
        .await;
    let path = call
        .room
        .path(&format!("/participants/{}/permissions", one.identity));
    call.ada.put(&path, json!({"chat": false})).await;
    call.act(&one.identity, "kick", json!({})).await;
    call.act(&two.identity, "ban", json!({})).await;
    call.ada.post(&call.room.path("/end"), json!({})).await;
    let mut actions = call.actions().await;
    actions.sort();
    let mut expected = [
        "room.created",
        "room.locked",
        "participant.muted",
        "participant.permitted",
        "participant.kicked",
        "participant.banned",
        "room.ended",
    ];
    expected.sort_unstable();
    assert_eq!(actions, expected);
}

#[tokio::test]
async fn a_lock_turns_away_a_token_that_was_not_used_yet() {
    let mut call = Call::start().await;
    let inside = call.enter(&mut call.app.browser()).await;
    let waiting = call.room.join(&mut call.app.browser(), "Late").await;
    call.app.advance(std::time::Duration::from_secs(1));
    call.ada
        .put(&call.room.path("/lock"), json!({"locked": true}))
        .await;
    let token = waiting.json["token"].as_str().unwrap();
    assert_eq!(call.validate(token).await, (403, "locked".to_owned()));
    assert_eq!(call.validate(&inside.token).await.0, 200);
}

#[tokio::test]
async fn frames_pass_the_signal_socket_both_ways_under_a_long_query() {
    let call = Call::start().await;
    let entered = call.enter(&mut call.app.browser()).await;
    let address = call.app.listen().await;
    let long = "A".repeat(32 * 1024);
    let url = format!(
        "ws://{address}/rtc/v1?access_token={}&join_request={long}",
        entered.token
    );
    let (mut socket, _) = connect_async(url).await.unwrap();
    for round in 0..3_u8 {
        socket
            .send(Message::binary(vec![round; 70_000]))
            .await
            .unwrap();
        let said = socket.next().await.unwrap().unwrap().into_data();
        assert_eq!(said.len(), 70_005);
        assert_eq!(&said[..6], [b"said ".as_slice(), &[round]].concat());
    }
    socket.close(None).await.unwrap();
    let signals = call.livekit.signals();
    assert_eq!(signals[0].path, "/rtc/v1");
    assert!(signals[0].query.ends_with(&long));
    assert_eq!(signals[0].headers["x-forwarded-for"], "127.0.0.1");
}

#[tokio::test]
async fn the_media_server_never_sees_our_cookies_and_its_answers_come_back_as_they_are() {
    let call = Call::start().await;
    let mut ada = call.ada.clone();
    ada.set_header(http::HeaderName::from_static("x-forwarded-for"), "10.9.9.9");
    assert_eq!(ada.get("/rtc?access_token=nonsense").await.status, 404);
    let signals = call.livekit.signals();
    assert!(!signals[0].headers.contains_key("cookie"));
    assert_eq!(signals[0].headers["x-forwarded-for"], "192.0.2.1");
    let valid = ada.get("/rtc/validate").await;
    assert_eq!((valid.status, valid.text.as_str()), (200, "success"));
    assert_eq!(valid.headers["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn a_token_is_worthless_when_its_room_was_deleted_with_its_owner() {
    let call = Call::start().await;
    let mut admin = call.app.admin().await;
    let entered = call.enter(&mut call.app.browser()).await;
    let owner = format!("/api/users/{}?rooms=delete", call.ada.user_id);
    assert_eq!(admin.delete(&owner).await.status, 204);
    assert_eq!(
        call.validate(&entered.token).await,
        (403, "room_deleted".to_owned())
    );
}

#[tokio::test]
async fn a_disabled_users_token_is_turned_away_and_they_are_removed() {
    let call = Call::start().await;
    let mut admin = call.app.admin().await;
    let mut grace = call.app.user("grace").await;
    let entered = call.enter(&mut grace).await;
    let user = format!("/api/users/{}", grace.user_id);
    let answer = admin.patch(&user, json!({"disabled": true})).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        call.validate(&entered.token).await,
        (403, "account_disabled".to_owned())
    );
    let now = call.app.app().now();
    let event = call.livekit.event(
        "participant_joined",
        &call.room.id,
        Some(&entered.info),
        now,
    );
    deliver(&call.app, &event).await;
    assert!(call.livekit.identities(&call.room.id).is_empty());
}

#[tokio::test]
async fn a_deleted_rooms_tokens_are_turned_away() {
    let mut call = Call::start().await;
    let entered = call.enter(&mut call.app.browser()).await;
    assert_eq!(call.ada.delete(&call.room.path("")).await.status, 204);
    assert!(call.livekit.identities(&call.room.id).is_empty());
    assert_eq!(
        call.validate(&entered.token).await,
        (403, "room_deleted".to_owned())
    );
}

#[tokio::test]
async fn a_room_that_the_media_server_does_not_have_is_opened_for_those_who_come_in() {
    let call = Call::start().await;
    let guest = call.enter(&mut call.app.browser()).await;
    call.livekit.close(&call.room.id);
    assert!(call.livekit.calls("CreateRoom").is_empty());
    assert_eq!(call.validate(&guest.token).await.0, 200);
    let calls = call.livekit.calls("CreateRoom");
    assert_eq!(calls.len(), 1);
    let request: proto::CreateRoomRequest = calls[0].request();
    assert_eq!(request.name, call.room.id);
    // Neither a token that somebody made up nor one that has ended opens anything.
    let (head, signature) = guest.token.rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    call.validate(&format!("{head}.{turned}")).await;
    call.app.advance(std::time::Duration::from_secs(600 + 61));
    call.validate(&guest.token).await;
    assert_eq!(call.livekit.calls("CreateRoom").len(), 1);
}

#[tokio::test]
async fn the_signal_socket_says_so_when_the_media_server_is_gone() {
    // Nothing listens at the harness's own endpoint.
    let app = TestApp::start().await;
    let answer = app.browser().get("/rtc/v1?access_token=nonsense").await;
    assert_eq!((answer.status, answer.code()), (503, "media_unavailable"));
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn two_moderators_who_change_one_persons_permissions_at_once_are_both_heard() {
    let (app, livekit) = TestApp::start_with_livekit().await;
    let mut ada = app.user("ada").await;
    let mut other_tab = ada.clone();
    for _ in 0..5 {
        let room = TestRoom::create(&mut ada, json!({})).await;
        let entered = room.enter(&app, &livekit, &mut app.browser()).await;
        let path = room.path(&format!("/participants/{}/permissions", entered.identity));
        let (one, other) = tokio::join!(
            ada.put(&path, json!({"audio": false})),
            other_tab.put(&path, json!({"video": false})),
        );
        assert_eq!((one.status, other.status), (200, 200), "{one:?} {other:?}");
        let people = ada.get(&room.path("/participants")).await;
        let expected = json!({"audio": false, "video": false, "screen_share": true, "chat": true});
        assert_eq!(
            people.json["items"][0]["permissions"], expected,
            "{people:?}"
        );
    }
}

#[tokio::test]
async fn a_token_opens_one_connection_and_a_program_as_many_as_it_likes() {
    let call = Call::start().await;
    let token = call.join(&mut call.app.browser()).await;
    let refused = (403, "second_connection".to_owned());
    for parameters in ["&publish=foo", "&a=b&publish=foo", "&%70ublish=f%20o"] {
        assert_eq!(call.validate_with(&token, parameters).await, refused);
    }
    let address = call.app.listen().await;
    let url = format!("ws://{address}/rtc?publish=foo&access_token={token}");
    match connect_async(url).await {
        Err(WsError::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("{other:?}"),
    }
    assert!(call.livekit.signals().is_empty());
    assert_eq!(call.validate_with(&token, "&publish=").await.0, 200);
    // Another program of this key's holder, and a Matrix client in a room of its own.
    for (room, identity) in [
        (call.room.id.as_str(), "bot"),
        ("!call:example.org", "@ada:example.org:DEVICE"),
    ] {
        let token = sign_in_room(room, identity);
        assert_eq!(call.validate_with(&token, "&publish=x").await.0, 200);
    }
}

fn sign_in_room(room: &str, identity: &str) -> String {
    let grants = VideoGrants {
        room_join: true,
        room: room.to_owned(),
        ..Default::default()
    };
    let claims = Claims {
        identity: identity.to_owned(),
        video: Some(grants),
        ..Claims::default()
    };
    sign_claims(&claims, API_SECRET)
}

#[tokio::test]
async fn every_connection_of_a_person_counts_as_one_and_goes_with_them() {
    for action in ["ban", "kick"] {
        let mut call = Call::start().await;
        let mut grace = call.app.user("grace").await;
        let laptop = call.enter(&mut grace).await;
        let sign_in = json!({"email": "grace@example.org", "password": crate::testing::PASSWORD});
        let mut phone = call.app.browser();
        assert_eq!(phone.post("/api/auth/sign-in", sign_in).await.status, 200);
        let phone = call.enter(&mut phone).await;
        assert_ne!(laptop.identity, phone.identity);
        assert_eq!(call.live().await, 1);
        let path = format!("/participants/{}/permissions", phone.identity);
        let path = call.room.path(&path);
        let changed = call.ada.put(&path, json!({"video": false})).await;
        assert_eq!(changed.json["identity"], phone.identity, "{changed:?}");
        assert_eq!(call.livekit.calls("UpdateParticipant").len(), 2);
        for identity in [&laptop.identity, &phone.identity] {
            let source = proto::TrackSource::Camera;
            call.livekit.publish(&call.room.id, identity, source);
        }
        let camera = json!({"source": "camera"});
        assert_eq!(call.act(&laptop.identity, "mute", camera).await, 204);
        assert_eq!(call.livekit.calls("MutePublishedTrack").len(), 2);
        let meetings = call.ada.get(&call.room.path("/meetings")).await;
        let stays = &meetings.json["items"][0]["attendances"];
        assert_eq!(stays.as_array().unwrap().len(), 1);

        let status = call.act(&phone.identity, action, json!({})).await;
        assert!(matches!(status, 201 | 204), "{status}");
        assert!(call.livekit.identities(&call.room.id).is_empty());
        for token in [&laptop.token, &phone.token] {
            assert_eq!(call.validate(token).await.0, 403);
            for suffix in ["", "#foo", "#a-b"] {
                assert!(!call.stays_beside(token, suffix).await, "{action} {suffix}");
            }
        }
    }
}

#[tokio::test]
async fn a_second_connection_beside_the_proxy_is_ended_when_the_webhook_tells() {
    let call = Call::start().await;
    let token = call.join(&mut call.app.browser()).await;
    assert!(!call.stays_beside(&token, "#foo").await);
    assert!(call.stays_beside(&token, "").await);
}

#[tokio::test]
async fn a_lock_counts_at_once_and_beside_the_proxy() {
    let mut call = Call::start().await;
    let mut guest = call.app.browser();
    let inside = call.enter(&mut guest).await;
    let waiting = call.join(&mut call.app.browser()).await;
    // The clock stands still: the token is of the lock's own second.
    call.lock(true).await;
    assert_eq!(call.validate(&waiting).await, (403, "locked".to_owned()));
    assert!(!call.stays_beside(&waiting, "").await);
    assert_eq!(call.validate(&inside.token).await.0, 200);
    // A page that reloads leaves first.
    call.livekit.leave(&call.room.id, &inside.identity);
    let now = call.app.app().now();
    let left = Some(&inside.info);
    let event = call
        .livekit
        .event("participant_left", &call.room.id, left, now);
    deliver(&call.app, &event).await;
    let again = call.join(&mut guest).await;
    assert!(call.stays_beside(&again, "").await);
    // Who was sent out does not come back through a locked door.
    assert_eq!(call.act(&inside.identity, "kick", json!({})).await, 204);
    assert_eq!(call.room.join(&mut guest, "Guest").await.code(), "locked");
    call.lock(false).await;
    let token = call.join(&mut guest).await;
    assert!(call.stays_beside(&token, "").await);
    assert!(call.stays_beside(&waiting, "").await);
}

#[tokio::test]
async fn whoever_moderates_no_longer_stays_in_a_locked_call() {
    let mut call = Call::start().await;
    let members = call.room.path("/members");
    for (name, removed) in [("bob", false), ("eve", true)] {
        let mut user = call.app.user(name).await;
        let member = json!({"email": format!("{name}@example.org"), "role": "moderator"});
        assert_eq!(call.ada.post(&members, member).await.status, 201);
        call.lock(true).await;
        // A closed door holds no moderator up.
        let entered = call.enter(&mut user).await;
        let path = format!("{members}/{}", user.user_id);
        if removed {
            assert_eq!(call.ada.delete(&path).await.status, 204);
        } else {
            let member = json!({"role": "member"});
            assert_eq!(call.ada.patch(&path, member).await.status, 200);
        }
        assert_eq!(call.validate(&entered.token).await.0, 200, "{name}");
        assert!(call.stays_beside(&entered.token, "").await, "{name}");
        call.lock(false).await;
    }
}

#[tokio::test]
async fn what_was_decided_about_somebody_does_not_hold_them_when_they_moderate() {
    let mut call = Call::start().await;
    let mut bob = call.app.user("bob").await;
    let entered = call.enter(&mut bob).await;
    let path = format!("/participants/{}/permissions", entered.identity);
    let path = call.room.path(&path);
    let quiet = json!({"audio": false});
    assert_eq!(call.ada.put(&path, quiet).await.status, 200);
    let identity = entered.identity.clone();
    assert_eq!(call.act(&identity, "ban", json!({})).await, 201);
    let member = json!({"email": "bob@example.org", "role": "moderator"});
    let members = call.room.path("/members");
    assert_eq!(call.ada.post(&members, member).await.status, 201);
    let told = call.livekit.calls("UpdateParticipant").len();
    let token = call.join(&mut bob).await;
    assert_eq!(call.validate(&token).await.0, 200);
    assert!(call.stays_beside(&token, "").await);
    assert_eq!(call.livekit.calls("UpdateParticipant").len(), told);
}

#[tokio::test]
async fn an_id_in_another_spelling_is_nobodys() {
    let mut call = Call::start().await;
    let (mut bob, mut eve) = (call.app.user("bob").await, call.app.user("eve").await);
    let members = call.room.path("/members");
    for name in ["bob", "eve"] {
        let member = json!({"email": format!("{name}@example.org"), "role": "moderator"});
        assert_eq!(call.ada.post(&members, member).await.status, 201);
    }
    let id = &bob.user_id;
    let ban = |identity: &str| call.room.path(&format!("/participants/{identity}/ban"));
    let ours = eve.post(&ban(&format!("u-{id}-abcdef")), json!({})).await;
    assert_eq!(ours.status, 403);
    for other in [
        id.to_uppercase(),
        id.replace('-', ""),
        format!("%7B{id}%7D"),
    ] {
        eve.post(&ban(&format!("u-{other}-abcdef")), json!({}))
            .await;
        let room = bob.get(&call.room.path("")).await;
        assert_eq!(room.json["role"], "moderator", "{other}");
    }
}

#[tokio::test]
async fn a_moderator_who_is_banned_moderates_no_longer() {
    let mut call = Call::start().await;
    let mut bob = call.app.user("bob").await;
    let member = json!({"email": "bob@example.org", "role": "moderator"});
    let members = call.room.path("/members");
    assert_eq!(call.ada.post(&members, member).await.status, 201);
    let entered = call.enter(&mut bob).await;
    assert_eq!(call.act(&entered.identity, "ban", json!({})).await, 201);
    assert_eq!(call.validate(&entered.token).await.1, "banned");
    assert_eq!(call.room.join(&mut bob, "Bob").await.code(), "banned");
    let bans = bob.get(&call.room.path("/bans")).await;
    assert_eq!(bans.status, 403, "{bans:?}");
    assert!(call.actions().await.contains(&"member.updated".to_owned()));
}

#[tokio::test]
async fn the_end_of_a_call_counts_beside_the_proxy() {
    let mut call = Call::start().await;
    let mut guest = call.app.browser();
    let old = call.join(&mut guest).await;
    let end = call.room.path("/end");
    assert_eq!(call.ada.post(&end, json!({})).await.status, 204);
    let new = call.join(&mut guest).await;
    assert!(!call.stays_beside(&old, "").await);
    assert!(call.stays_beside(&new, "").await);
    assert_eq!(call.validate(&old).await.1, "token_withdrawn");
    assert_eq!(call.validate(&new).await.0, 200);
}

#[tokio::test]
async fn late_news_of_an_old_token_puts_nobody_out_who_came_back_with_a_new_one() {
    let mut call = Call::start().await;
    let mut guest = call.app.browser();
    let old = call.enter(&mut guest).await;
    let now = call.app.app().now();
    let late = call
        .livekit
        .event("participant_joined", &call.room.id, Some(&old.info), now);
    assert_eq!(call.act(&old.identity, "kick", json!({})).await, 204);
    let new = call.join(&mut guest).await;
    assert!(call.stays_beside(&new, "").await);
    deliver(&call.app, &late).await;
    let inside = call.livekit.identities(&call.room.id);
    assert!(inside.contains(&old.identity));
}

#[tokio::test]
async fn an_event_that_was_counted_and_not_acted_upon_is_acted_upon_when_it_comes_again() {
    let mut call = Call::start().await;
    let guest = call.enter(&mut call.app.browser()).await;
    assert_eq!(call.act(&guest.identity, "ban", json!({})).await, 201);
    let now = call.app.app().now();
    let back = call.livekit.enter(&call.room.id, &guest.identity, now);
    let event = call
        .livekit
        .event("participant_joined", &call.room.id, Some(&back), now);
    call.livekit.behave(Behaviour::Say(503, "busy"));
    assert_eq!(deliver(&call.app, &event).await.status, 200);
    call.livekit.behave(Behaviour::Normal);
    assert!(
        call.livekit
            .identities(&call.room.id)
            .contains(&guest.identity)
    );
    for _ in 0..2 {
        assert_eq!(deliver(&call.app, &event).await.status, 200);
        assert!(call.livekit.identities(&call.room.id).is_empty());
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_nobody_out() {
    let hour = std::time::Duration::from_hours(1);
    let mut call = Call::start().await;
    call.room = TestRoom::create(&mut call.ada, json!({"max_participants": 1})).await;
    let mut guest = call.app.browser();
    let entered = call.enter(&mut guest).await;
    assert_eq!(call.act(&entered.identity, "kick", json!({})).await, 204);
    let now = call.app.app().now();
    let gone = call
        .livekit
        .event("room_finished", &call.room.id, None, now);
    let end = call.room.path("/end");
    assert_eq!(call.ada.post(&end, json!({})).await.status, 204);
    deliver(&call.app, &gone).await;
    // Somebody took the only seat and never came.
    call.join(&mut call.app.browser()).await;
    call.app.clock.set_back(hour);
    let token = call.join(&mut guest).await;
    let claims = claims(&token);
    assert_eq!(claims.nbf, call.app.app().now().as_seconds());
    assert_eq!(call.validate(&token).await.0, 200);
    assert!(call.stays_beside(&token, "").await);
    assert_eq!(call.validate(&entered.token).await.1, "token_withdrawn");
    for removal in call.livekit.calls("RemoveParticipant") {
        let request: proto::RoomParticipantIdentity = removal.request();
        assert!(
            request.revoke_token_ts <= 1,
            "the media server counts seconds"
        );
    }
}

#[tokio::test]
async fn a_room_takes_as_many_guests_as_it_has_seats() {
    let mut call = Call::start().await;
    call.room = TestRoom::create(&mut call.ada, json!({"max_participants": 2})).await;
    let mut early = Vec::new();
    for _ in 0..2 {
        let mut guest = call.app.browser();
        early.push((call.join(&mut guest).await, guest));
    }
    // Their tokens outlive the seats that were kept for them.
    call.app.advance(std::time::Duration::from_secs(31));
    for _ in 0..2 {
        let entered = call.enter(&mut call.app.browser()).await;
        assert_eq!(call.validate(&entered.token).await.0, 200);
    }
    for (token, _) in &early {
        assert_eq!(call.validate(token).await, (403, "full".to_owned()));
        assert!(!call.stays_beside(token, "").await);
    }
    let mut ada = call.ada.clone();
    let owner = call.enter(&mut ada).await;
    assert_eq!(call.validate(&owner.token).await.0, 200);
    assert_eq!(call.livekit.identities(&call.room.id).len(), 3);
    assert!(!call.stays_beside(&early[0].0, "").await);
    // A made-up token takes no seat from anybody.
    let call = Call::start().await;
    let room = TestRoom::create(&mut call.ada.clone(), json!({"max_participants": 1})).await;
    let mut guest = call.app.browser();
    let answer = room.join(&mut guest, "Guest").await;
    let token = answer.json["token"].as_str().unwrap();
    call.app.advance(std::time::Duration::from_secs(31));
    let (head, signature) = token.rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    call.validate(&format!("{head}.{turned}")).await;
    assert_eq!(
        room.join(&mut call.app.browser(), "Guest").await.status,
        200
    );
    assert_eq!(call.validate(token).await.1, "full");
}

#[tokio::test]
async fn a_device_that_was_signed_out_leaves_its_calls_and_its_tokens_are_worthless() {
    let call = Call::start().await;
    let mut grace = call.app.user("grace").await;
    let laptop = call.enter(&mut grace).await;
    let sign_in = json!({"email": "grace@example.org", "password": crate::testing::PASSWORD});
    let mut phone = call.app.browser();
    assert_eq!(phone.post("/api/auth/sign-in", sign_in).await.status, 200);
    let on_phone = call.enter(&mut phone).await;
    let path = "/api/auth/sign-out";
    assert_eq!(phone.post(path, json!(null)).await.status, 204);
    let refused = (403, "signed_out".to_owned());
    assert_eq!(call.validate(&on_phone.token).await, refused);
    assert_eq!(call.validate(&laptop.token).await.0, 200);
    let job = LeaveCalls {
        user: grace.user_id.parse().unwrap(),
        devices: Devices::AllBut(laptop.identity.rsplit_once('-').unwrap().1.to_owned()),
    };
    let stop = tokio_util::sync::CancellationToken::new();
    job.run(call.app.app(), &stop).await.unwrap();
    let inside = call.livekit.identities(&call.room.id);
    assert_eq!(inside, std::slice::from_ref(&laptop.identity));
    assert!(!call.stays_beside(&on_phone.token, "").await);
}
