//! The API's description, generated from the routes: OpenAPI 3.1.

use std::ops::RangeInclusive;

use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::{
    InfoBuilder, KnownFormat, Object, ObjectBuilder, OpenApi, SchemaFormat, Type,
    schema::SchemaType,
    security::{
        ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
    },
};

/// A text with so many characters: the same numbers that the server refuses by.
pub fn text(length: RangeInclusive<usize>) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(*length.start()).filter(|least| *least > 0))
        .max_length(Some(*length.end()))
}

/// A name with so many characters: at least one of them can be seen.
pub fn name(length: RangeInclusive<usize>) -> Object {
    text(length)
        .pattern(Some(r"[^\s\u0000-\u001f\u007f-\u009f]"))
        .description(Some("What cannot be seen is left out."))
        .build()
}

/// An e-mail address.
pub fn email(longest: usize) -> Object {
    text(0..=longest)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)))
        .build()
}

/// A password that may be chosen where these lengths are asked for.
pub fn new_password(length: RangeInclusive<usize>) -> Object {
    text(length)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
        .build()
}

/// In characters: what is searched for.
pub const LONGEST_QUERY: usize = 200;

/// What is searched for.
pub fn query() -> Object {
    text(0..=LONGEST_QUERY).build()
}

/// The same text, or null.
pub fn or_null(text: ObjectBuilder) -> Object {
    text.schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .build()
}

/// A whole number up to `most`, or null.
pub fn number_or_null(most: u32) -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Integer, Type::Null]))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(0))
        .maximum(Some(most))
        .build()
}

/// The description as JSON, with what this site sends by itself: `webhooks`.
pub fn text_of(document: OpenApi, webhooks: Value) -> String {
    #[derive(Serialize)]
    struct Document {
        #[serde(flatten)]
        api: OpenApi,
        webhooks: Value,
    }
    let api = complete(document);
    // Texts and numbers under names that are texts are always JSON.
    serde_json::to_string_pretty(&Document { api, webhooks }).unwrap_or_default() + "\n"
}

/// Completes what the routes describe with the product's name and the ways to sign in.
fn complete(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Convoke")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Errors are RFC 9457 problems with a stable `code`. Changes made with a cookie need \
             the header `X-Convoke-Csrf: 1`; a Bearer token from sign-in needs none.",
        ))
        .build();
    let components = document.components.get_or_insert_default();
    components.security_schemes.insert(
        "cookie".to_owned(),
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("convoke_session"))).into(),
    );
    components.security_schemes.insert(
        "bearer".to_owned(),
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()).into(),
    );
    let any = Vec::<String>::new;
    document.security = Some(vec![
        SecurityRequirement::default(),
        SecurityRequirement::new("cookie", any()),
        SecurityRequirement::new("bearer", any()),
    ]);
    document
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, env, fs, path::Path};

    use serde_json::Value;

    use crate::{router, testing::TestApp};

    #[test]
    fn the_committed_document_is_current() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
        let current = router::openapi_json();
        if env::var_os("UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &current).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == current,
            "docs/openapi.json is stale: UPDATE=1 cargo test -p convoke-platform openapi"
        );
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let document: Value = serde_json::from_str(&router::openapi_json()).unwrap();
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap().to_owned();
                let place = format!("{method} {path}");
                assert!(path.starts_with("/api/"), "{place}");
                let other = names.insert(name.clone(), place.clone());
                assert_eq!(other, None, "{place} is also called {name}");
            }
        }
        assert!(names.len() > 15, "{names:?}");
    }

    #[tokio::test]
    async fn the_document_and_its_page_are_served() {
        let app = TestApp::start().await;
        let document = app.browser().get("/api/openapi.json").await;
        assert_eq!(document.status, 200);
        assert_eq!(document.json["openapi"], "3.1.0");
        assert_eq!(document.json["info"]["title"], "Convoke");
        for (path, kind) in [
            ("/api/reference", "text/html; charset=utf-8"),
            (
                "/api/reference/reference.js",
                "text/javascript; charset=utf-8",
            ),
            ("/api/reference/reference.css", "text/css; charset=utf-8"),
        ] {
            let answer = app.browser().get(path).await;
            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.headers["content-type"], kind);
        }
    }
}
