//! Which room an administrator names, and what a room of ours is called on the media server.

use std::collections::HashMap;

use garde::Validate;
use serde::Deserialize;
use url::Url;
use utoipa::{IntoParams, openapi::Object};

use super::{RoomId, Slug, media_name, not_deleted};
use crate::{
    app::App,
    db::DbError,
    http::{Problem, SiteAddress, openapi},
    livekit::room_service::RoomName,
};

/// In characters; LiveKit's own bound.
pub const LONGEST_ROOM: usize = 256;

/// Its field in requests.
pub fn schema() -> Object {
    openapi::text(1..=LONGEST_ROOM).build()
}

/// The room that is meant.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OneRoom {
    /// The link of one of our rooms, or a room's name on the media server.
    #[garde(length(chars, min = 1, max = LONGEST_ROOM))]
    #[param(schema_with = schema)]
    pub room: String,
}

/// What somebody may mean by a text.
#[derive(Debug, PartialEq, Eq)]
enum Meant {
    /// A link of this site.
    OurLink(Slug),
    /// A link that leads to no room here.
    OtherLink,
    /// A room's code, or its name on the media server.
    Name(String),
}

impl Meant {
    fn of(site: &SiteAddress, text: &str) -> Meant {
        let text = text.trim();
        let whole = if text.contains("://") {
            Url::parse(text)
        } else {
            // As it is often copied or typed: without https.
            Url::parse(&format!("https://{text}"))
        };
        match whole {
            Ok(link) if site.is_origin(&link) || site.has_host(&link) => {
                let code = link.path_segments().and_then(|mut parts| parts.next());
                let code = code.unwrap_or_default().to_lowercase();
                code.parse().map_or(Meant::OtherLink, Meant::OurLink)
            }
            Ok(_) | Err(_) if text.contains("://") => Meant::OtherLink,
            Ok(_) | Err(_) => Meant::Name(text.to_owned()),
        }
    }
}

/// The room's name on the media server: of ours by its link or code, of any other as it is. A link to no room of ours is
/// refused, and a code that only ours have: a room would be opened under that name, where nobody meets anybody.
pub async fn find(
    app: &App,
    site: &SiteAddress,
    field: &'static str,
    text: &str,
) -> Result<RoomName, Problem> {
    let refused = |says: &str| Err(Problem::invalid_field(field, "no_such_room", says));
    match Meant::of(site, text) {
        Meant::OurLink(slug) => match media_name(app, &slug).await? {
            Some(name) => Ok(name),
            None => refused("No room of this site has this link."),
        },
        Meant::OtherLink => refused("This link leads to no room of this site."),
        Meant::Name(text) => {
            // A code is read out, and typed in capitals.
            let Ok(slug) = text.to_lowercase().parse::<Slug>() else {
                return Ok(RoomName(text));
            };
            match media_name(app, &slug).await? {
                Some(name) => Ok(name),
                None if slug.is_generated() => refused("No room of this site has this code."),
                None => Ok(RoomName(text)),
            }
        }
    }
}

/// The name on the media server of the room that a filter names by its link, code or name; any text, where it is none.
pub async fn sought(app: &App, text: &str) -> Result<RoomName, DbError> {
    let link = text
        .contains("://")
        .then(|| Url::parse(text).ok())
        .flatten();
    let code = link.as_ref().and_then(|link| link.path_segments()?.next());
    let Ok(slug) = code.unwrap_or(text).parse::<Slug>() else {
        return Ok(RoomName(text.to_owned()));
    };
    let found = media_name(app, &slug).await?;
    Ok(found.unwrap_or_else(|| RoomName(text.to_owned())))
}

/// The links of those rooms that are ours and not deleted, by their names on the media server. Another room may have the
/// link of one that was.
pub async fn links(
    app: &App,
    names: impl Iterator<Item = &str>,
) -> Result<HashMap<String, Slug>, DbError> {
    let ids: Vec<RoomId> = names.filter_map(|name| name.parse().ok()).collect();
    let known = not_deleted(&app.db, &ids).await?;
    let links = known
        .into_iter()
        .map(|room| (room.id.to_string(), room.slug));
    Ok(links.collect())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Uri, header};

    use super::*;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn a_link_is_told_from_a_name() {
        let app = TestApp::start().await;
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("meet.lan:7880"));
        let uri = Uri::from_static("/api/egress");
        let site = SiteAddress::of(app.app(), &uri, &headers, &http::Extensions::new());
        let ours = |code: &str| Meant::OurLink(code.parse().unwrap());
        let name = |text: &str| Meant::Name(text.to_owned());
        for (text, meant) in [
            ("http://meet.lan:7880/abc-defg-hij", ours("abc-defg-hij")),
            ("meet.lan:7880/Stand-Up?from=mail", ours("stand-up")),
            (
                " https://meet.lan:7880/stand-up/settings ",
                ours("stand-up"),
            ),
            ("http://meet.lan:7880/", Meant::OtherLink),
            ("https://elsewhere.org/abc-defg-hij", Meant::OtherLink),
            ("ftp://", Meant::OtherLink),
            ("abc-defg-hij", name("abc-defg-hij")),
            ("team/daily", name("team/daily")),
            ("A room: of a program", name("A room: of a program")),
        ] {
            assert_eq!(Meant::of(&site, text), meant, "{text}");
        }
    }
}
