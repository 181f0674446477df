//! `GET /metrics`: what this node has done and what goes on, in the OpenMetrics format, for whoever may list rooms. No label
//! holds a name that a client could choose.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use http_edge::metrics::Metrics;

use super::lister::Lister;
use crate::{
    app::App,
    ground::{AllTraffic, Count, Traffic},
    room::Census,
    shard::ShardLoad,
};

/// What every name begins with.
const PREFIX: &str = "convoke_media";
const DIRECTION: &str = "direction";
const KIND: &str = "kind";
const IN: &str = "in";
const OUT: &str = "out";

pub(super) async fn get(_: Lister, State(app): State<Arc<App>>) -> Response {
    match app.rooms.of_every_room(|room| Some(room.census())).await {
        Ok(rooms) => {
            let census = rooms.into_iter().fold(Census::default(), Census::plus);
            let metrics = written(&app.node.version, census, &app.traffic, &app.rooms.loads());
            metrics.answer()
        }
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

fn written(version: &str, census: Census, traffic: &AllTraffic, loads: &[ShardLoad]) -> Metrics {
    let total = |count: fn(&Traffic) -> &Count| -> u64 {
        traffic.shards.iter().map(|shard| count(shard).get()).sum()
    };
    let mut metrics = Metrics::new(PREFIX);
    metrics.build_info(env!("CARGO_PKG_VERSION"), &[("livekit_version", version)]);
    metrics.gauge("rooms", "Open rooms", census.rooms);
    metrics.gauge(
        "participants",
        "Participants in rooms, also recorders and agents",
        census.participants,
    );
    metrics.gauges(
        "tracks_published",
        "Published tracks",
        KIND,
        [
            ("audio", census.published.audio),
            ("video", census.published.video),
        ],
    );
    metrics.gauges(
        "tracks_subscribed",
        "Copies of tracks for subscribers",
        KIND,
        [
            ("audio", census.subscribed.audio),
            ("video", census.subscribed.video),
        ],
    );
    metrics.counter("joins", "Participants let in", total(|t| &t.joins));
    metrics.counters(
        "datagrams",
        "Datagrams of media connections, whatever they carry",
        DIRECTION,
        [
            (IN, total(|t| &t.datagrams_in)),
            (OUT, total(|t| &t.datagrams_out)),
        ],
    );
    metrics.counters(
        "datagram_bytes",
        "Bytes of those datagrams, without headers of UDP and IP",
        DIRECTION,
        [(IN, total(|t| &t.bytes_in)), (OUT, total(|t| &t.bytes_out))],
    );
    metrics.counters(
        "rtp_packets",
        "RTP packets of publishers (in) and to subscribers (out, without those sent again)",
        DIRECTION,
        [(IN, total(|t| &t.rtp_in)), (OUT, total(|t| &t.rtp_out))],
    );
    metrics.counter(
        "rtp_packets_lost",
        "RTP packets of publishers that did not arrive",
        total(|t| &t.lost_in),
    );
    metrics.counters(
        "nacks",
        "How often packets were asked for again, by subscribers (in) and of publishers (out)",
        DIRECTION,
        [(IN, total(|t| &t.nacks_in)), (OUT, total(|t| &t.nacks_out))],
    );
    metrics.counters(
        "keyframe_requests",
        "Keyframes (PLI, FIR) asked for by subscribers (in) and of publishers (out)",
        DIRECTION,
        [
            (IN, total(|t| &t.keyframe_requests_in)),
            (OUT, total(|t| &t.keyframe_requests_out)),
        ],
    );
    let relayed = &traffic.relayed;
    metrics.gauge(
        "turn_allocations",
        "Relayed addresses of TURN, which clients ask for whether or not they come to need them",
        relayed.allocations.get(),
    );
    metrics.counter(
        "turn_refusals",
        "Requests of TURN beyond a limit, or for a peer that is not this server",
        relayed.refused.get(),
    );
    metrics.counters(
        "turn_bytes",
        "Bytes of the datagrams that TURN has relayed",
        DIRECTION,
        [(IN, relayed.bytes_in.get()), (OUT, relayed.bytes_out.get())],
    );
    metrics.counter(
        "turn_dropped_datagrams",
        "Datagrams that a client of TURN was too slow to take",
        relayed.dropped.get(),
    );
    metrics.gauge(
        "shards",
        "Threads that rooms live on",
        loads.len().try_into().unwrap_or(u64::MAX),
    );
    metrics.gauge(
        "shard_waiting_datagrams",
        "Datagrams that wait for the thread that is furthest behind",
        loads.iter().map(|load| load.waiting).max().unwrap_or(0),
    );
    metrics.counter(
        "shard_dropped_datagrams",
        "Datagrams dropped because a thread was too far behind",
        loads.iter().map(|load| load.dropped).sum(),
    );
    metrics.process();
    metrics
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use axum::body::Body;
    use http::header::AUTHORIZATION;
    use livekit_wire::{ApiKeys, Claims, VideoGrants, token::sign};
    use tower::ServiceExt;

    use super::*;
    use crate::{
        agents::Agents,
        config::{Limit, Room},
        ground::{NodeInfo, RelayTraffic},
        ingress::Ingresses,
        router::router,
        shard::{Command, Rooms, ShardSender},
    };

    /// A shard without rooms.
    struct Empty;

    impl ShardSender for Empty {
        fn send(&self, command: Command) -> bool {
            if let Command::OnRooms { work } = command {
                work(&mut std::iter::empty());
            }
            true
        }
    }

    fn app() -> Arc<App> {
        let keys = ApiKeys::new([("k".to_owned(), "s".repeat(32).into())]).unwrap();
        let node = NodeInfo {
            node_id: "ND_1".to_owned(),
            version: "1".to_owned(),
            region: String::new(),
        };
        let webhooks = tokio::sync::mpsc::unbounded_channel().0;
        let kept = crate::config::Ingress::default();
        let ingresses = Ingresses::open(&kept, webhooks, SystemTime::now);
        App::new(
            Rooms::new(vec![Box::new(Empty)]),
            keys,
            Limit::default(),
            &Room::default(),
            None,
            (Agents::new().0, ingresses, node, AllTraffic::default()),
            SystemTime::now,
        )
    }

    async fn status(grants: Option<VideoGrants>) -> u16 {
        let mut request = axum::http::Request::get("/metrics");
        if let Some(video) = grants {
            let claims = Claims {
                video: Some(video),
                ..Claims::default()
            };
            let (now, minute) = (SystemTime::now(), Duration::from_mins(1));
            let token = sign(&claims, "k", &"s".repeat(32).into(), now, minute).unwrap();
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Body::empty()).unwrap();
        let answer = router(app()).oneshot(request).await.unwrap();
        answer.status().as_u16()
    }

    #[tokio::test]
    async fn whoever_may_list_rooms_is_told_and_nobody_else() {
        assert_eq!(status(None).await, 401);
        assert_eq!(status(Some(VideoGrants::default())).await, 401);
        let room_list = VideoGrants {
            room_list: true,
            ..VideoGrants::default()
        };
        assert_eq!(status(Some(room_list)).await, 200);
    }

    #[test]
    fn shards_are_added_up_and_every_name_is_there() {
        let (one, other) = (Traffic::default(), Traffic::default());
        one.datagrams_in.add(3);
        other.datagrams_in.add(4);
        other.nacks_out.add(2);
        let loads = [(5, 1), (9, 2)].map(|(waiting, dropped)| ShardLoad { waiting, dropped });
        let census = Census {
            rooms: 2,
            ..Census::default()
        };
        let relayed = RelayTraffic::default();
        relayed.allocations.begin();
        relayed.bytes_out.add(5);
        let traffic = AllTraffic {
            shards: vec![Arc::new(one), Arc::new(other)],
            relayed: Arc::new(relayed),
        };
        let text = written("1.2", census, &traffic, &loads).text().unwrap();
        for line in [
            r#"convoke_media_datagrams_total{direction="in"} 7"#,
            r#"convoke_media_nacks_total{direction="out"} 2"#,
            r#"convoke_media_tracks_published{kind="video"} 0"#,
            "convoke_media_rooms 2",
            "convoke_media_turn_allocations 1",
            r#"convoke_media_turn_bytes_total{direction="out"} 5"#,
            "convoke_media_shard_waiting_datagrams 9",
            "convoke_media_shard_dropped_datagrams_total 3",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
