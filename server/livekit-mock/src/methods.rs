//! The API's methods in one table: the grants each asks for, and its messages.

use std::collections::HashMap;

use prost_reflect::{DescriptorPool, MessageDescriptor};

use crate::{
    permission::Grant::{
        self, DestinationRoom, IngressAdmin, RoomAdmin, RoomCreate, RoomList, RoomRecord, SipAdmin,
        SipCall,
    },
    sip::Dial,
};

/// The name of a method, and what a token must grant for it.
type Row = (&'static str, &'static [Grant]);

struct Service {
    name: &'static str,
    rows: &'static [Row],
}

/// The services and their methods.
const SERVICES: &[Service] = &[
    Service {
        name: "livekit.RoomService",
        rows: &[
            ("CreateRoom", &[RoomCreate]),
            ("DeleteRoom", &[RoomCreate]),
            ("ListRooms", &[RoomList]),
            ("ListParticipants", &[RoomAdmin]),
            ("GetParticipant", &[RoomAdmin]),
            ("RemoveParticipant", &[RoomAdmin]),
            ("MutePublishedTrack", &[RoomAdmin]),
            ("UpdateParticipant", &[RoomAdmin]),
            ("UpdateSubscriptions", &[RoomAdmin]),
            ("SendData", &[RoomAdmin]),
            ("UpdateRoomMetadata", &[RoomAdmin]),
            ("ForwardParticipant", &[RoomAdmin, DestinationRoom]),
            ("MoveParticipant", &[RoomAdmin, DestinationRoom]),
            ("PerformRpc", &[RoomAdmin]),
        ],
    },
    Service {
        name: "livekit.Egress",
        rows: &[
            ("StartEgress", &[RoomRecord]),
            ("StartRoomCompositeEgress", &[RoomRecord]),
            ("StartWebEgress", &[RoomRecord]),
            ("StartParticipantEgress", &[RoomRecord]),
            ("StartTrackCompositeEgress", &[RoomRecord]),
            ("StartTrackEgress", &[RoomRecord]),
            ("UpdateLayout", &[RoomRecord]),
            ("UpdateStream", &[RoomRecord]),
            ("ListEgress", &[RoomRecord]),
            ("StopEgress", &[RoomRecord]),
        ],
    },
    Service {
        name: "livekit.Ingress",
        rows: &[
            ("CreateIngress", &[IngressAdmin]),
            ("UpdateIngress", &[IngressAdmin]),
            ("ListIngress", &[IngressAdmin]),
            ("DeleteIngress", &[IngressAdmin]),
        ],
    },
    Service {
        name: "livekit.SIP",
        rows: &[
            ("ListSIPTrunk", &[SipAdmin]),
            ("CreateSIPInboundTrunk", &[SipAdmin]),
            ("CreateSIPOutboundTrunk", &[SipAdmin]),
            ("UpdateSIPInboundTrunk", &[SipAdmin]),
            ("UpdateSIPOutboundTrunk", &[SipAdmin]),
            ("GetSIPInboundTrunk", &[SipAdmin]),
            ("GetSIPOutboundTrunk", &[SipAdmin]),
            ("ListSIPInboundTrunk", &[SipAdmin]),
            ("ListSIPOutboundTrunk", &[SipAdmin]),
            ("DeleteSIPTrunk", &[SipAdmin]),
            ("CreateSIPDispatchRule", &[SipAdmin]),
            ("UpdateSIPDispatchRule", &[SipAdmin]),
            ("ListSIPDispatchRule", &[SipAdmin]),
            ("DeleteSIPDispatchRule", &[SipAdmin]),
            ("CreateSIPParticipant", &[SipCall]),
            ("TransferSIPParticipant", &[SipCall, RoomAdmin]),
        ],
    },
    Service {
        name: "livekit.Connector",
        rows: &[
            ("DialWhatsAppCall", &[RoomCreate]),
            ("DisconnectWhatsAppCall", &[RoomCreate]),
            ("ConnectWhatsAppCall", &[RoomCreate]),
            ("AcceptWhatsAppCall", &[RoomCreate]),
            ("ConnectTwilioCall", &[RoomCreate]),
        ],
    },
    Service {
        name: AGENT_DISPATCH,
        rows: &[
            ("CreateDispatch", &[RoomAdmin]),
            ("DeleteDispatch", &[RoomAdmin]),
            ("ListDispatch", &[RoomAdmin]),
        ],
    },
];

