//! RTMP end to end: a real ffmpeg publishes to `convoke ingress`, which brings it into a room of `convoke media-server`; somebody
//! there sees and hears it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests may start from the machine's clock"
)]

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{Router, extract::State, routing::post};
use livekit_api::services::{
    ingress::{CreateIngressOptions, IngressClient, IngressListFilter},
    room::RoomClient,
};
use livekit_client::Grant;
use livekit_protocol::{
    IngressInfo, IngressInput, UpdateIngressRequest, ingress_state::Status, participant_info::Kind,
};
use livekit_wire::{Claims, VideoGrants, token::sign};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use parking_lot::Mutex;
use participant::{Codec, Event, Events, JoinOptions, Participant, Receive};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

const KEY: &str = "devkey";
const SECRET: &str = "a secret of thirty-two characters";
const PATIENCE: Duration = Duration::from_mins(1);

/// A media server and an ingress process; killed when dropped.
struct House {
    media: Child,
    ingress: Child,
    signal: u16,
    rtmp: u16,
    /// Names of webhooks about ingresses, as they came.
    told: Arc<Mutex<Vec<String>>>,
    folder: TempDir,
}

impl House {
    async fn start() -> House {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let (signal, udp, tcp, rtmp, health) = (port(), port(), port(), port(), port());
        let told = Arc::<Mutex<Vec<String>>>::default();
        let hooks = hear(Arc::clone(&told)).await;
        let yaml = format!(
            "port: {signal}\nbind_addresses: [127.0.0.1]\nkeys: {{{KEY}: {SECRET}}}\n\
             rtc: {{udp_port: {udp}, tcp_port: {tcp}, node_ip: 127.0.0.1}}\n\
             webhook: {{api_key: {KEY}, urls: ['http://{hooks}/']}}\n\
             ingress: {{rtmp_base_url: 'rtmp://127.0.0.1:{rtmp}/live', state_file: '{}'}}\n",
            folder.path().join("ingresses.json").display()
        );
        fs::write(folder.path().join("media.yaml"), yaml).unwrap();
        let yaml = format!(
            "api_key: {KEY}\napi_secret: {SECRET}\nws_url: ws://127.0.0.1:{signal}\nffmpeg: {}\n\
             rtmp_bind_address: 127.0.0.1\nrtmp_port: {rtmp}\nport: {health}\n",
            ffmpeg().display()
        );
        fs::write(folder.path().join("ingress.yaml"), yaml).unwrap();
        let house = House {
            media: convoke("media-server", &folder.path().join("media.yaml")),
            ingress: convoke("ingress", &folder.path().join("ingress.yaml")),
            signal,
            rtmp,
            told,
            folder,
        };
        until_open(signal).await;
        until_open(rtmp).await;
        house
    }

    async fn restart_ingress(&mut self) {
        self.ingress.wait().unwrap();
        self.ingress = convoke("ingress", &self.folder.path().join("ingress.yaml"));
        until_open(self.rtmp).await;
    }

    async fn restart_media(&mut self) {
        self.media.kill().unwrap();
        self.media.wait().unwrap();
        self.media = convoke("media-server", &self.folder.path().join("media.yaml"));
        until_open(self.signal).await;
    }

    fn client(&self) -> IngressClient {
        IngressClient::with_api_key(&format!("http://127.0.0.1:{}", self.signal), KEY, SECRET)
    }

    async fn make(&self, enable_transcoding: Option<bool>) -> IngressInfo {
        let options = CreateIngressOptions {
            name: "stage".to_owned(),
            room_name: "r".to_owned(),
            participant_identity: "camera".to_owned(),
            participant_name: "Camera one".to_owned(),
            enable_transcoding,
            ..CreateIngressOptions::default()
        };
        let client = self.client();
        let made = client.create_ingress(IngressInput::RtmpInput, options);
        made.await.unwrap()
    }

    async fn switch_off(&self, id: &str) {
        let endpoint = livekit_client::Endpoint {
            url: format!("http://127.0.0.1:{}", self.signal).parse().unwrap(),
            keys: livekit_wire::ApiKeys::one(KEY.to_owned(), SECRET.into()),
        };
        let http = reqwest::Client::builder().timeout(PATIENCE).build();
        let client = livekit_client::Client::new(endpoint, http.unwrap());
        let request = UpdateIngressRequest {
            ingress_id: id.to_owned(),
            enabled: Some(false),
            ..UpdateIngressRequest::default()
        };
        let method = livekit_client::ingress::UPDATE_INGRESS;
        let updated = client.call(method, Grant::Ingress, &request, SystemTime::now());
        assert_eq!(updated.await.unwrap().enabled, Some(false));
    }

