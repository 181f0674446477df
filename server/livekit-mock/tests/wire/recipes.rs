//! LiveKit's recipes, as an SDK would follow them: four regions, the same headers with every attempt.

use livekit_mock::Options;
use serde_json::{Value, json};

use crate::harness::{CREATE_ROOM, CREATE_SIP_PARTICIPANT, Call, Mock, everything, options};

async fn four_regions() -> Mock {
    Mock::with(Options {
        ports: vec![0; 4],
        ..options()
    })
    .await
}

/// Asks one region after the other as long as an attempt is worth repeating; the statuses, 0 for a broken connection.
async fn attempts(call: Call<'_>) -> Vec<u16> {
    let mut statuses = Vec::new();
    for region in 0..4 {
        let answer = call.clone().region(region).try_send().await;
        let status = answer.map_or(0, |answer| answer.status);
        statuses.push(status);
        if (1..500).contains(&status) {
            break;
        }
    }
    statuses
}

/// A recipe in both spellings leads to the same attempts.
async fn leads_to(headers: &[(&str, &str)], json: Value, wanted: &[u16]) {
    let mock = four_regions().await;
    let older = headers
        .iter()
        .fold(mock.call(CREATE_ROOM), |call, (name, value)| {
            call.header(name, *value)
        });
    for call in [older, mock.call(CREATE_ROOM).control(&json)] {
        assert_eq!(attempts(call.token(&everything())).await, wanted);
    }
    mock.stop().await;
}

#[tokio::test]
async fn happy_path() {
    leads_to(&[], json!({}), &[200]).await;
}

#[tokio::test]
async fn bypass_auth() {
    let mock = four_regions().await;
    for (name, value) in [
        ("X-Lk-Mock-Skip-Auth", "true"),
        ("X-Lk-Mock", r#"{"skipAuth":true}"#),
    ] {
        let call = mock.call(CREATE_ROOM).header(name, value);
        let answer = call
            .header("Authorization", "Bearer test-token")
            .send()
            .await;
        assert_eq!((answer.status, answer.region.as_deref()), (200, Some("0")));
    }
    mock.stop().await;
}

#[tokio::test]
async fn missing_permission_error() {
    let mock = four_regions().await;
    let answer = mock
        .call(CREATE_ROOM)
        .token(&livekit_wire::Claims::default())
        .send()
        .await;
    assert_eq!(answer.failure(403), "permission_denied");
    assert_eq!(
        answer.json()["meta"],
        json!({"missing": "video.roomCreate"})
    );
    mock.stop().await;
}

#[tokio::test]
async fn failover_succeeds_on_region_1() {
    leads_to(
        &[("X-Lk-Mock-Fail-Regions", "0")],
        json!({"failRegions": [0]}),
        &[503, 200],
    )
    .await;
}

#[tokio::test]
async fn exhaust_to_region_2() {
    let json = json!({"failRegions": [0, 1]});
    leads_to(&[("X-Lk-Mock-Fail-Regions", "0,1")], json, &[503, 503, 200]).await;
}

#[tokio::test]
async fn all_regions_down() {
    let json = json!({"failRegions": [0, 1, 2, 3]});
    leads_to(&[("X-Lk-Mock-Fail-Regions", "0,1,2,3")], json, &[503; 4]).await;
}

#[tokio::test]
async fn client_error_without_retry() {
    let headers = [
        ("X-Lk-Mock-Fail-Regions", "0"),
        ("X-Lk-Mock-Fail-Status", "400"),
    ];
    leads_to(
        &headers,
        json!({"failRegions": [0], "failStatus": 400}),
        &[400],
    )
    .await;
}

#[tokio::test]
async fn transport_error_failover() {
    let headers = [
        ("X-Lk-Mock-Fail-Regions", "0"),
        ("X-Lk-Mock-Fail-Mode", "drop"),
    ];
    leads_to(
        &headers,
        json!({"failRegions": [0], "failMode": "drop"}),
        &[0, 200],
    )
    .await;
}

#[tokio::test]
async fn region_discovery_unreachable() {
    let mock = four_regions().await;
    for (name, value) in [
        ("X-Lk-Mock-Regions-Status", "500"),
        ("X-Lk-Mock", r#"{"regionsStatus":500}"#),
    ] {
        assert_eq!(
            mock.get("/settings/regions")
                .header(name, value)
                .send()
                .await
                .status,
            500
        );
    }
    mock.stop().await;
}

#[tokio::test]
async fn custom_response_payload() {
    let mock = four_regions().await;
    let wished = r#"{"sid":"RM_x","name":"my-room"}"#;
    let json = format!(r#"{{"response":{wished}}}"#);
    for (name, value) in [
        ("X-Lk-Mock-Response", wished.to_owned()),
        ("X-Lk-Mock", json),
    ] {
        let answer = mock
            .call(CREATE_ROOM)
            .token(&everything())
            .header(name, value)
            .send()
            .await;
        assert_eq!(
            answer.message(CREATE_ROOM),
            json!({"sid": "RM_x", "name": "my-room"})
        );
    }
    mock.stop().await;
}

#[tokio::test]
async fn sip_busy_signal() {
    let mock = four_regions().await;
    let control = json!({"sipStatus": {"code": 486, "status": "Busy Here"}});
    let answer = mock
        .call(CREATE_SIP_PARTICIPANT)
        .token(&everything())
        .control(&control)
        .send()
        .await;
    assert_eq!(answer.failure(412), "failed_precondition");
    assert_eq!(answer.json()["meta"]["sip_status_code"], "486");
    assert_eq!(answer.json()["meta"]["sip_status"], "Busy Here");
    mock.stop().await;
}

#[tokio::test]
async fn sip_carrier_decline() {
    let mock = four_regions().await;
    let control = json!({"sipStatus": {"code": 603}});
    let answer = mock
        .call(CREATE_SIP_PARTICIPANT)
        .token(&everything())
        .control(&control)
        .send()
        .await;
    assert_eq!(answer.failure(403), "permission_denied");
    assert_eq!(
        answer.json()["meta"]["sip_status"],
        "SIP_STATUS_GLOBAL_DECLINE"
    );
    mock.stop().await;
}

#[tokio::test]
async fn a_pinned_project_finds_its_region_after_a_451() {
    let mock = four_regions().await;
    let control = json!({"pinnedRegions": ["region-2"]});
    assert_eq!(
        mock.create_room().control(&control).send().await.status,
        451
    );
    let list = mock
        .get("/settings/regions")
        .control(&control)
        .send()
        .await
        .json();
    let urls: Vec<&Value> = list["regions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|info| &info["url"])
        .collect();
    assert_eq!(urls, [&json!(mock.urls[2])]);
    let served = mock.create_room().region(2).control(&control).send().await;
    assert_eq!((served.status, served.region.as_deref()), (200, Some("2")));
    mock.stop().await;
}
