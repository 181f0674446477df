//! Every method with its grant, and every way in which a call fails.

use std::{net::SocketAddr, time::Duration};

use http::StatusCode;
use livekit_client::{
    CallError, Client, Code, Grant, Method, agent_dispatch, egress, ingress, room_service, sip,
};
use livekit_mock::{Control, DefaultControl, FailMode, Options, Server};
use livekit_wire::proto::{CreateRoomRequest, ListRoomsRequest, ListRoomsResponse, Room};
use prost::Message;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::harness::{SECRET, client, now};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

struct Mock {
    address: SocketAddr,
    control: DefaultControl,
    _stop: DropGuard,
}

impl Mock {
    async fn start() -> Self {
        let server = Server::bind(Options::loopback(SECRET.into(), now))
            .await
            .unwrap();
        let address = server.addresses()[0];
        let control = server.default_control();
        let stop = CancellationToken::new();
        tokio::spawn(server.serve(stop.clone()));
        Self {
            address,
            control,
            _stop: stop.drop_guard(),
        }
    }

    fn client(&self) -> Client {
        client(self.address, SECRET, PATIENCE)
    }

    async fn rooms_while(&self, control: Control) -> Result<ListRoomsResponse, CallError> {
        self.control.set(control);
        list_rooms(&self.client()).await
    }
}

async fn list_rooms(client: &Client) -> Result<ListRoomsResponse, CallError> {
    let request = ListRoomsRequest::default();
    client
        .call(room_service::LIST_ROOMS, Grant::ListRooms, &request, now())
        .await
}

/// The mock answers methods that it does not know without a look at the token: a refusal proves the method's name.
async fn asks_for<Request, Answer>(
    client: &Client,
    method: fn() -> Method<Request, Answer>,
    grant: Grant<'_>,
) where
    Request: Message + Default,
    Answer: Message + Default,
{
    let request = Request::default();
    client.call(method(), grant, &request, now()).await.unwrap();
    let wrong = match grant {
        Grant::Ingress => Grant::Record,
        _ => Grant::Ingress,
    };
    let refused = client.call(method(), wrong, &request, now()).await;
    assert_eq!(
        refused.err().and_then(|error| error.code()),
        Some(Code::PermissionDenied),
        "{grant:?}"
    );
}

macro_rules! each {
    ($client:expr, $grant:expr, $service:ident: $($method:ident)*) => {$(
        asks_for($client, || $service::$method, $grant).await;
    )*};
}

#[tokio::test]
async fn every_method_is_there_and_takes_the_grant_that_is_for_it() {
    let mock = Mock::start().await;
    let client = &mock.client();
    let moving = Grant::Move {
        room: "r",
        destination: "s",
    };
    each!(client, Grant::CreateRooms, room_service: CREATE_ROOM DELETE_ROOM);
    each!(client, Grant::ListRooms, room_service: LIST_ROOMS);
    each!(client, Grant::Room("r"), room_service:
        LIST_PARTICIPANTS GET_PARTICIPANT REMOVE_PARTICIPANT MUTE_PUBLISHED_TRACK UPDATE_PARTICIPANT
        UPDATE_SUBSCRIPTIONS SEND_DATA UPDATE_ROOM_METADATA PERFORM_RPC);
    each!(client, moving, room_service: FORWARD_PARTICIPANT MOVE_PARTICIPANT);
    each!(client, Grant::Record, egress:
        START_EGRESS UPDATE_LAYOUT UPDATE_STREAM LIST_EGRESS STOP_EGRESS START_ROOM_COMPOSITE_EGRESS
        START_WEB_EGRESS START_PARTICIPANT_EGRESS START_TRACK_COMPOSITE_EGRESS START_TRACK_EGRESS);
    each!(client, Grant::Ingress, ingress: CREATE_INGRESS UPDATE_INGRESS LIST_INGRESS DELETE_INGRESS);
    each!(client, Grant::SipTrunks, sip:
        CREATE_SIP_INBOUND_TRUNK CREATE_SIP_OUTBOUND_TRUNK UPDATE_SIP_INBOUND_TRUNK
        UPDATE_SIP_OUTBOUND_TRUNK GET_SIP_INBOUND_TRUNK GET_SIP_OUTBOUND_TRUNK LIST_SIP_INBOUND_TRUNK
        LIST_SIP_OUTBOUND_TRUNK DELETE_SIP_TRUNK CREATE_SIP_DISPATCH_RULE UPDATE_SIP_DISPATCH_RULE
        LIST_SIP_DISPATCH_RULE DELETE_SIP_DISPATCH_RULE);
    // A call has a natural latency.
    mock.control.set(Control {
        delay: Some(Duration::ZERO),
        ..Control::default()
    });
    each!(client, Grant::SipCalls, sip: CREATE_SIP_PARTICIPANT);
    each!(client, Grant::SipCallsOf("r"), sip: TRANSFER_SIP_PARTICIPANT);
    each!(client, Grant::Room("r"), agent_dispatch: CREATE_DISPATCH DELETE_DISPATCH LIST_DISPATCH);
}