    async fn only(&self) -> IngressInfo {
        let client = self.client();
        let listed = client.list_ingress(IngressListFilter::All).await;
        let [info] = &listed.unwrap()[..] else {
            panic!("one ingress")
        };
        info.clone()
    }

    async fn until(&self, status: Status) -> IngressInfo {
        let seen = async {
            loop {
                let info = self.only().await;
                if info.state.as_ref().unwrap().status() == status {
                    return info;
                }
                sleep(Duration::from_millis(100)).await;
            }
        };
        let Ok(info) = timeout(PATIENCE, seen).await else {
            panic!("not {status:?}: {:?}", self.only().await.state)
        };
        info
    }

    /// Somebody in the room who wants frames.
    async fn ana(&self) -> (Participant, Events) {
        let claims = Claims {
            identity: "ana".to_owned(),
            video: Some(VideoGrants {
                room_join: true,
                room: "r".to_owned(),
                ..VideoGrants::default()
            }),
            ..Claims::default()
        };
        let life = Duration::from_hours(1);
        let token = sign(&claims, KEY, &SECRET.into(), SystemTime::now(), life).unwrap();
        let url = format!("ws://127.0.0.1:{}", self.signal).parse().unwrap();
        let options = JoinOptions {
            receive: Receive::Frames,
            ..JoinOptions::default()
        };
        Participant::join(&url, &token, options).await.unwrap()
    }

    fn encoder(&self, key: &str, what: &[&str]) -> Encoder {
        let url = format!("rtmp://127.0.0.1:{}/live/{key}", self.rtmp);
        let child = Command::new(ffmpeg())
            .args(["-nostdin", "-v", "error", "-re"])
            .args(what)
            .args(["-t", "120", "-f", "flv", &url])
            .stderr(Stdio::piped())
            .spawn();
        Encoder(child.unwrap())
    }

    async fn until_told(&self, names: &[&str]) {
        let told = async {
            while *self.told.lock() != names {
                sleep(Duration::from_millis(50)).await;
            }
        };
        let in_time = timeout(PATIENCE, told).await.is_ok();
        assert!(in_time, "told {:?}", self.told.lock());
    }
}

impl Drop for House {
    fn drop(&mut self) {
        for child in [&mut self.ingress, &mut self.media] {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Whoever streams; killed when dropped.
struct Encoder(Child);

impl Encoder {
    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.0.id().try_into().unwrap()), signal).unwrap();
    }

