//! Whole lists of the site as files. Who sees a list may take it along, and that is on record. It must not know how a list
//! is found.

mod audit;
mod meetings;
mod recordings;
mod rooms;
mod users;

use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::CurrentUser,
    app::App,
    audit::Actor,
    db::DbError,
    happenings::{self, Happening},
    http::ExportFormat,
};

/// Their routes; no request timeout applies to what streams.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(users::export))
        .routes(routes!(rooms::export))
        .routes(routes!(meetings::export))
        .routes(routes!(recordings::export))
        .routes(routes!(audit::export))
}

/// Puts it on record, before the first row is sent.
async fn tell(
    app: &App,
    who: &CurrentUser,
    list: &'static str,
    format: ExportFormat,
    filters: &(impl Serialize + Sync),
) -> Result<(), DbError> {
    let mut filters = serde_json::to_value(filters).unwrap_or_default();
    if let Some(filters) = filters.as_object_mut() {
        filters.retain(|_, value| !value.is_null());
    }
    let exported = Happening::ListExported {
        list,
        format: format.as_str(),
        filters,
    };
    happenings::tell_alone(app, Some(&Actor::user(&who.user)), None, &exported).await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::{
        db::sql,
        testing::{TestApp, TestRoom},
    };

    #[tokio::test]
    async fn an_export_is_all_pages_of_what_was_asked_and_is_on_record() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut tx = app.app().db.begin().await.unwrap();
        sql!(&mut tx => execute,
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
             INSERT INTO users (id, email, email_key, search, name, role, created_at, updated_at)
             SELECT '0199d5a0-0001-7000-8000-' || CAST(100000000000 + i AS TEXT), 'e@' || CAST(i AS TEXT),
                    'e@' || CAST(i AS TEXT), '=n e@' || CAST(i AS TEXT), '=n', 'user', 0, 0 FROM n")
        .unwrap();
        tx.commit().await.unwrap();
        let csv = admin
            .get("/api/admin/users/export?format=csv&role=user&sort=name")
            .await;
        assert_eq!(csv.status, 200, "{csv:?}");
        assert_eq!(
            csv.headers["content-type"],
            "text/csv; charset=utf-8; header=present"
        );
        let name = csv.headers["content-disposition"].to_str().unwrap();
        assert!(name.starts_with("attachment; filename=\"users-2"), "{name}");
        let lines: Vec<&str> = csv.text.split_terminator("\r\n").collect();
        assert_eq!(lines.len(), 251);
        let head = "\u{feff}id,name,email,role,disabled,created_at,last_seen_at";
        assert_eq!(lines[0], head);
        let first = "0199d5a0-0001-7000-8000-100000000001,'=n,e@1,user,false,1970-01-01T00:00:00Z,";
        assert_eq!(lines[1], first);
        let json = admin.get("/api/admin/users/export?format=json").await;
        assert_eq!(json.json.as_array().unwrap().len(), 251);
        assert_eq!(json.json[0]["email"], "admin@example.org");
        app.advance(Duration::from_millis(1));
        for list in ["rooms", "meetings", "recordings", "audit"] {
            for format in ["csv", "json"] {
                let path = format!("/api/admin/{list}/export?format={format}");
                assert_eq!(admin.get(&path).await.status, 200, "{path}");
            }
        }
        let refused = admin.get("/api/admin/users/export?format=xml").await;
        assert_eq!((refused.status, refused.code()), (422, "validation_failed"));
        let told = admin
            .get("/api/admin/audit?action=list.exported")
            .await
            .json;
        let items = told["items"].as_array().unwrap();
        assert_eq!(items.len(), 10, "{told}");
        let of_users = items
            .iter()
            .find(|item| item["detail"]["format"] == "csv" && item["target"] == "users");
        let filters = json!({"role": "user", "sort": "name"});
        assert_eq!(of_users.unwrap()["detail"]["filters"], filters);
    }

    #[tokio::test]
    async fn what_keeps_the_first_page_from_being_read_is_answered() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        TestRoom::create(&mut ada, json!({})).await;
        let path = format!(
            "/api/admin/rooms/export?format=csv&sort=name&user_id={}",
            ada.user_id
        );
        let refused = admin.get(&path).await;
        assert_eq!(
            (refused.status, refused.json["field"].as_str()),
            (422, Some("sort"))
        );
    }
}