#[tokio::test]
async fn an_answer_is_the_methods_message() {
    let mock = Mock::start().await;
    let request = CreateRoomRequest {
        name: "r".to_owned(),
        ..CreateRoomRequest::default()
    };
    let room: Room = mock
        .client()
        .call(
            room_service::CREATE_ROOM,
            Grant::CreateRooms,
            &request,
            now(),
        )
        .await
        .unwrap();
    assert_eq!(room.name, "r");
}

#[tokio::test]
async fn a_refusal_keeps_its_status_its_code_and_its_words() {
    let mock = Mock::start().await;
    for (code, known) in [
        ("failed_precondition", Some(Code::FailedPrecondition)),
        ("a code of the future", None),
    ] {
        let refused = mock
            .rooms_while(Control {
                fail_regions: vec![0],
                fail_status: Some(StatusCode::PRECONDITION_FAILED),
                fail_twirp_code: Some(code.to_owned()),
                ..Control::default()
            })
            .await;
        match refused.unwrap_err() {
            CallError::Refused(refusal) => {
                assert_eq!(refusal.status, StatusCode::PRECONDITION_FAILED);
                assert_eq!((refusal.word.as_str(), refusal.code()), (code, known));
                assert!(!refusal.message.is_empty());
            }
            other => panic!("{other:?}"),
        }
    }
    let elsewhere = client(mock.address, "another secret", PATIENCE);
    let refused = list_rooms(&elsewhere).await.unwrap_err();
    assert_eq!(refused.code(), Some(Code::Unauthenticated));
}

#[tokio::test]
async fn a_server_that_breaks_off_is_told_from_one_that_is_slow() {
    let mock = Mock::start().await;
    for fail_mode in [FailMode::Drop, FailMode::Truncate] {
        let failed = mock
            .rooms_while(Control {
                fail_regions: vec![0],
                fail_mode,
                ..Control::default()
            })
            .await;
        let error = failed.unwrap_err();
        assert!(matches!(error, CallError::Transport(_)), "{error:?}");
        let port = mock.address.port().to_string();
        assert!(!error.to_string().contains(&port), "{error}");
    }
    mock.control.set(Control {
        delay: Some(Duration::from_mins(1)),
        ..Control::default()
    });
    let impatient = client(mock.address, SECRET, Duration::from_millis(100));
    let error = list_rooms(&impatient).await.unwrap_err();
    assert!(matches!(error, CallError::Deadline), "{error:?}");
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let mock = Mock::start().await;
    let frugal = mock.client().with_largest_answer(1);
    let error = list_rooms(&frugal).await.unwrap_err();
    assert!(matches!(error, CallError::Nonsense(_)), "{error:?}");
}
