//! Facts about ingresses without media: what they may be, and that they are on the disk.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

use livekit_wire::{
    ApiKeys,
    proto::{
        CreateIngressRequest, IngressAudioOptions, IngressInput, IngressVideoEncodingOptions,
        IngressVideoOptions, ListIngressRequest, TrackSource, UpdateIngressRequest, VideoCodec,
        VideoLayer, WebhookEvent, ingress_state::Status, ingress_video_options::EncodingOptions,
    },
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{IngressError, Ingresses, NotPublished, Settings};
use crate::shard::{Command, Rooms, ShardSender};

struct NoShard;

impl ShardSender for NoShard {
    fn send(&self, _: Command) -> bool {
        false
    }
}

fn rooms() -> Rooms {
    Rooms::new(vec![Box::new(NoShard)])
}

fn open(state_file: Option<PathBuf>) -> (Ingresses, UnboundedReceiver<WebhookEvent>) {
    let settings = Settings {
        whip_base_url: "https://meet.example.org/w".to_owned(),
        rtmp_base_url: String::new(),
        rtmp: false,
        state_file,
    };
    let (webhooks, told) = unbounded_channel();
    let ingresses = Ingresses::open(&settings, webhooks, || SystemTime::UNIX_EPOCH);
    (ingresses, told)
}

fn with_rtmp(folder: &Path) -> Ingresses {
    let settings = Settings {
        rtmp_base_url: "rtmp://meet.example.org:1935/live".to_owned(),
        state_file: Some(folder.join("ingresses.json")),
        ..Settings::default()
    };
    let (webhooks, _told) = unbounded_channel();
    Ingresses::open(&settings, webhooks, || SystemTime::UNIX_EPOCH)
}

fn whip(name: &str) -> CreateIngressRequest {
    CreateIngressRequest {
        input_type: IngressInput::WhipInput.into(),
        name: name.to_owned(),
        room_name: "r".to_owned(),
        participant_identity: "stage".to_owned(),
        ..CreateIngressRequest::default()
    }
}

async fn names(ingresses: &Ingresses) -> Vec<String> {
    let (rooms, every) = (rooms(), ListIngressRequest::default());
    let all = ingresses.list(&rooms, &every);
    let mut names: Vec<_> = all
        .await
        .unwrap()
        .into_iter()
        .map(|info| info.name)
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ingresses.json");
    let (ingresses, _told) = open(Some(path.clone()));
    let made = ingresses.create(whip("one")).await.unwrap();
    assert!(made.ingress_id.starts_with("IN_") && made.stream_key.len() >= 24);
    assert_eq!(made.url, "https://meet.example.org/w");
    assert!(made.reusable && made.enable_transcoding == Some(false));
    let two = ingresses.create(whip("two")).await.unwrap();
    assert_ne!(made.stream_key, two.stream_key);
    let change = UpdateIngressRequest {
        ingress_id: made.ingress_id.clone(),
        name: "renamed".to_owned(),
        enabled: Some(false),
        ..UpdateIngressRequest::default()
    };
    let updated = ingresses.update(change).await.unwrap();
    assert_eq!(
        (updated.enabled, updated.room_name.as_str()),
        (Some(false), "r")
    );
    ingresses.delete(&two.ingress_id).await.unwrap();
    // Nothing is written at the end: this is what a kill leaves.
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it holds stream keys");
    let (again, _told) = open(Some(path));
    assert_eq!(names(&again).await, ["renamed"]);
    let one = ListIngressRequest {
        ingress_id: made.ingress_id,
        ..ListIngressRequest::default()
    };
    let [kept] = &again.list(&rooms(), &one).await.unwrap()[..] else {
        panic!("one")
    };
    assert_eq!(kept.stream_key, made.stream_key);
}

#[tokio::test]
async fn who_published_when_the_server_was_killed_publishes_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ingresses.json");
    let (ingresses, _told) = open(Some(path.clone()));
    let made = ingresses.create(whip("one")).await.unwrap();
    let noted = ingresses.note(&made.ingress_id, |ingress| {
        ingress.info.state.get_or_insert_default().status = Status::EndpointPublishing.into();
    });
    noted.await.unwrap();
    let (_again, mut told) = open(Some(path.clone()));
    let event = told.try_recv().unwrap();
    let info = event.ingress_info.unwrap();
    assert_eq!(
        (event.event.as_str(), info.name.as_str()),
        ("ingress_ended", "one")
    );
    assert_eq!(info.stream_key, "", "a webhook is no place for a secret");
    assert_eq!(info.state.unwrap().status(), Status::EndpointInactive);
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (ingresses, _told) = open(Some(folder.path().join("no/such/folder/ingresses.json")));
    let refused = ingresses.create(whip("one")).await.unwrap_err();
    assert!(matches!(refused, IngressError::Disk(_)), "{refused:?}");
    assert_eq!(names(&ingresses).await, Vec::<String>::new());

    let broken = folder.path().join("broken.json");
    std::fs::write(&broken, "{").unwrap();
    let (ingresses, _told) = open(Some(broken.clone()));
    let refused = ingresses.create(whip("one")).await.unwrap_err();
    assert!(matches!(refused, IngressError::Disk(_)), "{refused:?}");
    assert_eq!(
        std::fs::read_to_string(&broken).unwrap(),
        "{",
        "it is left for whoever mends it"
    );

    let (nowhere, _told) = open(None);
    let refused = nowhere.create(whip("one")).await.unwrap_err();
    assert_eq!(refused, IngressError::NotConnected);
    assert!(!Path::new("ingresses.json").exists());
}

