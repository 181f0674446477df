//! Telephony on media servers with and without it. The fake server keeps what it is given, as livekit-server does in Redis.

use std::sync::Arc;

use axum::{Router, body::Bytes, extract::Path, http::StatusCode, routing::post};
use livekit_protocol as proto;
use parking_lot::Mutex;
use prost::Message;
use proto::{SipDispatchRuleIndividual, sip_dispatch_rule};
use serde_json::{Value, json};

use crate::testing::{FakeLiveKit, TestApp};

#[derive(Default)]
struct Kept {
    inbound: Vec<proto::SipInboundTrunkInfo>,
    outbound: Vec<proto::SipOutboundTrunkInfo>,
    rules: Vec<proto::SipDispatchRuleInfo>,
    calls: Vec<proto::CreateSipParticipantRequest>,
    transfers: Vec<proto::TransferSipParticipantRequest>,
    is_without_worker: bool,
}

type Telephony = Arc<Mutex<Kept>>;
type Answer = (StatusCode, Vec<u8>);

fn said(message: &impl Message) -> Answer {
    (StatusCode::OK, message.encode_to_vec())
}

fn refused(code: &str, msg: &str) -> Answer {
    let body = json!({"code": code, "msg": msg}).to_string();
    (StatusCode::BAD_REQUEST, body.into_bytes())
}

/// As `pkg/service/sip.go` answers.
fn answer(kept: &Telephony, method: &str, body: Bytes) -> Answer {
    let mut kept = kept.lock();
    match method {
        "CreateSIPInboundTrunk" => {
            let request = proto::CreateSipInboundTrunkRequest::decode(body).unwrap();
            let mut trunk = request.trunk.unwrap();
            if trunk.numbers.is_empty() && trunk.auth_username.is_empty() {
                return refused(
                    "invalid_argument",
                    "for security, one of the fields must be set",
                );
            }
            trunk.sip_trunk_id = format!("ST_in{}", kept.inbound.len());
            kept.inbound.push(trunk.clone());
            said(&trunk)
        }
        "CreateSIPOutboundTrunk" => {
            let request = proto::CreateSipOutboundTrunkRequest::decode(body).unwrap();
            let mut trunk = request.trunk.unwrap();
            trunk.sip_trunk_id = format!("ST_out{}", kept.outbound.len());
            kept.outbound.push(trunk.clone());
            said(&trunk)
        }
        "ListSIPInboundTrunk" => said(&proto::ListSipInboundTrunkResponse {
            items: kept.inbound.clone(),
        }),
        "ListSIPOutboundTrunk" => said(&proto::ListSipOutboundTrunkResponse {
            items: kept.outbound.clone(),
        }),
        "UpdateSIPInboundTrunk" => {
            use proto::update_sip_inbound_trunk_request::Action;
            let request = proto::UpdateSipInboundTrunkRequest::decode(body).unwrap();
            let Some(Action::Replace(trunk)) = request.action else {
                panic!("{:?}", request.action)
            };
            kept.inbound
                .retain(|old| old.sip_trunk_id != trunk.sip_trunk_id);
            kept.inbound.push(trunk.clone());
            said(&trunk)
        }
        "UpdateSIPOutboundTrunk" => {
            use proto::update_sip_outbound_trunk_request::Action;
            let request = proto::UpdateSipOutboundTrunkRequest::decode(body).unwrap();
            let Some(Action::Replace(trunk)) = request.action else {
                panic!("{:?}", request.action)
            };
            kept.outbound
                .retain(|old| old.sip_trunk_id != trunk.sip_trunk_id);
            kept.outbound.push(trunk.clone());
            said(&trunk)
        }
        "DeleteSIPTrunk" => {
            let request = proto::DeleteSipTrunkRequest::decode(body).unwrap();
            let before = kept.inbound.len() + kept.outbound.len();
            kept.inbound
                .retain(|old| old.sip_trunk_id != request.sip_trunk_id);
            kept.outbound
                .retain(|old| old.sip_trunk_id != request.sip_trunk_id);
            if before == kept.inbound.len() + kept.outbound.len() {
                return refused("not_found", "requested sip trunk does not exist");
            }
            said(&proto::SipTrunkInfo::default())
        }
        "CreateSIPDispatchRule" => {
            let request = proto::CreateSipDispatchRuleRequest::decode(body).unwrap();
            let mut rule = request.dispatch_rule.unwrap();
            rule.sip_dispatch_rule_id = format!("SDR_{}", kept.rules.len());
            kept.rules.push(rule.clone());
            said(&rule)
        }
        "ListSIPDispatchRule" => said(&proto::ListSipDispatchRuleResponse {
            items: kept.rules.clone(),
        }),
        "UpdateSIPDispatchRule" => {
            use proto::update_sip_dispatch_rule_request::Action;
            let request = proto::UpdateSipDispatchRuleRequest::decode(body).unwrap();
            let Some(Action::Replace(rule)) = request.action else {
                panic!("{:?}", request.action)
            };
            kept.rules = vec![rule.clone()];
            said(&rule)
        }
        "DeleteSIPDispatchRule" => {
            let request = proto::DeleteSipDispatchRuleRequest::decode(body).unwrap();
            let id = request.sip_dispatch_rule_id;
            let Some(at) = kept
                .rules
                .iter()
                .position(|rule| rule.sip_dispatch_rule_id == id)
            else {
                return refused("not_found", "requested sip dispatch rule does not exist");
            };
            said(&kept.rules.remove(at))
        }
        "CreateSIPParticipant" | "TransferSIPParticipant" if kept.is_without_worker => {
            refused("unavailable", "no response from servers")
        }
        "TransferSIPParticipant" => {
            let request = proto::TransferSipParticipantRequest::decode(body).unwrap();
            if !request.transfer_to.starts_with("tel:") && !request.transfer_to.starts_with("sip:")
            {
                return refused("invalid_argument", "transfer_to must be a SIP or tel URI");
            }
            kept.transfers.push(request);
            (StatusCode::OK, Vec::new())
        }
        "CreateSIPParticipant" => {
            let request = proto::CreateSipParticipantRequest::decode(body).unwrap();
            let known =
                |trunk: &proto::SipOutboundTrunkInfo| trunk.sip_trunk_id == request.sip_trunk_id;
            if !kept.outbound.iter().any(known) {
                return refused("not_found", "requested sip trunk does not exist");
            }
            kept.calls.push(request.clone());
            said(&proto::SipParticipantInfo {
                participant_id: "PA_1".to_owned(),
                participant_identity: "sip_1".to_owned(),
                room_name: request.room_name,
                sip_call_id: "SCL_1".to_owned(),
            })
        }
        _ => refused("bad_route", method),
    }
}

