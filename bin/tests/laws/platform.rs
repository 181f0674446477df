//! Laws of the platform: its features, its ground, its tables.

use std::collections::{BTreeMap, BTreeSet};

use super::{house::House, source::Source};

const PLATFORM: &str = "server/platform/src/";
const GROUND: [&str; 7] = [
    "config", "db", "events", "http", "jobs", "livekit", "storage",
];

/// Stacks of floors, the lowest first: a feature imports none from a floor above its own in the same stack. Those who
/// share a floor may know each other, as a room and its call do. What is in no stack keeps the other laws only.
const FLOORS: [&[&[&str]]; 3] = [
    &[&["accounts"], &["invites"], &["auth"]],
    &[&["audit"], &["happenings"]],
    &[
        &["moderation", "api_keys"],
        &["rooms", "meetings", "recordings"],
        &["participants", "gateway"],
        &["livekit_events", "live_rooms"],
    ],
];

/// The folder of a file of the platform; `None` for files of its root, which compose the others.
fn folder(source: &Source) -> Option<&str> {
    let (folder, _) = source.path.strip_prefix(PLATFORM)?.split_once('/')?;
    Some(folder)
}

fn in_folders(house: &House) -> impl Iterator<Item = (&Source, &str)> {
    house
        .below(PLATFORM)
        .filter_map(|source| Some((source, folder(source)?)))
}

fn short(source: &Source) -> &str {
    source.path.trim_start_matches(PLATFORM)
}

/// No feature opens another's `store.rs`.
pub fn stores(house: &House) -> Vec<String> {
    in_folders(house)
        .flat_map(|(source, own)| {
            source.names.iter().filter_map(move |name| {
                let name = strs(name);
                let ["crate", other, inner @ ..] = &name[..] else {
                    return None;
                };
                (*other != own && inner.contains(&"store"))
                    .then(|| format!("{} opens the store of {other}", short(source)))
            })
        })
        .collect()
}

/// A table belongs to the feature that fills it; no other names it.
pub fn tables(house: &House) -> Vec<String> {
    let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut named: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
    for (source, own) in in_folders(house) {
        for text in &source.texts {
            for (verb, table) in tables_in(text) {
                let Some(table) = house.tables.get(table) else {
                    continue;
                };
                if verb == "INSERT" {
                    owners.entry(table).or_default().insert(own);
                }
                named.insert((table, own, short(source)));
            }
        }
    }
    let mut found = Vec::new();
    for (table, owners) in &owners {
        if owners.len() > 1 {
            found.push(format!("{table} is filled by {owners:?}"));
        }
    }
    for (table, own, path) in named {
        if let Some(owner) = owners.get(table).and_then(BTreeSet::first)
            && !owners[table].contains(own)
        {
            found.push(format!("{path} names {table} of {owner}"));
        }
    }
    found
}

/// The tables that a piece of SQL names, and the word before each.
fn tables_in(sql: &str) -> Vec<(&'static str, &str)> {
    let words: Vec<&str> = sql
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    words
        .windows(2)
        .enumerate()
        .filter_map(|(at, pair)| {
            let verb = match pair[0] {
                "INTO" => "INSERT",
                "FROM" => "FROM",
                "JOIN" => "JOIN",
                // ON CONFLICT … DO UPDATE SET is none.
                "UPDATE" if at == 0 || words[at - 1] != "DO" => "UPDATE",
                _ => return None,
            };
            Some((verb, pair[1]))
        })
        .collect()
}

/// The ground imports no feature.
pub fn ground(house: &House) -> Vec<String> {
    let features: BTreeSet<&str> = in_folders(house)
        .map(|(_, folder)| folder)
        .filter(|folder| !GROUND.contains(folder))
        .collect();
    in_folders(house)
        .filter(|(_, own)| GROUND.contains(own))
        .flat_map(|(source, _)| {
            let features = &features;
            source.names.iter().filter_map(move |name| {
                let name = strs(name);
                let ["crate", other, ..] = name[..] else {
                    return None;
                };
                features
                    .contains(other)
                    .then(|| format!("{} imports {other}", short(source)))
            })
        })
        .collect()
}

/// What stands on a lower floor does not import what stands above it, but for ids: any row may name any other.
pub fn floors(house: &House) -> Vec<String> {
    in_folders(house)
        .flat_map(|(source, own)| {
            let above: BTreeSet<&str> = FLOORS.iter().flat_map(|stack| above(stack, own)).collect();
            source.names.iter().filter_map(move |name| {
                let name = strs(name);
                let ["crate", other, inner @ ..] = &name[..] else {
                    return None;
                };
                let is_id = inner.first().is_some_and(|word| word.ends_with("Id"));
                (above.contains(other) && !is_id)
                    .then(|| format!("{} imports {other}", short(source)))
            })
        })
        .collect()
}

/// The features that stand above `own` in a stack.
fn above<'a>(stack: &'a [&'a [&'a str]], own: &str) -> impl Iterator<Item = &'a str> {
    let floor = stack.iter().position(|floor| floor.contains(&own));
    let first = floor.map_or(stack.len(), |floor| floor + 1);
    stack[first..].iter().copied().flatten().copied()
}

/// SQL stands in a feature's `store.rs`, or in `db/`.
pub fn sql(house: &House) -> Vec<String> {
    house
        .sources
        .iter()
        .filter(|source| !source.is_test())
        .filter(|source| folder(source) != Some("db") && !source.path.ends_with("/store.rs"))
        .filter(|source| source.texts.iter().any(|text| is_sql(text)))
        .map(|source| source.path.clone())
        .collect()
}

fn is_sql(text: &str) -> bool {
    let text = text.trim_start_matches(['r', '#', '"', ' ', '\n']);
    let words: Vec<&str> = text.split_whitespace().take(3).collect();
    match words[..] {
        ["UPDATE", _, set] => set == "SET",
        ["SELECT" | "PRAGMA" | "LISTEN" | "NOTIFY", _, ..]
        | ["INSERT", "INTO", ..]
        | ["DELETE", "FROM", ..] => true,
        _ => false,
    }
}

/// Which database it is, only `db/` asks.
pub fn backends(house: &House) -> Vec<String> {
    in_folders(house)
        .filter(|(_, own)| *own != "db")
        .filter(|(source, _)| {
            source.names.iter().any(|name| {
                strs(name).windows(2).any(|pair| {
                    matches!(pair[0], "Database" | "Tx" | "Executor")
                        && matches!(
                            pair[1],
                            "Sqlite" | "SqlitePool" | "Postgres" | "PostgresPool"
                        )
                })
            })
        })
        .map(|(source, _)| short(source).to_owned())
        .collect()
}

/// The job library is known to `jobs/` only.
pub fn apalis(house: &House) -> Vec<String> {
    house
        .sources
        .iter()
        .filter(|source| !source.is_test() && folder(source) != Some("jobs"))
        .filter(|source| {
            source
                .names
                .iter()
                .any(|name| name[0].starts_with("apalis"))
        })
        .map(|source| source.path.clone())
        .collect()
}

fn strs(name: &[String]) -> Vec<&str> {
    name.iter().map(String::as_str).collect()
}
