//! The fields of `X-Lk-Mock`, one row one test, and how they are laid over the older headers.

use std::time::Instant;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{
    A_WHILE, Answer, BOTH, CREATE_ROOM, Mock, TRANSFER_SIP_PARTICIPANT, everything,
};

async fn create_room(mock: &Mock, control: &Value) -> Answer {
    mock.call(CREATE_ROOM)
        .token(&everything())
        .control(control)
        .send()
        .await
}

#[tokio::test]
async fn an_empty_object_changes_nothing() {
    let mock = Mock::start().await;
    let answer = create_room(&mock, &json!({})).await;
    assert_eq!((answer.status, answer.region.as_deref()), (200, Some("0")));
    let nulls = json!({"failRegions": null, "failMode": null, "delayMs": null, "response": null, "sipStatus": null});
    assert_eq!(create_room(&mock, &nulls).await.status, 200);
    mock.stop().await;
}

#[tokio::test]
async fn fail_regions_lists_who_fails() {
    let mock = Mock::start().await;
    for encoding in BOTH {
        for (list, statuses) in [
            (json!([0]), [503, 200]),
            (json!([1, 7]), [200, 503]),
            (json!([0, 1]), [503, 503]),
            (json!([]), [200, 200]),
        ] {
            for (region, status) in statuses.into_iter().enumerate() {
                let call = mock.create_room().encoding(encoding).region(region);
                let answer = call.control(&json!({"failRegions": list})).send().await;
                assert_eq!(answer.status, status, "{list}, region {region}");
            }
        }
    }
    mock.stop().await;
}

#[tokio::test]
async fn fail_mode_status_writes_an_error() {
    let mock = Mock::start().await;
    let answer = create_room(&mock, &json!({"failRegions": [0], "failMode": "status"})).await;
    assert_eq!(answer.failure(503), "unavailable");
    mock.stop().await;
}

#[tokio::test]
async fn fail_mode_drop_closes_the_connection() {
    let mock = Mock::start().await;
    let drop = json!({"failRegions": [0], "failMode": "drop"});
    mock.create_room().control(&drop).breaks().await;
    mock.stop().await;
}

#[tokio::test]
async fn fail_mode_delay_takes_its_time_from_the_older_header() {
    let mock = Mock::start().await;
    let call = mock.create_room().header("X-Lk-Mock-Delay-Ms", "200");
    let begin = Instant::now();
    let answer = call
        .control(&json!({"failRegions": [0], "failMode": "delay"}))
        .send()
        .await;
    assert_eq!(answer.status, 503);
    assert!(begin.elapsed().as_millis() >= 200);
    mock.stop().await;
}

#[tokio::test]
async fn fail_mode_truncate_breaks_off_after_half_of_the_answer() {
    let mock = Mock::start().await;
    for encoding in BOTH {
        let call = mock
            .create_room()
            .encoding(encoding)
            .request(&json!({"name": "n".repeat(5000)}));
        let truncate = json!({"failRegions": [0], "failMode": "truncate"});
        call.control(&truncate).breaks().await;
    }
    mock.stop().await;
}

#[tokio::test]
async fn fail_status_and_fail_twirp_code_shape_the_error() {
    let mock = Mock::start().await;
    let answer = create_room(&mock, &json!({"failRegions": [0], "failStatus": 400})).await;
    assert_eq!(answer.failure(400), "invalid_argument");
    let odd = json!({"failRegions": [0], "failStatus": 418, "failTwirpCode": "teapot"});
    assert_eq!(create_room(&mock, &odd).await.failure(418), "teapot");
    mock.stop().await;
}

#[tokio::test]
async fn delay_ms_delays_success_and_failure_alike() {
    let mock = Mock::start().await;
    for (control, status) in [
        (json!({"delayMs": 250}), 200),
        (json!({"delayMs": 250, "failRegions": [0]}), 503),
    ] {
        let begin = Instant::now();
        assert_eq!(create_room(&mock, &control).await.status, status);
        assert!(begin.elapsed().as_millis() >= 250);
    }
    let late = json!({"delayMs": 30000});
    assert!(timeout(A_WHILE, create_room(&mock, &late)).await.is_err());
    mock.stop().await;
}

#[tokio::test]
async fn delay_ms_of_zero_skips_a_calls_natural_latency() {
    let mock = Mock::start().await;
    let begin = Instant::now();
    let call = mock.call(TRANSFER_SIP_PARTICIPANT).token(&everything());
    assert_eq!(
        call.control(&json!({"delayMs": 0})).send().await.status,
        200
    );
    assert!(begin.elapsed().as_secs() < 10);
    mock.stop().await;
}

#[tokio::test]
async fn regions_status_is_the_status_of_the_list() {
    let mock = Mock::start().await;
    let get = |status: u16| {
        mock.get("/settings/regions")
            .control(&json!({"regionsStatus": status}))
    };
    assert_eq!(get(500).send().await.status, 500);
    assert_eq!(
        get(200).send().await.json()["regions"][0]["region"],
        "region-0"
    );
    mock.stop().await;
}

