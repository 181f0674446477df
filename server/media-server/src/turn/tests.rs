//! Clients at the door, good ones and bad ones, by the messages that they would send.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use parking_lot::Mutex;
use proptest::prelude::*;
use secrecy::SecretString;
use tokio::sync::mpsc;
use turn_server_proto::types::{
    AddressFamily,
    attribute::{
        ChannelNumber, Data, EvenPort, Lifetime, RequestedAddressFamily, RequestedTransport,
        XorPeerAddress, XorRelayedAddress,
    },
    channel::ChannelData,
    message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, DATA, REFRESH, SEND},
    stun::{
        attribute::{ErrorCode, Nonce, Realm, Username, XorMappedAddress},
        message::{
            BINDING, IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass,
            MessageWriteVec, Method, TransactionId,
        },
        prelude::{AttributeWrite, MessageWrite, MessageWriteExt},
    },
};

use super::*;
use crate::ground::{Now, RelayTraffic};

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

const MEDIA: &str = "203.0.113.5:7882";

struct House {
    door: Door,
    secret: Secret,
    traffic: Arc<RelayTraffic>,
    ours: Arc<Mutex<Vec<SocketAddr>>>,
    mailbox: mpsc::Sender<Parcel>,
    now: Now,
}

impl House {
    fn new() -> Self {
        Self::with(Places::new(false))
    }

    fn with(places: Places) -> Self {
        let secret = Secret::from(SecretString::from("a secret"));
        let traffic = Arc::<RelayTraffic>::default();
        let ours = Arc::new(Mutex::new(vec![address(MEDIA), address("127.0.0.1:7882")]));
        let told = ours.clone();
        let door = Door::new(
            secret.clone(),
            places,
            Relays::new(traffic.clone()),
            Box::new(move || told.lock().clone()),
            &mut rand::rng(),
        );
        Self {
            door,
            secret,
            traffic,
            ours,
            mailbox: mpsc::channel(8).0,
            now: Now {
                instant: Instant::now(),
                system: SystemTime::now(),
            },
        }
    }

    fn later(&mut self, by: Duration) {
        self.now.instant += by;
        self.now.system += by;
    }

    fn hear(&self, client: &Client, message: &[u8]) -> Answer {
        self.door
            .hear(client.address, message, &self.mailbox, self.now)
    }

    fn reply(&self, client: &Client, message: &[u8]) -> Vec<u8> {
        match self.hear(client, message) {
            Answer::Reply(reply) => reply,
            other => panic!("no reply: {other:?}"),
        }
    }

    /// A client that has learned its nonce.
    fn client(&self, address_of_it: &str, participant: &str) -> Client {
        let Credentials { username, password } =
            self.secret.credentials(participant, self.now.system);
        let mut client = Client {
            address: address(address_of_it),
            username,
            password,
            nonce: String::new(),
        };
        let challenge = self.reply(&client, &message::opening(ALLOCATE));
        client.take_nonce(&challenge, ErrorCode::UNAUTHORIZED);
        client
    }

    fn allocate(&self, client: &Client) -> (Box<Allocation>, SocketAddr) {
        let request = client.allocate(&[]);
        let Answer::Opened(allocation, reply) = self.hear(client, &request) else {
            panic!("refused");
        };
        let reply = Message::from_bytes(&reply).unwrap();
        let mapped = reply.attribute::<XorMappedAddress>().unwrap();
        assert_eq!(mapped.addr(reply.transaction_id()), client.address);
        let relayed = reply.attribute::<XorRelayedAddress>().unwrap();
        let relayed = relayed.addr(reply.transaction_id());
        assert_eq!(allocation.relayed().collect::<Vec<_>>(), [relayed]);
        (allocation, relayed)
    }

    fn ask(&self, allocation: &mut Allocation, request: Vec<u8>) -> Vec<u8> {
        match allocation.hear(&self.door, request, self.now) {
            Some(Passed::ToClient(reply)) => reply,
            other => panic!("no reply: {other:?}"),
        }
    }
}

struct Client {
    address: SocketAddr,
    username: String,
    password: String,
    nonce: String,
}

