//! The configurations that packages, compose files and manifests bring along are good ones.

use std::{fs, path::Path};

use crate::site::{convoke, run};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn the_packages_configuration_is_good() {
    let file = repository().join("bin/package/debian/convoke.yaml");
    let (good, _, said) = run(convoke().args(["config", "--check"]).arg(file));
    assert!(good, "{said}");
}

#[test]
fn the_configuration_beside_livekits_own_services_is_good() {
    let file = repository().join("docs/deploy/compose/stack/convoke.yaml");
    let mut check = convoke();
    // What stack.yaml sets.
    check
        .env("CONVOKE_SERVER__PUBLIC_URL", "https://meet.example.org")
        .env("CONVOKE_ACME__CONTACTS", "you@example.org")
        .env("CONVOKE_LIVEKIT__HOST", "wss://meet.example.org")
        .env("CONVOKE_LIVEKIT__API_SECRET", "1".repeat(48))
        .env(
            "CONVOKE_LIVEKIT__INGRESS__RTMP_BASE_URL",
            "rtmp://meet.example.org:1935/x",
        )
        .env(
            "CONVOKE_LIVEKIT__INGRESS__WHIP_BASE_URL",
            "http://meet.example.org:8085/w",
        );
    let (good, _, said) = run(check.args(["config", "--check"]).arg(file));
    assert!(good, "{said}");
    let compose = fs::read_to_string(repository().join("docs/deploy/compose/stack.yaml")).unwrap();
    for (name, _) in check.get_envs() {
        let name = name.to_str().unwrap();
        assert!(name == "PATH" || compose.contains(name), "{name}");
    }
}

#[test]
fn the_configuration_of_replicas_is_good() {
    let folder = tempfile::tempdir().unwrap();
    let source = repository().join("docs/deploy/kubernetes/site");
    let text = fs::read_to_string(source.join("convoke.yaml")).unwrap();
    let example = fs::read_to_string(source.join("secret.example.env")).unwrap();
    for line in example.lines() {
        if let Some((name, value)) = line.split_once('=')
            && !name.starts_with('#')
        {
            fs::write(folder.path().join(name), value).unwrap();
        }
    }
    let file = folder.path().join("convoke.yaml");
    let here = folder.path().to_str().unwrap();
    fs::write(&file, text.replace("/run/secrets/convoke", here)).unwrap();
    let mut check = convoke();
    // Nobody is asked whether the bucket is there.
    check.env("CONVOKE_RECORDINGS__ENABLED", "false");
    let (good, _, said) = run(check.args(["config", "--check"]).arg(&file));
    assert!(good, "{said}");
}