#[tokio::test]
async fn response_replaces_the_populated_answer() {
    let mock = Mock::start().await;
    for encoding in BOTH {
        let wished = json!({"sid": "RM_x", "name": "my-room", "creationTime": "1700000000"});
        let call = mock
            .create_room()
            .encoding(encoding)
            .control(&json!({"response": wished}));
        assert_eq!(call.send().await.message(CREATE_ROOM), wished);
        let empty = mock
            .create_room()
            .encoding(encoding)
            .control(&json!({"response": {}}));
        assert_eq!(empty.send().await.message(CREATE_ROOM), json!({}));
    }
    mock.stop().await;
}

#[tokio::test]
async fn skip_auth_asks_for_no_token() {
    let mock = Mock::start().await;
    let call = |skip: bool| mock.call(CREATE_ROOM).control(&json!({"skipAuth": skip}));
    assert_eq!(call(true).send().await.status, 200);
    assert_eq!(call(false).send().await.failure(401), "unauthenticated");
    mock.stop().await;
}

#[tokio::test]
async fn pinned_regions_turn_the_others_away() {
    let mock = Mock::start().await;
    let pinned = json!({"pinnedRegions": ["region-1"]});
    let away = create_room(&mock, &pinned).await;
    assert_eq!((away.status, away.region.as_deref()), (451, Some("")));
    assert_eq!(away.text(), "project not allowed in this region.");
    let here = mock.create_room().region(1).control(&pinned).send().await;
    assert_eq!((here.status, here.region.as_deref()), (200, Some("1")));

    let nowhere = json!({"pinnedRegions": ["region-99"]});
    for region in [0, 1] {
        assert_eq!(
            mock.create_room()
                .region(region)
                .control(&nowhere)
                .send()
                .await
                .status,
            451
        );
    }
    assert_eq!(
        create_room(&mock, &json!({"pinnedRegions": []}))
            .await
            .status,
        200
    );
    mock.stop().await;
}

#[tokio::test]
async fn a_pin_leaves_only_its_own_regions_in_the_list() {
    let mock = Mock::start().await;
    let list = async |pinned: Value| {
        let call = mock
            .get("/settings/regions")
            .control(&json!({"pinnedRegions": pinned}));
        call.send().await.json()
    };
    let left = list(json!(["region-1", "region-99"])).await;
    assert_eq!(left["regions"].as_array().unwrap().len(), 1);
    assert_eq!(left["regions"][0]["region"], "region-1");
    assert_eq!(list(json!(["region-99"])).await, json!({}));
    mock.stop().await;
}

/// Header by header: what it says alone, and what is left of it under the JSON field.
#[tokio::test]
async fn each_field_replaces_its_older_header_and_leaves_the_others() {
    let mock = Mock::start().await;
    let failing = || mock.create_room().header("X-Lk-Mock-Fail-Regions", "0");
    let spared = failing().control(&json!({"failRegions": [1]}));
    assert_eq!(spared.send().await.status, 200);
    assert_eq!(
        failing()
            .control(&json!({"failRegions": []}))
            .send()
            .await
            .status,
        200
    );
    assert_eq!(
        failing()
            .control(&json!({"skipAuth": true}))
            .send()
            .await
            .status,
        503
    );

    let dropping = failing().header("X-Lk-Mock-Fail-Mode", "drop");
    assert_eq!(
        dropping
            .control(&json!({"failMode": "status"}))
            .send()
            .await
            .status,
        503
    );

    let old = failing()
        .header("X-Lk-Mock-Fail-Status", "500")
        .header("X-Lk-Mock-Fail-Twirp-Code", "old");
    assert_eq!(
        old.clone()
            .control(&json!({"failStatus": 404}))
            .send()
            .await
            .failure(404),
        "old"
    );
    let coded = old
        .clone()
        .control(&json!({"failTwirpCode": "new"}))
        .send()
        .await;
    assert_eq!(coded.failure(500), "new");
    let derived = old.control(&json!({"failTwirpCode": ""})).send().await;
    assert_eq!(derived.failure(500), "unavailable");

    let list = mock
        .get("/settings/regions")
        .header("X-Lk-Mock-Regions-Status", "500");
    assert_eq!(
        list.control(&json!({"regionsStatus": 200}))
            .send()
            .await
            .status,
        200
    );

    let wished = mock
        .create_room()
        .header("X-Lk-Mock-Response", r#"{"name":"old","sid":"RM_old"}"#);
    let answer = wished
        .control(&json!({"response": {"name": "new"}}))
        .send()
        .await;
    assert_eq!(answer.message(CREATE_ROOM), json!({"name": "new"}));

    let open = mock
        .create_room()
        .control(&json!({"skipAuth": false}))
        .send()
        .await;
    assert_eq!(open.failure(401), "unauthenticated");
    mock.stop().await;
}
