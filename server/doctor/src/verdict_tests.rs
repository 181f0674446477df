//! Both halves together: what one suspects and the other disproves, and which port or address the one sentence names.

use crate::{
    Check, Finding, Report, ServerHalf, State, Told,
    browser::{BrowserHalf, Measured, Outcome, Tried, Way},
    report,
};

const NEAR: &str = "192.168.1.20";
const ELSEWHERE: &str = "203.0.113.50";

fn server(findings: Vec<Finding>) -> ServerHalf {
    ServerHalf {
        findings,
        told: Told {
            site: "https://meet.example.org".to_owned(),
            node_ip: Some("198.51.100.7".to_owned()),
            udp: Some(7882),
            second_udp: None,
            tcp: Some(7881),
            turn: Some(3478),
            turn_tls: Some(443),
            turn_by_site: true,
            nat: false,
            external: false,
        },
    }
}

/// Reaches these, and nothing else.
fn browser(seen_at: &str, reached: &[Way]) -> BrowserHalf {
    let ways = [
        Way::Page,
        Way::WebSocket,
        Way::Signal,
        Way::Udp,
        Way::Tcp,
        Way::TurnUdp,
        Way::TurnTcp,
        Way::TurnTls,
    ];
    let tried = ways.into_iter().map(|way| Tried {
        way,
        outcome: if reached.contains(&way) {
            Outcome::Reached
        } else {
            Outcome::Blocked
        },
        at: None,
        took_ms: Some(20),
    });
    BrowserHalf {
        agent: "a browser".to_owned(),
        seen_at: seen_at.to_owned(),
        clock_ahead_ms: 40,
        secure: true,
        ways: tried.collect(),
        measured: None,
    }
}

const OPEN: [Way; 3] = [Way::Page, Way::WebSocket, Way::Signal];

fn with(media: &[Way]) -> Vec<Way> {
    [&OPEN, media].concat()
}

fn names(report: &Report, state: State, words: &[&str]) {
    let told = format!(
        "{} {}",
        report.said,
        report.what_to_do.as_deref().unwrap_or_default()
    );
    assert_eq!(report.state, state, "{told}");
    for word in words {
        assert!(told.contains(word), "nothing of {word}: {told}");
    }
}

#[test]
fn a_browser_that_gets_through_disproves_what_the_server_feared() {
    let feared = vec![
        Finding::fail(Check::Address, "it may be wrong", "correct it"),
        Finding::warn(Check::Nat, "it is behind NAT", "pass it on"),
        Finding::warn(Check::PublicAddress, "it does not answer from here", "look"),
    ];
    let all = with(&[Way::Udp, Way::Tcp, Way::TurnUdp, Way::TurnTcp, Way::TurnTls]);
    let elsewhere = report(
        server(feared.clone()),
        Some(browser(ELSEWHERE, &all)),
        Some(true),
    );
    // Documentation's addresses are public for this purpose.
    names(&elsewhere, State::Ok, &["Calls work from there, over UDP"]);
    // On a network with the server it shows nothing of others.
    let near = report(server(feared), Some(browser(NEAR, &all)), Some(true));
    names(&near, State::Fail, &["it may be wrong"]);
}

#[test]
fn both_ports_of_udp_are_named_where_neither_gets_through() {
    let mut server = server(vec![]);
    server.told.second_udp = Some(443);
    let half = browser(ELSEWHERE, &with(&[Way::Tcp, Way::TurnTcp, Way::TurnTls]));
    let told = report(server, Some(half), Some(true));
    let second = "livekit.ports.second_udp";
    names(
        &told,
        State::Warn,
        &["UDP port 7882 or 443", "livekit.ports.udp", second],
    );
}

#[test]
fn a_closed_udp_port_is_named_and_who_closed_it_where_that_shows() {
    let half = browser(
        ELSEWHERE,
        &with(&[Way::Tcp, Way::TurnUdp, Way::TurnTcp, Way::TurnTls]),
    );
    let ours = report(server(vec![]), Some(half), Some(true));
    names(
        &ours,
        State::Warn,
        &[
            "UDP port 7882",
            "198.51.100.7",
            "livekit.ports.udp",
            "so it is this port",
        ],
    );
    let half = browser(ELSEWHERE, &with(&[Way::Tcp, Way::TurnTcp, Way::TurnTls]));
    let theirs = report(server(vec![]), Some(half), Some(true));
    names(
        &theirs,
        State::Warn,
        &["UDP port 7882", "That network may stop UDP altogether"],
    );
}

