//! The house's laws: reads every source file of the workspace and fails where one is broken.
//!
//! What is bent today is listed in `bent.txt`, a line each; a line that is no longer needed fails as well, so the list can
//! only shrink. Every law is also seen to find a breach that was planted.

#![expect(clippy::expect_used, reason = "what cannot be read breaks the law too")]

mod crates;
mod house;
mod imports;
mod planted;
mod platform;
mod shape;
mod source;

use std::collections::BTreeSet;

use house::House;

type Law = fn(&House) -> Vec<String>;

const LAWS: [(&str, Law); 13] = [
    ("a store belongs to its feature", platform::stores),
    ("a table belongs to one feature", platform::tables),
    ("the ground imports no feature", platform::ground),
    ("a lower floor imports no upper one", platform::floors),
    ("SQL stands in store.rs", platform::sql),
    ("a match on the database stands in db/", platform::backends),
    ("apalis stands in jobs/", platform::apalis),
    (
        "a crate uses the crates of ours that ARCHITECTURE.md lists",
        crates::uses,
    ),
    ("the media core has no I/O", shape::core),
    (
        "the media server's ground imports what is below it",
        imports::media_ground,
    ),
    ("no two folders import each other", imports::circles),
    ("a module opens with its purpose", shape::opening),
    ("files and words", shape::files),
];

fn breaches(house: &House) -> BTreeSet<String> {
    LAWS.iter()
        .flat_map(|(law, find)| {
            find(house)
                .into_iter()
                .map(move |breach| format!("{law}: {breach}"))
        })
        .collect()
}

#[test]
fn the_house_keeps_its_laws() {
    let found = breaches(&House::of_this_workspace());
    let bent: BTreeSet<String> = include_str!("bent.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let new: Vec<&String> = found.difference(&bent).collect();
    let mended: Vec<&String> = bent.difference(&found).collect();
    assert!(new.is_empty(), "broken:\n{new:#?}");
    assert!(
        mended.is_empty(),
        "no longer broken, take out of bent.txt:\n{mended:#?}"
    );
}
