//! A site where all is well, and one fault after the other planted in it: the doctor names each, and nothing else.

use std::time::{Duration, SystemTime};

use crate::{
    Check, Finding, State, examine,
    facts::{
        Addresses, Certificate, CertificateFault, Clock, Configured, Disk, Facts, FileKeys, Front,
        Holder, Media, MediaFault, MediaFile, Name, Port, Protocol, Running, TurnTls, TurnWay,
        WebhookFault, Webhooks,
    },
    worst,
};

const DAY: Duration = Duration::from_hours(24);
const GB: u64 = 1024 * 1024 * 1024;

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + 20_000 * DAY
}

/// A site on the Internet that ends TLS itself.
fn well() -> Facts {
    let public = "198.51.100.7".parse().unwrap();
    Facts {
        now: now(),
        configured: Configured {
            site_url: "https://meet.example.org".to_owned(),
            has_public_url: true,
            is_local: false,
            https: true,
            tls: "files",
            listens: "0.0.0.0:443".to_owned(),
            listens_on_loopback: false,
            trusts_proxies: false,
            external: false,
            turn: true,
            turn_elsewhere: None,
            udp: 7882,
            second_udp: 443,
            tcp: 7881,
            turn_udp: 3478,
            turn_tls: Some(TurnTls {
                port: 443,
                by_site: true,
            }),
            ignored_variables: Vec::new(),
        },
        running: Some(Running {
            media: "ready".to_owned(),
            troubles: Vec::new(),
            udp: Some(7882),
            second_udp: Some(443),
            tcp: Some(7881),
            node_ip: Some(public),
        }),
        other_site: false,
        names: vec![Name {
            name: "meet.example.org".to_owned(),
            key: "server.public_url",
            found: Ok(vec![public]),
        }],
        certificates: vec![Certificate {
            at: "meet.example.org:443".to_owned(),
            host: "meet.example.org".to_owned(),
            key: "server.cert_file",
            seen: Ok(now() + 60 * DAY),
            renewed: false,
        }],
        ports: vec![
            port(443, Protocol::Tcp, "server.port", false),
            port(7882, Protocol::Udp, "livekit.ports.udp", false),
            port(3478, Protocol::Udp, "livekit.turn.udp_port", true),
            port(443, Protocol::Udp, "livekit.ports.second_udp", true),
        ],
        addresses: Addresses {
            announced: Some(public),
            configured: false,
            outbound: Some(public),
            own: vec![public],
            stun: Some(Ok(vec![(public, 40000), (public, 40000)])),
            public: vec![public],
        },
        front: Some(Front {
            page: Ok(200),
            is_convoke: true,
            socket: Ok(()),
            held_back: Some(false),
            turn: Some(Ok(())),
            https_seen: Some(true),
        }),
        turn: vec![TurnWay {
            transport: "UDP",
            at: "198.51.100.7:3478".to_owned(),
            key: "livekit.turn.udp_port",
            answered: Ok("convoke".to_owned()),
        }],
        database: Ok("sqlite".to_owned()),
        disks: vec![Disk {
            path: "/var/lib/convoke".to_owned(),
            key: "server.data_dir",
            free: Some(50 * GB),
            reserve: 2 * GB,
            writable: Ok(()),
        }],
        storage: Ok("films are kept in /var/lib/convoke/recordings".to_owned()),
        clocks: vec![Clock {
            whose: "time.example.org".to_owned(),
            ahead: Ok(12),
        }],
        media: Media {
            engine: Ok("built-in"),
            version: Some("0.1.0".to_owned()),
            probed: None,
            signal: None,
            file: None,
        },
        redis: None,
        webhooks: Webhooks {
            url: "https://meet.example.org/api/livekit/webhook".to_owned(),
            heard: Some(now() - Duration::from_mins(5)),
            refused: None,
            tried: Some(Ok(())),
        },
    }
}

fn port(number: u16, protocol: Protocol, key: &'static str, optional: bool) -> Port {
    Port {
        number,
        protocol,
        key,
        holder: Holder::Us,
        optional,
    }
}

/// A file that fits.
fn file() -> MediaFile {
    MediaFile {
        path: "/etc/livekit.yaml".to_owned(),
        webhook_url: true,
        webhook_key: true,
        ..MediaFile::default()
    }
}