async fn start() -> (TestApp, FakeLiveKit, Telephony) {
    let kept = Telephony::default();
    let telephony = kept.clone();
    let router = Router::new().route(
        "/twirp/livekit.SIP/{method}",
        post(async move |Path(method): Path<String>, body: Bytes| {
            answer(&telephony, &method, body)
        }),
    );
    let livekit = FakeLiveKit::start_with(router).await;
    let app = TestApp::start_beside(&livekit).await;
    (app, livekit, kept)
}

fn inbound(rest: &Value) -> Value {
    let mut trunk = json!({"kind": "inbound", "name": "Provider", "numbers": ["+15105550100"]});
    trunk
        .as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    trunk
}

#[tokio::test]
async fn a_trunk_is_made_changed_and_deleted_and_its_password_told_nobody() {
    let (app, _livekit, kept) = start().await;
    let mut admin = app.admin().await;
    let open = json!({"kind": "inbound", "name": "Open to all"});
    let refused = admin.post("/api/sip/trunks", open).await;
    assert_eq!((refused.status, refused.code()), (422, "media_refused"));
    let wish = inbound(&json!({
        "auth_username": "us", "auth_password": "a secret", "media_encryption": "require",
        "headers_to_attributes": {"X-Customer": "customer"}, "ringing_timeout": 30,
    }));
    let made = admin.post("/api/sip/trunks", wish).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.json["has_password"], json!(true));
    assert_eq!(made.json["settings"]["ringing_timeout"], json!(30));
    assert!(!made.json.to_string().contains("a secret"));
    kept.lock().inbound[0].krisp_enabled = true;
    let path = format!("/api/sip/trunks/{}", made.json["id"].as_str().unwrap());
    let changed = inbound(&json!({"name": "Other", "auth_username": "us"}));
    let changed = admin.put(&path, changed).await;
    assert_eq!(
        (changed.status, &changed.json["settings"]["name"]),
        (200, &json!("Other"))
    );
    {
        let kept = kept.lock();
        let trunk = &kept.inbound[0];
        assert_eq!(trunk.auth_password, "a secret", "none was given");
        assert!(trunk.krisp_enabled, "what the API does not know stays");
        assert_eq!(trunk.ringing_timeout, None);
        assert!(trunk.headers_to_attributes.is_empty());
    }
    let as_outbound =
        json!({"kind": "outbound", "name": "x", "address": "sip.example.org", "numbers": ["1"]});
    let other_kind = admin.put(&path, as_outbound).await;
    assert_eq!((other_kind.status, other_kind.code()), (404, "not_found"));
    assert_eq!(admin.delete(&path).await.status, 204);
    let gone = admin.delete(&path).await;
    assert_eq!((gone.status, gone.code()), (404, "not_found"));
    let record = admin.get("/api/admin/audit").await.json.to_string();
    for action in [
        "sip.trunk_created",
        "sip.trunk_updated",
        "sip.trunk_deleted",
    ] {
        assert!(record.contains(action), "{action}");
    }
    assert!(!record.contains("a secret"));
}