    /// What it said at its end.
    async fn ended(&mut self) -> String {
        let ended = async {
            while self.0.try_wait().unwrap().is_none() {
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(PATIENCE, ended).await.unwrap();
        std::io::read_to_string(self.0.stderr.take().unwrap()).unwrap()
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const PICTURE: &[&str] = &["-f", "lavfi", "-i", "testsrc=size=320x240:rate=15"];
const SOUND: &[&str] = &["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"];
const H264: &[&str] = &["-c:v", "libx264", "-preset", "ultrafast", "-g", "30"];

fn both(b_frames: &'static str) -> Vec<&'static str> {
    let picture = [
        H264,
        &["-pix_fmt", "yuv420p", "-bf", b_frames, "-b_strategy", "0"],
    ]
    .concat();
    [PICTURE, SOUND, &picture, &["-c:a", "aac"]].concat()
}

fn convoke(command: &str, config: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_convoke"))
        .arg(command)
        .arg("--config")
        .arg(config)
        .spawn()
        .unwrap()
}

fn ffmpeg() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    let mut found = std::env::split_paths(&path).map(|folder| folder.join("ffmpeg"));
    let found = found.find(|path| path.is_file());
    // `make test` installs it.
    found.unwrap()
}

fn port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

async fn until_open(port: u16) {
    let open = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, open).await.unwrap();
}

async fn hear(told: Arc<Mutex<Vec<String>>>) -> SocketAddr {
    let take = async |State(told): State<Arc<Mutex<Vec<String>>>>, body: String| {
        let event: serde_json::Value = serde_json::from_str(&body).unwrap();
        let name = event["event"].as_str().unwrap();
        if name.starts_with("ingress_") {
            assert!(
                event["ingressInfo"]["streamKey"]
                    .as_str()
                    .is_none_or(str::is_empty)
            );
            told.lock().push(name.to_owned());
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/", post(take)).with_state(told);
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    address
}

/// Waits for frames of each codec; the first keyframe of a picture.
async fn frames(events: &mut Events, codecs: &[Codec]) -> Vec<u8> {
    let mut wanted: Vec<Codec> = codecs.to_vec();
    let mut keyframe = Vec::new();
    let mut seen = 0;
    let seeing = async {
        while !wanted.is_empty() || seen < 30 {
            match events.next().await.unwrap() {
                Event::Frame(frame) => {
                    seen += 1;
                    if frame.codec == Codec::H264 && frame.keyframe && keyframe.is_empty() {
                        keyframe.clone_from(&frame.data);
                    }
                    if frame.codec != Codec::H264 || !keyframe.is_empty() {
                        wanted.retain(|codec| *codec != frame.codec);
                    }
                }
                Event::Left(reason) => panic!("left: {reason:?}"),
                _ => {}
            }
        }
    };
    let in_time = timeout(PATIENCE, seeing).await.is_ok();
    assert!(in_time, "no frames of {wanted:?}, {seen} of all");
    keyframe
}

async fn until_gone(events: &mut Events, identity: &str) {
    let gone = async {
        loop {
            if let Event::Participant(info) = events.next().await.unwrap()
                && info.identity == identity
                && info.state() == livekit_protocol::participant_info::State::Disconnected
            {
                return;
            }
        }
    };
    timeout(PATIENCE, gone).await.unwrap();
}

#[tokio::test]
async fn an_encoder_is_seen_and_heard_until_its_ingress_is_deleted() {
    let house = House::start().await;
    let made = house.make(None).await;
    assert_eq!(made.url, format!("rtmp://127.0.0.1:{}/live", house.rtmp));
    assert_eq!(made.enable_transcoding, Some(true));
    let (_ana, mut events) = house.ana().await;
    let mut encoder = house.encoder(&made.stream_key, &both("2"));
    let keyframe = frames(&mut events, &[Codec::H264, Codec::Opus]).await;
    let units: Vec<u8> = keyframe
        .windows(4)
        .filter(|bytes| bytes[..3] == [0, 0, 1])
        .map(|bytes| bytes[3] & 31)
        .collect();
    assert!(
        units.starts_with(&[7]) && units.contains(&8) && units.contains(&5),
        "{units:?}"
    );
    let info = house.until(Status::EndpointPublishing).await;
    let state = info.state.unwrap();
    let video = state.video.unwrap();
    assert_eq!(
        (video.width, video.height),
        (320, 240),
        "it is not scaled up"
    );
    assert_eq!(state.tracks.len(), 2);
    assert_eq!(state.room_id.get(..3), Some("RM_"));
    house.until_told(&["ingress_started"]).await;

    let mut second = house.encoder(&made.stream_key, &both("0"));
    let said = second.ended().await;
    assert!(said.contains("somebody publishes"), "{said}");
    house
        .client()
        .delete_ingress(&made.ingress_id)
        .await
        .unwrap();
    until_gone(&mut events, "camera").await;
    encoder.ended().await;
    house
        .until_told(&["ingress_started", "ingress_ended"])
        .await;
}

#[tokio::test]
async fn who_has_no_good_key_is_told_so() {
    let house = House::start().await;
    let made = house.make(None).await;
    let said = house.encoder("no-such-key", &both("0")).ended().await;
    assert!(said.contains("no ingress has this stream key"), "{said}");
    house.switch_off(&made.ingress_id).await;
    let said = house.encoder(&made.stream_key, &both("0")).ended().await;
    assert!(said.contains("disabled"), "{said}");
    assert_eq!(
        house.only().await.state.unwrap().status(),
        Status::EndpointInactive
    );
}

#[tokio::test]
async fn whatever_is_killed_the_state_is_right_and_the_key_is_good_again() {
    let mut house = House::start().await;
    let made = house.make(None).await;
    let (ana, mut events) = house.ana().await;
    let encode = |house: &House| house.encoder(&made.stream_key, &both("0"));

    let mut encoder = encode(&house);
    house.until(Status::EndpointPublishing).await;
    house.ingress.kill().unwrap();
    let failed = house.until(Status::EndpointError).await.state.unwrap();
    assert_eq!(failed.error, "the ingress process ended");
    until_gone(&mut events, "camera").await;
    encoder.ended().await;
    house.restart_ingress().await;

    let mut encoder = encode(&house);
    house.until(Status::EndpointPublishing).await;
    frames(&mut events, &[Codec::H264, Codec::Opus]).await;
    kill(transcoder_of(house.ingress.id()), Signal::SIGKILL).unwrap();
    let failed = house.until(Status::EndpointError).await.state.unwrap();
    assert!(failed.error.contains("ffmpeg ended"), "{}", failed.error);
    encoder.ended().await;

    let mut encoder = encode(&house);
    house.until(Status::EndpointPublishing).await;
    // What is told is told before the one who tells it is killed.
    let told = ["ingress_started", "ingress_ended"].repeat(3);
    house.until_told(&told[..5]).await;
    ana.leave().await;
    house.restart_media().await;
    encoder.ended().await;
    assert_eq!(
        house.only().await.state.unwrap().status(),
        Status::EndpointInactive
    );
    let (_ana, mut events) = house.ana().await;
    let encoder = encode(&house);
    frames(&mut events, &[Codec::H264, Codec::Opus]).await;
    // It ends of its own will.
    encoder.signal(Signal::SIGTERM);
    let ended = house.until(Status::EndpointInactive).await.state.unwrap();
    assert_eq!(ended.error, "");
    house
        .until_told(&["ingress_started", "ingress_ended"].repeat(4))
        .await;
}

#[tokio::test]
async fn an_encoder_that_sends_nothing_is_cut_and_its_participant_leaves() {
    let house = House::start().await;
    let made = house.make(None).await;
    let (_ana, mut events) = house.ana().await;
    let mut encoder = house.encoder(&made.stream_key, &both("0"));
    house.until(Status::EndpointPublishing).await;
    // Its network is gone: nothing comes, not even an end.
    encoder.signal(Signal::SIGSTOP);
    let silent_since = Instant::now();
    let failed = house.until(Status::EndpointError).await.state.unwrap();
    let silent_for = silent_since.elapsed().as_secs();
    assert!((8..15).contains(&silent_for), "after {silent_for} s");
    assert_eq!(failed.error, "the encoder sent nothing for 10 seconds");
    until_gone(&mut events, "camera").await;
    encoder.signal(Signal::SIGCONT);
    encoder.ended().await;
    house
        .until_told(&["ingress_started", "ingress_ended"])
        .await;
}

#[tokio::test]
async fn whoever_does_not_finish_the_handshake_is_let_go_and_the_seats_are_free_again() {
    let house = House::start().await;
    let made = house.make(None).await;
    let come = async || TcpStream::connect(("127.0.0.1", house.rtmp)).await.unwrap();

    // Byte by byte is slow, and RTMP all the same.
    let mut slow = come().await;
    slow.set_nodelay(true).unwrap();
    for byte in HELLO {
        slow.write_all(&[byte]).await.unwrap();
    }
    let answer = timeout(PATIENCE, slow.read_exact(&mut [0; 3073])).await;
    answer.unwrap().unwrap();
    drop(slow);
    // Whoever has just gone leaves the seat in a moment.
    sleep(Duration::from_millis(300)).await;

    let since = Instant::now();
    let mut strangers = Vec::new();
    for number in 0..8 {
        let (from, mut to) = come().await.into_split();
        // One half is silent, the other is never done.
        let bytes = if number % 2 == 0 { &HELLO[..] } else { &[] };
        tokio::spawn(async move {
            for byte in bytes {
                if to.write_all(&[*byte]).await.is_err() {
                    return;
                }
                sleep(Duration::from_millis(100)).await;
            }
            // It hangs up no earlier than the test ends.
            std::future::pending::<()>().await;
        });
        strangers.push(from);
    }
    // Refused at once.
    until_cut(&mut come().await).await;
    assert!(since.elapsed() < Duration::from_secs(5));
    for stranger in &mut strangers {
        until_cut(stranger).await;
    }
    let seconds = since.elapsed().as_secs();
    assert!((9..14).contains(&seconds), "let go after {seconds} s");
    let _encoder = house.encoder(&made.stream_key, &both("0"));
    house.until(Status::EndpointPublishing).await;
}

#[tokio::test]
async fn whose_participant_is_removed_is_cut_and_may_come_back() {
    let house = House::start().await;
    let made = house.make(None).await;
    let (_ana, mut events) = house.ana().await;
    let mut encoder = house.encoder(&made.stream_key, &both("0"));
    house.until(Status::EndpointPublishing).await;
    let url = format!("http://127.0.0.1:{}", house.signal);
    let rooms = RoomClient::with_api_key(&url, KEY, SECRET);
    rooms.remove_participant("r", "camera").await.unwrap();
    until_gone(&mut events, "camera").await;
    encoder.ended().await;
    let failed = house.until(Status::EndpointError).await.state.unwrap();
    assert_eq!(failed.error, "its participant was removed from the room");
    house
        .until_told(&["ingress_started", "ingress_ended"])
        .await;
    // As with LiveKit's service, the key is as good as before.
    let _encoder = house.encoder(&made.stream_key, &both("0"));
    frames(&mut events, &[Codec::H264, Codec::Opus]).await;
    let state = house.until(Status::EndpointPublishing).await.state.unwrap();
    assert_eq!(state.error, "");
}

/// RTMP's version, and the first part of its handshake.
const HELLO: [u8; 1537] = {
    let mut hello = [0; 1537];
    hello[0] = 3;
    hello
};

/// Returns when the server has hung up; what it says before is none of our business.
async fn until_cut(socket: &mut (impl AsyncRead + Unpin)) {
    let cut = async {
        let mut bytes = [0; 1024];
        while socket.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
    };
    timeout(PATIENCE, cut).await.unwrap();
}

/// The ffmpeg of an ingress process.
fn transcoder_of(ingress: u32) -> Pid {
    let children = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let id = entry.ok()?.file_name().to_str()?.parse::<i32>().ok()?;
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let (name, rest) = stat.rsplit_once(')')?;
        let parent = rest.split_whitespace().nth(1)?;
        (parent == ingress.to_string() && name.ends_with("(ffmpeg")).then_some(id)
    });
    Pid::from_raw(children.last().unwrap())
}

#[tokio::test]
async fn pictures_are_copied_where_calls_can_show_them() {
    let house = House::start().await;
    let made = house.make(Some(false)).await;
    assert_eq!(made.enable_transcoding, Some(false));
    let mut encoder = house.encoder(&made.stream_key, &both("2"));
    let failed = house.until(Status::EndpointError).await.state.unwrap();
    assert!(failed.error.contains("B-frames"), "{}", failed.error);
    encoder.ended().await;
    let (_ana, mut events) = house.ana().await;
    let _encoder = house.encoder(&made.stream_key, &both("0"));
    frames(&mut events, &[Codec::H264, Codec::Opus]).await;
    house.until(Status::EndpointPublishing).await;
}

#[tokio::test]
async fn sound_alone_and_a_picture_alone_are_published() {
    let house = House::start().await;
    let made = house.make(None).await;
    let (_ana, mut events) = house.ana().await;
    let sound = house.encoder(&made.stream_key, &[SOUND, &["-c:a", "aac"]].concat());
    frames(&mut events, &[Codec::Opus]).await;
    let kind = published_kind(&house).await;
    assert_eq!(kind, vec!["audio/opus"]);
    drop(sound);
    house.until(Status::EndpointInactive).await;
    let plain = [PICTURE, H264, &["-pix_fmt", "yuv420p"]].concat();
    let _picture = house.encoder(&made.stream_key, &plain);
    frames(&mut events, &[Codec::H264]).await;
    assert_eq!(published_kind(&house).await, vec!["video/h264"]);
}

async fn published_kind(house: &House) -> Vec<String> {
    let state = house.until(Status::EndpointPublishing).await.state.unwrap();
    let tracks = state.tracks.into_iter();
    tracks.map(|track| track.mime_type.to_lowercase()).collect()
}

#[tokio::test]
async fn a_program_that_is_no_encoder_is_sent_away() {
    let house = House::start().await;
    let (_ana, mut events) = house.ana().await;
    let Some(Event::Joined { others, .. }) = events.next().await else {
        panic!("joined first")
    };
    assert!(others.iter().all(|other| other.kind() != Kind::Ingress));
    let http = reqwest::Client::builder()
        .timeout(PATIENCE)
        .build()
        .unwrap();
    let asked = http
        .get(format!("http://127.0.0.1:{}/", house.rtmp))
        .send()
        .await;
    assert!(asked.is_err_and(|error| !error.is_timeout()));
}