#[test]
fn a_closed_tcp_port_and_closed_turn_ports_are_named() {
    let half = browser(
        ELSEWHERE,
        &with(&[Way::Udp, Way::TurnUdp, Way::TurnTcp, Way::TurnTls]),
    );
    names(
        &report(server(vec![]), Some(half), Some(true)),
        State::Warn,
        &["TCP port 7881", "livekit.ports.tcp"],
    );
    let half = browser(
        ELSEWHERE,
        &with(&[Way::Udp, Way::Tcp, Way::TurnTcp, Way::TurnTls]),
    );
    names(
        &report(server(vec![]), Some(half), Some(true)),
        State::Warn,
        &["UDP port 3478", "livekit.turn.udp_port"],
    );
    let half = browser(
        ELSEWHERE,
        &with(&[Way::Udp, Way::Tcp, Way::TurnUdp, Way::TurnTcp]),
    );
    names(
        &report(server(vec![]), Some(half), Some(true)),
        State::Warn,
        &["TCP port 443", "TURN over TLS"],
    );
}

#[test]
fn a_wrong_address_is_named_where_nothing_leads_there() {
    let wrong = Finding::fail(
        Check::Address,
        "Media is announced with 203.0.113.99 (livekit.node_ip).",
        "Set livekit.node_ip to 198.51.100.7.",
    );
    let half = browser(ELSEWHERE, &OPEN);
    let told = report(server(vec![wrong]), Some(half), Some(true));
    names(
        &told,
        State::Fail,
        &["203.0.113.99", "livekit.node_ip to 198.51.100.7"],
    );
}

#[test]
fn behind_nat_the_router_is_named() {
    let mut server = server(vec![]);
    server.told.nat = true;
    let told = report(server, Some(browser(ELSEWHERE, &OPEN)), Some(true));
    names(&told, State::Fail, &["UDP port 7882", "router"]);
}

#[test]
fn whose_proxy_stops_websockets_shows_from_both_ends() {
    let half = browser(ELSEWHERE, &[Way::Page]);
    let theirs = server(vec![Finding::ok(Check::Proxy, "it passes WebSockets on")]);
    names(
        &report(theirs, Some(half.clone()), None),
        State::Fail,
        &["a proxy on that network"],
    );
    names(
        &report(server(vec![]), Some(half), None),
        State::Fail,
        &["proxy in front of the site", "Upgrade"],
    );
}

#[test]
fn a_media_server_that_tells_no_webhook_of_the_visit_is_named() {
    let all = with(&[Way::Udp, Way::Tcp, Way::TurnUdp, Way::TurnTcp, Way::TurnTls]);
    let told = report(server(vec![]), Some(browser(ELSEWHERE, &all)), Some(false));
    names(
        &told,
        State::Fail,
        &["no webhook", "webhook.urls", "webhook.api_key"],
    );
}

#[test]
fn a_cluster_that_nobody_reaches_is_named_by_its_own_words() {
    let mut server = server(vec![]);
    server.told.external = true;
    let mut half = browser(ELSEWHERE, &OPEN);
    half.ways[3].at = Some("10.0.0.9:50000".to_owned());
    names(
        &report(server, Some(half), None),
        State::Fail,
        &["10.0.0.9:50000", "rtc.node_ip", "rtc.tcp_port"],
    );
}

#[test]
fn a_page_without_tls_a_thin_line_and_a_wrong_clock_are_named() {
    let all = with(&[Way::Udp, Way::Tcp, Way::TurnUdp, Way::TurnTcp, Way::TurnTls]);
    let mut half = browser(ELSEWHERE, &all);
    half.secure = false;
    names(
        &report(server(vec![]), Some(half.clone()), Some(true)),
        State::Fail,
        &["TLS", "camera"],
    );
    half.secure = true;
    half.measured = Some(Measured {
        way: Way::Udp,
        bitrate_up: 2_400_000,
        bitrate_down: 2_300_000,
        loss_up: Some(0),
        loss_down: Some(120),
        rtt_ms: Some(35),
    });
    names(
        &report(server(vec![]), Some(half.clone()), Some(true)),
        State::Warn,
        &["12.0 %", "2300 kbit/s down", "35 ms"],
    );
    half.measured = None;
    half.clock_ahead_ms = -90_000;
    names(
        &report(server(vec![]), Some(half), Some(true)),
        State::Warn,
        &["90 s apart"],
    );
}

#[test]
fn without_a_browser_the_server_speaks_alone_and_says_what_it_cannot_know() {
    let alone = report(server(vec![]), None, None);
    names(
        &alone,
        State::Ok,
        &["as seen from https://meet.example.org", "another network"],
    );
    let text = report(
        server(vec![Finding::warn(Check::Nat, "NAT", "pass")]),
        None,
        None,
    )
    .text();
    assert_eq!(text, "NAT\n→ pass\n\nWARN  NAT\n      → pass\n");
}

#[test]
fn whoever_ran_it_hears_nothing_of_the_servers_own_findings() {
    let secret = Finding::fail(Check::Database, "the database is away", "look");
    let all = with(&[Way::Udp, Way::Tcp, Way::TurnUdp, Way::TurnTcp, Way::TurnTls]);
    let whole = report(
        server(vec![secret]),
        Some(browser(ELSEWHERE, &all)),
        Some(true),
    );
    assert_eq!(whole.state, State::Fail);
    let shown = whole.for_the_browser();
    names(&shown, State::Ok, &["Calls work"]);
    assert!(!shown.text().contains("database"));
}
