//! With what people come: noted when they open the signal socket, put to their stay once they are in the call. Words come
//! from closed lists: what a client calls itself is not written down.

use http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::{
    app::App,
    clock::Timestamp,
    db::{DbError, Executor},
    livekit::{client_sdk::ClientSdk, identity::Identity, room_service::RoomName},
    rooms,
};

const OTHER: &str = "other";

/// What is known of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientFacts {
    pub sdk: ClientSdk,
    pub os: &'static str,
    pub browser: Option<&'static str>,
}

impl ClientFacts {
    /// From the request that opens the signal socket.
    pub fn of(sdk: ClientSdk, headers: &HeaderMap) -> ClientFacts {
        let agent = headers
            .get(http::header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        ClientFacts {
            sdk,
            os: named(agent, &SYSTEMS).unwrap_or(OTHER),
            browser: agent
                .starts_with("Mozilla/")
                .then(|| named(agent, &BROWSERS).unwrap_or(OTHER)),
        }
    }
}

// Each names others for compatibility: the more particular comes first.
const SYSTEMS: [(&str, &str); 8] = [
    ("Android", "android"),
    ("iPhone", "ios"),
    ("iPad", "ios"),
    ("Windows", "windows"),
    ("Mac OS X", "macos"),
    ("Macintosh", "macos"),
    ("CrOS", "chromeos"),
    ("Linux", "linux"),
];
const BROWSERS: [(&str, &str); 8] = [
    ("Edg", "edge"),
    ("OPR/", "opera"),
    ("SamsungBrowser/", "samsung"),
    ("Firefox/", "firefox"),
    ("FxiOS/", "firefox"),
    ("CriOS/", "chrome"),
    ("Chrome/", "chrome"),
    ("Safari/", "safari"),
];

fn named(agent: &str, words: &[(&str, &'static str)]) -> Option<&'static str> {
    words
        .iter()
        .find(|(word, _)| agent.contains(word))
        .map(|(_, name)| *name)
}

/// Notes with what somebody opens the signal socket of a room's call.
pub async fn note_client(
    app: &App,
    room: &RoomName,
    identity: &Identity,
    facts: ClientFacts,
) -> Result<(), DbError> {
    let Some(room) = rooms::known(&app.db, &room.0).await? else {
        return Ok(());
    };
    let mut tx = app.db.begin_aside().await?;
    store::note_client(&mut tx, room.id, identity, facts, app.now()).await?;
    tx.commit().await
}

/// How many stays had one thing in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct ClientShare {
    /// What they had in common; `null`: not known.
    #[schema(required = true)]
    pub name: Option<String>,
    pub count: i64,
}

/// How those came who came within a time.
#[derive(Debug, Default)]
pub struct Clients {
    pub platforms: Vec<ClientShare>,
    pub browsers: Vec<ClientShare>,
    pub sdks: Vec<ClientShare>,
    pub connection_types: Vec<ClientShare>,
    pub disconnect_reasons: Vec<ClientShare>,
}

/// How those came who came from `from` until before `to`.
pub async fn clients_between(
    db: impl Into<Executor<'_>>,
    from: Timestamp,
    to: Timestamp,
) -> Result<Clients, DbError> {
    let mut clients = Clients::default();
    for row in store::clients_between(db, from, to).await? {
        for (shares, name) in [
            (&mut clients.platforms, row.os),
            (&mut clients.browsers, row.browser),
            (&mut clients.sdks, row.sdk),
            (&mut clients.connection_types, row.ice_route),
        ] {
            add(shares, name, row.stays);
        }
        // Those who are still there have no reason yet.
        add(&mut clients.disconnect_reasons, row.left_reason, row.gone);
    }
    for shares in [
        &mut clients.platforms,
        &mut clients.browsers,
        &mut clients.sdks,
        &mut clients.connection_types,
        &mut clients.disconnect_reasons,
    ] {
        shares.sort_by(|a, b| (b.count, &a.name).cmp(&(a.count, &b.name)));
    }
    Ok(clients)
}

fn add(shares: &mut Vec<ClientShare>, name: Option<String>, count: i64) {
    if count == 0 {
        return;
    }
    match shares.iter_mut().find(|share| share.name == name) {
        Some(share) => share.count += count,
        None => shares.push(ClientShare { name, count }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_by_its_most_particular_word() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        for (agent, os, browser) in [
            (chrome.to_owned(), "linux", Some("chrome")),
            (format!("{chrome} Edg/140.0"), "linux", Some("edge")),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Mobile/15E Safari/604.1".to_owned(),
                "ios",
                Some("safari"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
                "windows",
                Some("firefox"),
            ),
            ("my-agent/1.0".to_owned(), "other", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("user-agent", agent.parse().unwrap());
            let facts = ClientFacts::of(ClientSdk::JS, &headers);
            assert_eq!((facts.os, facts.browser), (os, browser), "{agent}");
        }
    }
}