/// With a cluster that others run.
fn external(facts: &mut Facts) {
    facts.configured.external = true;
    facts.media.engine = Ok("external");
}

fn behind_a_proxy(facts: &mut Facts) {
    facts.configured.tls = "off";
    facts.configured.trusts_proxies = true;
    facts.configured.turn_tls = Some(TurnTls {
        port: 5349,
        by_site: false,
    });
}

fn behind_nat(facts: &mut Facts) {
    facts.addresses.own = vec!["10.0.0.5".parse().unwrap()];
    facts.addresses.outbound = Some("10.0.0.5".parse().unwrap());
}

fn bad(findings: &[Finding]) -> Vec<&Finding> {
    let bad = findings.iter();
    bad.filter(|finding| finding.state >= State::Warn).collect()
}

struct Fault {
    name: &'static str,
    plant: fn(&mut Facts),
    check: Check,
    state: State,
    /// What the sentence, or what to do, has to name.
    names: &'static [&'static str],
}

const fn fault(
    name: &'static str,
    plant: fn(&mut Facts),
    check: Check,
    state: State,
    names: &'static [&'static str],
) -> Fault {
    Fault {
        name,
        plant,
        check,
        state,
        names,
    }
}

fn faults() -> Vec<Fault> {
    use Check as C;
    use State::{Fail, Warn};
    vec![
        fault(
            "another site at our port",
            |f| {
                f.running = None;
                f.other_site = true;
            },
            C::Site,
            Fail,
            &["0.0.0.0:443", "server.data_dir"],
        ),
        fault(
            "no public address",
            |f| f.configured.has_public_url = false,
            C::Configuration,
            Warn,
            &["server.public_url"],
        ),
        fault(
            "an address that leads everybody home",
            |f| f.configured.is_local = true,
            C::Configuration,
            Warn,
            &["server.public_url"],
        ),
        fault(
            "no TLS",
            |f| {
                f.configured.https = false;
                f.configured.site_url = "http://meet.example.org".to_owned();
            },
            C::Configuration,
            Fail,
            &["http://meet.example.org", "server.tls"],
        ),
        fault(
            "self-signed",
            |f| f.configured.tls = "self-signed",
            C::Configuration,
            Warn,
            &["server.tls"],
        ),
        fault(
            "LIVEKIT_CONFIG",
            |f| f.configured.ignored_variables = vec!["LIVEKIT_CONFIG".to_owned()],
            C::Configuration,
            Warn,
            &["LIVEKIT_CONFIG", "livekit.config_path"],
        ),
        fault(
            "the database of a running site is gone",
            |f| {
                f.running.as_mut().unwrap().troubles =
                    vec![("database".to_owned(), "it is unreachable".to_owned())];
            },
            C::Site,
            Fail,
            &["database", "it is unreachable"],
        ),
        fault(
            "a name without an address",
            |f| f.names[0].found = Err("no such host".to_owned()),
            C::Dns,
            Fail,
            &["meet.example.org", "server.public_url"],
        ),
        fault(
            "a name that leads elsewhere",
            |f| f.names[0].found = Ok(vec!["203.0.113.9".parse().unwrap()]),
            C::Dns,
            Warn,
            &["203.0.113.9", "198.51.100.7"],
        ),
        fault(
            "a public machine with a private name",
            |f| f.names[0].found = Ok(vec!["192.168.1.4".parse().unwrap()]),
            C::Dns,
            Warn,
            &["192.168.1.4"],
        ),
        fault(
            "a TURN domain without an address",
            |f| {
                f.names.push(Name {
                    name: "turn.example.org".to_owned(),
                    key: "livekit.turn.domain",
                    found: Err("no such host".to_owned()),
                });
            },
            C::Dns,
            Fail,
            &["turn.example.org", "livekit.turn.domain"],
        ),
        fault(
            "an expired certificate",
            |f| f.certificates[0].seen = Err(CertificateFault::Expired(now() - 3 * DAY)),
            C::Certificate,
            Fail,
            &[
                "meet.example.org:443",
                "expired 3 days ago",
                "server.cert_file",
            ],
        ),
        fault(
            "a certificate that ends soon",
            |f| f.certificates[0].seen = Ok(now() + 5 * DAY),
            C::Certificate,
            Warn,
            &["5 more days"],
        ),
        fault(
            "a certificate of tomorrow",
            |f| f.certificates[0].seen = Err(CertificateFault::NotYet(now() + DAY)),
            C::Certificate,
            Fail,
            &["24 hours"],
        ),
        fault(
            "a certificate for another name",
            |f| f.certificates[0].seen = Err(CertificateFault::OtherName),
            C::Certificate,
            Fail,
            &["meet.example.org"],
        ),
        fault(
            "a chain with a gap",
            |f| f.certificates[0].seen = Err(CertificateFault::Untrusted),
            C::Certificate,
            Fail,
            &["chain"],
        ),
        fault(
            "a key of another certificate",
            |f| {
                f.certificates[0].seen = Err(CertificateFault::Unusable(
                    "the key is another's".to_owned(),
                ));
            },
            C::Certificate,
            Fail,
            &["server.cert_file"],
        ),
        fault(
            "nobody speaks TLS",
            |f| {
                f.certificates[0].seen =
                    Err(CertificateFault::NoTls("connection refused".to_owned()));
            },
            C::Certificate,
            Fail,
            &["meet.example.org:443"],
        ),
        fault(
            "a port that another program has",
            |f| f.ports[1].holder = Holder::Another,
            C::Ports,
            Fail,
            &["UDP port 7882", "livekit.ports.udp"],
        ),
        fault(
            "a TURN port that another program has",
            |f| f.ports[2].holder = Holder::Another,
            C::Ports,
            Warn,
            &["UDP port 3478", "livekit.turn.udp_port"],
        ),
        fault(
            "a second port of UDP that needs a right",
            |f| f.ports[3].holder = Holder::Refused("permission denied".to_owned()),
            C::Ports,
            Warn,
            &[
                "UDP port 443",
                "livekit.ports.second_udp",
                "CAP_NET_BIND_SERVICE",
            ],
        ),
        fault(
            "a port that needs a right",
            |f| f.ports[0].holder = Holder::Refused("permission denied".to_owned()),
            C::Ports,
            Fail,
            &["TCP port 443", "setcap"],
        ),
        fault(
            "a wrong node_ip",
            |f| {
                f.addresses.announced = Some("203.0.113.99".parse().unwrap());
                f.addresses.configured = true;
            },
            C::Address,
            Fail,
            &["203.0.113.99", "livekit.node_ip", "198.51.100.7"],
        ),
        fault(
            "node_ip on the loopback",
            |f| {
                f.addresses.announced = Some("127.0.0.1".parse().unwrap());
                f.addresses.configured = true;
            },
            C::Address,
            Fail,
            &["127.0.0.1", "livekit.node_ip"],
        ),
        fault(
            "no address at all",
            |f| f.addresses.announced = None,
            C::Address,
            Fail,
            &["livekit.node_ip"],
        ),
        fault(
            "a proxy without upgrade",
            |f| {
                behind_a_proxy(f);
                f.front.as_mut().unwrap().socket = Err("status 400 where 101 was due".to_owned());
            },
            C::Proxy,
            Fail,
            &["WebSocket", "https://meet.example.org", "Upgrade"],
        ),
        fault(
            "a proxy that holds bodies back",
            |f| {
                behind_a_proxy(f);
                f.front.as_mut().unwrap().held_back = Some(true);
            },
            C::Proxy,
            Warn,
            &["proxy_buffering off"],
        ),
        fault(
            "a proxy that nobody trusts",
            |f| {
                behind_a_proxy(f);
                f.configured.trusts_proxies = false;
            },
            C::Proxy,
            Fail,
            &["server.trusted_proxies"],
        ),
        fault(
            "a proxy that does not tell of TLS",
            |f| {
                behind_a_proxy(f);
                f.front.as_mut().unwrap().https_seen = Some(false);
            },
            C::Proxy,
            Fail,
            &["X-Forwarded-Proto"],
        ),
        fault(
            "a proxy that leads elsewhere",
            |f| {
                behind_a_proxy(f);
                let front = f.front.as_mut().unwrap();
                (front.page, front.is_convoke) = (Ok(502), false);
            },
            C::PublicAddress,
            Fail,
            &["502", "0.0.0.0:443"],
        ),
        fault(
            "the public port is closed",
            |f| f.front.as_mut().unwrap().page = Err("timed out".to_owned()),
            C::PublicAddress,
            Warn,
            &["https://meet.example.org", "server.public_url"],
        ),
        fault(
            "TURN over TLS behind a proxy for HTTP",
            |f| f.front.as_mut().unwrap().turn = Some(Err("it speaks HTTP".to_owned())),
            C::Proxy,
            Warn,
            &["livekit.turn.cert_file", "livekit.turn.tls_port"],
        ),
        fault(
            "no TURN over TLS",
            |f| f.configured.turn_tls = None,
            C::Turn,
            Warn,
            &["TURN over TLS", "server.tls"],
        ),
        fault(
            "no TURN",
            |f| f.configured.turn = false,
            C::Turn,
            Warn,
            &["livekit.turn.enabled"],
        ),
        fault(
            "another TURN server on the port",
            |f| f.turn[0].answered = Ok("coturn.example.org".to_owned()),
            C::Turn,
            Fail,
            &[
                "198.51.100.7:3478",
                "coturn.example.org",
                "livekit.turn.udp_port",
            ],
        ),
        fault(
            "TURN does not answer",
            |f| f.turn[0].answered = Err("no answer".to_owned()),
            C::Turn,
            Fail,
            &["198.51.100.7:3478", "UDP"],
        ),
        fault(
            "the media server is down",
            |f| f.running.as_mut().unwrap().media = "down".to_owned(),
            C::MediaServer,
            Fail,
            &["built-in", "down"],
        ),
        fault(
            "no livekit-server where one is wanted",
            |f| f.media.engine = Err("no livekit-server in /data or on PATH".to_owned()),
            C::MediaServer,
            Fail,
            &["livekit-server", "livekit.binary"],
        ),
        fault(
            "the cluster cannot be reached",
            |f| {
                external(f);
                f.media.probed = Some((
                    "http://10.0.0.9:7880/".to_owned(),
                    Err(MediaFault::Unreachable("refused".to_owned())),
                ));
            },
            C::MediaServer,
            Fail,
            &["http://10.0.0.9:7880/", "livekit.internal_host"],
        ),
        fault(
            "the cluster's certificate is its own",
            |f| {
                external(f);
                f.media.probed = Some((
                    "https://lk:7880/".to_owned(),
                    Err(MediaFault::Certificate("unknown issuer".to_owned())),
                ));
            },
            C::MediaServer,
            Fail,
            &["livekit.dangerous_skip_tls_verify"],
        ),
        fault(
            "the cluster has other keys",
            |f| {
                external(f);
                f.media.probed = Some(("http://lk:7880/".to_owned(), Err(MediaFault::KeysRefused)));
            },
            C::MediaServer,
            Fail,
            &["livekit.api_secret"],
        ),
        fault(
            "no LiveKit server there",
            |f| {
                external(f);
                f.media.probed = Some((
                    "http://lk:80/".to_owned(),
                    Err(MediaFault::Unexpected("404".to_owned())),
                ));
            },
            C::MediaServer,
            Fail,
            &["http://lk:80/", "7880"],
        ),
        fault(
            "browsers do not reach livekit.host",
            |f| {
                external(f);
                f.media.signal = Some((
                    "wss://lk.example.org/".to_owned(),
                    Err("refused".to_owned()),
                ));
            },
            C::MediaServer,
            Fail,
            &["wss://lk.example.org/", "livekit.host"],
        ),
        fault(
            "tls: in LiveKit's file",
            |f| {
                f.media.file = Some(MediaFile {
                    top_level_tls: true,
                    ..file()
                });
            },
            C::MediaFile,
            Fail,
            &["`tls:`", "/etc/livekit.yaml", "1.12"],
        ),
        fault(
            "LiveKit's file is no YAML",
            |f| {
                f.media.file = Some(MediaFile {
                    unreadable: Some("line 3 column 2".to_owned()),
                    ..file()
                });
            },
            C::MediaFile,
            Fail,
            &["/etc/livekit.yaml", "line 3"],
        ),
        fault(
            "a key that LiveKit does not know",
            |f| {
                f.media.file = Some(MediaFile {
                    unknown: vec!["prot".to_owned()],
                    ..file()
                });
            },
            C::MediaFile,
            Fail,
            &["`prot:`"],
        ),
        fault(
            "use_external_ip alone",
            |f| {
                f.media.file = Some(MediaFile {
                    external_ip_alone: true,
                    ..file()
                });
            },
            C::MediaFile,
            Warn,
            &["could not resolve external IP", "rtc.node_ip"],
        ),
        fault(
            "a TLS port of TURN without a domain",
            |f| {
                f.media.file = Some(MediaFile {
                    turn_tls: true,
                    ..file()
                });
            },
            C::MediaFile,
            Fail,
            &["turn.domain", "TURN domain required"],
        ),
        fault(
            "a TLS port of TURN without a certificate",
            |f| {
                f.media.file = Some(MediaFile {
                    turn_tls: true,
                    turn_domain: true,
                    ..file()
                });
            },
            C::MediaFile,
            Fail,
            &["turn.cert_file"],
        ),
        fault(
            "a wrong secret in LiveKit's file",
            |f| {
                f.media.file = Some(MediaFile {
                    keys: FileKeys::OtherSecret,
                    ..file()
                });
            },
            C::MediaFile,
            Fail,
            &["livekit.api_secret"],
        ),
        fault(
            "a wrong key in LiveKit's file",
            |f| {
                f.media.file = Some(MediaFile {
                    keys: FileKeys::Missing,
                    ..file()
                });
            },
            C::MediaFile,
            Fail,
            &["livekit.api_key"],
        ),
        fault(
            "no webhook in LiveKit's file",
            |f| {
                f.media.file = Some(MediaFile {
                    webhook_url: false,
                    ..file()
                });
            },
            C::MediaFile,
            Fail,
            &[
                "https://meet.example.org/api/livekit/webhook",
                "webhook.urls",
            ],
        ),
        fault(
            "a wrong webhook key in LiveKit's file",
            |f| {
                f.media.file = Some(MediaFile {
                    webhook_key: false,
                    ..file()
                });
            },
            C::MediaFile,
            Fail,
            &["webhook.api_key"],
        ),
        fault(
            "empty rooms linger",
            |f| {
                f.media.file = Some(MediaFile {
                    empty_for: Some(86_400),
                    ..file()
                });
            },
            C::MediaFile,
            Warn,
            &["room.empty_timeout"],
        ),
        fault(
            "Redis is away",
            |f| f.redis = Some(("127.0.0.1:6379".to_owned(), Err("refused".to_owned()))),
            C::Redis,
            Fail,
            &["127.0.0.1:6379", "livekit.redis.address"],
        ),
        fault(
            "a wrong webhook key",
            |f| f.webhooks.refused = Some((now(), "not signed with our API key".to_owned())),
            C::Webhooks,
            Fail,
            &["webhook.api_key"],
        ),
        fault(
            "the site has other keys than the configuration",
            |f| f.webhooks.tried = Some(Err(WebhookFault::KeyRefused)),
            C::Webhooks,
            Fail,
            &["livekit.api_key"],
        ),
        fault(
            "webhooks are lost",
            |f| {
                external(f);
                f.webhooks.tried = Some(Err(WebhookFault::Lost("403".to_owned())));
            },
            C::Webhooks,
            Fail,
            &["https://meet.example.org/api/livekit/webhook"],
        ),
        fault(
            "a cluster that sends no webhooks",
            |f| {
                external(f);
                f.webhooks.heard = None;
            },
            C::Webhooks,
            Warn,
            &["webhook.urls"],
        ),
        fault(
            "the database is away",
            |f| f.database = Err("connection refused".to_owned()),
            C::Database,
            Fail,
            &["database.url", "connection refused"],
        ),
        fault(
            "the disk is full",
            |f| f.disks[0].free = Some(20 * 1024 * 1024),
            C::Disk,
            Fail,
            &["/var/lib/convoke", "20 MB", "server.data_dir"],
        ),
        fault(
            "the disk is nearly full",
            |f| f.disks[0].free = Some(GB),
            C::Disk,
            Warn,
            &["recordings.reserve_gb"],
        ),
        fault(
            "a folder of somebody else's",
            |f| f.disks[0].writable = Err("permission denied".to_owned()),
            C::Disk,
            Fail,
            &["/var/lib/convoke", "server.data_dir"],
        ),
        fault(
            "the bucket does not take films",
            |f| f.storage = Err("films cannot be kept: no such bucket".to_owned()),
            C::Storage,
            Fail,
            &["no such bucket", "recordings"],
        ),
        fault(
            "a clock that is wrong",
            |f| f.clocks[0].ahead = Ok(90_000),
            C::Clock,
            Fail,
            &["90 s behind", "time.example.org"],
        ),
        fault(
            "a clock that drifts",
            |f| f.clocks[0].ahead = Ok(-5_000),
            C::Clock,
            Warn,
            &["5 s ahead of"],
        ),
        fault(
            "NAT",
            |f| {
                behind_nat(f);
            },
            C::Nat,
            Warn,
            &["UDP 7882", "TCP 7881", "198.51.100.7"],
        ),
        fault(
            "a NAT with a port for each destination",
            |f| {
                behind_nat(f);
                let seen = f.addresses.seen().unwrap();
                f.addresses.stun = Some(Ok(vec![(seen, 40000), (seen, 40001)]));
            },
            C::Nat,
            Warn,
            &["another port", "UDP 7882"],
        ),
    ]
}

