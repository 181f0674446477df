//! Publishing over HTTP (WHIP) as encoders do it: statuses and headers of RFC 9725, and a publisher that others see.

use livekit_api::{access_token::VideoGrants, services::room::RoomClient};
use livekit_protocol::{
    ParticipantInfo,
    participant_info::{Kind, State},
};
use reqwest::{Method, Response};
use tokio::time::{Duration, sleep, timeout};

use crate::{
    encoder::Encoder,
    harness::{KEY, SECRET, TestServer, join_token, token},
};

const PATIENCE: Duration = Duration::from_secs(30);
const SDP: &str = "application/sdp";
const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

async fn ask(
    server: &TestServer,
    (method, path): (Method, &str),
    token: Option<&str>,
    headers: &[(&str, &str)],
    body: &str,
) -> Response {
    let mut request = reqwest::Client::new()
        .request(method, server.url(path))
        .body(body.to_owned());
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn post(server: &TestServer, token: Option<&str>, kind: &str, body: &str) -> Response {
    let headers = [("content-type", kind)];
    ask(server, (Method::POST, "/whip/v1"), token, &headers, body).await
}

fn header(answer: &Response, name: &str) -> String {
    answer.headers()[name].to_str().unwrap().to_owned()
}

/// The participants of a room, once they are as wanted.
async fn participants(
    server: &TestServer,
    wanted: impl Fn(&[ParticipantInfo]) -> bool,
) -> Vec<ParticipantInfo> {
    let client = RoomClient::with_api_key(&server.url(""), KEY, SECRET);
    let seen = async {
        loop {
            let seen = client.list_participants("r").await.unwrap_or_default();
            if wanted(&seen) {
                return seen;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, seen).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoder_publishes_and_leaves() {
    let server = TestServer::start().await;
    let token = join_token("r", "encoder");
    let (encoder, offer) = Encoder::new().await;
    let created = post(&server, Some(&token), SDP, &offer).await;
    assert_eq!(created.status(), 201);
    assert_eq!(header(&created, "content-type"), SDP);
    assert!(
        created.headers().get("link").is_none(),
        "no servers, no links"
    );
    let location = header(&created, "location");
    let sid = location.strip_prefix("/whip/v1/").unwrap().to_owned();
    let etag = header(&created, "etag");
    assert!(etag.starts_with('"') && etag.len() > 6, "{etag}");
    let answer = created.text().await.unwrap();
    assert!(
        answer.contains("a=candidate:") && answer.contains("a=recvonly"),
        "{answer}"
    );
    let media = encoder.run(&answer);

    let seen = participants(&server, |seen| {
        seen.iter()
            .any(|one| one.state() == State::Active && one.tracks.len() == 2)
    })
    .await;
    assert_eq!((seen.len(), seen[0].sid.as_str()), (1, sid.as_str()));
    assert_eq!(
        (seen[0].identity.as_str(), seen[0].kind()),
        ("encoder", Kind::Standard)
    );
    let mut sources: Vec<_> = seen[0]
        .tracks
        .iter()
        .map(|track| track.source().as_str_name())
        .collect();
    sources.sort_unstable();
    assert_eq!(sources, ["CAMERA", "MICROPHONE"]);

    // Candidates as they are found, in the words of the generation that is meant.
    let path = (Method::PATCH, location.as_str());
    let candidate = "a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\n";
    let with = [("content-type", FRAGMENT), ("if-match", etag.as_str())];
    let patched = ask(&server, path.clone(), Some(&token), &with, candidate).await;
    assert_eq!(patched.status(), 204);
    let other = [("content-type", FRAGMENT), ("if-match", "\"other\"")];
    let refused = ask(&server, path.clone(), Some(&token), &other, candidate).await;
    assert_eq!(refused.status(), 412);
    let without = [("content-type", FRAGMENT)];
    let refused = ask(&server, path.clone(), Some(&token), &without, candidate).await;
    assert_eq!(refused.status(), 428);
    let other = [("content-type", "text/plain"), ("if-match", etag.as_str())];
    let refused = ask(&server, path.clone(), Some(&token), &other, candidate).await;
    assert_eq!(refused.status(), 415);
    let refused = ask(&server, path.clone(), Some(&token), &with, "hello").await;
    assert_eq!(refused.status(), 400);

    // A restart of ICE has credentials of its own on both sides.
    let restart = format!("a=ice-ufrag:next\r\na=ice-pwd:0123456789012345678901\r\n{candidate}");
    let any = [("content-type", FRAGMENT), ("if-match", "*")];
    let restarted = ask(&server, path, Some(&token), &any, &restart).await;
    assert_eq!(restarted.status(), 200);
    assert_ne!(header(&restarted, "etag"), etag);
    let fragment = restarted.text().await.unwrap();
    assert!(
        fragment.contains("a=ice-ufrag:") && fragment.contains("a=candidate:"),
        "{fragment}"
    );

    // Nobody else's token ends it.
    let path = (Method::DELETE, location.as_str());
    for (token, status) in [
        (None, 401),
        (Some(join_token("r", "somebody")), 404),
        (Some(join_token("elsewhere", "encoder")), 404),
        (Some(token), 200),
    ] {
        let answer = ask(&server, path.clone(), token.as_deref(), &[], "").await;
        assert_eq!(answer.status(), status, "{token:?}");
    }
    participants(&server, <[_]>::is_empty).await;
    let token = join_token("r", "encoder");
    assert_eq!(
        ask(&server, path, Some(&token), &[], "").await.status(),
        404
    );
    media.abort();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_sent_out_publishes_no_more() {
    let server = TestServer::start().await;
    let token = join_token("r", "encoder");
    let (encoder, offer) = Encoder::new().await;
    let created = post(&server, Some(&token), SDP, &offer).await;
    let location = header(&created, "location");
    let media = encoder.run(&created.text().await.unwrap());
    participants(&server, |seen| {
        seen.iter().any(|one| one.state() == State::Active)
    })
    .await;
    let client = RoomClient::with_api_key(&server.url(""), KEY, SECRET);
    client.remove_participant("r", "encoder").await.unwrap();
    let gone = async {
        let path = (Method::DELETE, location.as_str());
        while ask(&server, path.clone(), Some(&token), &[], "")
            .await
            .status()
            != 404
        {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, gone).await.unwrap();
    media.abort();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoder_whose_media_goes_leaves_by_itself() {
    let server = TestServer::start().await;
    let (encoder, offer) = Encoder::new().await;
    let created = post(&server, Some(&join_token("r", "encoder")), SDP, &offer).await;
    let media = encoder.run(&created.text().await.unwrap());
    participants(&server, |seen| {
        seen.iter().any(|one| one.state() == State::Active)
    })
    .await;
    media.abort();
    participants(&server, <[_]>::is_empty).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_offer_of_a_publisher_is_refused() {
    let server = TestServer::start().await;
    let (_, offer) = Encoder::new().await;
    let token_of = |grants| token("encoder", grants);
    let grants = VideoGrants {
        room_join: true,
        room: "r".to_owned(),
        ..VideoGrants::default()
    };
    let good = token_of(grants.clone());
    let listener = token_of(VideoGrants {
        can_publish: Some(false),
        ..grants.clone()
    });
    let no_join = token_of(VideoGrants {
        room_join: false,
        ..grants
    });
    let receiver = offer.replace("a=sendonly", "a=recvonly");
    for (token, kind, body, status) in [
        (None, SDP, offer.as_str(), 401),
        (Some("nonsense"), SDP, &offer, 401),
        (Some(no_join.as_str()), SDP, &offer, 401),
        (Some(&listener), SDP, &offer, 401),
        (Some(&good), "text/plain", &offer, 415),
        (Some(&good), SDP, "", 400),
        (Some(&good), SDP, "v=0\r\n", 400),
        (Some(&good), SDP, &receiver, 400),
        (Some(&good), SDP, &"a".repeat(2 << 20), 413),
    ] {
        let answer = post(&server, token, kind, body).await;
        assert_eq!(
            answer.status(),
            status,
            "{kind} {}",
            &body[..body.len().min(40)]
        );
        assert_eq!(header(&answer, "content-type"), "application/problem+json");
    }
    // Nobody came in.
    participants(&server, <[_]>::is_empty).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_sites_may_publish() {
    let server = TestServer::start().await;
    let headers = [
        ("origin", "https://studio.example"),
        ("access-control-request-method", "PATCH"),
        (
            "access-control-request-headers",
            "authorization,content-type,if-match",
        ),
    ];
    for path in ["/whip/v1", "/whip/v1/PA_1"] {
        let answer = ask(&server, (Method::OPTIONS, path), None, &headers, "").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "access-control-allow-origin"), "*");
        assert!(header(&answer, "access-control-allow-methods").contains("PATCH"));
        assert!(header(&answer, "access-control-allow-headers").contains("if-match"));
        let got = ask(&server, (Method::GET, path), None, &headers[..1], "").await;
        assert_eq!(got.status(), 204);
        assert_eq!(header(&got, "access-control-expose-headers"), "*");
    }
    server.stop().await;
}
