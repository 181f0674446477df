//! The standalone service's variables: those of the original service with its quirks, and ours.

use std::{fs, path::PathBuf, time::Duration};

use http_edge::outbound::Trust;
use livekit_wire::ApiKeys;
use matrix_rtc::{
    FullAccess,
    config::{Environment, EnvironmentError},
    ids::ServerName,
};
use secrecy::ExposeSecret;

/// What must be there, changed by `changes`; an empty value unsets.
fn read(changes: &[(&str, &str)]) -> Result<Environment, EnvironmentError> {
    let mut variables = vec![
        ("LIVEKIT_URL", "wss://sfu.example/livekit/sfu"),
        ("LIVEKIT_KEY", "key"),
        ("LIVEKIT_SECRET", "secret"),
        ("LIVEKIT_FULL_ACCESS_HOMESERVERS", "hs.example"),
    ];
    // The last one of a name counts.
    variables.extend(changes);
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Environment::read(variables.into_iter().map(owned))
}

fn refusal(changes: &[(&str, &str)]) -> String {
    read(changes).err().map(|error| error.to_string()).unwrap()
}

fn first(keys: &ApiKeys) -> (&str, &str) {
    let (key, secret) = keys.first();
    (key, secret.expose_secret())
}

fn servers(names: &[&str]) -> FullAccess {
    FullAccess::Only(
        names
            .iter()
            .map(|name| ServerName::parse(*name).unwrap())
            .collect(),
    )
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

#[test]
fn the_least_that_must_be_said() {
    let environment = read(&[]).unwrap();
    let options = environment.options;
    assert_eq!(options.livekit.public_url, "wss://sfu.example/livekit/sfu");
    assert_eq!(
        options.livekit.api_url.as_str(),
        "https://sfu.example/livekit/sfu"
    );
    assert_eq!(first(&options.livekit.keys), ("key", "secret"));
    assert_eq!(options.full_access, servers(&["hs.example"]));
    assert_eq!(environment.bind.to_string(), ":8080");
    assert_eq!(options.sanity_check_interval, None);
    assert!(environment.redis.is_none());
    assert!(matches!(options.homeservers.trust, Trust::System));
    assert!(!options.homeservers.all_addresses);
}

#[test]
fn what_is_missing_is_named() {
    for missing in ["LIVEKIT_URL", "LIVEKIT_KEY", "LIVEKIT_SECRET"] {
        assert_eq!(
            refusal(&[(missing, "")]),
            "LIVEKIT_KEY* / LIVEKIT_SECRET* and LIVEKIT_URL must be set"
        );
    }
    let name = "LIVEKIT_FULL_ACCESS_HOMESERVERS";
    assert!(refusal(&[(name, "")]).starts_with(name));
}

#[test]
fn key_and_secret_come_from_files_too() {
    let folder = Folder::new();
    let key = folder.file("key", "file-key\r\n");
    let secret = folder.file("secret", " file-secret \n");
    let both = folder.file("both", "both-key: both-secret\n");
    let broken = folder.file("broken", "a: b: c\n");

    let read_keys = |changes: &[(&str, &str)]| {
        let keys = read(changes).unwrap().options.livekit.keys;
        let (key, secret) = first(&keys);
        format!("{key}/{secret}")
    };
    let (key, secret) = (
        ("LIVEKIT_KEY_FROM_FILE", &*key),
        ("LIVEKIT_SECRET_FROM_FILE", &*secret),
    );
    assert_eq!(read_keys(&[key]), "file-key/secret");
    assert_eq!(read_keys(&[secret]), "key/file-secret");
    assert_eq!(read_keys(&[key, secret]), "file-key/file-secret");
    assert_eq!(
        read_keys(&[key, ("LIVEKIT_KEY_FILE", &both)]),
        "both-key/both-secret"
    );

    assert!(refusal(&[("LIVEKIT_KEY_FILE", &broken)]).starts_with("LIVEKIT_KEY_FILE: "));
    for name in [
        "LIVEKIT_KEY_FILE",
        "LIVEKIT_KEY_FROM_FILE",
        "LIVEKIT_SECRET_FROM_FILE",
    ] {
        let refusal = refusal(&[(name, "/nowhere")]);
        assert!(
            refusal.starts_with(&format!("{name}: cannot read /nowhere")),
            "{refusal}"
        );
    }
}

#[test]
fn everybody_has_full_access_only_by_a_lone_star() {
    let of = |list: &str| {
        let environment = read(&[("LIVEKIT_FULL_ACCESS_HOMESERVERS", list)]).unwrap();
        (
            environment.options.full_access,
            environment.warnings.join("\n"),
        )
    };
    assert_eq!(of("*").0, FullAccess::Everybody);
    assert_eq!(of(" * ").0, FullAccess::Everybody);
    assert_eq!(
        of("a.example, b.example:1\tc.example").0,
        servers(&["a.example", "b.example:1", "c.example"])
    );
    let (access, warnings) = of("*,a.example");
    assert_eq!(access, servers(&["a.example"]));
    assert!(warnings.contains("it counts only alone"), "{warnings}");
    let (access, warnings) = of(" , ");
    assert_eq!(access, servers(&[]));
    assert!(warnings.contains("nobody may open rooms"), "{warnings}");
}

#[test]
fn the_address_is_given_in_one_way_only() {
    let bind = |changes: &[(&str, &str)]| read(changes).unwrap().bind.to_string();
    assert_eq!(
        bind(&[("LIVEKIT_JWT_BIND", "127.0.0.1:80")]),
        "127.0.0.1:80"
    );
    assert_eq!(bind(&[("LIVEKIT_JWT_PORT", "6080")]), ":6080");
    assert_eq!(
        refusal(&[("LIVEKIT_JWT_BIND", ":80"), ("LIVEKIT_JWT_PORT", "80")]),
        "LIVEKIT_JWT_BIND and LIVEKIT_JWT_PORT must not be set together"
    );
    assert!(refusal(&[("LIVEKIT_JWT_BIND", "8080")]).starts_with("LIVEKIT_JWT_BIND: "));
    assert!(refusal(&[("LIVEKIT_JWT_PORT", "http")]).starts_with("LIVEKIT_JWT_PORT: "));
}

#[test]
fn the_sfu_is_asked_at_another_address_when_one_is_given() {
    let api = ("CONVOKE_MATRIX_LIVEKIT_API_URL", "http://livekit:7880");
    let livekit = read(&[api]).unwrap().options.livekit;
    assert_eq!(livekit.api_url.as_str(), "http://livekit:7880/");
    assert_eq!(livekit.public_url, "wss://sfu.example/livekit/sfu");
    assert!(refusal(&[("LIVEKIT_URL", "sfu.example")]).starts_with("LIVEKIT_URL: "));
}

#[test]
fn certificates_are_checked_unless_the_operator_says_the_magic_words() {
    let name = "LIVEKIT_INSECURE_SKIP_VERIFY_TLS";
    for (value, lab) in [
        ("YES_I_KNOW_WHAT_I_AM_DOING", true),
        ("true", false),
        ("yes", false),
    ] {
        let environment = read(&[(name, value)]).unwrap();
        let homeservers = environment.options.homeservers;
        assert_eq!(
            matches!(homeservers.trust, Trust::Everybody),
            lab,
            "{value}"
        );
        assert_eq!(homeservers.all_addresses, lab, "{value}");
        assert_eq!(
            environment.warnings.iter().any(|text| text.contains(name)),
            lab,
            "{value}"
        );
    }
}

#[test]
fn overrides_are_pairs_of_server_and_url() {
    let name = "LIVEKIT_CS_API_URL_OVERRIDES";
    let list =
        "a.example=https://m.example/base, [::1]:8448 = http://127.0.0.1:80 ,b.example=m.b.example";
    let apis = read(&[(name, list)])
        .unwrap()
        .options
        .homeservers
        .client_apis;
    let url = |server: &str| apis[&ServerName::parse(server).unwrap()].as_str();
    assert_eq!(apis.len(), 3);
    assert_eq!(url("a.example"), "https://m.example/base");
    assert_eq!(url("[::1]:8448"), "http://127.0.0.1/");
    assert_eq!(url("b.example"), "https://m.b.example/");
    for bad in [
        "a.example",
        "=https://m",
        "a.example=",
        "a.example=https://m,",
        "a b=https://m",
    ] {
        assert!(refusal(&[(name, bad)]).starts_with(name), "{bad}");
    }
}

#[test]
fn numbers_and_networks_are_checked() {
    let environment = read(&[
        ("LIVEKIT_SANITY_CHECK_INTERVAL_SECONDS", "30"),
        ("CONVOKE_MATRIX_RATE_LIMIT", "3"),
        ("CONVOKE_MATRIX_RATE_LIMIT_BURST", "7"),
        ("CONVOKE_MATRIX_TRUSTED_PROXIES", "192.0.2.1"),
        ("CONVOKE_MATRIX_ALLOWED_NETWORKS", "10.0.0.0/8 fd00::/8"),
        ("LIVEKIT_REDIS_URL", "redis://localhost"),
    ])
    .unwrap();
    let options = environment.options;
    assert_eq!(options.sanity_check_interval, Some(Duration::from_secs(30)));
    let limit = options.rate_limit;
    assert_eq!((limit.per_second.get(), limit.burst.get()), (3, 7));
    assert_eq!(limit.trusted_proxies, ["192.0.2.1/32".parse().unwrap()]);
    assert_eq!(options.homeservers.allowed_networks.networks.len(), 2);
    assert_eq!(
        environment.redis.unwrap().url.expose_secret(),
        "redis://localhost"
    );

    let zero = read(&[("LIVEKIT_SANITY_CHECK_INTERVAL_SECONDS", "0")]).unwrap();
    assert_eq!(zero.options.sanity_check_interval, None);
    for (name, bad) in [
        ("LIVEKIT_SANITY_CHECK_INTERVAL_SECONDS", "-1"),
        ("LIVEKIT_SANITY_CHECK_INTERVAL_SECONDS", "1.5"),
        ("CONVOKE_MATRIX_RATE_LIMIT", "0"),
        ("CONVOKE_MATRIX_RATE_LIMIT_BURST", "many"),
        ("CONVOKE_MATRIX_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("CONVOKE_MATRIX_ALLOWED_NETWORKS", "everything"),
        ("CONVOKE_MATRIX_REDIS_CA_FILE", "/nowhere"),
    ] {
        let refusal = refusal(&[("LIVEKIT_REDIS_URL", "redis://localhost"), (name, bad)]);
        assert!(refusal.starts_with(name), "{refusal}");
    }
}

#[test]
fn an_unknown_log_level_is_the_default_one_and_an_unknown_format_is_refused() {
    let logging = |name: &str, value: &str| {
        Environment::read_logging([(name.to_owned(), value.to_owned())]).ok()
    };
    for (value, level) in [
        ("debug", "debug"),
        ("WARNING", "warn"),
        ("", "info"),
        ("loud", "info"),
    ] {
        assert_eq!(
            logging("LIVEKIT_LOG_LEVEL", value),
            Some((level, false)),
            "{value}"
        );
    }
    assert_eq!(logging("CONVOKE_LOG_FORMAT", "json"), Some(("info", true)));
    assert_eq!(logging("CONVOKE_LOG_FORMAT", "xml"), None);
    let warnings = read(&[("LIVEKIT_LOG_LEVEL", "loud")])
        .unwrap()
        .warnings
        .join("\n");
    assert!(warnings.contains("LIVEKIT_LOG_LEVEL"), "{warnings}");
}

#[test]
fn a_password_of_redis_may_stand_beside_its_url() {
    for (url, expected) in [
        ("redis://localhost", "redis://:p%40ss%2Fw@localhost"),
        (
            "rediss://user:old@redis:6380/2",
            "rediss://user:p%40ss%2Fw@redis:6380/2",
        ),
        (
            "unix:///run/redis.sock",
            "unix:///run/redis.sock?pass=p%40ss%2Fw",
        ),
    ] {
        let environment = read(&[
            ("LIVEKIT_REDIS_URL", url),
            ("LIVEKIT_REDIS_PASSWORD", "p@ss/w"),
        ]);
        let redis = environment.unwrap().redis.unwrap();
        assert_eq!(redis.url.expose_secret(), expected);
    }
}

#[test]
fn participants_may_change_their_own_metadata_only_where_it_is_said() {
    let may = |value| {
        let environment = read(&[("LIVEKIT_CAN_UPDATE_OWN_METADATA", value)]);
        environment.unwrap().options.livekit.can_update_own_metadata
    };
    assert!(may("true"));
    for other in ["", "false", "1", "TRUE", "yes"] {
        assert!(!may(other), "{other}");
    }
}

#[test]
fn the_missing_mode_as_an_application_service_is_said() {
    let environment = read(&[("LIVEKIT_AS_TOKEN", "a-secret-token")]).unwrap();
    let warning = environment
        .warnings
        .iter()
        .find(|warning| warning.contains("LIVEKIT_AS_TOKEN"));
    assert!(!warning.unwrap().contains("a-secret-token"));
}
