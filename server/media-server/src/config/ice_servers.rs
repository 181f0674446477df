//! The STUN and TURN servers one participant is told of, with its credentials.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use livekit_protocol::IceServer;
use secrecy::ExposeSecret;
use sha1::Sha1;

use super::{Rtc, TurnServer};

const DEFAULT_TTL: Duration = Duration::from_hours(4);
/// What the original makes of a negative `ttl`.
const FALLBACK_TTL: Duration = Duration::from_mins(5);

/// Servers for the participant `sid`. Without any in the configuration the list is empty: LiveKit's public STUN servers
/// only cost clients in closed networks their time.
pub fn ice_servers(rtc: &Rtc, participant_sid: &str, now: SystemTime) -> Vec<IceServer> {
    let turn = rtc
        .turn_servers
        .iter()
        .map(|server| turn_server(server, participant_sid, now));
    let stun = (!rtc.stun_servers.is_empty()).then(|| IceServer {
        urls: rtc
            .stun_servers
            .iter()
            .map(|address| format!("stun:{address}"))
            .collect(),
        ..IceServer::default()
    });
    turn.chain(stun).collect()
}

fn turn_server(server: &TurnServer, participant_sid: &str, now: SystemTime) -> IceServer {
    let (scheme, transport) = match server.protocol.as_str() {
        "tls" => ("turns", "tcp"),
        "tcp" => ("turn", "tcp"),
        _ => ("turn", "udp"),
    };
    let urls = vec![format!(
        "{scheme}:{}:{}?transport={transport}",
        server.host, server.port
    )];
    let secret = server.secret.expose_secret();
    if secret.is_empty() {
        let credential = server.credential.expose_secret().to_owned();
        return IceServer {
            urls,
            username: server.username.clone(),
            credential,
        };
    }
    let ttl = match u64::try_from(server.ttl) {
        Ok(0) => DEFAULT_TTL,
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => FALLBACK_TTL,
    };
    let expiry = now.duration_since(UNIX_EPOCH).unwrap_or_default() + ttl;
    let username = format!("{}:{participant_sid}", expiry.as_secs());
    let credential = match Hmac::<Sha1>::new_from_slice(secret.as_bytes()) {
        Ok(mut mac) => {
            mac.update(username.as_bytes());
            BASE64_STANDARD.encode(mac.finalize().into_bytes())
        }
        // HMAC takes keys of every length; the type cannot say so.
        Err(_) => String::new(),
    };
    IceServer {
        urls,
        username,
        credential,
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    use super::*;

    fn rtc(text: &str) -> Rtc {
        Config::from_yaml(&format!(
            "keys: {{k: a-secret-of-at-least-thirty-two-letters}}\nrtc: {text}"
        ))
        .unwrap()
        .0
        .rtc
    }

    #[test]
    fn nothing_configured_is_nothing_told() {
        assert_eq!(ice_servers(&rtc("{}"), "PA_1", UNIX_EPOCH), []);
    }

    #[test]
    fn a_secret_makes_credentials_that_expire() {
        let rtc = rtc(
            "{turn_servers: [{host: turn.example, port: 443, protocol: tls, secret: s3cret, ttl: 100}], stun_servers: ['stun.example:3478']}",
        );
        let servers = ice_servers(&rtc, "PA_1", UNIX_EPOCH + Duration::from_secs(1_000));
        assert_eq!(servers[0].urls, ["turns:turn.example:443?transport=tcp"]);
        assert_eq!(servers[0].username, "1100:PA_1");
        // printf '1100:PA_1' | openssl dgst -sha1 -hmac s3cret -binary | base64
        assert_eq!(servers[0].credential, "IIwS1PplDBLNgrcrgZ2idRX7Kgg=");
        assert_eq!(servers[1].urls, ["stun:stun.example:3478"]);
    }
}
