//! Answers to the offers of real browsers.

use std::time::Instant;

use str0m::media::MediaKind;

use super::flow::published;
use super::pair::config;
use crate::forward::Codec;
use crate::peer::sdp::{Sdp, Section};
use crate::peer::{
    AnswerPlan, Description, Output, Peer, PeerEvent, PeerId, PeerRole, PublishPlan, UpTrack,
};

const DUAL_DATA: &str = include_str!("fixtures/chromium_dual_data.sdp");
const DUAL_PUBLISH: &str = include_str!("fixtures/chromium_dual_publish.sdp");
const SINGLE_JOIN: &str = include_str!("fixtures/chromium_single_join.sdp");
const SINGLE_PUBLISH: &str = include_str!("fixtures/chromium_single_publish.sdp");

fn answer(role: PeerRole, offer: &str, tracks: Vec<PublishPlan>) -> (Description, Vec<UpTrack>) {
    let now = Instant::now();
    let mut peer = Peer::new(
        role,
        PeerId {
            shard: 0,
            number: 1,
        },
        &config(),
        now,
    );
    answer_of(&mut peer, offer, tracks, now)
}

fn answer_of(
    peer: &mut Peer,
    offer: &str,
    tracks: Vec<PublishPlan>,
    now: Instant,
) -> (Description, Vec<UpTrack>) {
    let offer = Description {
        sdp: offer.to_owned(),
        id: 5,
        ..Description::default()
    };
    let answer = peer
        .handle_offer(&offer, &AnswerPlan { tracks }, now)
        .unwrap();
    let mut announced = Vec::new();
    while let Output::Event(event) = peer.poll_output(now) {
        if let PeerEvent::UpTrack(track) = event {
            announced.push(track);
        }
    }
    (answer, announced)
}

/// The msid track ids of an offer's sending sections.
fn cids(offer: &str, kind: &str) -> Vec<String> {
    let sdp = Sdp::parse(offer).unwrap();
    let sections = sdp
        .sections
        .iter()
        .filter(|section| section.kind == kind && section.direction().sends());
    sections
        .filter_map(|section| section.track_id().map(str::to_owned))
        .collect()
}

fn first_codec(section: &Section) -> String {
    let first = section.formats.first().unwrap();
    let encoding = section
        .rtpmaps()
        .find(|(payload_type, _)| payload_type == first)
        .unwrap()
        .1;
    encoding.split('/').next().unwrap().to_owned()
}

fn sections<'a>(sdp: &'a Sdp, kind: &str) -> Vec<&'a Section> {
    sdp.sections
        .iter()
        .filter(|section| section.kind == kind)
        .collect()
}

#[test]
fn the_answer_repeats_the_offers_id_and_names_the_peer() {
    let (answer, _) = answer(PeerRole::Publisher, DUAL_DATA, vec![]);
    assert_eq!(answer.id, 5);
    assert!(answer.sdp.contains("a=ice-ufrag:0000000001"));
    assert!(answer.sdp.contains("a=max-message-size:65535"));
    assert!(answer.sdp.contains("127.0.0.1 7882 typ host"));
}

/// The Rust SDK publishes with one payload type where its receiving m-lines offer that codec's RTX too.
#[test]
fn an_answer_holds_only_the_payload_types_that_its_own_section_offered() {
    let mut offer = Sdp::parse(SINGLE_PUBLISH).unwrap();
    let section = offer
        .sections
        .iter_mut()
        .find(|section| section.kind == "video" && section.direction().sends())
        .unwrap();
    let vp8 = section
        .rtpmaps()
        .find(|(_, encoding)| encoding.starts_with("VP8"))
        .unwrap()
        .0
        .to_owned();
    for format in section.formats.clone() {
        if format != vp8 {
            section.remove_format(&format);
        }
    }
    let mid = section.mid().unwrap().to_owned();
    let cid = section.track_id().unwrap().to_owned();
    let plan = vec![published("TR_cam", MediaKind::Video, &cid, None)];
    let (answer, tracks) = answer(PeerRole::Single, &offer.to_string(), plan);
    let sdp = Sdp::parse(&answer.sdp).unwrap();
    let answered = sdp
        .sections
        .iter()
        .find(|section| section.mid() == Some(&mid))
        .unwrap();
    assert_eq!(answered.formats, [vp8.as_str()]);
    assert!(
        answered
            .rtpmaps()
            .all(|(payload_type, _)| payload_type == vp8)
    );
    assert_eq!(tracks.len(), 1);
}

