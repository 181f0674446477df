//! The older control headers, one row one test, in both encodings where the answer has one.

use std::time::Instant;

use serde_json::json;
use tokio::time::timeout;

use crate::harness::{A_WHILE, BOTH, CREATE_ROOM, Encoding, Mock};

const FAIL_REGIONS: &str = "X-Lk-Mock-Fail-Regions";
const FAIL_MODE: &str = "X-Lk-Mock-Fail-Mode";
const FAIL_STATUS: &str = "X-Lk-Mock-Fail-Status";
const FAIL_TWIRP_CODE: &str = "X-Lk-Mock-Fail-Twirp-Code";
const DELAY_MS: &str = "X-Lk-Mock-Delay-Ms";
const REGIONS_STATUS: &str = "X-Lk-Mock-Regions-Status";
const RESPONSE: &str = "X-Lk-Mock-Response";
const SKIP_AUTH: &str = "X-Lk-Mock-Skip-Auth";

#[tokio::test]
async fn fail_regions_lists_who_fails() {
    let mock = Mock::start().await;
    for (list, fails) in [
        ("0", [true, false]),
        ("1", [false, true]),
        ("0,1", [true, true]),
        (" 0 , 7 ", [true, false]),
        ("", [false, false]),
    ] {
        for encoding in BOTH {
            for (region, fails) in fails.into_iter().enumerate() {
                let call = mock.create_room().encoding(encoding).region(region);
                let answer = call.header(FAIL_REGIONS, list).send().await;
                if fails {
                    assert_eq!(
                        answer.failure(503),
                        "unavailable",
                        "{list:?}, region {region}"
                    );
                    assert_eq!(answer.json()["msg"], "mock failure (status 503)");
                } else {
                    assert_eq!(answer.status, 200, "{list:?}, region {region}");
                    assert_eq!(answer.region, Some(region.to_string()));
                }
            }
        }
    }
    mock.stop().await;
}

#[tokio::test]
async fn fail_mode_status_is_the_default() {
    let mock = Mock::start().await;
    for mode in ["status", "Status", ""] {
        let call = mock
            .create_room()
            .header(FAIL_REGIONS, "0")
            .header(FAIL_MODE, mode);
        assert_eq!(call.send().await.failure(503), "unavailable");
    }
    mock.stop().await;
}

#[tokio::test]
async fn fail_mode_drop_closes_the_connection() {
    let mock = Mock::start().await;
    for encoding in BOTH {
        let call = mock
            .create_room()
            .encoding(encoding)
            .header(FAIL_MODE, "drop");
        call.clone().header(FAIL_REGIONS, "0").breaks().await;
        assert_eq!(call.header(FAIL_REGIONS, "1").send().await.status, 200);
    }
    mock.stop().await;
}

#[tokio::test]
async fn fail_mode_delay_fails_late() {
    let mock = Mock::start().await;
    let call = mock
        .create_room()
        .header(FAIL_MODE, "delay")
        .header(DELAY_MS, "300");
    let begin = Instant::now();
    let answer = call
        .header(FAIL_REGIONS, "0")
        .header(FAIL_STATUS, "500")
        .send()
        .await;
    assert_eq!(answer.failure(500), "unavailable");
    assert!(begin.elapsed().as_millis() >= 300);
    mock.stop().await;
}

#[tokio::test]
async fn fail_mode_delay_outlasts_a_clients_patience_when_no_delay_is_given() {
    let mock = Mock::start().await;
    let call = mock
        .create_room()
        .header(FAIL_MODE, "delay")
        .header(FAIL_REGIONS, "0");
    assert!(timeout(A_WHILE, call.send()).await.is_err());
    // Nothing waits for the client that went away.
    mock.stop().await;
}

#[tokio::test]
async fn delay_ms_acts_only_in_delay_mode_on_a_failing_region() {
    let mock = Mock::start().await;
    let call = || mock.create_room().header(DELAY_MS, "3000000");
    let begin = Instant::now();
    assert_eq!(call().send().await.status, 200);
    assert_eq!(call().header(FAIL_MODE, "delay").send().await.status, 200);
    let elsewhere = call().header(FAIL_MODE, "delay").header(FAIL_REGIONS, "1");
    assert_eq!(elsewhere.send().await.status, 200);
    assert_eq!(call().header(FAIL_REGIONS, "0").send().await.status, 503);
    assert!(begin.elapsed().as_secs() < 30);
    mock.stop().await;
}

