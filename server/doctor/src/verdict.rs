//! One verdict of both halves: what one of them cannot know, the other may. It names the wrong port or address.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Check, Finding, ServerHalf, State, Told,
    browser::{BrowserHalf, MEDIA, Measured, Outcome, Way},
    worst,
};

/// Thousandths of lost packets that are heard.
const LOSSY: u32 = 50;
/// Milliseconds of a round trip after which people talk over each other.
const SLOW: u32 = 400;
/// Bits per second below which a camera's picture suffers.
const THIN: u64 = 500_000;
/// Milliseconds.
const CLOCK_OFF: u64 = 30_000;

/// What both halves say together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DoctorReport)]
pub struct Report {
    /// How bad it is.
    pub state: State,
    /// The one sentence.
    pub said: String,
    /// What helps.
    #[serde(default)]
    #[schema(required = true)]
    pub what_to_do: Option<String>,
    /// What else was found, by both halves; what the other half disproved is left out.
    pub findings: Vec<Finding>,
    /// The server's half.
    pub server: ServerHalf,
    /// The browser's half; `null`: nobody has opened the link yet.
    #[serde(default)]
    #[schema(required = true)]
    pub browser: Option<BrowserHalf>,
}

/// Judges both halves. `webhook`: whether the media server told of the browser's visit, where that is known.
pub fn report(server: ServerHalf, browser: Option<BrowserHalf>, webhook: Option<bool>) -> Report {
    let findings = match &browser {
        None => server.findings.clone(),
        Some(half) => both(&server, half, webhook),
    };
    let state = worst(&findings);
    let (said, what_to_do) = the_one(&findings, &server.told, browser.as_ref());
    Report {
        state,
        said,
        what_to_do,
        findings,
        server,
        browser,
    }
}

/// What the browser found comes first: it is what people meet.
fn both(server: &ServerHalf, half: &BrowserHalf, webhook: Option<bool>) -> Vec<Finding> {
    let mut findings = ways(server, half);
    findings.extend(half.measured.as_ref().map(measured));
    if half.clock_ahead_ms.unsigned_abs() > CLOCK_OFF {
        let seconds = half.clock_ahead_ms.unsigned_abs() / 1000;
        findings.push(Finding::warn(
            Check::Clock,
            format!("The browser's clock and the server's are {seconds} s apart."),
            "If the server's clock agrees with other servers, it is the other device's that is wrong.",
        ));
    }
    findings.extend(webhook.filter(|_| half.media()).map(told_of_it));
    let kept = server.findings.iter();
    findings.extend(
        kept.filter(|found| !disproved(found, half, webhook))
            .cloned(),
    );
    findings
}

fn told_of_it(webhook: bool) -> Finding {
    if webhook {
        let said = "The media server told the site of the visit: webhooks arrive.";
        return Finding::ok(Check::Webhooks, said);
    }
    Finding::fail(
        Check::Webhooks,
        "Somebody came by the link, and no webhook told the site of it: who joined and left is learned late, and history has holes.",
        "Name <server.public_url>/api/livekit/webhook under webhook.urls of the LiveKit server, with livekit.api_key as webhook.api_key; a firewall must let it through.",
    )
}

/// What the server's half suspected, and the browser's showed not to be so.
fn disproved(found: &Finding, half: &BrowserHalf, webhook: Option<bool>) -> bool {
    let direct = half.reached(Way::Udp) || half.reached(Way::Tcp);
    let elsewhere = !is_near(half);
    match found.check {
        Check::Address | Check::Nat if found.state >= State::Warn => elsewhere && direct,
        // The page was opened by that very address.
        Check::PublicAddress => found.state == State::Warn,
        Check::Webhooks => webhook.is_some() && half.media(),
        _ => false,
    }
}

/// On the same machine or network as the server, as far as the address tells: such a browser shows nothing of others.
fn is_near(half: &BrowserHalf) -> bool {
    half.seen_at
        .parse()
        .is_ok_and(|ip| !crate::checks::is_public(ip))
}

fn ways(server: &ServerHalf, half: &BrowserHalf) -> Vec<Finding> {
    let told = &server.told;
    let mut findings = vec![Finding::ok(
        Check::Page,
        format!("The page opens from {}.", half.seen_at),
    )];
    if !half.secure {
        findings.push(Finding::fail(
            Check::Page,
            format!(
                "{} is not served over TLS: that browser gives it no camera and no microphone.",
                told.site
            ),
            "Set server.tls to acme or files, or put a proxy with TLS in front.",
        ));
    }
    findings.extend(socket(server, half));
    if half.outcome(Way::Signal) == Outcome::Blocked
        || half.outcome(Way::WebSocket) == Outcome::Blocked
    {
        // Nothing behind it could be tried.
        return findings;
    }
    if told.external {
        findings.push(of_cluster(half));
        return findings;
    }
    findings.extend(media(server, half));
    findings
}