#[test]
fn the_codec_asked_for_is_answered_first() {
    for (codec, name) in [
        (Codec::Vp9, "VP9"),
        (Codec::H264, "H264"),
        (Codec::Av1, "AV1"),
        (Codec::Vp8, "VP8"),
    ] {
        let cid = &cids(DUAL_PUBLISH, "video")[0];
        let plan = vec![published("TR_cam", MediaKind::Video, cid, Some(codec))];
        let (answer, tracks) = answer(PeerRole::Publisher, DUAL_PUBLISH, plan);
        let sdp = Sdp::parse(&answer.sdp).unwrap();
        assert_eq!(first_codec(sections(&sdp, "video")[0]), name);
        assert_eq!(
            tracks.iter().map(|track| track.codec).collect::<Vec<_>>(),
            [codec]
        );
    }
}

#[test]
fn red_comes_before_opus_unless_it_is_off() {
    let cid = &cids(DUAL_PUBLISH, "audio")[0];
    for (red, first) in [(true, "red"), (false, "opus")] {
        let plan = PublishPlan {
            red,
            ..published("TR_mic", MediaKind::Audio, cid, None)
        };
        let (answer, tracks) = answer(PeerRole::Publisher, DUAL_PUBLISH, vec![plan]);
        let sdp = Sdp::parse(&answer.sdp).unwrap();
        let audio = sections(&sdp, "audio")[0];
        assert_eq!(first_codec(audio), first);
        assert_eq!(
            audio
                .rtpmaps()
                .any(|(_, encoding)| encoding.starts_with("red/")),
            red
        );
        assert_eq!(tracks[0].codec, if red { Codec::Red } else { Codec::Opus });
    }
}

#[test]
fn opus_is_told_about_silence_and_stereo() {
    let cid = &cids(DUAL_PUBLISH, "audio")[0];
    let fmtp = |dtx, stereo| {
        let plan = PublishPlan {
            dtx,
            stereo,
            ..published("TR_mic", MediaKind::Audio, cid, None)
        };
        let (answer, _) = answer(PeerRole::Publisher, DUAL_PUBLISH, vec![plan]);
        sections(&Sdp::parse(&answer.sdp).unwrap(), "audio")[0]
            .fmtp("111")
            .unwrap()
            .to_owned()
    };
    assert_eq!(fmtp(true, false), "minptime=10;useinbandfec=1;usedtx=1");
    assert_eq!(fmtp(false, false), "minptime=10;useinbandfec=1");
    assert_eq!(
        fmtp(false, true),
        "minptime=10;useinbandfec=1;stereo=1;maxaveragebitrate=510000"
    );
}

#[test]
fn the_start_bitrate_is_echoed() {
    let offer = DUAL_PUBLISH.replace(
        "a=fmtp:98 profile-id=0\r\n",
        "a=fmtp:98 profile-id=0;x-google-start-bitrate=1190\r\n",
    );
    assert_ne!(offer, DUAL_PUBLISH);
    let cid = &cids(&offer, "video")[0];
    let plan = vec![published("TR_cam", MediaKind::Video, cid, Some(Codec::Vp9))];
    let (answer, _) = answer(PeerRole::Publisher, &offer, plan);
    let sdp = Sdp::parse(&answer.sdp).unwrap();
    let fmtp = sections(&sdp, "video")[0].fmtp("98");
    assert_eq!(fmtp, Some("profile-id=0;x-google-start-bitrate=1190"));
}

