//! Which crate may use which: the code map in `docs/ARCHITECTURE.md` says so, and is read here.

use std::collections::{BTreeMap, BTreeSet};

use super::house::House;

/// A crate's dependencies (those of its tests apart) on crates of ours are listed in its row of the map.
pub fn uses(house: &House) -> Vec<String> {
    let folders: BTreeMap<String, &str> = house
        .manifests
        .iter()
        .filter_map(|(path, text)| Some((name(text)?, path.strip_suffix("/Cargo.toml")?)))
        .collect();
    let listed = listed(&house.map);
    let mut found = Vec::new();
    for (path, text) in &house.manifests {
        let folder = path.trim_end_matches("/Cargo.toml");
        // Fuzz targets are a workspace of their own.
        if !folders.values().any(|known| *known == folder) || folder.ends_with("/fuzz") {
            continue;
        }
        let Some(row) = listed.get(folder) else {
            found.push(format!("{folder} has no row in the code map"));
            continue;
        };
        for used in dependencies(text) {
            let Some(used) = folders.get(&used) else {
                continue;
            };
            if !row.contains(*used) {
                found.push(format!("{folder} uses {used}"));
            }
        }
    }
    found
}

/// Each row of the code map: `| folder | purpose | crates of ours that it uses | … |`.
fn listed(map: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    map.lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, folder, _, uses, ..] = cells[..] else {
                return None;
            };
            Some((
                folder.trim_matches('`'),
                uses.split('`')
                    .filter(|word| word.contains(char::is_alphabetic))
                    .collect(),
            ))
        })
        .collect()
}

fn name(manifest: &str) -> Option<String> {
    let line = manifest.lines().find(|line| line.starts_with("name = "))?;
    Some(
        line.trim_start_matches("name = ")
            .trim_matches('"')
            .to_owned(),
    )
}

fn dependencies(manifest: &str) -> Vec<String> {
    let mut section = "";
    let mut found = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        } else if matches!(section, "[dependencies]" | "[build-dependencies]")
            && let Some(end) = line.find(['.', ' ', '='])
        {
            found.push(line[..end].to_owned());
        }
    }
    found
}