/// Its methods ask for a grant, but read no request and answer empty.
const AGENT_DISPATCH: &str = "livekit.AgentDispatchService";

/// One method of the API.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) grants: &'static [Grant],
    /// Absent: neither is the request read nor the answer populated.
    pub(crate) messages: Option<Messages>,
    /// For methods that place a call.
    pub(crate) dial: Option<Dial>,
}

/// What a method takes and gives.
#[derive(Debug)]
pub(crate) struct Messages {
    pub(crate) request: MessageDescriptor,
    pub(crate) response: MessageDescriptor,
}

/// Every method by `<package>.<Service>/<Method>`.
#[derive(Debug)]
pub(crate) struct Methods(HashMap<String, Method>);

/// The descriptors compiled into the program do not hold what the table names; a test rules it out.
#[derive(Debug, thiserror::Error)]
pub enum DescriptorError {
    /// They are broken.
    #[error("cannot read the descriptors of LiveKit's API: {0}")]
    Broken(#[from] prost_reflect::DescriptorError),
    /// They lack a method.
    #[error("the descriptors of LiveKit's API lack {0}")]
    NoMethod(String),
}

impl Methods {
    pub(crate) fn load() -> Result<Self, DescriptorError> {
        let pool = DescriptorPool::decode(include_bytes!("descriptors.binpb").as_slice())?;
        let mut methods = HashMap::new();
        for service in SERVICES {
            for (name, grants) in service.rows {
                let key = format!("{}/{name}", service.name);
                let messages = match service.name {
                    AGENT_DISPATCH => None,
                    service => Some(messages(&pool, service, name)?),
                };
                let method = Method {
                    grants,
                    messages,
                    dial: dial(&key),
                };
                methods.insert(key, method);
            }
        }
        Ok(Self(methods))
    }

    /// `None` for a method of the future.
    pub(crate) fn get(&self, key: &str) -> Option<&Method> {
        self.0.get(key)
    }
}

fn messages(pool: &DescriptorPool, service: &str, name: &str) -> Result<Messages, DescriptorError> {
    let method = pool
        .get_service_by_name(service)
        .and_then(|service| service.methods().find(|method| method.name() == name))
        .ok_or_else(|| DescriptorError::NoMethod(format!("{service}/{name}")))?;
    Ok(Messages {
        request: method.input(),
        response: method.output(),
    })
}

fn dial(key: &str) -> Option<Dial> {
    match key {
        "livekit.SIP/CreateSIPParticipant" => Some(Dial::Answered),
        "livekit.SIP/TransferSIPParticipant" => Some(Dial::Transferred),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_of_the_protocols_services_has_its_row() {
        let methods = Methods::load().unwrap();
        let pool = DescriptorPool::decode(include_bytes!("descriptors.binpb").as_slice()).unwrap();
        let declared: Vec<String> = pool
            .services()
            .flat_map(|service| {
                let name = service.full_name().to_owned();
                let methods: Vec<_> = service.methods().collect();
                methods
                    .into_iter()
                    .map(move |method| format!("{name}/{}", method.name()))
            })
            .filter(|key| !key.starts_with(AGENT_DISPATCH))
            .collect();
        for key in &declared {
            assert!(methods.get(key).is_some(), "{key} has no row");
        }
        assert_eq!(methods.0.len(), declared.len() + 3);
    }
}