impl Client {
    fn take_nonce(&mut self, challenge: &[u8], code: u16) {
        assert_eq!(code_of(challenge), code);
        let challenge = Message::from_bytes(challenge).unwrap();
        let realm = challenge.attribute::<Realm>().unwrap();
        assert_eq!(realm.realm(), message::REALM);
        let nonce = challenge.attribute::<Nonce>().unwrap();
        nonce.nonce().clone_into(&mut self.nonce);
    }

    fn request(&self, method: Method, attributes: &[&dyn AttributeWrite]) -> Vec<u8> {
        let request = Message::builder_request(method, MessageWriteVec::new());
        self.signed(request, attributes)
    }

    fn allocate(&self, more: &[&dyn AttributeWrite]) -> Vec<u8> {
        let udp = RequestedTransport::new(RequestedTransport::UDP);
        let mut attributes: Vec<&dyn AttributeWrite> = vec![&udp];
        attributes.extend(more);
        self.request(ALLOCATE, &attributes)
    }

    /// `CREATE_PERMISSION` or `CHANNEL_BIND` of channel 0x4001.
    fn about(&self, method: Method, peers: &[&str]) -> Vec<u8> {
        let mut request = Message::builder_request(method, MessageWriteVec::new());
        let transaction = transaction(&request);
        if method == CHANNEL_BIND {
            request.add_attribute(&ChannelNumber::new(0x4001)).unwrap();
        }
        for peer in peers {
            let peer = XorPeerAddress::new(address(peer), transaction);
            request.add_attribute(&peer).unwrap();
        }
        self.signed(request, &[])
    }

    fn signed(&self, mut request: MessageWriteVec, attributes: &[&dyn AttributeWrite]) -> Vec<u8> {
        for attribute in attributes {
            request.add_attribute(*attribute).unwrap();
        }
        request
            .add_attribute(&Username::new(&self.username).unwrap())
            .unwrap();
        request
            .add_attribute(&Realm::new(message::REALM).unwrap())
            .unwrap();
        request
            .add_attribute(&Nonce::new(&self.nonce).unwrap())
            .unwrap();
        let key = LongTermKeyCredentials::new(
            self.username.clone(),
            self.password.clone(),
            message::REALM.to_owned(),
        );
        request
            .add_message_integrity(&key.into(), IntegrityAlgorithm::Sha1)
            .unwrap();
        request.finish()
    }

    /// Whether an answer was signed with this client's password.
    fn trusts(&self, answer: &[u8]) -> bool {
        let key = LongTermKeyCredentials::new(
            self.username.clone(),
            self.password.clone(),
            message::REALM.to_owned(),
        );
        let answer = Message::from_bytes(answer).unwrap();
        answer.validate_integrity(&key.into()).is_ok()
    }
}

fn transaction(request: &MessageWriteVec) -> TransactionId {
    Message::from_bytes(request.data())
        .unwrap()
        .transaction_id()
}

/// 0 is a success.
fn code_of(answer: &[u8]) -> u16 {
    let answer = Message::from_bytes(answer).unwrap();
    match answer.class() {
        MessageClass::Success => 0,
        MessageClass::Error => answer.attribute::<ErrorCode>().unwrap().code(),
        other => panic!("{other:?}"),
    }
}

fn indication(peer: &str, data: &[u8]) -> Vec<u8> {
    let mut message = Message::builder_indication(SEND, MessageWriteVec::new());
    let peer = XorPeerAddress::new(address(peer), transaction(&message));
    message.add_attribute(&peer).unwrap();
    message.add_attribute(&Data::new(data)).unwrap();
    message.finish()
}

fn channel_data(channel: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 4 + data.len()];
    ChannelData::new(channel, data).write_into_unchecked(&mut bytes);
    bytes
}

#[test]
fn everybody_learns_where_they_come_from() {
    let house = House::new();
    let client = house.client("192.0.2.1:5000", "PA_1");
    let reply = house.reply(&client, &message::opening(BINDING));
    let reply = Message::from_bytes(&reply).unwrap();
    let mapped = reply.attribute::<XorMappedAddress>().unwrap();
    assert_eq!(mapped.addr(reply.transaction_id()), client.address);
}