#[test]
fn a_site_where_all_is_well_has_nothing_to_say_against_it() {
    let half = examine(&well());
    assert_eq!(bad(&half.findings), Vec::<&Finding>::new());
    assert_eq!(worst(&half.findings), State::Ok);
    let mut proxied = well();
    behind_a_proxy(&mut proxied);
    proxied.front.as_mut().unwrap().turn = None;
    assert_eq!(bad(&examine(&proxied).findings), Vec::<&Finding>::new());
    let mut by_hand = well();
    by_hand.media.file = Some(file());
    assert_eq!(bad(&examine(&by_hand).findings), Vec::<&Finding>::new());
}

#[test]
fn every_planted_fault_is_named_and_nothing_else() {
    let faults = faults();
    assert!(faults.len() >= 60);
    for planted in faults {
        let mut facts = well();
        (planted.plant)(&mut facts);
        let half = examine(&facts);
        let bad = bad(&half.findings);
        let [found] = bad[..] else {
            panic!("{}: {bad:#?}", planted.name)
        };
        assert_eq!(
            (found.check, found.state),
            (planted.check, planted.state),
            "{}: {found:#?}",
            planted.name
        );
        let what_to_do = found.what_to_do.as_deref().unwrap();
        for name in planted.names {
            assert!(
                found.said.contains(name) || what_to_do.contains(name),
                "{}: nothing of {name}: {found:#?}",
                planted.name
            );
        }
    }
}

