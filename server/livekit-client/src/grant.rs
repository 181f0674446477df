//! The least that a token must grant for a call, by what the call is about.

use livekit_wire::{
    Claims, VideoGrants,
    token::{AgentGrants, SipGrants},
};

/// What one call may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant<'a> {
    /// Make and end rooms.
    CreateRooms,
    /// See which rooms are live.
    ListRooms,
    /// Everything in this room: participants, data, agents.
    Room(&'a str),
    /// Send participants of one room to another.
    Move {
        /// Where they are.
        room: &'a str,
        /// Where they go.
        destination: &'a str,
    },
    /// Egress.
    Record,
    /// Ingress.
    Ingress,
    /// Trunks and dispatch rules of SIP.
    SipTrunks,
    /// Phone calls into new participants.
    SipCalls,
    /// Phone calls of this room.
    SipCallsOf(&'a str),
    /// See and end what agents' workers do.
    Agents,
}

impl Grant<'_> {
    /// As a token says it.
    pub fn claims(self) -> Claims {
        let video = |video| Claims {
            video: Some(video),
            ..Claims::default()
        };
        let calls = SipGrants {
            call: true,
            ..SipGrants::default()
        };
        let sip = |sip| Claims {
            sip: Some(sip),
            ..Claims::default()
        };
        match self {
            Self::CreateRooms => video(VideoGrants {
                room_create: true,
                ..VideoGrants::default()
            }),
            Self::ListRooms => video(VideoGrants {
                room_list: true,
                ..VideoGrants::default()
            }),
            Self::Room(room) => video(admin_of(room)),
            Self::Move { room, destination } => video(VideoGrants {
                destination_room: destination.to_owned(),
                ..admin_of(room)
            }),
            Self::Record => video(VideoGrants {
                room_record: true,
                ..VideoGrants::default()
            }),
            Self::Ingress => video(VideoGrants {
                ingress_admin: true,
                ..VideoGrants::default()
            }),
            Self::Agents => Claims {
                agent: Some(AgentGrants {
                    admin: true,
                    ..AgentGrants::default()
                }),
                ..Claims::default()
            },
            Self::SipTrunks => sip(SipGrants {
                admin: true,
                ..SipGrants::default()
            }),
            Self::SipCalls => sip(calls),
            Self::SipCallsOf(room) => Claims {
                video: Some(admin_of(room)),
                ..sip(calls)
            },
        }
    }
}

fn admin_of(room: &str) -> VideoGrants {
    VideoGrants {
        room_admin: true,
        room: room.to_owned(),
        ..VideoGrants::default()
    }
}