#[test]
fn data_goes_to_the_media_server_and_back_by_indications_and_by_a_channel() {
    let house = House::new();
    let client = house.client("192.0.2.1:5000", "PA_1");
    let (mut allocation, relayed) = house.allocate(&client);
    let to_peer = |payload: &[u8]| {
        Some(Passed::ToPeer {
            relayed,
            peer: address(MEDIA),
            payload: payload.to_vec(),
        })
    };
    let from_media = |payload: &[u8]| Parcel {
        relayed,
        peer: address(MEDIA),
        payload: payload.to_vec(),
    };
    let now = house.now;
    assert_eq!(
        allocation.hear(&house.door, indication(MEDIA, b"early"), now),
        None,
        "there is no permission yet"
    );
    assert_eq!(allocation.bring(from_media(b"early"), now.instant), None);

    let permission = client.about(CREATE_PERMISSION, &["203.0.113.5:9", "127.0.0.1:7882"]);
    let reply = house.ask(&mut allocation, permission);
    assert_eq!(code_of(&reply), 0);
    assert!(client.trusts(&reply));
    let sent = allocation.hear(&house.door, indication(MEDIA, b"check"), now);
    assert_eq!(sent, to_peer(b"check"));
    let told = allocation
        .bring(from_media(b"answer"), now.instant)
        .unwrap();
    let told = Message::from_bytes(&told).unwrap();
    assert_eq!(told.method(), DATA);
    assert_eq!(told.attribute::<Data>().unwrap().data(), b"answer");

    let bound = house.ask(&mut allocation, client.about(CHANNEL_BIND, &[MEDIA]));
    assert_eq!(code_of(&bound), 0);
    let sent = allocation.hear(&house.door, channel_data(0x4001, b"media"), now);
    assert_eq!(sent, to_peer(b"media"));
    let told = allocation.bring(from_media(b"video"), now.instant).unwrap();
    assert_eq!(told, channel_data(0x4001, b"video"));
    let unbound = allocation.hear(&house.door, channel_data(0x4002, b"media"), now);
    assert_eq!(unbound, None);
}

#[test]
fn nobody_but_the_media_server_is_reached() {
    let house = House::new();
    let client = house.client("192.0.2.1:5000", "PA_1");
    let (mut allocation, _) = house.allocate(&client);
    for peer in [
        "198.51.100.7:7882",
        "10.0.0.1:7882",
        "169.254.169.254:80",
        "0.0.0.0:7882",
        "224.0.0.1:7882",
        "255.255.255.255:7882",
        "192.0.0.8:1024",
        "[::ffff:127.0.0.1]:7882",
        "[::ffff:203.0.113.5]:7882",
        "[::1]:7882",
        "[ff02::1]:7882",
    ] {
        for method in [CREATE_PERMISSION, CHANNEL_BIND] {
            let reply = house.ask(&mut allocation, client.about(method, &[peer]));
            assert_eq!(code_of(&reply), ErrorCode::FORBIDDEN, "{peer}");
            assert!(client.trusts(&reply), "{peer}");
        }
        let sent = allocation.hear(&house.door, indication(peer, b"x"), house.now);
        assert_eq!(sent, None, "{peer}");
    }
    let refused = house.traffic.refused.get();
    assert_eq!(refused, 22);
    // A permission is for an address, whatever port it names, but not for the doors beside the media's.
    for port in [0, 22, 7880, 7881, 7883] {
        let peer = format!("127.0.0.1:{port}");
        let permission = client.about(CREATE_PERMISSION, &[&peer]);
        assert_eq!(code_of(&house.ask(&mut allocation, permission)), 0);
        let sent = allocation.hear(&house.door, indication(&peer, b"x"), house.now);
        assert_eq!(sent, None, "{peer}");
        let bound = house.ask(&mut allocation, client.about(CHANNEL_BIND, &[&peer]));
        assert_eq!(code_of(&bound), ErrorCode::FORBIDDEN, "{peer}");
    }
    // One wrong peer among right ones is one too many, and so are many.
    let mixed = client.about(CREATE_PERMISSION, &[MEDIA, "10.0.0.1:1"]);
    assert_eq!(
        code_of(&house.ask(&mut allocation, mixed)),
        ErrorCode::FORBIDDEN
    );
    let many = client.about(CREATE_PERMISSION, &[MEDIA; 17]);
    assert_eq!(
        code_of(&house.ask(&mut allocation, many)),
        ErrorCode::BAD_REQUEST
    );
}

