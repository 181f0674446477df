//! Facts about what a room tells to whoever sends agents into it.

use livekit_protocol as proto;
use proto::{TrackSource, leave_request::Action};

use super::harness::{House, leave, request, settings};
use crate::ground::{AGENT_NAME_ATTRIBUTE, AgentNews};
use crate::participant::CloseReason;
use crate::room::RoomOptions;

fn words(news: &[AgentNews]) -> Vec<String> {
    news.iter()
        .map(|news| match news {
            AgentNews::Opened { agents, .. } => format!("opened for {}", agents.len()),
            AgentNews::Joined {
                participant,
                dependent,
                ..
            } => format!("joined {} {dependent}", participant.identity),
            AgentNews::Published { participant, .. } => {
                format!("published {}", participant.identity)
            }
            AgentNews::Left { identity, .. } => format!("left {identity}"),
            AgentNews::Closed { .. } => "closed".to_owned(),
        })
        .collect()
}

#[test]
fn a_stay_is_told_from_its_beginning_to_its_end() {
    let options = RoomOptions {
        agents: vec![proto::RoomAgentDispatch::default()],
        ..RoomOptions::default()
    };
    let mut house = House::with(settings(), options);
    let mut ada = house.arrive("ada");
    house.publish(&mut ada, TrackSource::Microphone);
    house.publish(&mut ada, TrackSource::Camera);
    house.act(|room, now| {
        let key = room.key_of("ada").unwrap();
        room.remove(key, CloseReason::Removed, now);
    });
    assert_eq!(
        words(&house.told_agents()),
        [
            "opened for 1",
            "joined ada false",
            "published ada",
            "left ada"
        ]
    );
}

#[test]
fn the_end_of_a_room_is_told_before_those_who_leave_by_it() {
    let mut house = House::new();
    house.arrive("ada");
    house.told_agents();
    house.act(|room, now| room.close(CloseReason::RoomClosed, now));
    assert_eq!(words(&house.told_agents()), ["closed", "left ada"]);
}

#[test]
fn an_agent_that_a_worker_sent_does_not_come_back_by_itself_when_the_server_stops() {
    let mut house = House::new();
    let mut own = request("own");
    own.token.claims.kind = "agent".to_owned();
    let mut sent = own.clone();
    sent.identity = super::harness::identity("sent");
    let attributes = &mut sent.token.claims.attributes;
    attributes.insert(AGENT_NAME_ATTRIBUTE.to_owned(), String::new());
    let mut own = house.enter(&own);
    let mut sent = house.enter(&sent);
    house.act(|room, now| room.close(CloseReason::ServerShutdown, now));
    let action = |frames: &[proto::signal_response::Message]| leave(frames).unwrap().action();
    assert_eq!(action(&house.frames(&mut own)), Action::Reconnect);
    assert_eq!(action(&house.frames(&mut sent)), Action::Disconnect);
}
