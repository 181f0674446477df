//! Ports that one configuration gives to two listeners of one machine; it must not know which of them are free.

use super::{Config, LiveKitEngine, TurnEnabled};

/// A key with its port; 0 is any free one.
type Claim = (&'static str, u16);

/// The keys whose ports others have already, with what is said of them.
pub(super) fn clashes(config: &Config) -> Vec<(&'static str, String)> {
    let mut found = taken_twice(&tcp(config));
    found.extend(taken_twice(&udp(config)));
    found
}

/// The later one of a list is told to go elsewhere.
fn taken_twice(claims: &[Claim]) -> Vec<(&'static str, String)> {
    let clash = |(index, (key, port)): (usize, &Claim)| {
        let before = claims[..index].iter().find(|(_, other)| other == port)?;
        let why = format!("is {} as well; choose another", before.0);
        (*port != 0).then_some((*key, why))
    };
    claims.iter().enumerate().filter_map(clash).collect()
}

fn tcp(config: &Config) -> Vec<Claim> {
    let mut claims = vec![
        ("server.port", config.server.port),
        (
            "server.redirect_port",
            config.server.redirect_port.unwrap_or(0),
        ),
        (
            "metrics.listen",
            config.metrics.listen.map_or(0, |address| address.port()),
        ),
    ];
    let livekit = &config.livekit;
    if livekit.external {
        return claims;
    }
    claims.extend([
        ("livekit.ports.signal", livekit.ports.signal),
        ("livekit.ports.tcp", livekit.ports.tcp),
    ]);
    if livekit.turn.enabled != TurnEnabled::Off {
        // The official one relays by UDP and TLS alone.
        if livekit.engine != LiveKitEngine::LivekitServer {
            claims.push(("livekit.turn.udp_port", livekit.turn.udp_port));
        }
        if livekit.turn.cert_file.is_some() {
            claims.push(("livekit.turn.tls_port", livekit.turn.tls_port));
        }
    }
    claims.push(("livekit.ingress.rtmp_port", livekit.ingress.rtmp_port));
    claims
}

fn udp(config: &Config) -> Vec<Claim> {
    let livekit = &config.livekit;
    let mut claims = Vec::new();
    if !livekit.external {
        claims.push(("livekit.ports.udp", livekit.ports.udp));
        claims.push(("livekit.ports.second_udp", livekit.ports.second_udp));
        if livekit.turn.enabled != TurnEnabled::Off {
            claims.push(("livekit.turn.udp_port", livekit.turn.udp_port));
        }
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(yaml: &str) -> Vec<&'static str> {
        let mut config = Config::default();
        let livekit = &mut config.livekit;
        for setting in yaml.split_whitespace() {
            let (key, value) = setting.split_once('=').unwrap();
            let port = value.parse().unwrap_or(0);
            match key {
                "server" => config.server.port = port,
                "redirect" => config.server.redirect_port = Some(port),
                "metrics" => config.metrics.listen = Some(([127, 0, 0, 1], port).into()),
                "signal" => livekit.ports.signal = port,
                "udp" => livekit.ports.udp = port,
                "second_udp" => livekit.ports.second_udp = port,
                "tcp" => livekit.ports.tcp = port,
                "turn" => livekit.turn.udp_port = port,
                "turn_tls" => livekit.turn.tls_port = port,
                "certificate" => livekit.turn.cert_file = Some(value.into()),
                "rtmp" => livekit.ingress.rtmp_port = port,
                "external" => livekit.external = true,
                "official" => livekit.engine = LiveKitEngine::LivekitServer,
                other => panic!("{other}"),
            }
        }
        clashes(&config).into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn a_port_has_one_listener() {
        for (yaml, keys) in [
            ("", &[][..]),
            ("server=443 redirect=443", &["server.redirect_port"]),
            ("server=7881", &["livekit.ports.tcp"]),
            ("server=1935", &["livekit.ingress.rtmp_port"]),
            ("metrics=8080", &["metrics.listen"]),
            ("tcp=1935", &["livekit.ingress.rtmp_port"]),
            ("udp=3478", &["livekit.turn.udp_port"]),
            ("second_udp=7882", &["livekit.ports.second_udp"]),
            ("second_udp=443 server=443", &[]),
            ("turn=7881", &["livekit.turn.udp_port"]),
            ("turn_tls=8080 certificate=x", &["livekit.turn.tls_port"]),
            // One by UDP, the other by TCP.
            ("udp=8080", &[]),
            ("turn=7881 official=1", &[]),
            // Nobody listens there.
            ("server=5349", &[]),
            ("server=7881 udp=3478 external=1", &[]),
            ("server=0 signal=0 tcp=0 turn=0 udp=0", &[]),
        ] {
            assert_eq!(refused(yaml), keys, "{yaml}");
        }
    }

    #[test]
    fn it_says_who_has_the_port() {
        let mut config = Config::default();
        config.livekit.ports.tcp = config.server.port;
        let why = "is server.port as well; choose another".to_owned();
        assert_eq!(clashes(&config), [("livekit.ports.tcp", why)]);
    }
}
