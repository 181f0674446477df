//! Media, feedback and data between the server and a client.

use std::time::Duration;

use bytes::Bytes;
use str0m::Event;
use str0m::channel::{ChannelConfig, Reliability};
use str0m::format::Codec as Format;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid, Simulcast, SimulcastLayer};

use super::pair::{From, Pair};
use crate::forward::Codec;
use crate::peer::{
    AnswerPlan, DataChannel, DownTrackSpec, PeerEvent, PeerRole, PublishPlan, PublishSource,
    SectionsRequirement, SendDataError,
};

pub(super) fn published(
    sid: &str,
    kind: MediaKind,
    cid: &str,
    codec: Option<Codec>,
) -> PublishPlan {
    PublishPlan {
        track_sid: sid.to_owned(),
        kind,
        sources: vec![PublishSource {
            cid: cid.to_owned(),
            codec,
        }],
        red: false,
        dtx: true,
        stereo: false,
    }
}

pub(super) fn subscribed(sid: &str, kind: MediaKind) -> DownTrackSpec {
    let codecs = match kind {
        MediaKind::Audio => vec![Codec::Opus],
        MediaKind::Video => vec![Codec::Vp8],
    };
    DownTrackSpec {
        track_sid: sid.to_owned(),
        stream_id: format!("PA_other|{sid}"),
        kind,
        codecs,
        fmtp: None,
        stereo: false,
    }
}

fn simulcast() -> Simulcast {
    let layer = |rid: &str| SimulcastLayer::new(rid);
    Simulcast {
        send: vec![layer("q"), layer("h"), layer("f")],
        recv: vec![],
    }
}

fn publish(pair: &mut Pair) -> (Mid, Mid) {
    let plan = AnswerPlan {
        tracks: vec![
            published("TR_mic", MediaKind::Audio, "mic", None),
            published("TR_cam", MediaKind::Video, "cam", Some(Codec::Vp8)),
        ],
    };
    let mut mids = None;
    pair.offer(&plan, |changes| {
        let add = |changes: &mut str0m::change::SdpApi<'_>, kind, name: &str, simulcast| {
            changes.add_media(
                kind,
                Direction::SendOnly,
                Some("s".into()),
                Some(name.into()),
                simulcast,
            )
        };
        let audio = add(changes, MediaKind::Audio, "mic", None);
        let video = add(changes, MediaKind::Video, "cam", Some(simulcast()));
        mids = Some((audio, video));
    });
    pair.connect();
    mids.unwrap()
}