fn outbound() -> Value {
    json!({
        "kind": "outbound", "name": "Out", "address": "sip.example.org", "transport": "tls",
        "numbers": ["+15105550100"], "auth_username": "us", "auth_password": "a secret",
        "destination_country": "US", "from_host": "example.org",
    })
}

#[tokio::test]
async fn an_outbound_trunk_is_made_changed_used_and_deleted() {
    let (app, _livekit, kept) = start().await;
    let mut admin = app.admin().await;
    let made = admin.post("/api/sip/trunks", outbound()).await;
    assert_eq!(
        (made.status, &made.json["has_password"]),
        (201, &json!(true))
    );
    kept.lock().outbound[0].media = Some(proto::SipMediaConfig {
        only_listed_codecs: true,
        encryption: Some(1),
        ..Default::default()
    });
    let listed = admin.get("/api/sip/trunks").await.json;
    assert_eq!(listed[0]["settings"]["transport"], json!("tls"));
    assert_eq!(listed[0]["settings"]["media_encryption"], json!("allow"));
    let path = format!("/api/sip/trunks/{}", made.json["id"].as_str().unwrap());
    let nowhere = json!({"kind": "outbound", "name": "Out", "address": "", "numbers": []});
    let nowhere = admin.put(&path, nowhere).await;
    assert_eq!(
        (nowhere.status, &nowhere.json["field"]),
        (422, &json!("address"))
    );
    let changed = json!({
        "kind": "outbound", "name": "Other", "address": "sip.example.net", "numbers": ["+15105550101"],
        "media_encryption": "require",
    });
    let changed = admin.put(&path, changed).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(
        changed.json["settings"]["media_encryption"],
        json!("require")
    );
    {
        let kept = kept.lock();
        let trunk = &kept.outbound[0];
        assert_eq!(
            (&*trunk.address, &*trunk.auth_password),
            ("sip.example.net", "a secret")
        );
        let media = trunk.media.as_ref().unwrap();
        assert!(media.only_listed_codecs, "what the API does not know stays");
        assert_eq!(media.encryption, Some(2));
    }
    let as_inbound = admin.put(&path, inbound(&json!({}))).await;
    assert_eq!((as_inbound.status, as_inbound.code()), (404, "not_found"));
    let call = json!({
        "trunk_id": made.json["id"], "to": "+15105550123", "room": "lab", "name": "Bob", "dtmf": "ww12",
    });
    let called = admin.post("/api/sip/calls", call.clone()).await;
    assert_eq!(
        (called.status, &called.json["call_id"]),
        (201, &json!("SCL_1"))
    );
    {
        let kept = kept.lock();
        let call = &kept.calls[0];
        assert_eq!(call.sip_trunk_id, made.json["id"].as_str().unwrap());
        assert_eq!(
            (&*call.sip_call_to, &*call.room_name),
            ("+15105550123", "lab")
        );
        assert_eq!((&*call.participant_name, &*call.dtmf), ("Bob", "ww12"));
    }
    assert_eq!(admin.delete(&path).await.status, 204);
    let gone = admin.post("/api/sip/calls", call).await;
    assert_eq!((gone.status, gone.code()), (404, "not_found"));
    assert_eq!(admin.delete(&path).await.status, 404);
    assert_eq!(admin.get("/api/sip/trunks").await.json, json!([]));
}