#[test]
fn an_address_that_the_media_server_lost_is_forbidden_at_the_next_request() {
    let house = House::new();
    let client = house.client("192.0.2.1:5000", "PA_1");
    let (mut allocation, _) = house.allocate(&client);
    let permission = || client.about(CREATE_PERMISSION, &[MEDIA]);
    assert_eq!(code_of(&house.ask(&mut allocation, permission())), 0);
    *house.ours.lock() = vec![address("203.0.113.6:7882")];
    let reply = house.ask(&mut allocation, permission());
    assert_eq!(code_of(&reply), ErrorCode::FORBIDDEN);
}

#[test]
fn wrong_old_and_foreign_credentials_are_told_how_to_sign_in() {
    let mut house = House::new();
    let mut client = house.client("192.0.2.1:5000", "PA_1");
    let unauthorized = |house: &House, client: &Client| {
        let reply = house.reply(client, &client.allocate(&[]));
        assert_eq!(code_of(&reply), ErrorCode::UNAUTHORIZED);
        assert!(!client.trusts(&reply));
    };
    let right = std::mem::replace(&mut client.password, "guess".to_owned());
    unauthorized(&house, &client);
    client.password = right;
    client.username = client.username.replace("PA_1", "PA_2");
    unauthorized(&house, &client);
    client.username = client.username.replace("PA_2", "PA_1");

    client.nonce.make_ascii_uppercase();
    client.nonce.push('0');
    let reply = house.reply(&client, &client.allocate(&[]));
    client.take_nonce(&reply, ErrorCode::STALE_NONCE);
    let elsewhere = Client {
        address: address("192.0.2.1:5001"),
        ..house.client("192.0.2.1:5000", "PA_1")
    };
    let reply = house.reply(&elsewhere, &elsewhere.allocate(&[]));
    assert_eq!(
        code_of(&reply),
        ErrorCode::STALE_NONCE,
        "a nonce is for one"
    );

    let mut bare = Message::builder_request(ALLOCATE, MessageWriteVec::new());
    let key = LongTermKeyCredentials::new(client.username.clone(), String::new(), String::new());
    bare.add_message_integrity(&key.into(), IntegrityAlgorithm::Sha1)
        .unwrap();
    let reply = house.reply(&client, &bare.finish());
    assert_eq!(code_of(&reply), ErrorCode::BAD_REQUEST);

    house.later(Duration::from_mins(11));
    unauthorized(&house, &client);
    assert_eq!(house.traffic.allocations.get(), 0);
}

#[test]
fn an_allocation_outlives_its_credentials_but_not_its_refreshes() {
    let mut house = House::new();
    let mut client = house.client("192.0.2.1:5000", "PA_1");
    let (mut allocation, _) = house.allocate(&client);
    let an_hour: &dyn AttributeWrite = &Lifetime::new(3600);
    for _ in 0..9 {
        house.later(Duration::from_mins(9));
        let mut reply = house.ask(&mut allocation, client.request(REFRESH, &[an_hour]));
        if code_of(&reply) == ErrorCode::STALE_NONCE {
            client.take_nonce(&reply, ErrorCode::STALE_NONCE);
            reply = house.ask(&mut allocation, client.request(REFRESH, &[an_hour]));
        }
        assert_eq!(code_of(&reply), 0);
        let reply = Message::from_bytes(&reply).unwrap();
        let lifetime = reply.attribute::<Lifetime>().unwrap();
        assert_eq!(lifetime.seconds(), 600, "a client's wish is not a command");
        allocation.settle(house.now.instant);
        assert!(!allocation.is_over());
    }
    house.later(Duration::from_secs(601));
    allocation.settle(house.now.instant);
    assert!(allocation.is_over());
    assert_eq!(house.traffic.allocations.get(), 0);
}

