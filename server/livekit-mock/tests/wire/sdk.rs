//! LiveKit's own Rust SDK believes the mock.

use livekit_api::services::{
    SipCallError,
    agent_dispatch::AgentDispatchClient,
    egress::{EgressClient, EgressListOptions},
    ingress::{IngressClient, IngressListFilter},
    room::{CreateRoomOptions, RoomClient},
    sip::{CreateSIPParticipantOptions, SIPClient},
};
use livekit_mock::{Control, FailMode, SipStatus};

use crate::harness::{Mock, SECRET};

fn rooms(mock: &Mock) -> RoomClient {
    RoomClient::with_api_key(&mock.urls[0], "devkey", SECRET)
}

#[tokio::test]
async fn its_clients_attach_the_grants_that_are_asked_for() {
    let mock = Mock::start().await;
    let url = &mock.urls[0];
    let options = CreateRoomOptions {
        metadata: "md".to_owned(),
        ..CreateRoomOptions::default()
    };
    let room = rooms(&mock).create_room("my-room", options).await.unwrap();
    assert_eq!(
        (room.name.as_str(), room.sid.as_str()),
        ("my-room", "MOCK_SID")
    );
    assert_eq!(room.metadata, "md");
    assert_eq!(rooms(&mock).list_rooms(vec![]).await.unwrap().len(), 1);
    assert_eq!(rooms(&mock).list_participants("r").await.unwrap().len(), 1);
    rooms(&mock).delete_room("r").await.unwrap();

    let egress = EgressClient::with_api_key(url, "devkey", SECRET);
    assert_eq!(
        egress
            .list_egress(EgressListOptions::default())
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(egress.stop_egress("EG_7").await.unwrap().egress_id, "EG_7");
    let ingress = IngressClient::with_api_key(url, "devkey", SECRET);
    assert_eq!(
        ingress.delete_ingress("IN_7").await.unwrap().ingress_id,
        "IN_7"
    );
    assert_eq!(
        ingress
            .list_ingress(IngressListFilter::All)
            .await
            .unwrap()
            .len(),
        1
    );
    let sip = SIPClient::with_api_key(url, "devkey", SECRET);
    assert_eq!(
        sip.delete_sip_trunk("ST_7").await.unwrap().sip_trunk_id,
        "ST_7"
    );
    let dispatch = AgentDispatchClient::with_api_key(url, "devkey", SECRET);
    assert!(dispatch.list_dispatch("r").await.unwrap().is_empty());
    mock.stop().await;
}

#[tokio::test]
async fn it_reads_the_sip_status_of_a_failed_call() {
    let mock = Mock::start().await;
    mock.default_control.set(Control {
        sip_status: Some(SipStatus::new(486, "Busy Here").unwrap()),
        ..Control::default()
    });
    let sip = SIPClient::with_api_key(&mock.urls[0], "devkey", SECRET);
    let options = CreateSIPParticipantOptions::default();
    let call = sip.create_sip_participant("ST_1".into(), "+1555".into(), "r".into(), options, None);
    let error = SipCallError::from_error(&call.await.unwrap_err()).unwrap();
    assert_eq!(
        (error.sip_status_code(), error.sip_status()),
        (Some(486), Some("Busy Here"))
    );
    assert_eq!(error.code(), "failed_precondition");
    mock.stop().await;
}

#[tokio::test]
async fn it_reports_half_an_answer_as_an_error() {
    let mock = Mock::start().await;
    for fail_mode in [FailMode::Status, FailMode::Drop, FailMode::Truncate] {
        mock.default_control.set(Control {
            fail_regions: vec![0],
            fail_mode,
            ..Control::default()
        });
        assert!(
            rooms(&mock).list_rooms(vec![]).await.is_err(),
            "{fail_mode:?}"
        );
    }
    mock.stop().await;
}
