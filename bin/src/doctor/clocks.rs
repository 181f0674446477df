//! Reads other clocks: that of a time server (SNTP, RFC 4330), and those of HTTP servers that our tokens go to.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use convoke_platform::Config;
use doctor::facts::Clock;
use http_edge::outbound::{Trust, direct};
use reqwest::header;
use tokio::{
    net::{UdpSocket, lookup_host},
    time::timeout,
};

use super::{PATIENCE, ask};
use crate::clock::wall_clock;

/// Seconds from 1900 to 1970.
const NTP_EPOCH: u64 = 2_208_988_800;
/// Version 4, client.
const NTP_CLIENT: u8 = 0x23;
const NTP_LENGTH: usize = 48;
/// Where the moment of the answer is: seconds, and their fraction.
const TRANSMITTED: usize = 40;

/// Each clock that there is to compare with.
pub async fn read(config: &Config) -> Vec<Clock> {
    let mut clocks = Vec::new();
    if let Some(server) = &config.doctor.time_server {
        let ahead = timeout(PATIENCE, sntp(server)).await;
        clocks.push(Clock {
            whose: server.clone(),
            ahead: ahead.unwrap_or_else(|_| Err("no answer".to_owned())),
        });
    }
    let livekit = &config.livekit;
    if let Some(url) = livekit.internal_host.as_ref().filter(|_| livekit.external) {
        clocks.push(Clock {
            whose: format!("the LiveKit cluster at {url}"),
            ahead: of_http(url).await,
        });
    }
    clocks
}

async fn sntp(server: &str) -> Result<i64, String> {
    let words = |error: std::io::Error| error.to_string();
    let mut found = lookup_host(server).await.map_err(words)?;
    let address = found.next().ok_or("it has no address")?;
    let any = if address.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let socket = UdpSocket::bind(any).await.map_err(words)?;
    socket.connect(address).await.map_err(words)?;
    let mut question = [0; NTP_LENGTH];
    question[0] = NTP_CLIENT;
    let before = wall_clock();
    socket.send(&question).await.map_err(words)?;
    let mut answer = [0; NTP_LENGTH];
    let length = socket.recv(&mut answer).await.map_err(words)?;
    let after = wall_clock();
    // Stratum 0 is a refusal (kiss-o'-death).
    if length < NTP_LENGTH || answer[1] == 0 {
        return Err("it refuses".to_owned());
    }
    let (seconds, fraction) = answer[TRANSMITTED..].split_at(4);
    let [seconds, fraction] = [seconds, fraction].map(number);
    let millis = seconds.saturating_sub(NTP_EPOCH) * 1000 + ((fraction * 1000) >> 32);
    Ok(signed(millis) - i64::midpoint(millis_of(before), millis_of(after)))
}

fn number(bytes: &[u8]) -> u64 {
    let shifted = |sum: u64, byte: &u8| (sum << 8) | u64::from(*byte);
    bytes.iter().fold(0, shifted)
}

/// By the second.
async fn of_http(url: &url::Url) -> Result<i64, String> {
    let client = direct(&Trust::Everybody).map_err(|error| error.to_string())?;
    let client = client.timeout(PATIENCE).build();
    let client = client.map_err(|error| error.to_string())?;
    let answer = client.get(url.clone()).send().await;
    let answer = answer.map_err(|error| ask::words(&error))?;
    let date = answer.headers().get(header::DATE);
    let date = date.and_then(|date| date.to_str().ok());
    let date = date.ok_or("its answers have no date")?;
    let told = httpdate::parse_http_date(date).map_err(|error| error.to_string())?;
    let ahead = millis_of(told) - millis_of(wall_clock());
    // Its second has begun at any moment of ours.
    Ok(if (-1000..=0).contains(&ahead) {
        0
    } else {
        ahead
    })
}

fn millis_of(moment: SystemTime) -> i64 {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn signed(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}