#[tokio::test]
async fn fail_status_brings_the_twirp_code_that_suits_it() {
    let mock = Mock::start().await;
    for (status, code) in [
        (400, "invalid_argument"),
        (401, "unauthenticated"),
        (403, "permission_denied"),
        (404, "not_found"),
        (409, "internal"),
        (429, "resource_exhausted"),
        (500, "unavailable"),
        (503, "unavailable"),
        (599, "unavailable"),
    ] {
        let call = mock.create_room().header(FAIL_REGIONS, "0");
        let answer = call.header(FAIL_STATUS, status.to_string()).send().await;
        assert_eq!(answer.failure(status), code);
    }
    mock.stop().await;
}

#[tokio::test]
async fn fail_twirp_code_replaces_the_derived_one() {
    let mock = Mock::start().await;
    let call = mock
        .create_room()
        .header(FAIL_REGIONS, "0")
        .header(FAIL_STATUS, "404");
    let answer = call.header(FAIL_TWIRP_CODE, "data\"loss").send().await;
    assert_eq!(answer.failure(404), "data\"loss");
    mock.stop().await;
}

#[tokio::test]
async fn regions_status_is_the_status_of_the_list() {
    let mock = Mock::start().await;
    let get = |status: &str| mock.get("/settings/regions").header(REGIONS_STATUS, status);
    let failed = get("500").send().await;
    assert_eq!((failed.status, failed.region.as_deref()), (500, Some("")));
    assert_eq!(get("404").send().await.status, 404);
    let fine = get("200").send().await;
    assert_eq!(fine.json()["regions"].as_array().unwrap().len(), 2);
    mock.stop().await;
}

#[tokio::test]
async fn response_replaces_the_populated_answer() {
    let mock = Mock::start().await;
    for encoding in BOTH {
        let call = mock
            .create_room()
            .encoding(encoding)
            .request(&json!({"name": "asked"}));
        let wished = r#"{"sid":"RM_x","name":"wished","max_participants":"7","from_the_future":1}"#;
        let answer = call.header(RESPONSE, wished).send().await;
        let message = answer.message(CREATE_ROOM);
        assert_eq!(
            message,
            json!({"sid": "RM_x", "name": "wished", "maxParticipants": 7})
        );
    }
    mock.stop().await;
}

#[tokio::test]
async fn skip_auth_asks_for_no_token() {
    let mock = Mock::start().await;
    for encoding in BOTH {
        let call = |value: &str| {
            mock.call(CREATE_ROOM)
                .encoding(encoding)
                .header(SKIP_AUTH, value)
        };
        assert_eq!(call("true").send().await.status, 200);
        assert_eq!(call("TRUE").send().await.status, 200);
        assert_eq!(call("false").send().await.failure(401), "unauthenticated");
        let placeholder = call("true").header("Authorization", "Bearer placeholder");
        assert_eq!(placeholder.send().await.status, 200);
    }
    mock.stop().await;
}

#[tokio::test]
async fn the_answer_names_the_region_that_served() {
    let mock = Mock::start().await;
    for region in [0, 1] {
        let served = mock.create_room().region(region).send().await;
        assert_eq!(served.region, Some(region.to_string()));
        let list = mock.get("/settings/regions").region(region).send().await;
        assert_eq!(list.region, Some(region.to_string()));
        let failed = mock
            .create_room()
            .region(region)
            .header(FAIL_REGIONS, "0,1");
        assert_eq!(failed.send().await.region.as_deref(), Some(""));
    }
    mock.stop().await;
}

#[tokio::test]
async fn a_content_type_that_does_not_speak_of_json_is_protobuf() {
    let mock = Mock::start().await;
    let call = mock
        .create_room()
        .encoding(Encoding::Protobuf)
        .request(&json!({"name": "n"}));
    let answer = call
        .header("Content-Type", "application/x-protobuf")
        .send()
        .await;
    assert_eq!(answer.message(CREATE_ROOM)["name"], "n");
    mock.stop().await;
}
