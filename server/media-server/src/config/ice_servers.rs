//! The STUN and TURN servers one participant is told of, with its credentials.

use std::{
    net::IpAddr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use livekit_protocol::IceServer;
use secrecy::ExposeSecret;
use sha1::Sha1;

use super::{Rtc, Turn, TurnServer};

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
    let credential = rest_password(secret, &username);
    IceServer {
        urls,
        username,
        credential,
    }
}

/// Where the TURN server in here is, by its name or else by the address of this machine.
pub fn turn_urls(turn: &Turn, address: Option<IpAddr>) -> Vec<String> {
    let of_address = || match address? {
        IpAddr::V4(ip) => Some(ip.to_string()),
        IpAddr::V6(ip) => Some(format!("[{ip}]")),
    };
    let Some(host) = turn.domain.clone().or_else(of_address) else {
        return Vec::new();
    };
    let plain = turn.port.into_iter().flat_map(|port| {
        ["udp", "tcp"].map(|transport| format!("turn:{host}:{port}?transport={transport}"))
    });
    let tls = turn
        .tls
        .iter()
        .map(|tls| format!("turns:{host}:{}?transport=tcp", tls.told_port()));
    plain.chain(tls).collect()
}

/// The password of a name that says until when it is good (TURN REST API).
pub fn rest_password(secret: &str, username: &str) -> String {
    match Hmac::<Sha1>::new_from_slice(secret.as_bytes()) {
        Ok(mut mac) => {
            mac.update(username.as_bytes());
            BASE64_STANDARD.encode(mac.finalize().into_bytes())
        }
        // HMAC takes keys of every length; the type cannot say so.
        Err(_) => String::new(),
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
    fn the_turn_server_in_here_is_told_by_its_name_or_by_an_address() {
        let turn = |text: &str| {
            let text = format!(
                "keys: {{k: a-secret-of-at-least-thirty-two-letters}}\nturn: {{enabled: true, {text}}}"
            );
            Config::from_yaml(&text).unwrap().0.turn.unwrap()
        };
        let plain = turn("udp_port: 3478");
        let at = |ip: &str| turn_urls(&plain, Some(ip.parse().unwrap()));
        assert_eq!(
            at("192.0.2.1"),
            [
                "turn:192.0.2.1:3478?transport=udp",
                "turn:192.0.2.1:3478?transport=tcp"
            ]
        );
        assert_eq!(
            at("2001:db8::1")[0],
            "turn:[2001:db8::1]:3478?transport=udp"
        );
        assert!(turn_urls(&plain, None).is_empty());
        let named = turn("domain: t.example, udp_port: 1, tls_port: 2, external_tls: true");
        assert_eq!(
            turn_urls(&named, None),
            [
                "turn:t.example:1?transport=udp",
                "turn:t.example:1?transport=tcp",
                "turns:t.example:443?transport=tcp"
            ]
        );
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
