//! Rebuilds when a migration or the web UI changes, and lets the crate build without the web UI.

use std::{env, fs, path::PathBuf};

fn main() -> std::io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../..");
    let dist = root.join("web/dist");
    // rust-embed refuses a folder that is not there; an empty one means "no web UI in this binary".
    fs::create_dir_all(&dist)?;
    for watched in [dist, root.join("migrations")] {
        println!("cargo::rerun-if-changed={}", watched.display());
    }
    Ok(())
}