#[test]
fn a_start_bitrate_on_a_codec_without_parameters_is_echoed() {
    let offer = DUAL_PUBLISH.replace(
        "a=rtpmap:96 VP8/90000\r\n",
        "a=rtpmap:96 VP8/90000\r\na=fmtp:96 x-google-start-bitrate=500\r\n",
    );
    let (answer, _) = answer(PeerRole::Publisher, &offer, vec![]);
    let sdp = Sdp::parse(&answer.sdp).unwrap();
    assert_eq!(
        sections(&sdp, "video")[0].fmtp("96"),
        Some("x-google-start-bitrate=500")
    );
}

#[test]
fn simulcast_streams_are_accepted_by_name() {
    let cid = &cids(DUAL_PUBLISH, "video")[0];
    let plan = vec![published("TR_cam", MediaKind::Video, cid, None)];
    let (answer, tracks) = answer(PeerRole::Publisher, DUAL_PUBLISH, plan);
    let sdp = Sdp::parse(&answer.sdp).unwrap();
    let video = sections(&sdp, "video")[0];
    assert_eq!(video.rids("recv"), ["q", "h", "f"]);
    assert_eq!(video.value("simulcast"), Some("recv q;h;f"));
    assert_eq!(
        tracks[0]
            .rids
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["q", "h", "f"]
    );
}

#[test]
fn header_extensions_needed_by_svc_and_congestion_control_are_accepted() {
    let (answer, _) = answer(PeerRole::Publisher, DUAL_PUBLISH, vec![]);
    let sdp = Sdp::parse(&answer.sdp).unwrap();
    let video = sections(&sdp, "video")[0];
    for extension in [
        "dependency-descriptor-rtp-header-extension",
        "transport-wide-cc-extensions-01",
        "abs-send-time",
        "sdes:mid",
        "sdes:rtp-stream-id",
        "sdes:repaired-rtp-stream-id",
    ] {
        assert!(
            video
                .values("extmap")
                .any(|value| value.ends_with(extension)),
            "{extension}"
        );
    }
    for feedback in [
        "96 transport-cc",
        "96 goog-remb",
        "96 ccm fir",
        "96 nack",
        "96 nack pli",
    ] {
        assert!(
            video.values("rtcp-fb").any(|value| value == feedback),
            "{feedback}"
        );
    }
}

#[test]
fn a_firefox_like_id_is_paired_by_kind_and_order() {
    let offered = cids(DUAL_PUBLISH, "video");
    let plan = vec![
        published("TR_mic", MediaKind::Audio, "{mic}", None),
        published("TR_cam", MediaKind::Video, "{cam}", Some(Codec::Vp8)),
        published("TR_screen", MediaKind::Video, "{screen}", Some(Codec::Vp9)),
    ];
    let (answer, tracks) = answer(PeerRole::Publisher, DUAL_PUBLISH, plan);
    let paired: Vec<_> = tracks
        .iter()
        .map(|track| {
            (
                track.track_sid.as_str(),
                track.cid.as_str(),
                track.sdp_cid.clone().unwrap(),
            )
        })
        .collect();
    assert_eq!(paired[1], ("TR_cam", "{cam}", offered[0].clone()));
    assert_eq!(paired[2], ("TR_screen", "{screen}", offered[1].clone()));
    let sdp = Sdp::parse(&answer.sdp).unwrap();
    assert_eq!(first_codec(sections(&sdp, "video")[1]), "VP9");
}

#[test]
fn unused_receiving_sections_are_answered_sendonly_without_a_track() {
    let (answer, _) = answer(PeerRole::Single, SINGLE_JOIN, vec![]);
    let sdp = Sdp::parse(&answer.sdp).unwrap();
    let media: Vec<_> = sdp
        .sections
        .iter()
        .filter(|section| section.is_media())
        .collect();
    assert_eq!(media.len(), 6);
    for section in media {
        assert!(section.contains("sendonly"));
        assert_eq!(section.value("msid"), None);
        assert_eq!(section.value("ssrc"), None);
    }
    assert!(answer.mid_to_track_id.is_empty());
}

