//! Facts about the rooms of one shard: which of them exist, and who is let in.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use livekit_protocol as proto;
use livekit_wire::RoomName;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::sync::{mpsc, oneshot};

use super::{Command, Core, Place};
use crate::config::TooLong;
use crate::ground::{JoinRefused, JoinRequest, Joined, RoomError, Settings, SignalOut};
use crate::net::Core as _;
use crate::room::tests::harness::{FakeConnections, identity, request, settings};
use crate::room::{Room, RoomOptions, Shared};
use crate::room_service::{
    create_room, delete_room, list_participants, list_rooms, remove_participant,
};

const START: u64 = 1_800_000_000;
const START_SECONDS: i64 = 1_800_000_000;

struct Shard {
    core: Core,
    now: Instant,
    _webhooks: mpsc::UnboundedReceiver<proto::WebhookEvent>,
}

impl Shard {
    fn new(settings: Settings) -> Self {
        let (webhooks, receiver) = mpsc::unbounded_channel();
        let shared = Shared {
            settings,
            connections: Box::<FakeConnections>::default(),
            webhooks,
            egress: mpsc::channel(1).0,
            agents: Box::new(|_| {}),
            traffic: Arc::default(),
        };
        let clock = || SystemTime::UNIX_EPOCH + Duration::from_secs(START);
        Self {
            core: Core::new(Arc::new(shared), clock, StdRng::seed_from_u64(1)),
            now: Instant::now(),
            _webhooks: receiver,
        }
    }

    fn join(
        &mut self,
        request: JoinRequest,
    ) -> Result<(Joined, mpsc::Receiver<SignalOut>), JoinRefused> {
        let (frames, received) = mpsc::channel(64);
        let (reply, mut answer) = oneshot::channel();
        let command = Command::Join {
            request: Box::new(request),
            frames,
            reply,
        };
        self.core.handle_command(command, self.now);
        let joined = answer.try_recv().expect("a join is answered at once")?;
        Ok((joined, received))
    }

    fn act<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Place<'_>) -> T + Send + 'static,
    ) -> T {
        let (reply, mut answer) = oneshot::channel();
        let command = Command::OnRoom {
            room: RoomName::new("room"),
            work: Box::new(move |place| drop(reply.send(work(place)))),
        };
        self.core.handle_command(command, self.now);
        answer.try_recv().expect("an action is answered at once")
    }

    fn create(&mut self) -> proto::Room {
        self.act(|place| create_room::open(place, RoomOptions::default()))
            .unwrap()
            .0
    }

    fn delete(&mut self) -> Result<(), RoomError> {
        self.act(|place| {
            let now = place.now();
            place
                .room()
                .map(|room| delete_room::close(room, now))
                .ok_or(RoomError::RoomNotFound)
        })
    }

    fn list(&mut self) -> Vec<proto::Room> {
        let (reply, mut answer) = oneshot::channel();
        let work = move |rooms: &mut dyn Iterator<Item = &Room>| {
            let rooms = rooms.filter_map(|room| list_rooms::describe(room, &[]));
            drop(reply.send(rooms.collect()));
        };
        let command = Command::OnRooms {
            work: Box::new(work),
        };
        self.core.handle_command(command, self.now);
        answer.try_recv().unwrap()
    }

    fn kick(&mut self, revoke_token_ts: i64) {
        self.act(move |place| {
            remove_participant::remove(place, &identity("alice"), revoke_token_ts)
        })
        .unwrap();
    }
}

fn made_at(seconds: u64) -> JoinRequest {
    let mut request = request("alice");
    request.token.not_before = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    request
}

#[test]
fn a_kicked_participants_old_token_is_refused() {
    let mut shard = Shard::new(settings());
    shard.join(made_at(START - 100)).unwrap();
    shard.kick(START_SECONDS);
    let refused = shard.join(made_at(START - 100)).err();
    assert_eq!(refused, Some(JoinRefused::TokenRevoked));
    let undated = shard.join(request("alice")).err();
    assert_eq!(undated, Some(JoinRefused::TokenRevoked));
    shard.join(request("bob")).unwrap();
}