#[tokio::test]
async fn a_call_is_sent_on_or_ended_and_only_by_those_who_may() {
    let (app, livekit, kept) = start().await;
    let mut admin = app.admin().await;
    let now = app.app().now();
    livekit.enter("lab", "sip_1", now);
    livekit.turn_into("lab", "sip_1", proto::participant_info::Kind::Sip);
    let wish = |to: &str| json!({"room": "lab", "identity": "sip_1", "to": to});
    let nowhere = admin.post("/api/sip/calls/transfer", wish("")).await;
    assert_eq!(
        (nowhere.status, &nowhere.json["field"]),
        (422, &json!("to"))
    );
    let refused = admin
        .post("/api/sip/calls/transfer", wish("somebody"))
        .await;
    assert_eq!((refused.status, refused.code()), (422, "media_refused"));
    kept.lock().is_without_worker = true;
    let nobody = admin
        .post("/api/sip/calls/transfer", wish("tel:+15105550100"))
        .await;
    assert_eq!((nobody.status, nobody.code()), (503, "no_worker"));
    kept.lock().is_without_worker = false;
    assert!(kept.lock().transfers.is_empty());
    let sent = admin
        .post("/api/sip/calls/transfer", wish("tel:+15105550100"))
        .await;
    assert_eq!(sent.status, 204, "{sent:?}");
    {
        let kept = kept.lock();
        let transfer = &kept.transfers[0];
        assert_eq!(
            (
                &*transfer.room_name,
                &*transfer.participant_identity,
                &*transfer.transfer_to
            ),
            ("lab", "sip_1", "tel:+15105550100")
        );
        assert!(
            transfer.ringing_timeout.is_some(),
            "as long as somebody waits here"
        );
    }
    let record = admin.get("/api/admin/audit").await.json.to_string();
    assert_eq!(
        record.matches("sip.call_transferred").count(),
        1,
        "{record}"
    );

    let mut support = app.user("support").await;
    let path = format!("/api/users/{}", support.user_id);
    assert_eq!(
        admin.patch(&path, json!({"role": "support"})).await.status,
        200
    );
    let forbidden = support.post("/api/sip/calls/transfer", wish("tel:1")).await;
    assert_eq!((forbidden.status, forbidden.code()), (403, "forbidden"));
    let call = "/api/livekit/rooms/lab/participants/sip_1";
    assert_eq!(support.delete(call).await.status, 204);
    assert!(livekit.identities("lab").is_empty());
    let again = support.delete(call).await;
    assert_eq!(again.status, 404, "{again:?}");
}