#[test]
fn a_private_address_is_wrong_only_where_the_name_is_public() {
    let mut facts = well();
    behind_nat(&mut facts);
    facts.addresses.announced = Some("10.0.0.5".parse().unwrap());
    let address = |facts: &Facts| {
        let half = examine(facts);
        let mut found = half.findings.into_iter();
        found.find(|it| it.check == Check::Address).unwrap()
    };
    let found = address(&facts);
    assert_eq!(found.state, State::Fail);
    assert!(found.what_to_do.unwrap().contains("198.51.100.7"));
    facts.addresses.public = vec!["10.0.0.5".parse().unwrap()];
    assert_eq!(address(&facts).state, State::Warn);
}

#[test]
fn what_cannot_be_known_is_said_and_is_no_fault() {
    let mut facts = well();
    facts.addresses.stun = Some(Err("no answer".to_owned()));
    facts.clocks.clear();
    facts.webhooks.heard = None;
    facts.front = None;
    let half = examine(&facts);
    assert_eq!(bad(&half.findings), Vec::<&Finding>::new());
    for check in [Check::Nat, Check::Clock, Check::Webhooks, Check::Proxy] {
        let found = half.findings.iter().find(|it| it.check == check).unwrap();
        assert_eq!(found.state, State::Skipped, "{found:?}");
    }
}

#[test]
fn a_refused_webhook_is_forgotten_once_one_was_taken() {
    let mut facts = well();
    facts.webhooks.refused = Some((now() - Duration::from_mins(10), "another key".to_owned()));
    assert_eq!(bad(&examine(&facts).findings), Vec::<&Finding>::new());
}

#[test]
fn the_other_half_is_told_what_is_in_use() {
    let mut facts = well();
    facts.running.as_mut().unwrap().udp = Some(17882);
    let told = examine(&facts).told;
    assert_eq!(
        (told.udp, told.tcp, told.turn, told.turn_tls),
        (Some(17882), Some(7881), Some(3478), Some(443))
    );
    assert_eq!(told.second_udp, Some(443));
    assert!(told.turn_by_site && !told.nat && !told.external);
    external(&mut facts);
    assert_eq!(examine(&facts).told.udp, None);
}