#[test]
fn a_client_ends_its_allocation_and_begins_another() {
    let house = House::new();
    let client = house.client("192.0.2.1:5000", "PA_1");
    let (mut allocation, relayed) = house.allocate(&client);
    let end: &dyn AttributeWrite = &Lifetime::new(0);
    let reply = house.ask(&mut allocation, client.request(REFRESH, &[end]));
    assert_eq!(code_of(&reply), 0);
    assert!(allocation.is_over());
    let reply = house.reply(&client, &client.request(REFRESH, &[]));
    assert_eq!(code_of(&reply), ErrorCode::ALLOCATION_MISMATCH);
    assert_ne!(house.allocate(&client).1, relayed);
}

#[test]
fn an_answer_that_was_lost_is_given_again_and_a_second_allocation_refused() {
    let house = House::new();
    let client = house.client("192.0.2.1:5000", "PA_1");
    let request = client.allocate(&[]);
    let Answer::Opened(mut allocation, reply) = house.hear(&client, &request) else {
        panic!("refused");
    };
    assert_eq!(house.ask(&mut allocation, request), reply);
    let second = house.ask(&mut allocation, client.allocate(&[]));
    assert_eq!(code_of(&second), ErrorCode::ALLOCATION_MISMATCH);
    assert_eq!(house.traffic.allocations.get(), 1);
}

#[test]
fn an_allocation_is_its_owners() {
    let house = House::new();
    let client = house.client("192.0.2.1:5000", "PA_1");
    let (mut allocation, _) = house.allocate(&client);
    let other = house.client("192.0.2.1:5000", "PA_2");
    let reply = house.ask(&mut allocation, other.about(CREATE_PERMISSION, &[MEDIA]));
    assert_eq!(code_of(&reply), ErrorCode::WRONG_CREDENTIALS);
    assert!(other.trusts(&reply));
    let mut thief = house.client("192.0.2.1:5000", "PA_1");
    thief.password.push('x');
    let reply = house.ask(&mut allocation, thief.request(REFRESH, &[]));
    assert_eq!(code_of(&reply), ErrorCode::UNAUTHORIZED);
}

#[test]
fn addresses_credentials_and_the_whole_have_limits() {
    let quota = ErrorCode::ALLOCATION_QUOTA_REACHED;
    let refused = |house: &House, address: &str, participant: &str| {
        let client = house.client(address, participant);
        let reply = house.reply(&client, &client.allocate(&[]));
        assert_eq!(code_of(&reply), quota, "{address} {participant}");
        assert!(client.trusts(&reply));
    };
    let taken = |house: &House, address: &str, participant: &str| {
        house.allocate(&house.client(address, participant)).0
    };
    let house = House::with(Places::of(4, 2, 3, false));
    let one = taken(&house, "192.0.2.1:1", "PA_1");
    let two = taken(&house, "192.0.2.1:2", "PA_1");
    refused(&house, "192.0.2.1:3", "PA_2");
    let three = taken(&house, "192.0.2.2:1", "PA_1");
    refused(&house, "192.0.2.3:1", "PA_1");
    let four = taken(&house, "[2001:db8::1]:1", "PA_2");
    refused(&house, "192.0.2.4:1", "PA_3");
    assert_eq!(house.traffic.refused.get(), 3);
    drop(one);
    let five = taken(&house, "192.0.2.4:1", "PA_3");
    drop((two, three, four, five));
    assert_eq!(house.traffic.allocations.get(), 0);
}

#[test]
fn a_proxy_in_front_speaks_for_many() {
    let house = House::with(Places::of(4, 1, 1, true));
    let near = ["127.0.0.1:1", "10.0.0.1:1", "10.0.0.1:2"];
    let _taken: Vec<_> = near
        .iter()
        .enumerate()
        .map(|(number, address)| house.allocate(&house.client(address, &format!("PA_{number}"))))
        .collect();
    let _one = house.allocate(&house.client("192.0.2.1:1", "PA_8"));
    let client = house.client("192.0.2.1:2", "PA_9");
    let reply = house.reply(&client, &client.allocate(&[]));
    assert_eq!(code_of(&reply), ErrorCode::ALLOCATION_QUOTA_REACHED);
}

