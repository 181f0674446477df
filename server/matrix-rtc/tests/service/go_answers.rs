//! Every answer in go_answers.jsonl was given by the original service, with a homeserver like ours here.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;

use super::{
    homeserver::{Homeserver, Names, vouch},
    service::Service,
};

const ANSWERS: &str = include_str!("go_answers.jsonl");

#[derive(Deserialize)]
struct Row {
    path: String,
    body: Option<String>,
    body_base64: Option<String>,
    status: u16,
    answer: Option<String>,
    room: Option<String>,
    identity: Option<String>,
}

#[tokio::test]
async fn every_body_is_answered_as_by_the_original_service() {
    let homeserver = Homeserver::start(&["hs.example"], vouch("hs.example:1")).await;
    let service = Service::with(Names::default().with("hs.example", 1, homeserver.address)).await;
    let mut count = 0;
    for line in ANSWERS.lines() {
        let row: Row = serde_json::from_str(line).unwrap();
        let body = match (row.body, row.body_base64) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(base64)) => BASE64_STANDARD.decode(base64).unwrap(),
            _ => panic!("{line}"),
        };
        let answer = service.post(&row.path, body).await;
        assert_eq!(answer.status, row.status, "{line}\n{answer:?}");
        if row.status == 200 {
            let claims = answer.claims();
            let given = (claims["video"]["room"].as_str(), claims["sub"].as_str());
            assert_eq!(
                given,
                (row.room.as_deref(), row.identity.as_deref()),
                "{line}"
            );
        } else {
            assert_eq!(Some(answer.text), row.answer, "{line}");
        }
        count += 1;
    }
    assert_eq!(count, 189);
}