#[tokio::test]
async fn what_this_server_does_not_do_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (ingresses, _told) = open(Some(folder.path().join("ingresses.json")));
    let rtmp = |request: CreateIngressRequest| CreateIngressRequest {
        input_type: IngressInput::RtmpInput.into(),
        ..request
    };
    let transcoded = CreateIngressRequest {
        enable_transcoding: Some(true),
        ..whip("one")
    };
    for request in [rtmp(whip("one")), transcoded] {
        let refused = ingresses.create(request).await.unwrap_err();
        assert!(
            matches!(refused, IngressError::Unimplemented(_)),
            "{refused:?}"
        );
    }
    let nobody = CreateIngressRequest {
        participant_identity: String::new(),
        ..whip("one")
    };
    let encoded = CreateIngressRequest {
        video: Some(IngressVideoOptions {
            encoding_options: Some(EncodingOptions::Preset(0)),
            ..IngressVideoOptions::default()
        }),
        ..whip("one")
    };
    let confused = CreateIngressRequest {
        audio: Some(IngressAudioOptions {
            source: TrackSource::Camera.into(),
            ..IngressAudioOptions::default()
        }),
        ..whip("one")
    };
    for request in [nobody, encoded, confused] {
        let refused = ingresses.create(request).await.unwrap_err();
        assert!(matches!(refused, IngressError::Invalid(_)), "{refused:?}");
    }
    let long = whip(&"n".repeat(300));
    let refused = ingresses.create(long).await.unwrap_err();
    assert_eq!(refused, IngressError::TooLong("name"));
    let unknown = ingresses.delete("IN_1").await.unwrap_err();
    assert_eq!(unknown, IngressError::NotFound);
}

#[tokio::test]
async fn rtmp_is_transcoded_as_its_ingress_says() {
    let folder = tempfile::tempdir().unwrap();
    let ingresses = with_rtmp(folder.path());
    let rtmp = |encoding: Option<EncodingOptions>| CreateIngressRequest {
        input_type: IngressInput::RtmpInput.into(),
        video: Some(IngressVideoOptions {
            encoding_options: encoding,
            ..IngressVideoOptions::default()
        }),
        ..whip("one")
    };
    let made = ingresses.create(rtmp(None)).await.unwrap();
    assert_eq!(made.url, "rtmp://meet.example.org:1935/live");
    assert_eq!(made.enable_transcoding, Some(true));
    let preset = |preset| Some(EncodingOptions::Preset(preset));
    let made = ingresses.create(rtmp(preset(1))).await.unwrap();
    assert_eq!(made.enable_transcoding, Some(true));
    let copied = CreateIngressRequest {
        enable_transcoding: Some(false),
        ..rtmp(None)
    };
    let made = ingresses.create(copied).await.unwrap();
    assert_eq!(made.enable_transcoding, Some(false));
    let layer = |width, height| VideoLayer {
        width,
        height,
        ..VideoLayer::default()
    };
    let options = |codec: VideoCodec, layers| {
        Some(EncodingOptions::Options(IngressVideoEncodingOptions {
            video_codec: codec.into(),
            layers,
            ..IngressVideoEncodingOptions::default()
        }))
    };
    let baseline = VideoCodec::H264Baseline;
    let good = rtmp(options(baseline, vec![layer(640, 360)]));
    ingresses.create(good).await.unwrap();
    let copied = CreateIngressRequest {
        enable_transcoding: Some(false),
        ..rtmp(preset(1))
    };
    for request in [
        copied,
        rtmp(preset(99)),
        rtmp(options(baseline, vec![layer(640, 0)])),
        rtmp(options(baseline, vec![layer(90_000, 90_000)])),
    ] {
        let refused = ingresses.create(request).await.unwrap_err();
        assert!(matches!(refused, IngressError::Invalid(_)), "{refused:?}");
    }
    let vp8 = rtmp(options(VideoCodec::Vp8, Vec::new()));
    let refused = ingresses.create(vp8).await.unwrap_err();
    assert!(
        matches!(refused, IngressError::Unimplemented(_)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_key_is_good_for_its_own_protocol_only() {
    let folder = tempfile::tempdir().unwrap();
    let ingresses = with_rtmp(folder.path());
    let made = ingresses.create(whip("one")).await.unwrap();
    let keys = ApiKeys::one("k".to_owned(), "s".into());
    let refused = ingresses.relay(&rooms(), &keys, &made.stream_key).await;
    assert_eq!(refused.unwrap_err(), NotPublished::OtherInput);
    let refused = ingresses.relay(&rooms(), &keys, "").await;
    assert_eq!(refused.unwrap_err(), NotPublished::NoSuchKey);
}
