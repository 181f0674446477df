//! Space and rights in the folders that are written to.

use crate::{
    Check, Finding,
    facts::{Disk, Facts},
};

const CHECK: Check = Check::Disk;
const MB: u64 = 1024 * 1024;
/// Below this a database soon takes no writes.
const FULL: u64 = 100 * MB;
const LOW: u64 = 1024 * MB;

/// Judges each folder.
pub fn disk(facts: &Facts) -> Vec<Finding> {
    facts.disks.iter().map(of).collect()
}

fn of(disk: &Disk) -> Finding {
    let Disk {
        path,
        key,
        free,
        reserve,
        writable,
    } = disk;
    if let Err(why) = writable {
        return Finding::fail(
            CHECK,
            format!("Nothing can be written in {path} ({key}): {why}."),
            format!(
                "Give the folder to the user that Convoke runs as, or name another with {key}."
            ),
        );
    }
    let Some(free) = *free else {
        let said = format!("How much space is free in {path} ({key}) cannot be known.");
        return Finding::skipped(CHECK, said);
    };
    let megabytes = free / MB;
    let room = format!("Make room there, or name a folder on another disk with {key}.");
    if free < FULL {
        Finding::fail(
            CHECK,
            format!(
                "Only {megabytes} MB are free in {path} ({key}): what people do is soon not kept any more."
            ),
            room,
        )
    } else if free < *reserve {
        Finding::warn(
            CHECK,
            format!(
                "Only {megabytes} MB are free in {path} ({key}), less than recordings.reserve_gb: no recording starts."
            ),
            room,
        )
    } else if free < LOW {
        Finding::warn(
            CHECK,
            format!("Only {megabytes} MB are free in {path} ({key})."),
            room,
        )
    } else {
        Finding::ok(
            CHECK,
            format!("{path} ({key}) can be written; {megabytes} MB are free."),
        )
    }
}
