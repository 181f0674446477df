//! Calls over SIP: they take their time, and fail with a SIP status from which the Twirp error follows.

use std::time::{Duration, Instant};

use base64::{Engine, prelude::BASE64_STANDARD};
use livekit_protocol::SipStatus;
use prost::Message;
use serde_json::{Value, json};
use tokio::join;

use crate::harness::{
    Answer, BOTH, CREATE_SIP_PARTICIPANT, Mock, TRANSFER_SIP_PARTICIPANT, everything,
};

#[tokio::test]
async fn a_call_is_answered_after_eleven_seconds() {
    let mock = Mock::start().await;
    let took = async |key: &str, request: Value| {
        let begin = Instant::now();
        let answer = mock
            .call(key)
            .token(&everything())
            .request(&request)
            .send()
            .await;
        assert_eq!(answer.status, 200);
        begin.elapsed()
    };
    let (waiting, transfer, dialled) = join!(
        took(CREATE_SIP_PARTICIPANT, json!({"wait_until_answered": true})),
        took(TRANSFER_SIP_PARTICIPANT, json!({"room_name": "r"})),
        took(
            CREATE_SIP_PARTICIPANT,
            json!({"wait_until_answered": false})
        ),
    );
    let eleven = Duration::from_secs(11);
    assert!(
        waiting >= eleven && transfer >= eleven,
        "{waiting:?} {transfer:?}"
    );
    assert!(dialled < eleven, "{dialled:?}");
    mock.stop().await;
}

async fn fails(mock: &Mock, key: &str, sip_status: &Value) -> Answer {
    let control = json!({"sipStatus": sip_status, "delayMs": 0, "skipAuth": true});
    mock.call(key).control(&control).send().await
}

/// SIP code, HTTP status, Twirp code.
const OUTCOMES: [(u16, u16, &str); 31] = [
    (180, 500, "unknown"),
    (300, 400, "invalid_argument"),
    (302, 404, "not_found"),
    (400, 400, "invalid_argument"),
    (401, 403, "permission_denied"),
    (403, 403, "permission_denied"),
    (404, 404, "not_found"),
    (407, 401, "unauthenticated"),
    (408, 408, "deadline_exceeded"),
    (409, 412, "failed_precondition"),
    (410, 404, "not_found"),
    (416, 400, "out_of_range"),
    (433, 403, "permission_denied"),
    (440, 429, "resource_exhausted"),
    (480, 412, "failed_precondition"),
    (481, 404, "not_found"),
    (484, 400, "invalid_argument"),
    (486, 412, "failed_precondition"),
    (487, 409, "aborted"),
    (488, 400, "invalid_argument"),
    (494, 401, "unauthenticated"),
    (499, 400, "invalid_argument"),
    (500, 412, "failed_precondition"),
    (503, 412, "failed_precondition"),
    (504, 408, "deadline_exceeded"),
    (505, 400, "invalid_argument"),
    (599, 412, "failed_precondition"),
    (600, 429, "resource_exhausted"),
    (603, 403, "permission_denied"),
    (604, 404, "not_found"),
    (699, 400, "invalid_argument"),
];

#[tokio::test]
async fn the_twirp_error_follows_from_the_sip_status() {
    let mock = Mock::start().await;
    for (sip_code, status, code) in OUTCOMES {
        for key in [CREATE_SIP_PARTICIPANT, TRANSFER_SIP_PARTICIPANT] {
            let answer = fails(&mock, key, &json!({"code": sip_code, "status": "Why"})).await;
            assert_eq!(answer.failure(status), code, "{sip_code}");
            let error = answer.json();
            assert_eq!(error["msg"], format!("sip status: {sip_code}: Why"));
            assert_eq!(error["meta"]["sip_status_code"], sip_code.to_string());
            assert_eq!(error["meta"]["sip_status"], "Why");
        }
    }
    mock.stop().await;
}

#[tokio::test]
async fn without_a_reason_the_code_has_a_name() {
    let mock = Mock::start().await;
    let named = fails(&mock, CREATE_SIP_PARTICIPANT, &json!({"code": 486}))
        .await
        .json();
    assert_eq!(named["msg"], "sip status: 486 (BUSY_HERE)");
    assert_eq!(named["meta"]["sip_status"], "SIP_STATUS_BUSY_HERE");
    let nameless = fails(&mock, CREATE_SIP_PARTICIPANT, &json!({"code": 499}))
        .await
        .json();
    assert_eq!(nameless["msg"], "sip status: 499 (499)");
    assert_eq!(nameless["meta"]["sip_status"], "499");
    mock.stop().await;
}

/// As `google.rpc.Status`, which a client decodes from `error_details`.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Detail>,
}

#[derive(Clone, PartialEq, Message)]
struct Detail {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

#[tokio::test]
async fn the_details_carry_the_sip_status_as_a_message() {
    let mock = Mock::start().await;
    let error = fails(
        &mock,
        CREATE_SIP_PARTICIPANT,
        &json!({"code": 603, "status": "Decline"}),
    )
    .await;
    let details = error.json()["meta"]["error_details"]
        .as_str()
        .unwrap()
        .to_owned();
    let status = Status::decode(&*BASE64_STANDARD.decode(details).unwrap()).unwrap();
    assert_eq!(
        (status.code, status.message.as_str()),
        (7, "sip status 603: Decline")
    );
    let [detail] = status.details.as_slice() else {
        panic!("{:?}", status.details)
    };
    assert_eq!(detail.type_url, "type.googleapis.com/livekit.SIPStatus");
    let carried = SipStatus::decode(&*detail.value).unwrap();
    assert_eq!((carried.code, carried.status.as_str()), (603, "Decline"));
    mock.stop().await;
}

#[tokio::test]
async fn other_methods_do_not_care() {
    let mock = Mock::start().await;
    for encoding in BOTH {
        let call = mock
            .call("livekit.SIP/ListSIPTrunk")
            .encoding(encoding)
            .token(&everything());
        let answer = call
            .control(&json!({"sipStatus": {"code": 486}}))
            .send()
            .await;
        assert_eq!(answer.status, 200);
    }
    mock.stop().await;
}