#[test]
fn families_are_those_of_the_media_server() {
    let house = House::new();
    let client = house.client("192.0.2.1:5000", "PA_1");
    let ipv6 = RequestedAddressFamily::new(AddressFamily::IPV6);
    let reply = house.reply(&client, &client.allocate(&[&ipv6]));
    let unsupported = ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED;
    assert_eq!(code_of(&reply), unsupported);
    house.ours.lock().push(address("[2001:db8::5]:7882"));
    let Answer::Opened(allocation, _) = house.hear(&client, &client.allocate(&[&ipv6])) else {
        panic!("refused");
    };
    assert!(allocation.relayed().all(|relayed| relayed.is_ipv6()));
    drop(allocation);
    *house.ours.lock() = vec![address("[2001:db8::5]:7882")];
    let (allocation, relayed) = house.allocate(&client);
    assert!(relayed.is_ipv6(), "who names no family gets what there is");
    drop(allocation);
    let ipv4 = RequestedAddressFamily::new(AddressFamily::IPV4);
    let reply = house.reply(&client, &client.allocate(&[&ipv4]));
    assert_eq!(code_of(&reply), unsupported);
}

#[test]
fn what_is_not_offered_is_refused_with_its_code() {
    let house = House::new();
    let client = house.client("192.0.2.1:5000", "PA_1");
    let tcp = RequestedTransport::new(RequestedTransport::TCP);
    let reply = house.reply(&client, &client.request(ALLOCATE, &[&tcp]));
    assert_eq!(code_of(&reply), ErrorCode::BAD_REQUEST);
    let reply = house.reply(&client, &client.request(ALLOCATE, &[]));
    assert_eq!(code_of(&reply), ErrorCode::BAD_REQUEST);
    let pair = EvenPort::new(true);
    let reply = house.reply(&client, &client.allocate(&[&pair]));
    assert_eq!(code_of(&reply), ErrorCode::INSUFFICIENT_CAPACITY);
    let unknown = turn_server_proto::types::stun::attribute::RawAttribute::new(0x7777.into(), &[]);
    let reply = house.reply(&client, &client.allocate(&[&unknown]));
    assert_eq!(code_of(&reply), ErrorCode::UNKNOWN_ATTRIBUTE);
    assert_eq!(house.traffic.allocations.get(), 0);
    let (mut allocation, _) = house.allocate(&client);
    let reply = house.ask(&mut allocation, client.about(CREATE_PERMISSION, &[]));
    assert_eq!(code_of(&reply), ErrorCode::BAD_REQUEST);
}

#[test]
fn a_stranger_gets_little_more_than_was_sent() {
    let house = House::new();
    let client = house.client("192.0.2.1:5000", "PA_1");
    for method in [ALLOCATE, BINDING, REFRESH] {
        let question = message::opening(method);
        assert!(house.reply(&client, &question).len() <= question.len() + 88);
    }
    assert!(matches!(
        house.hear(&client, &channel_data(0x4001, b"x")),
        Answer::Nothing
    ));
    assert!(matches!(
        house.hear(&client, &indication(MEDIA, b"x")),
        Answer::Nothing
    ));
    assert!(matches!(house.hear(&client, b""), Answer::Nothing));
}

proptest! {
    #[test]
    fn garbage_never_panics(
        bytes in proptest::collection::vec(any::<u8>(), 0..120),
        at in any::<proptest::sample::Index>(),
        change in any::<u8>(),
    ) {
        let house = House::new();
        let client = house.client("192.0.2.1:5000", "PA_1");
        let (mut allocation, _) = house.allocate(&client);
        for mut message in [
            bytes,
            client.allocate(&[]),
            client.request(REFRESH, &[]),
            client.about(CREATE_PERMISSION, &[MEDIA]),
            client.about(CHANNEL_BIND, &[MEDIA]),
            indication(MEDIA, b"data"),
            channel_data(0x4001, b"data"),
        ] {
            if !message.is_empty() {
                let at = at.index(message.len());
                message[at] = change;
            }
            let _ = house.hear(&client, &message);
            let _ = allocation.hear(&house.door, message, house.now);
        }
    }
}
