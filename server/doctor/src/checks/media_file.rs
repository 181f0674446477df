//! LiveKit's configuration where somebody wrote it by hand: what livekit-server refuses, and what does not fit this site.

use crate::{
    Check, Finding,
    facts::{Facts, FileKeys, MediaFile},
};

const CHECK: Check = Check::MediaFile;
/// Seconds after which an empty room that lingers is noticed.
const LONG: u64 = 3600;

/// Judges the file, where there is one.
pub fn media_file(facts: &Facts) -> Vec<Finding> {
    let Some(file) = &facts.media.file else {
        return Vec::new();
    };
    let path = &file.path;
    if let Some(why) = &file.unreadable {
        return vec![Finding::fail(
            CHECK,
            format!("{path} (livekit.config_path) cannot be used: {why}."),
            "Correct it at that place; YAML is indented with blanks. Or unset livekit.config_path: a good file is generated.",
        )];
    }
    let mut found: Vec<Finding> = [
        top_level(file),
        addresses(file),
        turn(file),
        keys(file),
        webhook(file, facts),
        lingering(file),
    ]
    .into_iter()
    .flatten()
    .collect();
    for key in &file.unknown {
        found.push(Finding::fail(
            CHECK,
            format!("livekit-server does not know `{key}:` in {path}, and refuses to start."),
            format!("Remove `{key}:`, or correct the spelling."),
        ));
    }
    if found.is_empty() {
        found.push(Finding::ok(
            CHECK,
            format!("{path} (livekit.config_path) fits this site."),
        ));
    }
    found
}

fn top_level(file: &MediaFile) -> Option<Finding> {
    file.top_level_tls.then(|| {
        Finding::fail(
            CHECK,
            format!(
                "{} has `tls:` at its top, which livekit-server 1.12 removed: it refuses to start.",
                file.path
            ),
            "Remove the block; TLS ends at this site or at a proxy. TURN over TLS is configured under `turn:`.",
        )
    })
}

fn addresses(file: &MediaFile) -> Option<Finding> {
    file.external_ip_alone.then(|| {
        Finding::warn(
            CHECK,
            format!(
                "{} has rtc.use_external_ip without rtc.node_ip: where no STUN server is reached, livekit-server ends with `could not resolve external IP`.",
                file.path
            ),
            "Set rtc.use_external_ip to false and rtc.node_ip to the address that clients reach.",
        )
    })
}

fn turn(file: &MediaFile) -> Option<Finding> {
    if !file.turn_tls {
        return None;
    }
    let missing = match (file.turn_domain, file.turn_certificate) {
        (true, true) => return None,
        (false, _) => "turn.domain",
        (true, false) => "turn.cert_file and turn.key_file",
    };
    Some(Finding::fail(
        CHECK,
        format!(
            "{} has turn.tls_port without {missing}: livekit-server 1.12 ends with `TURN domain required` or refuses the port.",
            file.path
        ),
        format!("Set {missing}, or remove turn.tls_port."),
    ))
}

fn keys(file: &MediaFile) -> Option<Finding> {
    let said = match file.keys {
        FileKeys::Ours => return None,
        FileKeys::OtherSecret => {
            "has another secret for livekit.api_key than livekit.api_secret: every token is refused"
        }
        FileKeys::Missing => "does not have livekit.api_key among its keys: every token is refused",
        FileKeys::None => "has neither keys nor key_file: nobody can talk to that server",
    };
    Some(Finding::fail(
        CHECK,
        format!("{} {said}.", file.path),
        "Let `keys:` hold the pair of livekit.api_key and livekit.api_secret.",
    ))
}

fn webhook(file: &MediaFile, facts: &Facts) -> Option<Finding> {
    let url = &facts.webhooks.url;
    if !file.webhook_url {
        return Some(Finding::fail(
            CHECK,
            format!(
                "{} does not name {url} under webhook.urls: who joined and left is learned late, and history has holes.",
                file.path
            ),
            format!("Add `webhook: {{api_key: …, urls: [{url}]}}` with livekit.api_key."),
        ));
    }
    (!file.webhook_key).then(|| {
        Finding::fail(
            CHECK,
            format!(
                "webhook.api_key in {} is not livekit.api_key: every webhook is turned away.",
                file.path
            ),
            "Set webhook.api_key to the value of livekit.api_key.",
        )
    })
}

fn lingering(file: &MediaFile) -> Option<Finding> {
    let seconds = file.empty_for.filter(|seconds| *seconds > LONG)?;
    Some(Finding::warn(
        CHECK,
        format!(
            "{} keeps empty rooms for {seconds} seconds (room.empty_timeout, room.departure_timeout).",
            file.path
        ),
        "Convoke names its own times for its rooms; lower these for rooms of other programs.",
    ))
}