#[test]
fn receiving_sections_ask_for_remb_and_sending_ones_for_transport_cc() {
    let (answer, _) = answer(PeerRole::Single, SINGLE_PUBLISH, vec![]);
    let sdp = Sdp::parse(&answer.sdp).unwrap();
    for section in sdp
        .sections
        .iter()
        .filter(|section| section.kind == "video")
    {
        let transport_cc = section
            .values("extmap")
            .any(|value| value.contains("transport-wide-cc"));
        assert_eq!(
            transport_cc,
            section.contains("recvonly"),
            "{:?}",
            section.mid()
        );
        assert!(
            section
                .values("rtcp-fb")
                .any(|value| value == "96 goog-remb")
        );
    }
}

#[test]
fn payload_types_agree_across_the_bundle() {
    let (answer, _) = answer(PeerRole::Single, SINGLE_PUBLISH, vec![]);
    let sdp = Sdp::parse(&answer.sdp).unwrap();
    let mut seen = std::collections::HashMap::new();
    for section in sdp.sections.iter().filter(|section| section.is_media()) {
        for format in &section.formats {
            let fmtp = section.fmtp(format).map(str::to_owned);
            assert_eq!(
                seen.entry(format.clone()).or_insert_with(|| fmtp.clone()),
                &fmtp,
                "{format}"
            );
        }
    }
    assert!(seen.len() > 10);
}

#[test]
fn codecs_that_are_switched_off_are_not_answered() {
    let now = Instant::now();
    let mut only_vp8 = config();
    only_vp8.codecs = vec![Codec::Opus, Codec::Vp8];
    let mut peer = Peer::new(
        PeerRole::Publisher,
        PeerId {
            shard: 0,
            number: 1,
        },
        &only_vp8,
        now,
    );
    let (answer, _) = answer_of(&mut peer, DUAL_PUBLISH, vec![], now);
    for name in ["H264", "VP9", "AV1", "red/", "PCMU"] {
        assert!(!answer.sdp.contains(name), "{name}");
    }
}

#[test]
fn a_connection_that_starts_with_data_takes_tracks_later() {
    let now = Instant::now();
    let mut peer = Peer::new(
        PeerRole::Publisher,
        PeerId {
            shard: 0,
            number: 1,
        },
        &config(),
        now,
    );
    answer_of(&mut peer, DUAL_DATA, vec![], now);
    let same_session = |line: &str| line.starts_with("a=ice-") || line.starts_with("a=fingerprint");
    let credentials: Vec<_> = DUAL_DATA
        .lines()
        .filter(|line| same_session(line))
        .collect();
    let mut offer = String::new();
    for line in DUAL_PUBLISH.lines() {
        let key = line.split(':').next().unwrap_or_default();
        let kept = credentials
            .iter()
            .find(|kept| same_session(line) && kept.starts_with(key));
        offer.push_str(kept.unwrap_or(&line));
        offer.push_str("\r\n");
    }
    // The data section keeps its place in front, as in every later offer of that connection.
    let (head, media) = offer.split_once("m=").unwrap();
    let application: String = DUAL_DATA.split_once("m=").unwrap().1.to_owned();
    let position = media.find("m=application").unwrap();
    let offer = format!(
        "{}m={application}m={}",
        head.replace("BUNDLE 1 2 3 4", "BUNDLE 0 1 2 3"),
        &media[..position]
    );
    let cid = &cids(DUAL_PUBLISH, "video")[0];
    let (_, tracks) = answer_of(
        &mut peer,
        &offer,
        vec![published("TR_cam", MediaKind::Video, cid, Some(Codec::Vp8))],
        now,
    );
    assert_eq!(tracks.len(), 1);
}