#[test]
fn a_kick_that_withdraws_no_token_lets_come_back() {
    let mut shard = Shard::new(settings());
    shard.join(made_at(START - 100)).unwrap();
    shard.kick(0);
    shard.join(made_at(START - 100)).unwrap();
    shard.kick(0);
    shard.join(request("alice")).unwrap();
}

#[test]
fn a_connection_that_only_publishes_is_refused_with_its_person() {
    let mut shard = Shard::new(settings());
    shard.join(made_at(START - 100)).unwrap();
    shard.kick(START_SECONDS);
    let mut second = made_at(START - 100);
    second.identity = identity("alice#screen");
    assert_eq!(shard.join(second).err(), Some(JoinRefused::TokenRevoked));
}

#[test]
fn a_token_made_after_the_kick_lets_in() {
    let mut shard = Shard::new(settings());
    shard.join(made_at(START - 100)).unwrap();
    shard.kick(START_SECONDS);
    assert!(shard.join(made_at(START - 1)).is_err());
    shard.join(made_at(START)).unwrap();
}

#[test]
fn an_old_token_stays_refused_after_the_room_has_ended() {
    let mut shard = Shard::new(settings());
    shard.join(made_at(START - 100)).unwrap();
    shard.kick(START_SECONDS);
    shard.delete().unwrap();
    assert!(shard.join(made_at(START - 100)).is_err());
}

#[test]
fn a_join_opens_a_room_only_where_that_is_allowed() {
    let mut closed = settings();
    closed.room.auto_create = false;
    let mut shard = Shard::new(closed);
    let refused = shard.join(request("alice")).err();
    assert_eq!(refused, Some(JoinRefused::RoomNotFound));
    assert!(shard.list().is_empty());
    shard.create();
    shard.join(request("alice")).unwrap();
}

#[test]
fn creating_a_room_twice_gives_the_same_room() {
    let mut shard = Shard::new(settings());
    let first = shard.create();
    assert_eq!(shard.create().sid, first.sid);
    assert_eq!(shard.list().len(), 1);
}

#[test]
fn a_deleted_room_is_gone_and_the_next_join_opens_another() {
    let mut shard = Shard::new(settings());
    let first = shard.create();
    shard.delete().unwrap();
    assert!(shard.list().is_empty());
    shard.join(request("alice")).unwrap();
    let rooms = shard.list();
    assert_eq!(rooms.len(), 1);
    assert_ne!(rooms[0].sid, first.sid);
}

#[test]
fn a_room_that_is_not_there_is_not_found_but_has_no_participants() {
    let mut shard = Shard::new(settings());
    assert_eq!(shard.delete().err(), Some(RoomError::RoomNotFound));
    assert_eq!(shard.act(list_participants::list), []);
}

#[test]
fn a_name_beyond_the_limit_is_refused() {
    let mut shard = Shard::new(settings());
    let mut long = request("alice");
    long.token.claims.name = "x".repeat(257);
    assert_eq!(
        shard.join(long).err(),
        Some(JoinRefused::TooLong(TooLong::Name))
    );
    assert!(shard.list().is_empty());
}

#[test]
fn nobody_joins_a_server_that_is_going_down() {
    let mut shard = Shard::new(settings());
    let (_, mut frames) = shard.join(request("alice")).unwrap();
    let (reply, mut done) = oneshot::channel();
    shard
        .core
        .handle_command(Command::ShutDown { reply }, shard.now);
    done.try_recv().unwrap();
    let mut last_leave = None;
    while let Ok(SignalOut::Message(frame)) = frames.try_recv() {
        if let Some(proto::signal_response::Message::Leave(leave)) = frame.message {
            last_leave = Some(leave);
        }
    }
    let leave = last_leave.unwrap();
    assert_eq!(leave.reason(), proto::DisconnectReason::ServerShutdown);
    assert_eq!(
        leave.action(),
        proto::leave_request::Action::Reconnect,
        "the server is usually back at once"
    );
    let refused = shard.join(request("bob")).err();
    assert_eq!(refused, Some(JoinRefused::Unavailable));
}
