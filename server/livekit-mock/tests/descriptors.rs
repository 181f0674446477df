//! The committed descriptors are those of the `livekit-protocol` package that the workspace builds with.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// The files whose services the mock answers; what they import comes along.
const FILES: [&str; 5] = [
    "livekit_connector.proto",
    "livekit_egress.proto",
    "livekit_ingress.proto",
    "livekit_room.proto",
    "livekit_sip.proto",
];

#[test]
fn the_committed_descriptors_are_those_of_the_protocol_package() {
    let compiled = protox::Compiler::new([protobufs()])
        .unwrap()
        .include_imports(true)
        .include_source_info(false)
        .open_files(FILES)
        .unwrap()
        .encode_file_descriptor_set();
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/descriptors.binpb");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&committed, &compiled).unwrap();
    }
    assert!(
        std::fs::read(&committed).unwrap() == compiled,
        "src/descriptors.binpb is not what livekit-protocol's files say: run `make generate`"
    );
}

/// The folder of the `.proto` files inside the package's source.
fn protobufs() -> PathBuf {
    let metadata: Value = serde_json::from_slice(&cargo(&[
        "metadata",
        "--format-version=1",
        "--locked",
        // Else Cargo would want the packages of every other platform as well.
        &format!("--filter-platform={}", host()),
    ]))
    .unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let protocol = packages
        .iter()
        .find(|package| package["name"] == "livekit-protocol")
        .unwrap();
    let manifest = Path::new(protocol["manifest_path"].as_str().unwrap());
    manifest.with_file_name("protocol").join("protobufs")
}

fn host() -> String {
    let version = String::from_utf8(cargo(&["-vV"])).unwrap();
    let line = version.lines().find_map(|line| line.strip_prefix("host: "));
    line.unwrap().to_owned()
}

fn cargo(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {errors}");
    output.stdout
}