/// Whether what is in front of the site, or the other network, stops WebSockets.
fn socket(server: &ServerHalf, half: &BrowserHalf) -> Option<Finding> {
    let site = &server.told.site;
    if half.blocked(Way::WebSocket) {
        let from_here = server
            .findings
            .iter()
            .any(|found| found.check == Check::Proxy && found.state == State::Ok);
        return Some(if from_here {
            Finding::fail(
                Check::WebSocket,
                format!(
                    "The page of {site} opens there and no WebSocket does, though one from this server does: a proxy on that network stops them."
                ),
                format!("The owner of that network has to let WebSockets to {site} pass."),
            )
        } else {
            Finding::fail(
                Check::WebSocket,
                format!(
                    "The page of {site} opens there and no WebSocket does: the proxy in front of the site passes no upgrade on."
                ),
                "nginx: `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";`",
            )
        });
    }
    if half.blocked(Way::Signal) {
        let at = half.at(Way::Signal).unwrap_or(site);
        return Some(Finding::fail(
            Check::WebSocket,
            format!(
                "A WebSocket to the site opens there, and the signal socket of a call at {at} does not."
            ),
            "The media server is down, or livekit.host names an address that browsers do not reach.",
        ));
    }
    half.reached(Way::WebSocket)
        .then(|| Finding::ok(Check::WebSocket, "WebSockets pass."))
}

fn of_cluster(half: &BrowserHalf) -> Finding {
    let best = MEDIA.into_iter().find(|way| half.reached(*way));
    match best {
        Some(way) => Finding::ok(
            check_of(way),
            format!("Media reaches the LiveKit cluster over {}.", name(way)),
        ),
        None => Finding::fail(
            Check::Udp,
            format!(
                "No media reaches the LiveKit cluster: it names {}, and nothing answers there.",
                half.at(Way::Udp).unwrap_or("no address")
            ),
            "Set rtc.node_ip (or rtc.use_external_ip) of the cluster to the address that clients reach, and open its rtc.udp_port, rtc.port_range_start to rtc.port_range_end, and rtc.tcp_port.",
        ),
    }
}

/// Each way of media that did not lead there, with its port; and what that says of the address.
fn media(server: &ServerHalf, half: &BrowserHalf) -> Vec<Finding> {
    let told = &server.told;
    let ip = told.node_ip.as_deref().unwrap_or("no address");
    let wrong = server
        .findings
        .iter()
        .find(|found| found.check == Check::Address && found.state == State::Fail);
    let mut findings = Vec::new();
    let direct = half.reached(Way::Udp) || half.reached(Way::Tcp);
    if !direct && let Some(wrong) = wrong {
        findings.push(Finding::fail(
            Check::Address,
            format!(
                "Neither UDP nor TCP leads to {ip} from there. {}",
                wrong.said
            ),
            wrong.what_to_do.clone().unwrap_or_default(),
        ));
    }
    for way in MEDIA {
        match half.outcome(way) {
            Outcome::Reached => findings.push(Finding::ok(
                check_of(way),
                format!("Media gets through over {}.", name(way)),
            )),
            Outcome::Blocked => findings.push(blocked(way, told, half)),
            Outcome::NotOffered | Outcome::Skipped => {}
        }
    }
    findings
}

fn blocked(way: Way, told: &Told, half: &BrowserHalf) -> Finding {
    let ip = told.node_ip.as_deref().unwrap_or("the announced address");
    let port = |port: Option<u16>| port.map_or_else(String::new, |port| port.to_string());
    let forward = if told.nat {
        "let the router pass it on to this machine, and the firewall in"
    } else {
        "open it in this machine's firewall and in that of its provider"
    };
    let (udp_passes, tcp_passes) = (
        half.reached(Way::TurnUdp),
        half.reached(Way::TurnTcp) || half.reached(Way::TurnTls),
    );
    let (protocol, number, key, passes) = match way {
        Way::Udp => match (told.udp, told.second_udp) {
            (Some(first), Some(second)) => (
                "UDP",
                format!("{first} or {second}"),
                "livekit.ports.udp and livekit.ports.second_udp",
                udp_passes,
            ),
            (first, second) => (
                "UDP",
                port(first.or(second)),
                "livekit.ports.udp",
                udp_passes,
            ),
        },
        Way::Tcp => ("TCP", port(told.tcp), "livekit.ports.tcp", tcp_passes),
        Way::TurnUdp => (
            "UDP",
            port(told.turn),
            "livekit.turn.udp_port",
            half.reached(Way::Udp),
        ),
        Way::TurnTcp => (
            "TCP",
            port(told.turn),
            "livekit.turn.udp_port",
            half.reached(Way::Tcp),
        ),
        _ => {
            let key = if told.turn_by_site {
                "server.port"
            } else {
                "livekit.turn.tls_port"
            };
            ("TCP", port(told.turn_tls), key, half.reached(Way::Tcp))
        }
    };
    let place = half.at(way).map_or_else(
        || format!("{protocol} port {number} of {ip}"),
        |at| format!("{protocol} port {number} ({at})"),
    );
    let said = format!("{} does not get through: {place}, {key}.", name(way));
    let whose = if passes {
        format!("{protocol} passes on that network, so it is this port: {forward}.")
    } else if way == Way::TurnTls {
        "The certificate may be one that browsers refuse, a proxy may speak HTTP only at that port, or the port is closed.".to_owned()
    } else {
        format!("That network may stop {protocol} altogether; else {forward}.")
    };
    // One way that leads there is enough for a call; UDP is what makes it good.
    if half.media() {
        Finding::warn(check_of(way), said, whose)
    } else {
        Finding::fail(check_of(way), said, whose)
    }
}

fn measured(measured: &Measured) -> Finding {
    let Measured {
        way,
        bitrate_up,
        bitrate_down,
        loss_up,
        loss_down,
        rtt_ms,
    } = *measured;
    let percent = |loss: Option<u32>| {
        loss.map_or_else(
            || "?".to_owned(),
            |loss| format!("{}.{} %", loss / 10, loss % 10),
        )
    };
    let rtt = rtt_ms.map_or_else(|| "?".to_owned(), |rtt| format!("{rtt} ms"));
    let said = format!(
        "Over {}: {} kbit/s up and {} kbit/s down, {} and {} of the packets lost, round trip {rtt}.",
        name(way),
        bitrate_up / 1000,
        bitrate_down / 1000,
        percent(loss_up),
        percent(loss_down),
    );
    let lossy = loss_up.max(loss_down).is_some_and(|loss| loss >= LOSSY);
    let slow = rtt_ms.is_some_and(|rtt| rtt >= SLOW);
    if lossy || slow || bitrate_down.min(bitrate_up) < THIN {
        Finding::warn(
            Check::Quality,
            said,
            "That is the line, not this server's configuration: another network, a cable in place of wireless, or a server that is nearer.",
        )
    } else {
        Finding::ok(Check::Quality, said)
    }
}

/// The sentence that somebody remembers: the worst, and of equals the first, as the browser's come first.
fn the_one(
    findings: &[Finding],
    told: &Told,
    browser: Option<&BrowserHalf>,
) -> (String, Option<String>) {
    let state = worst(findings);
    if let Some(found) = findings
        .iter()
        .find(|found| found.state == state && state >= State::Warn)
    {
        return (found.said.clone(), found.what_to_do.clone());
    }
    let Some(half) = browser else {
        let said = format!(
            "Nothing is wrong as seen from {}. Whether others reach it shows on another network.",
            told.site
        );
        return (said, None);
    };
    let best = MEDIA.into_iter().find(|way| half.reached(*way));
    let over = best.map_or("no way", name);
    let near = if is_near(half) {
        " That browser is on a private network, perhaps on this one: open the link on a mobile network as well."
    } else {
        ""
    };
    (format!("Calls work from there, over {over}.{near}"), None)
}

/// What people call a way.
pub fn name(way: Way) -> &'static str {
    match way {
        Way::Page => "HTTP",
        Way::WebSocket => "WebSocket",
        Way::Signal => "the signal socket",
        Way::Udp => "UDP",
        Way::Tcp => "TCP",
        Way::TurnUdp => "TURN over UDP",
        Way::TurnTcp => "TURN over TCP",
        Way::TurnTls => "TURN over TLS",
    }
}

fn check_of(way: Way) -> Check {
    match way {
        Way::Page => Check::Page,
        Way::WebSocket | Way::Signal => Check::WebSocket,
        Way::Udp => Check::Udp,
        Way::Tcp => Check::Tcp,
        Way::TurnUdp => Check::TurnUdp,
        Way::TurnTcp => Check::TurnTcp,
        Way::TurnTls => Check::TurnTls,
    }
}

impl Report {
    /// As plain text, for whoever runs the network or the firewall.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.said);
        if let Some(what_to_do) = &self.what_to_do {
            text.extend(["→ ", what_to_do, "\n"]);
        }
        if let Some(half) = &self.browser {
            text.extend(["\nTried from ", &half.seen_at, " (", &half.agent, ")\n"]);
        }
        text.push('\n');
        text.push_str(&crate::finding::text(&self.findings));
        text
    }

    /// Without what the server found out about itself: for whoever ran the browser's half.
    #[must_use]
    pub fn for_the_browser(&self) -> Report {
        let Some(half) = &self.browser else {
            return self.clone();
        };
        let mut findings = ways(&self.server, half);
        findings.extend(half.measured.as_ref().map(measured));
        let (said, what_to_do) = the_one(&findings, &self.server.told, Some(half));
        Report {
            state: worst(&findings),
            said,
            what_to_do,
            findings,
            ..self.clone()
        }
    }
}
