//! Shows one room to whoever has its link.

use axum::extract::State;

use super::{
    caller::Caller,
    model::Slug,
    view::{self, Room},
};
use crate::{
    app::App,
    http::{Json, Path, Problem, SiteAddress},
};

/// One room, with the verdict whether the caller may join.
#[utoipa::path(
    get, path = "/api/rooms/{slug}", tag = "rooms", operation_id = "readRoom",
    params(("slug" = Slug, Path)),
    responses((status = 200, body = Room), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn read(
    State(app): State<App>,
    site: SiteAddress,
    caller: Caller,
    Path(slug): Path<Slug>,
) -> Result<Json<Room>, Problem> {
    let found = view::find(&app, &slug, &caller).await?;
    let found = found.ok_or_else(|| Problem::not_found("room"))?;
    Ok(Json(view::show(&app, found, &caller, &site)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{TestApp, TestRoom};

    #[tokio::test]
    async fn a_rooms_id_finds_it_after_its_link_has_changed_and_nobody_chooses_an_id_as_link() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({"slug": "before"})).await;
        let mut guest = app.browser();
        room.enter(&app, &livekit, &mut guest).await;
        ada.patch(&room.path(""), json!({"slug": "after"})).await;
        assert_eq!(guest.get("/api/rooms/before").await.code(), "not_found");
        let by_id = format!("/api/rooms/{}", room.id);
        let answer = guest.get(&by_id).await;
        assert_eq!(answer.json["slug"], "after");
        assert!(answer.json["url"].as_str().unwrap().ends_with("/after"));
        let hand = guest
            .post(&format!("{by_id}/hand"), json!({"raised": true}))
            .await;
        assert_eq!(hand.status, 204, "{hand:?}");
        let mute = json!({"source": "microphone"});
        let muted = ada.post(&format!("{by_id}/mute-all"), mute).await;
        assert_eq!(muted.status, 200, "{muted:?}");
        assert_eq!(app.browser().get(&by_id).await.code(), "not_found");
        let link = json!({"name": "Mine", "slug": room.id});
        let refused = ada.post("/api/rooms", link).await;
        assert_eq!(
            (refused.status, refused.json["field"].as_str()),
            (422, Some("slug"))
        );
        let refused = ada.patch(&by_id, json!({"slug": room.id})).await;
        assert_eq!(refused.status, 422);
    }
}
