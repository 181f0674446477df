//! Tokens: which hold, and which room they must name.

use std::time::{Duration, SystemTime};

use livekit_wire::{Claims, VideoGrants};
use serde_json::json;

use crate::harness::{BOTH, CREATE_ROOM, Mock, SECRET, everything, token, video};

const GET_PARTICIPANT: &str = "livekit.RoomService/GetParticipant";
const MOVE_PARTICIPANT: &str = "livekit.RoomService/MoveParticipant";
const TRANSFER: &str = "livekit.SIP/TransferSIPParticipant";

#[tokio::test]
async fn a_token_of_any_key_holds_with_or_without_the_word_bearer() {
    let mock = Mock::start().await;
    let token = token(&everything());
    for value in [
        format!("Bearer {token}"),
        token.clone(),
        format!("  {token} "),
    ] {
        let call = mock.call(CREATE_ROOM).header("Authorization", value);
        assert_eq!(call.send().await.status, 200);
    }
    mock.stop().await;
}

#[tokio::test]
async fn what_is_no_token_is_turned_away() {
    let mock = Mock::start().await;
    let token = token(&everything());
    let cut = &token[..token.len() - 4];
    for value in [
        "",
        "Bearer",
        "Bearer x",
        "Basic dXNlcjpwYXNz",
        &format!("Bearer {cut}"),
    ] {
        let answer = mock
            .call(CREATE_ROOM)
            .header("Authorization", value)
            .send()
            .await;
        assert_eq!(answer.failure(401), "unauthenticated", "{value}");
        assert_eq!(answer.json()["msg"], "mock: unauthenticated");
    }
    mock.stop().await;
}

#[tokio::test]
async fn an_expired_token_is_turned_away_and_told_why() {
    let mock = Mock::start().await;
    let an_hour_ago = SystemTime::now() - Duration::from_hours(1);
    let minute = Duration::from_mins(1);
    let old =
        livekit_wire::token::sign(&everything(), "k", &SECRET.into(), an_hour_ago, minute).unwrap();
    let call = mock
        .call(CREATE_ROOM)
        .header("Authorization", format!("Bearer {old}"));
    let answer = call.send().await;
    assert_eq!(answer.failure(401), "unauthenticated");
    assert_eq!(answer.json()["meta"], json!({"reason": "token is expired"}));
    mock.stop().await;
}

fn admin_of(room: &str, destination_room: &str) -> Claims {
    video(VideoGrants {
        room_admin: true,
        room: room.to_owned(),
        destination_room: destination_room.to_owned(),
        ..VideoGrants::default()
    })
}

#[tokio::test]
async fn an_admin_rules_over_one_room() {
    let mock = Mock::start().await;
    for encoding in BOTH {
        for (named, wanted, status) in [
            ("r", "r", 200),
            ("r", "other", 403),
            ("", "r", 403),
            ("r", "", 200),
        ] {
            let call = mock
                .call(GET_PARTICIPANT)
                .encoding(encoding)
                .token(&admin_of(named, ""));
            let answer = call
                .request(&json!({"room": wanted, "identity": "me"}))
                .send()
                .await;
            assert_eq!(
                answer.status,
                status,
                "{named:?} on {wanted:?}: {}",
                answer.text()
            );
        }
    }
    mock.stop().await;
}

#[tokio::test]
async fn moving_on_asks_for_the_destination_as_well() {
    let mock = Mock::start().await;
    for encoding in BOTH {
        for (room, destination, status) in
            [("r", "dr", 200), ("r", "other", 403), ("other", "dr", 403)]
        {
            let call = mock
                .call(MOVE_PARTICIPANT)
                .encoding(encoding)
                .token(&admin_of(room, destination));
            let request = json!({"room": "r", "identity": "me", "destination_room": "dr"});
            assert_eq!(
                call.request(&request).send().await.status,
                status,
                "{room} to {destination}"
            );
        }
    }
    mock.stop().await;
}

#[tokio::test]
async fn a_transfer_is_of_the_room_it_names() {
    let mock = Mock::start().await;
    let call = mock
        .call(TRANSFER)
        .token(&everything())
        .control(&json!({"delayMs": 0}));
    let call = |room: &str| call.clone().request(&json!({"room_name": room}));
    assert_eq!(call("r").send().await.status, 200);
    let denied = call("other").send().await;
    assert_eq!(denied.failure(403), "permission_denied");
    assert_eq!(
        denied.json()["meta"]["missing"],
        "video.room equal to the request's room"
    );
    mock.stop().await;
}
