//! Laws of what a crate's top folders import: the ground nothing that stands on it, and no two each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{house::House, source::Source};

/// Crates whose top folders and files form floors.
const CRATES: [&str; 2] = ["server/media-server/src/", "server/matrix-rtc/src/"];
const MEDIA: &str = "server/media-server/src/";
/// What the ground of the media server may import: itself, and the names of the settings.
const BELOW_GROUND: [&str; 2] = ["ground", "config"];

/// The ground of the media server knows none of those who stand on it.
pub fn media_ground(house: &House) -> Vec<String> {
    let parts = parts(house, MEDIA);
    let mut found = Vec::new();
    for source in house.below("server/media-server/src/ground/") {
        for other in imported(source, &parts) {
            if !BELOW_GROUND.contains(&other) {
                found.push(format!("{} imports {other}", source.path));
            }
        }
    }
    found
}

/// Who imports somebody is not imported by them, on whatever way round.
pub fn circles(house: &House) -> Vec<String> {
    CRATES
        .iter()
        .flat_map(|root| circles_of(house, root))
        .collect()
}

fn circles_of(house: &House, root: &str) -> Vec<String> {
    let parts = parts(house, root);
    let mut imports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in house.below(root) {
        if let Some(own) = part(source, root) {
            let others = imported(source, &parts).filter(|other| *other != own);
            imports.entry(own).or_default().extend(others);
        }
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> = imports
        .keys()
        .map(|from| (*from, reached_from(from, &imports)))
        .collect();
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for part in imports.keys() {
        // All that reach each other are one knot, told once.
        let knot: BTreeSet<&str> = reached[part]
            .iter()
            .copied()
            .filter(|other| reached.get(other).is_some_and(|back| back.contains(part)))
            .collect();
        if knot.len() > 1 && told.insert(knot.clone()) {
            let knot: Vec<&str> = knot.into_iter().collect();
            found.push(format!("{root}: {} import each other", knot.join(", ")));
        }
    }
    found
}

fn reached_from<'a>(
    from: &str,
    imports: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&str> = imports.get(from).into_iter().flatten().copied().collect();
    while let Some(part) = next.pop() {
        if reached.insert(part) {
            next.extend(imports.get(part).into_iter().flatten());
        }
    }
    reached
}

/// The top folder or file that a source belongs to; the crate's own root is none.
fn part<'a>(source: &'a Source, root: &str) -> Option<&'a str> {
    let below = source.path.strip_prefix(root)?;
    let part = below.split('/').next()?.trim_end_matches(".rs");
    (!matches!(part, "lib" | "main")).then_some(part)
}

fn parts<'a>(house: &'a House, root: &str) -> BTreeSet<&'a str> {
    house
        .sources
        .iter()
        .filter_map(|source| part(source, root))
        .collect()
}

fn imported<'a>(source: &'a Source, parts: &'a BTreeSet<&str>) -> impl Iterator<Item = &'a str> {
    source.names.iter().filter_map(|name| match &name[..] {
        [root, other, ..] if root == "crate" && parts.contains(other.as_str()) => {
            Some(other.as_str())
        }
        _ => None,
    })
}
