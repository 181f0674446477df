//! Whether the site runs here, and what it says of its parts.

use crate::{Check, Finding, facts::Facts};

/// Judges the running site.
pub fn site(facts: &Facts) -> Vec<Finding> {
    let check = Check::Site;
    let listens = &facts.configured.listens;
    if facts.other_site {
        return vec![Finding::fail(
            check,
            format!(
                "Another Convoke answers at {listens}: it does not use this data folder (server.data_dir)."
            ),
            "Stop the other one, or run the doctor with its configuration; two sites on one machine need ports of their own.",
        )];
    }
    let Some(running) = &facts.running else {
        return vec![Finding::warn(
            check,
            format!(
                "No site answers at {listens}: what only a running site shows was not looked at."
            ),
            "Start it with `convoke serve` and the same configuration, then run the doctor again.",
        )];
    };
    if running.troubles.is_empty() {
        let said = format!("The site answers at {listens} and says that it is ready.");
        return vec![Finding::ok(check, said)];
    }
    let told = running.troubles.iter().map(|(part, why)| {
        Finding::fail(
            check,
            format!("The running site says that its {part} is not well: {why}."),
            "The page Administration, Health tells more, and the log of `convoke serve`.",
        )
    });
    told.collect()
}
