//! Lists the deliveries of a webhook; for administrators.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    model::{Delivery, DeliveryState},
    store,
};
use crate::{
    accounts::Admin,
    app::App,
    happenings::EventType,
    http::{Json, Page, PageQuery, Path, Problem, Query},
    webhooks::{model::WebhookId, read},
};

/// Which deliveries are asked for.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    #[garde(skip)]
    #[param(inline)]
    state: Option<DeliveryState>,
    /// The type of the event.
    #[garde(skip)]
    #[param(inline)]
    r#type: Option<EventType>,
}

/// Lists deliveries without their bodies, newest first.
#[utoipa::path(
    get, path = "/api/webhooks/{id}/deliveries", tag = "webhooks", operation_id = "listWebhookDeliveries",
    params(("id" = WebhookId, Path), DeliveryQuery, PageQuery),
    responses(
        (status = 200, body = Page<Delivery>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<WebhookId>,
    Query(query): Query<DeliveryQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Delivery>>, Problem> {
    read::find(&app, id).await?;
    let narrowed = (query.state, query.r#type);
    let rows = store::list(&app.db, id, narrowed, &page.before()?, page.fetch()).await?;
    let page = Page::new(&page, rows, |row| row.number.clone(), |row| row);
    Ok(Json(page))
}

#[cfg(test)]
mod tests {
    use crate::{
        db::{Database, sql},
        testing::TestApp,
    };

    use super::store::{ALL, OF_BOTH, OF_KIND, OF_STATE};

    // Twenty webhooks of a thousand deliveries each.
    const ROWS: [&str; 2] = [
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
         INSERT INTO webhooks (id, url, description, events, rooms, secret_version, fed_to, next_number, next_place,
                               created_by, created_by_name, created_at, updated_at)
         SELECT '0199d5a0-0006-7000-8000-' || CAST(100000000000 + i AS TEXT), 'https://a/', '', '', '', 1, 0, 1, 1, '', '', 0, 0 FROM n",
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
         INSERT INTO webhook_deliveries (id, webhook_id, number, kind, happened_at, body, state, tries, rounds, attempts)
         SELECT '0199d5a0-0007-7000-8000-' || CAST(100000000000 + i AS TEXT),
                '0199d5a0-0006-7000-8000-' || CAST(100000000001 + i % 20 AS TEXT), CAST(1000000000000000 + i AS TEXT),
                CASE WHEN i % 7 = 0 THEN 'room.created' ELSE 'room.updated' END, i, '{}',
                CASE WHEN i % 11 = 0 THEN 'dead' ELSE 'delivered' END, 0, 0, 0 FROM n",
    ];

    async fn fill(db: &Database) {
        let mut tx = db.begin().await.unwrap();
        for rows in ROWS {
            sql!(&mut tx => execute, rows).unwrap();
        }
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn a_page_of_the_log_is_found_through_an_index() {
        let app = TestApp::start().await;
        let db = &app.app().db;
        fill(db).await;
        let webhook = "'0199d5a0-0006-7000-8000-100000000001'";
        for (query, index, narrowed) in [
            (ALL, "webhook_deliveries_in_order", ["''", "''"]),
            (OF_STATE, "webhook_deliveries_by_state", ["'dead'", "''"]),
            (
                OF_KIND,
                "webhook_deliveries_by_kind",
                ["'room.created'", "''"],
            ),
            (
                OF_BOTH,
                "webhook_deliveries_by_both",
                ["'dead'", "'room.created'"],
            ),
        ] {
            let [first, second] = narrowed;
            let literals = [webhook, "'zzzzzzzz'", "51", first, second];
            let plan = db.plan(query, &literals).await;
            assert!(plan.contains(index), "{query}\n{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{query}\n{plan}");
        }
    }
}
