//! What the laws are read against: the workspace's sources, manifests, migrations and its map.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::source::Source;

/// A workspace, or a few planted files of one.
#[derive(Default)]
pub struct House {
    pub sources: Vec<Source>,
    /// Path and text of each crate's `Cargo.toml`.
    pub manifests: Vec<(String, String)>,
    /// Names of the database's tables.
    pub tables: BTreeSet<String>,
    /// `docs/ARCHITECTURE.md`
    pub map: String,
}

impl House {
    pub fn of_this_workspace() -> House {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut house = House {
            map: read(&root.join("docs/ARCHITECTURE.md")),
            ..House::default()
        };
        for top in ["bin", "server"] {
            for path in files_below(&root.join(top)) {
                let name = path
                    .strip_prefix(&root)
                    .expect("the walk began at the root")
                    .to_string_lossy()
                    .into_owned();
                if name.ends_with("/Cargo.toml") {
                    house.manifests.push((name, read(&path)));
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    house.sources.push(Source::parse(&name, &read(&path)));
                }
            }
        }
        for path in files_below(&root.join("migrations/sqlite")) {
            house.migration(&read(&path));
        }
        house
    }

    /// Learns the tables that a migration makes.
    pub fn migration(&mut self, sql: &str) {
        let words: Vec<&str> = sql.split_whitespace().collect();
        for pair in words.windows(3) {
            // `ALTER TABLE old RENAME TO new` too.
            let (["CREATE", "TABLE", name] | ["RENAME", "TO", name]) = pair else {
                continue;
            };
            let name = name.trim_end_matches([';', '(']);
            self.tables.insert(name.to_owned());
        }
    }

    /// The files of one crate that are built into it.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a Source> {
        self.sources
            .iter()
            .filter(move |source| source.path.starts_with(folder) && !source.is_test())
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the workspace") {
        let path = entry.expect("an entry of it").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if name != "target" && name != "node_modules" {
                found.extend(files_below(&path));
            }
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