#[test]
fn published_audio_and_three_simulcast_streams_arrive() {
    let mut pair = Pair::new(PeerRole::Publisher);
    let (audio, video) = publish(&mut pair);
    let tracks: Vec<_> = pair
        .events
        .iter()
        .filter_map(|event| match event {
            PeerEvent::UpTrack(track) => {
                Some((track.track_sid.clone(), track.rids.len(), track.codec))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        tracks,
        [
            ("TR_mic".to_owned(), 0, Codec::Opus),
            ("TR_cam".to_owned(), 3, Codec::Vp8)
        ]
    );

    let (opus, vp8) = (pair.client_pt(Format::Opus), pair.client_pt(Format::Vp8));
    for seq in 1..=3 {
        pair.client_writes(audio, None, opus, seq, b"audio");
        for rid in ["q", "h", "f"] {
            pair.client_writes(video, Some(rid), vp8, seq, rid.as_bytes());
        }
    }
    assert_eq!(pair.server_got(1), [b"h", b"h", b"h"]);
    assert_eq!(pair.server_got(2), [b"f", b"f", b"f"]);
    assert_eq!(
        pair.server_got(0)
            .iter()
            .filter(|payload| *payload == b"audio")
            .count(),
        3
    );
    assert_eq!(
        pair.server_got(0)
            .iter()
            .filter(|payload| *payload == b"q")
            .count(),
        3
    );
}

#[test]
fn a_lost_packet_of_the_client_is_asked_for_and_repaired() {
    let mut pair = Pair::new(PeerRole::Publisher);
    let (_, video) = publish(&mut pair);
    let vp8 = pair.client_pt(Format::Vp8);
    for seq in 1..=20 {
        if seq == 10 {
            pair.lose = Box::new(|from, bytes| {
                from == From::Client && bytes[0] >> 6 == 2 && bytes.len() > 300
            });
        } else {
            pair.lose = Box::new(|_, _| false);
        }
        let payload = [u8::try_from(seq).unwrap(); 400];
        pair.client_writes(video, Some("f"), vp8, seq, &payload);
        pair.run(Duration::from_millis(20));
    }
    pair.run(Duration::from_millis(500));
    let mut got: Vec<u8> = pair
        .server_got(2)
        .iter()
        .map(|payload| payload[0])
        .collect();
    got.sort_unstable();
    assert_eq!(got, (1..=20).collect::<Vec<u8>>());
}

#[test]
fn a_keyframe_is_asked_of_one_simulcast_stream() {
    let mut pair = Pair::new(PeerRole::Publisher);
    let (_, video) = publish(&mut pair);
    let vp8 = pair.client_pt(Format::Vp8);
    for rid in ["q", "h", "f"] {
        pair.client_writes(video, Some(rid), vp8, 1, b"x");
    }
    let track = pair.events.iter().find_map(|event| match event {
        PeerEvent::Rtp(rtp) if rtp.stream == 1 => Some(rtp.track),
        _ => None,
    });
    pair.peer.request_keyframe(track.unwrap(), 1);
    pair.run(Duration::from_millis(20));
    let asked: Vec<_> = pair
        .client_events
        .iter()
        .filter_map(|event| match event {
            Event::KeyframeRequest(request) => Some((
                request.mid,
                request.rid.map(|rid| rid.to_string()),
                request.kind,
            )),
            _ => None,
        })
        .collect();
    assert_eq!(
        asked,
        [(video, Some("h".to_owned()), KeyframeRequestKind::Pli)]
    );
}

#[test]
fn an_unpublished_track_ends_and_its_place_serves_the_next() {
    let mut pair = Pair::new(PeerRole::Publisher);
    let (_, video) = publish(&mut pair);
    pair.offer(&AnswerPlan::default(), |changes| {
        changes.set_direction(video, Direction::Inactive);
    });
    assert_eq!(
        pair.count(|event| matches!(event, PeerEvent::UpTrackGone(_))),
        1
    );
}

#[test]
fn the_subscriber_is_offered_data_channels_first_then_tracks() {
    let mut pair = Pair::new(PeerRole::Subscriber);
    let first = pair.accept_offer();
    assert!(first.id > 0);
    assert_eq!(first.sdp.matches("m=").count(), 1);
    assert!(first.sdp.contains("m=application"));
    assert!(first.sdp.contains("a=max-message-size:65535"));
    pair.connect();
    pair.run(Duration::from_millis(200));
    for channel in DataChannel::ALL {
        assert!(
            pair.events
                .iter()
                .any(|event| matches!(event, PeerEvent::DataChannelOpen(open) if *open == channel))
        );
        assert!(pair.client_events.iter().any(
            |event| matches!(event, Event::ChannelOpen(_, label) if label == channel.label())
        ));
    }

    let track = pair
        .peer
        .add_down_track(subscribed("TR_1", MediaKind::Video));
    pair.settle();
    assert_eq!(
        pair.count(|event| matches!(event, PeerEvent::NegotiationNeeded)),
        1
    );
    let second = pair.accept_offer();
    assert!(second.id > first.id);
    assert!(second.sdp.contains("a=msid:PA_other|TR_1 TR_1\r\n"));
    assert!(!second.sdp.contains("transport-cc"));
    assert_eq!(
        second.mid_to_track_id.values().collect::<Vec<_>>(),
        ["TR_1"]
    );
    assert_eq!(pair.ready_tracks(), [(track, vec![Codec::Vp8])]);
    assert!(pair.server_writes(track, Codec::Vp8, 1, b"frame"));
    let packets = pair.client_packets();
    assert_eq!(packets.len(), 1);
    assert_eq!(&*packets[0].payload, b"frame");
    assert_eq!(packets[0].header.payload_type, pair.client_pt(Format::Vp8));
}

#[test]
fn one_offer_is_outstanding_at_a_time_and_stale_answers_are_refused() {
    let mut pair = Pair::new(PeerRole::Subscriber);
    let offer = pair.peer.create_offer(pair.now).unwrap();
    pair.peer
        .add_down_track(subscribed("TR_1", MediaKind::Audio));
    assert!(pair.peer.create_offer(pair.now).is_none());
    let answer = crate::peer::Description {
        id: offer.id + 1,
        ..offer
    };
    assert!(pair.peer.handle_answer(&answer, pair.now).is_err());
    pair.peer.forget_offer();
    let again = pair.peer.create_offer(pair.now).unwrap();
    assert!(again.sdp.contains("TR_1"));
}

#[test]
fn a_track_that_ends_while_an_offer_is_unanswered_is_taken_away_by_the_next() {
    let mut pair = Pair::new(PeerRole::Subscriber);
    pair.accept_offer();
    pair.connect();
    let first = pair
        .peer
        .add_down_track(subscribed("TR_1", MediaKind::Video));
    pair.accept_offer();
    pair.peer
        .add_down_track(subscribed("TR_2", MediaKind::Video));
    pair.settle();
    pair.events.clear();
    pair.accept_offer_after(|peer| peer.remove_down_track(first));
    assert!(
        pair.events
            .iter()
            .any(|event| matches!(event, PeerEvent::NegotiationNeeded))
    );
    let without = pair.accept_offer();
    assert!(without.sdp.contains("a=inactive"));
    assert!(!without.sdp.contains("TR_1"));
    assert!(
        pair.peer.create_offer(pair.now).is_none(),
        "nothing is left"
    );
}

#[test]
fn an_ended_down_track_frees_its_section_for_the_next_of_the_kind() {
    let mut pair = Pair::new(PeerRole::Subscriber);
    pair.accept_offer();
    pair.connect();
    let first = pair
        .peer
        .add_down_track(subscribed("TR_1", MediaKind::Video));
    let with_first = pair.accept_offer();
    assert!(pair.server_writes(first, Codec::Vp8, 9, b"one"));
    pair.peer.remove_down_track(first);
    pair.settle();
    assert!(!pair.server_writes(first, Codec::Vp8, 10, b"late"));
    let without = pair.accept_offer();
    assert!(without.sdp.contains("a=inactive"));
    assert!(!without.sdp.contains("TR_1"));

    let second = pair
        .peer
        .add_down_track(subscribed("TR_2", MediaKind::Video));
    let with_second = pair.accept_offer();
    assert_eq!(
        with_second.sdp.matches("m=video").count(),
        with_first.sdp.matches("m=video").count()
    );
    assert!(with_second.sdp.contains("a=msid:PA_other|TR_2 TR_2"));
    assert!(pair.server_writes(second, Codec::Vp8, 1, b"two"));
    let packets = pair.client_packets();
    assert_eq!(
        packets
            .iter()
            .map(|packet| &*packet.payload)
            .collect::<Vec<_>>(),
        [b"one", b"two"]
    );
    assert_ne!(packets[0].header.ssrc, packets[1].header.ssrc);
}

#[test]
fn a_lost_packet_of_the_server_is_retransmitted() {
    let mut pair = Pair::new(PeerRole::Subscriber);
    pair.accept_offer();
    pair.connect();
    let track = pair
        .peer
        .add_down_track(subscribed("TR_1", MediaKind::Video));
    pair.accept_offer();
    for seq in 1..=40 {
        let losing = seq % 10 == 5;
        pair.lose =
            Box::new(move |from, bytes| losing && from == From::Server && bytes.len() > 300);
        pair.server_writes(track, Codec::Vp8, seq, &[u8::try_from(seq).unwrap(); 400]);
        pair.lose = Box::new(|_, _| false);
        pair.run(Duration::from_millis(20));
    }
    pair.run(Duration::from_millis(500));
    let mut got: Vec<u8> = pair
        .client_packets()
        .iter()
        .map(|packet| packet.payload[0])
        .collect();
    got.sort_unstable();
    assert_eq!(got, (1..=40).collect::<Vec<u8>>());
}

#[test]
fn the_client_asks_for_a_keyframe_of_a_down_track() {
    let mut pair = Pair::new(PeerRole::Subscriber);
    pair.accept_offer();
    pair.connect();
    let track = pair
        .peer
        .add_down_track(subscribed("TR_1", MediaKind::Video));
    pair.accept_offer();
    pair.server_writes(track, Codec::Vp8, 1, b"frame");
    let ssrc = pair.client_packets()[0].header.ssrc;
    pair.client
        .direct_api()
        .stream_rx(&ssrc)
        .unwrap()
        .request_keyframe(KeyframeRequestKind::Pli);
    pair.run(Duration::from_millis(20));
    assert_eq!(
        pair.count(|event| matches!(event, PeerEvent::KeyframeRequested(asked) if *asked == track)),
        1
    );
}

#[test]
fn a_reused_audio_section_has_one_source_only() {
    let mut pair = Pair::new(PeerRole::Subscriber);
    pair.accept_offer();
    pair.connect();
    let first = pair
        .peer
        .add_down_track(subscribed("TR_1", MediaKind::Audio));
    pair.accept_offer();
    pair.peer.remove_down_track(first);
    let second = pair
        .peer
        .add_down_track(subscribed("TR_2", MediaKind::Audio));
    let offer = pair.accept_offer();
    assert!(!offer.sdp.contains("ssrc-group"), "{}", offer.sdp);
    assert_eq!(offer.sdp.matches(" cname:").count(), 1);
    assert!(pair.server_writes(second, Codec::Opus, 1, b"two"));
}

fn open_channels(changes: &mut str0m::change::SdpApi<'_>) {
    for (label, ordered) in [("_reliable", true), ("_lossy", false)] {
        let reliability = if ordered {
            Reliability::Reliable
        } else {
            Reliability::MaxRetransmits { retransmits: 0 }
        };
        changes.add_channel_with_config(ChannelConfig {
            label: label.to_owned(),
            ordered,
            reliability,
            ..ChannelConfig::default()
        });
    }
}

#[test]
fn data_flows_both_ways_on_the_channels_the_client_opens() {
    let mut pair = Pair::new(PeerRole::Single);
    // Sent before the channel is open: not lost.
    pair.peer
        .send_data(
            DataChannel::Reliable,
            &Bytes::from_static(b"early"),
            pair.now,
        )
        .unwrap();
    assert!(
        pair.peer
            .send_data(DataChannel::Lossy, &Bytes::from_static(b"early"), pair.now)
            .is_err()
    );
    pair.offer(&AnswerPlan::default(), open_channels);
    pair.connect();
    pair.run(Duration::from_millis(200));
    pair.peer
        .send_data(DataChannel::Lossy, &Bytes::from_static(b"lossy"), pair.now)
        .unwrap();
    pair.peer
        .send_data(DataChannel::Reliable, &vec![7_u8; 60_000].into(), pair.now)
        .unwrap();
    pair.settle();
    pair.run(Duration::from_millis(200));
    let got: Vec<usize> = pair
        .client_events
        .iter()
        .filter_map(|event| match event {
            Event::ChannelData(data) => Some(data.data.len()),
            _ => None,
        })
        .collect();
    assert_eq!(got, [5, 5, 60_000]);

    let id = pair.client_events.iter().find_map(|event| match event {
        Event::ChannelOpen(id, label) if label == "_reliable" => Some(*id),
        _ => None,
    });
    assert!(
        pair.client
            .channel(id.unwrap())
            .unwrap()
            .write(true, b"up")
            .unwrap()
    );
    pair.run(Duration::from_millis(50));
    let data = pair.events.iter().find_map(|event| match event {
        PeerEvent::Data { channel, payload } => Some((*channel, payload.clone())),
        _ => None,
    });
    assert_eq!(data, Some((DataChannel::Reliable, b"up".to_vec())));
}

/// Lengths of the messages the client has got.
fn received(pair: &Pair) -> Vec<usize> {
    pair.client_events
        .iter()
        .filter_map(|event| match event {
            Event::ChannelData(data) => Some(data.data.len()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_burst_of_reliable_data_arrives_whole_and_in_order() {
    let mut pair = Pair::new(PeerRole::Single);
    pair.offer(&AnswerPlan::default(), open_channels);
    pair.connect();
    pair.run(Duration::from_millis(200));
    let sent: Vec<usize> = (0..100).map(|number| 50_000 + number).collect();
    for length in &sent {
        pair.peer
            .send_data(DataChannel::Reliable, &vec![7_u8; *length].into(), pair.now)
            .unwrap();
    }
    let backlog = pair.peer.data_backlog();
    assert!(backlog.bytes > 2 << 20 && backlog.stuck_since.is_some());
    pair.peer
        .send_data(DataChannel::Lossy, &Bytes::from_static(b"now"), pair.now)
        .expect("the other channels have room");
    for _ in 0..200 {
        if pair.peer.data_backlog().bytes == 0 {
            break;
        }
        pair.run(Duration::from_millis(20));
    }
    pair.run(Duration::from_millis(500));
    let mut got = received(&pair);
    got.retain(|length| *length > 3);
    assert_eq!(got, sent);
    assert_eq!(pair.peer.data_backlog().stuck_since, None);
}

#[test]
fn what_a_client_never_takes_is_refused_in_the_end() {
    let mut pair = Pair::new(PeerRole::Single);
    let message = Bytes::from(vec![7_u8; 60_000]);
    let taken = (0..1000)
        .take_while(|_| {
            pair.peer
                .send_data(DataChannel::Reliable, &message, pair.now)
                .is_ok()
        })
        .count();
    assert_eq!(taken, (16 << 20) / 60_000);
    pair.peer.forget_data();
    assert_eq!(pair.peer.data_backlog().bytes, 0);
}

#[test]
fn a_message_may_be_as_large_as_the_client_takes() {
    let mut pair = Pair::new(PeerRole::Single);
    pair.offer(&AnswerPlan::default(), open_channels);
    pair.connect();
    pair.run(Duration::from_millis(200));
    assert_eq!(pair.peer.max_data_size(), 262_144);
    let largest = Bytes::from(vec![7_u8; 262_144]);
    pair.peer
        .send_data(DataChannel::Reliable, &largest, pair.now)
        .unwrap();
    let too_large =
        pair.peer
            .send_data(DataChannel::Reliable, &vec![7_u8; 262_145].into(), pair.now);
    assert_eq!(too_large, Err(SendDataError::TooLarge));
    pair.run(Duration::from_millis(500));
    assert_eq!(received(&pair), [262_144]);
}

#[test]
fn a_single_connection_plays_tracks_on_the_clients_sections() {
    let mut pair = Pair::new(PeerRole::Single);
    let mut mids = Vec::new();
    let answer = pair.offer(&AnswerPlan::default(), |changes| {
        open_channels(changes);
        for kind in [MediaKind::Audio, MediaKind::Video, MediaKind::Video] {
            mids.push(changes.add_media(kind, Direction::RecvOnly, None, None, None));
        }
    });
    assert!(
        !answer.sdp.contains("a=msid:"),
        "unused sections carry no msid: {}",
        answer.sdp
    );
    assert!(!answer.sdp.contains("a=ssrc:"));
    assert_eq!(answer.sdp.matches("a=sendonly").count(), 3);
    pair.connect();

    let tracks: Vec<_> = (0..4)
        .map(|n| {
            pair.peer
                .add_down_track(subscribed(&format!("TR_{n}"), MediaKind::Video))
        })
        .collect();
    pair.settle();
    assert_eq!(
        pair.count(|event| matches!(event, PeerEvent::NegotiationNeeded)),
        1
    );
    assert_eq!(
        pair.peer.sections_requirement(),
        SectionsRequirement {
            audios: 0,
            videos: 2
        }
    );
    let answer = pair.offer(&AnswerPlan::default(), |changes| {
        for _ in 0..2 {
            mids.push(changes.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None));
        }
    });
    assert_eq!(
        pair.peer.sections_requirement(),
        SectionsRequirement::default()
    );
    assert_eq!(answer.mid_to_track_id.len(), 4);
    assert_eq!(
        answer.mid_to_track_id.get(&mids[1].to_string()),
        Some(&"TR_0".to_owned())
    );
    assert_eq!(pair.ready_tracks().len(), 4);
    for (n, track) in tracks.iter().enumerate() {
        assert!(pair.server_writes(*track, Codec::Vp8, 1, &[u8::try_from(n).unwrap()]));
    }
    let got: Vec<_> = pair
        .client_packets()
        .iter()
        .map(|packet| (packet.header.ext_vals.mid, packet.payload[0]))
        .collect();
    let expected: Vec<_> = (0..4)
        .map(|n| (Some(mids[n + 1]), u8::try_from(n).unwrap()))
        .collect();
    assert_eq!(got, expected);
}

#[test]
fn a_section_is_bound_to_another_track_with_new_sources() {
    let mut pair = Pair::new(PeerRole::Single);
    let first = pair
        .peer
        .add_down_track(subscribed("TR_a", MediaKind::Video));
    let mut mid = None;
    pair.offer(&AnswerPlan::default(), |changes| {
        mid = Some(changes.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None));
    });
    pair.connect();
    assert!(pair.server_writes(first, Codec::Vp8, 100, b"a"));
    pair.peer.remove_down_track(first);
    let second = pair
        .peer
        .add_down_track(subscribed("TR_b", MediaKind::Video));
    assert_eq!(
        pair.peer.sections_requirement(),
        SectionsRequirement::default()
    );
    let answer = pair.offer(&AnswerPlan::default(), |changes| {
        changes.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
    });
    assert!(answer.sdp.contains("a=msid:PA_other|TR_b TR_b"));
    assert!(!answer.sdp.contains("TR_a"));
    assert_eq!(
        answer.mid_to_track_id.get(&mid.unwrap().to_string()),
        Some(&"TR_b".to_owned())
    );
    assert!(pair.server_writes(second, Codec::Vp8, 1, b"b"));
    let packets = pair.client_packets();
    assert_eq!(&*packets.last().unwrap().payload, b"b");
    assert_ne!(packets[0].header.ssrc, packets.last().unwrap().header.ssrc);
}

#[test]
fn media_goes_on_after_an_ice_restart_of_the_client() {
    let mut pair = Pair::new(PeerRole::Publisher);
    let (audio, _) = publish(&mut pair);
    let opus = pair.client_pt(Format::Opus);
    pair.client_writes(audio, None, opus, 1, b"before");
    let answer = pair.offer(
        &AnswerPlan {
            tracks: vec![published("TR_mic", MediaKind::Audio, "mic", None)],
        },
        |changes| {
            changes.ice_restart(true);
        },
    );
    assert!(
        answer.sdp.contains("a=ice-ufrag:0100000007"),
        "{}",
        answer.sdp
    );
    pair.run(Duration::from_secs(2));
    pair.client_writes(audio, None, opus, 2, b"after");
    assert_eq!(pair.server_got(0), [b"before".to_vec(), b"after".to_vec()]);
    assert_eq!(pair.count(|event| matches!(event, PeerEvent::Closed(_))), 0);
}

#[test]
fn media_goes_on_after_an_ice_restart_of_the_server() {
    let mut pair = Pair::new(PeerRole::Subscriber);
    pair.accept_offer();
    pair.connect();
    let track = pair
        .peer
        .add_down_track(subscribed("TR_1", MediaKind::Video));
    let before = pair.accept_offer();
    pair.peer.ice_restart();
    pair.settle();
    let after = pair.accept_offer();
    let ufrag = |sdp: &str| {
        sdp.lines()
            .find(|line| line.starts_with("a=ice-ufrag:"))
            .unwrap()
            .to_owned()
    };
    assert_ne!(ufrag(&before.sdp), ufrag(&after.sdp));
    pair.run(Duration::from_secs(2));
    assert!(pair.server_writes(track, Codec::Vp8, 1, b"after"));
    assert_eq!(&*pair.client_packets().last().unwrap().payload, b"after");
    assert_eq!(
        pair.count(|event| matches!(event, PeerEvent::IceDisconnected)),
        0
    );
}

#[test]
fn silence_is_noticed_and_a_returning_client_revives_the_connection() {
    let mut pair = Pair::new(PeerRole::Publisher);
    publish(&mut pair);
    pair.lose = Box::new(|_, _| true);
    pair.run(Duration::from_secs(16));
    assert_eq!(
        pair.count(|event| matches!(event, PeerEvent::IceDisconnected)),
        1
    );
    assert_eq!(pair.count(|event| matches!(event, PeerEvent::IceFailed)), 1);
    pair.lose = Box::new(|_, _| false);
    let before = pair.count(|event| matches!(event, PeerEvent::IceConnected));
    pair.offer(&AnswerPlan::default(), |changes| {
        changes.ice_restart(true);
    });
    pair.run(Duration::from_secs(3));
    assert_eq!(
        pair.count(|event| matches!(event, PeerEvent::IceConnected)),
        before + 1
    );
}

#[test]
fn the_clients_goodbye_closes_the_connection() {
    let mut pair = Pair::new(PeerRole::Publisher);
    publish(&mut pair);
    pair.client.close().unwrap();
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.count(|event| matches!(event, PeerEvent::Closed(_))), 1);
}