#[tokio::test]
async fn a_trunk_is_changed_whole_in_livekits_json_and_its_password_stays() {
    let (app, _livekit, kept) = start().await;
    let mut admin = app.admin().await;
    let wish = inbound(&json!({"auth_username": "us", "auth_password": "a secret"}));
    let made = admin.post("/api/sip/trunks", wish).await.json;
    assert_eq!(admin.post("/api/sip/trunks", outbound()).await.status, 201);
    kept.lock().inbound[0].auth_realm = "example.org".to_owned();
    let id = made["id"].as_str().unwrap();
    let path = format!("/api/sip/trunks/{id}/message");
    let shown = admin.get(&path).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    assert_eq!(
        shown.json,
        json!({
            "sipTrunkId": id, "name": "Provider", "numbers": ["+15105550100"], "authUsername": "us",
            "authRealm": "example.org",
        })
    );
    for (wrong, field) in [
        (json!({"name": "x", "number": ["1"]}), "number"),
        (json!({"name": "x", "numbers": "1"}), "numbers"),
        (
            json!({"name": "x", "media": {"codecs": [{"nam": "PCMU"}]}}),
            "media.codecs[0].nam",
        ),
        (
            json!({"name": "x", "mediaEncryption": "MAYBE"}),
            "mediaEncryption",
        ),
        (
            json!({"name": "x", "maxCallDuration": "a while"}),
            "maxCallDuration",
        ),
        (
            json!({"name": "x", "maxCallDuration": "86401s"}),
            "maxCallDuration",
        ),
        (json!({"name": "x", "sipTrunkId": "ST_other"}), "sipTrunkId"),
        (json!({"numbers": ["1"]}), "name"),
    ] {
        let refused = admin.put(&path, wrong.clone()).await;
        assert_eq!(
            (refused.status, refused.json["field"].as_str()),
            (422, Some(field)),
            "{wrong}: {refused:?}"
        );
    }
    let mut wish = shown.json.clone();
    wish["media"] = json!({"onlyListedCodecs": true, "codecs": [{"name": "PCMU", "rate": 8000}]});
    wish["ringingTimeout"] = json!("20s");
    let set = admin.put(&path, wish.clone()).await;
    assert_eq!((set.status, &set.json), (200, &wish));
    let by_form = admin
        .put(
            &format!("/api/sip/trunks/{id}"),
            inbound(&json!({"name": "By form"})),
        )
        .await;
    assert_eq!(by_form.status, 200);
    {
        let kept = kept.lock();
        let trunk = &kept.inbound[0];
        assert_eq!(
            (&*trunk.name, &*trunk.auth_realm),
            ("By form", "example.org")
        );
        assert_eq!(trunk.media.as_ref().unwrap().codecs[0].name, "PCMU");
        assert_eq!(trunk.auth_password, "a secret");
    }
    wish["authPassword"] = json!("");
    assert_eq!(admin.put(&path, wish).await.status, 200);
    assert_eq!(kept.lock().inbound[0].auth_password, "");
    let out = "/api/sip/trunks/ST_out0/message";
    let mut wish = admin.get(out).await.json;
    assert_eq!(wish["transport"], json!("SIP_TRANSPORT_TLS"));
    wish["address"] = json!("sip.example.net");
    assert_eq!(admin.put(out, wish).await.status, 200);
    assert_eq!(kept.lock().outbound[0].address, "sip.example.net");
    assert_eq!(kept.lock().outbound[0].auth_password, "a secret");
    for gone in [
        admin.get("/api/sip/trunks/ST_none/message").await,
        admin
            .put("/api/sip/trunks/ST_none/message", json!({}))
            .await,
    ] {
        assert_eq!((gone.status, gone.code()), (404, "not_found"));
    }
    let record = admin.get("/api/admin/audit").await.json.to_string();
    assert_eq!(record.matches("sip.trunk_updated").count(), 4, "{record}");
    assert!(!record.contains("a secret"));
}

