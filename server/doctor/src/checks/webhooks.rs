//! Whether the media server's webhooks arrive: by what was heard, and by one that the doctor signed itself.

use std::time::Duration;

use crate::{
    Check, Finding,
    facts::{Facts, WebhookFault},
};

const CHECK: Check = Check::Webhooks;
/// A refusal is worth a word for so long.
const RECENT: Duration = Duration::from_hours(24);

/// Judges them.
pub fn webhooks(facts: &Facts) -> Vec<Finding> {
    let webhooks = &facts.webhooks;
    let url = &webhooks.url;
    let mut found = Vec::new();
    match &webhooks.tried {
        Some(Err(WebhookFault::KeyRefused)) => found.push(Finding::fail(
            CHECK,
            format!("A webhook signed with livekit.api_key of this configuration is turned away at {url}: the running site has another key or secret."),
            "Start the site with this configuration, or run the doctor with the site's.",
        )),
        // Its own media server tells the site on the loopback.
        Some(Err(WebhookFault::Lost(_))) if !facts.configured.external => {}
        Some(Err(WebhookFault::Lost(why))) => found.push(Finding::fail(
            CHECK,
            format!("A webhook does not arrive at {url}: {why}."),
            "The LiveKit cluster has to reach that address; a proxy in front must let it pass without a sign-in of its own.",
        )),
        Some(Ok(())) | None => {}
    }
    let later = |refused| webhooks.heard.is_none_or(|heard| refused > heard);
    if let Some((at, why)) = &webhooks.refused
        && later(*at)
        && facts.now.duration_since(*at).unwrap_or_default() < RECENT
    {
        found.push(Finding::fail(
            CHECK,
            format!("The media server's webhooks are turned away: {why}."),
            "webhook.api_key in LiveKit's configuration has to be livekit.api_key, with the secret of livekit.api_secret; compare the clocks as well.",
        ));
    }
    if !found.is_empty() {
        return found;
    }
    vec![match webhooks.heard {
        Some(at) => {
            let ago = facts.now.duration_since(at).unwrap_or_default().as_secs() / 60;
            Finding::ok(
                CHECK,
                match ago {
                    0 => "Webhooks arrive; the last one came just now.".to_owned(),
                    1 => "Webhooks arrive; the last one came a minute ago.".to_owned(),
                    _ => format!("Webhooks arrive; the last one came {ago} minutes ago."),
                },
            )
        }
        None if facts.configured.external => Finding::warn(
            CHECK,
            "No webhook of the LiveKit cluster has come within a day.".to_owned(),
            format!(
                "If there were calls, add {url} to webhook.urls of its configuration, with webhook.api_key. Whoever opens the link of this report causes one."
            ),
        ),
        None => Finding::skipped(
            CHECK,
            "No webhook has come within a day, which is right if nobody was in a call. Whoever opens the link of this report causes one.",
        ),
    }]
}
