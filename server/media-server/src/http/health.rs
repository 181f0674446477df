//! `GET /`: whether the rooms of this node answer.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::CONTENT_TYPE};
use tokio::time::timeout;

use crate::app::App;

/// Rooms that take longer do not work; the original allows its node statistics this age.
const PATIENCE: Duration = Duration::from_secs(4);
const TEXT: [(http::HeaderName, &str); 1] = [(CONTENT_TYPE, "text/plain; charset=utf-8")];

/// The page load balancers ask for: every shard must answer a question that costs nothing.
pub(super) async fn get(State(app): State<Arc<App>>) -> Response {
    let nothing = app.rooms.of_every_room(|_| None::<()>);
    match timeout(PATIENCE, nothing).await {
        Ok(Ok(_)) => (TEXT, "OK").into_response(),
        Ok(Err(_)) | Err(_) => (StatusCode::NOT_ACCEPTABLE, TEXT, "Not Ready").into_response(),
    }
}

/// Go's words for an unknown path; SDKs compare them.
pub async fn not_found() -> impl IntoResponse {
    (StatusCode::NOT_FOUND, TEXT, "404 page not found\n")
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use axum::body::Body;
    use http::Request;
    use livekit_wire::ApiKeys;
    use tower::ServiceExt;

    use crate::{
        app::App,
        config::{Limit, Room},
        ground::AllTraffic,
        ingress::Ingresses,
        router::router,
        shard::{Command, Rooms, ShardSender},
    };

    struct Ended;

    impl ShardSender for Ended {
        fn send(&self, _: Command) -> bool {
            false
        }
    }

    #[tokio::test]
    async fn a_node_whose_rooms_have_ended_is_not_ready() {
        let keys = ApiKeys::new([("k".to_owned(), "s".into())]).unwrap();
        let rooms = Rooms::new(vec![Box::new(Ended)]);
        let room = Room::default();
        let node = crate::ground::NodeInfo {
            node_id: "ND_1".to_owned(),
            version: "1".to_owned(),
            region: String::new(),
        };
        let webhooks = tokio::sync::mpsc::unbounded_channel().0;
        let ingresses = Ingresses::open(
            &crate::config::Ingress::default(),
            webhooks,
            SystemTime::now,
        );
        let others = (
            crate::agents::Agents::new().0,
            ingresses,
            node,
            AllTraffic::default(),
        );
        let limit = Limit::default();
        let app = App::new(rooms, keys, limit, &room, None, others, SystemTime::now);
        let request = Request::get("/").body(Body::empty()).unwrap();
        assert_eq!(router(app).oneshot(request).await.unwrap().status(), 406);
    }
}