#[tokio::test]
async fn a_rule_is_changed_whole_in_livekits_json_and_deleted() {
    let (app, _livekit, kept) = start().await;
    let mut admin = app.admin().await;
    let wish = json!({"name": "Lab", "pin": "1234", "target": {"kind": "direct", "room": "lab"}});
    assert_eq!(admin.post("/api/sip/rules", wish).await.status, 201);
    let path = "/api/sip/rules/SDR_0/message";
    let shown = admin.get(path).await.json;
    assert_eq!(
        shown,
        json!({
            "sipDispatchRuleId": "SDR_0", "name": "Lab",
            "rule": {"dispatchRuleDirect": {"roomName": "lab", "pin": "1234"}},
        })
    );
    for (wrong, field) in [
        (json!({"name": "Lab"}), "rule"),
        (json!({"name": "Lab", "rule": {}}), "rule"),
        (
            json!({"name": "Lab", "rule": {"dispatchRuleDirect": {}}}),
            "rule",
        ),
        (
            json!({"name": "Lab", "rule": {"dispatchRule": {}}}),
            "rule.dispatchRule",
        ),
    ] {
        let refused = admin.put(path, wrong.clone()).await;
        assert_eq!(
            (refused.status, refused.json["field"].as_str()),
            (422, Some(field)),
            "{wrong}: {refused:?}"
        );
    }
    let mut wish = shown;
    wish["attributes"] = json!({"desk": "1"});
    wish["rule"] = json!({"dispatchRuleIndividual": {"roomPrefix": "call-", "noRandomness": true}});
    let set = admin.put(path, wish.clone()).await;
    assert_eq!((set.status, &set.json), (200, &wish));
    let by_form =
        json!({"name": "Calls", "target": {"kind": "individual", "room_prefix": "call-"}});
    assert_eq!(admin.put("/api/sip/rules/SDR_0", by_form).await.status, 200);
    let shown = admin.get(path).await.json;
    assert_eq!(shown["attributes"], json!({"desk": "1"}));
    assert_eq!(
        shown["rule"]["dispatchRuleIndividual"]["noRandomness"],
        json!(true)
    );
    kept.lock().rules[0].rule = None;
    for blind in [admin.get(path).await, admin.put(path, wish).await] {
        assert_eq!((blind.status, blind.code()), (409, "unknown_kind"));
    }
    assert_eq!(admin.delete("/api/sip/rules/SDR_0").await.status, 204);
    let gone = admin.delete("/api/sip/rules/SDR_0").await;
    assert_eq!((gone.status, gone.code()), (404, "not_found"));
    assert_eq!(admin.get(path).await.status, 404);
}

