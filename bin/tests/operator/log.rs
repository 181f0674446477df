//! What a collector reads of a site's log.

use serde_json::Value;

use crate::site::Site;

#[test]
fn a_log_in_json_has_what_children_say_as_fields_and_no_colours() {
    let folder = tempfile::tempdir().unwrap();
    let mut site = Site::start_with(&folder.path().join("data"), |command| {
        command
            .env("CONVOKE_LOG__FORMAT", "json")
            // What would like to see colours in a file.
            .env("CLICOLOR_FORCE", "1")
            .env("TERM", "xterm-256color");
    });
    let ready = "media child is ready";
    for _ in 0..600 {
        if site.log().contains(ready) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(site.stop());
    let log = site.log();
    assert!(log.contains(ready), "{log}");
    assert!(!log.contains("\\u001b") && !log.contains('\u{1b}'), "{log}");
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let of_child = lines.iter().filter(|line| line["target"] == "livekit");
    let fields: Vec<&Value> = of_child.map(|line| &line["fields"]).collect();
    assert!(fields.iter().any(|fields| fields.is_object()), "{log}");
    assert!(fields.iter().all(|fields| !fields.is_string()), "{log}");
}