#[tokio::test]
async fn a_field_that_is_wrong_is_named() {
    let (app, _livekit, _kept) = start().await;
    let mut admin = app.admin().await;
    for (path, body, field) in [
        ("trunks", inbound(&json!({"name": ""})), "name"),
        ("trunks", inbound(&json!({"numbers": [""]})), "numbers"),
        (
            "trunks",
            inbound(&json!({"max_call_duration": 86_401})),
            "max_call_duration",
        ),
        (
            "rules",
            json!({"name": "r", "target": {"kind": "direct", "room": ""}}),
            "target",
        ),
        (
            "calls",
            json!({"trunk_id": "ST_1", "to": "", "room": "r"}),
            "to",
        ),
    ] {
        let refused = admin.post(&format!("/api/sip/{path}"), body).await;
        let named = refused.json["field"].as_str();
        assert_eq!((refused.status, named), (422, Some(field)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_rule_leads_into_a_room_of_ours_and_its_pin_is_for_administrators() {
    let (app, _livekit, kept) = start().await;
    let mut admin = app.admin().await;
    let room = admin.post("/api/rooms", json!({"name": "Lab"})).await.json;
    let wish = json!({
        "name": "To the lab", "pin": "1234", "agents": ["helper"],
        "target": {"kind": "direct", "room": room["slug"]},
    });
    let made = admin.post("/api/sip/rules", wish).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(
        made.json["settings"]["target"],
        json!({"kind": "direct", "room": room["id"]})
    );
    assert_eq!(made.json["pin"], json!("1234"));
    {
        let mut kept = kept.lock();
        let agents = &mut kept.rules[0].room_config.as_mut().unwrap().agents;
        "told by hand".clone_into(&mut agents[0].metadata);
        let rule = sip_dispatch_rule::Rule::DispatchRuleIndividual(SipDispatchRuleIndividual {
            no_randomness: true,
            pin: "1234".to_owned(),
            ..Default::default()
        });
        kept.rules[0].rule = Some(proto::SipDispatchRule { rule: Some(rule) });
    }
    let path = format!("/api/sip/rules/{}", made.json["id"].as_str().unwrap());
    let changed = json!({
        "name": "To a room each", "agents": ["other", "helper"],
        "target": {"kind": "individual", "room_prefix": "call-"},
    });
    let changed = admin.put(&path, changed).await;
    assert_eq!(
        (changed.status, &changed.json["pin"]),
        (200, &json!("1234"))
    );
    {
        let kept = kept.lock();
        let room = kept.rules[0].room_config.as_ref().unwrap();
        let told: Vec<_> = room
            .agents
            .iter()
            .map(|agent| agent.metadata.as_str())
            .collect();
        assert_eq!(told, ["", "told by hand"]);
        let rule = kept.rules[0].rule.clone().unwrap().rule.unwrap();
        let sip_dispatch_rule::Rule::DispatchRuleIndividual(rule) = rule else {
            panic!("{rule:?}")
        };
        assert!(rule.no_randomness, "what the API does not know stays");
    }
    let mut auditor = app.user("auditor").await;
    let path = format!("/api/users/{}", auditor.user_id);
    assert_eq!(
        admin.patch(&path, json!({"role": "auditor"})).await.status,
        200
    );
    let seen = auditor.get("/api/sip/rules").await.json;
    assert_eq!(
        (&seen[0]["has_pin"], &seen[0]["pin"]),
        (&json!(true), &Value::Null)
    );
    let secret = inbound(&json!({"headers": {"X-Key": "hush"}, "metadata": "hush"}));
    assert_eq!(admin.post("/api/sip/trunks", secret).await.status, 201);
    let seen = auditor.get("/api/sip/trunks").await.json;
    assert_eq!(seen[0]["settings"]["headers"], json!({"X-Key": ""}));
    assert!(!seen.to_string().contains("hush"), "{seen}");
    kept.lock().rules[0].rule = None;
    let blind = json!({"name": "x", "target": {"kind": "direct", "room": "r"}});
    let blind = admin.put("/api/sip/rules/SDR_0", blind).await;
    assert_eq!((blind.status, blind.code()), (409, "unknown_kind"));
}

#[tokio::test]
async fn a_call_goes_out_and_whoever_is_on_the_telephone_is_listed() {
    let (app, livekit, kept) = start().await;
    let mut admin = app.admin().await;
    let room = admin.post("/api/rooms", json!({"name": "Lab"})).await.json;
    let id = room["id"].as_str().unwrap();
    let wish = json!({"trunk_id": "ST_out0", "to": "+15105550123", "room": room["slug"]});
    let no_trunk = admin.post("/api/sip/calls", wish.clone()).await;
    assert_eq!((no_trunk.status, no_trunk.code()), (404, "not_found"));
    assert_eq!(admin.post("/api/sip/trunks", outbound()).await.status, 201);
    kept.lock().is_without_worker = true;
    let nobody = admin.post("/api/sip/calls", wish.clone()).await;
    assert_eq!((nobody.status, nobody.code()), (503, "no_worker"));
    let sip = async |admin: &mut crate::testing::TestClient| {
        let services = admin.get("/api/livekit/services").await.json;
        services.as_array().unwrap().last().unwrap().clone()
    };
    assert_eq!(sip(&mut admin).await["state"], json!("no_worker"));
    kept.lock().is_without_worker = false;
    let made = admin.post("/api/sip/calls", wish).await;
    assert_eq!(
        (made.status, &made.json["room"]),
        (201, &json!(id)),
        "{made:?}"
    );
    assert_eq!(sip(&mut admin).await["state"], json!("ready"));
    assert_eq!(kept.lock().calls[0].participant_name, "+15105550123");
    let attributes = [
        ("sip.callStatus", "active"),
        ("sip.phoneNumber", "+15105550123"),
    ];
    let attributes = attributes.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let now = app.app().now();
    livekit.enter_with(id, "sip_1", attributes.into(), now);
    livekit.turn_into(id, "sip_1", proto::participant_info::Kind::Sip);
    livekit.enter(id, "ada", now);
    let calls = admin.get("/api/sip/calls").await.json;
    assert_eq!(calls.as_array().unwrap().len(), 1, "{calls}");
    assert_eq!(
        (&calls[0]["status"], &calls[0]["number"], &calls[0]["link"]),
        (&json!("active"), &json!("+15105550123"), &room["slug"])
    );
}

#[tokio::test]
async fn a_media_server_without_telephony_is_said_to_be_one() {
    let (app, _livekit) = TestApp::start_with_livekit().await;
    let mut admin = app.admin().await;
    let listed = admin.get("/api/sip/trunks").await;
    assert_eq!((listed.status, listed.code()), (501, "not_supported"));
    let services = admin.get("/api/livekit/services").await.json;
    assert_eq!(
        services[2],
        json!({"service": "sip", "state": "not_supported", "without_worker_since": null})
    );
}
