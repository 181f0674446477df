//! What config.example.yaml says about a key, for messages: which keys there are, what is allowed, which are secret.

use serde_yaml::Value;

use super::{EXAMPLE, locate::line_of};

/// From there on two words are as like as a slip of the finger makes them.
const ALIKE: f64 = 0.8;

/// The defaults.
#[expect(
    clippy::expect_used,
    reason = "the example is compiled in and a test loads it"
)]
pub fn defaults() -> Value {
    serde_yaml::from_str(EXAMPLE).expect("config.example.yaml is YAML")
}

/// The dotted path of every key that takes a value.
pub fn keys() -> Vec<String> {
    fn walk(value: &Value, path: &str, keys: &mut Vec<String>) {
        let Value::Mapping(entries) = value else {
            keys.push(path.to_owned());
            return;
        };
        for (name, value) in entries {
            let name = name.as_str().unwrap_or_default();
            let dot = if path.is_empty() { "" } else { "." };
            walk(value, &format!("{path}{dot}{name}"), keys);
        }
    }
    let mut keys = Vec::new();
    walk(&defaults(), "", &mut keys);
    keys
}

/// Whether `key` is a secret: those have a `_file` twin.
pub fn is_secret(key: &str) -> bool {
    let keys = keys();
    keys.iter().any(|known| known == key) && keys.contains(&format!("{key}_file"))
}

/// What the manual says of `key`: the comment above it.
pub fn about(key: &str) -> String {
    let Some(line) = line_of(EXAMPLE, key) else {
        return String::new();
    };
    let above: Vec<&str> = EXAMPLE.lines().take(line - 1).collect();
    let comment = above
        .into_iter()
        .rev()
        .map_while(|line| line.trim().strip_prefix('#').map(str::trim));
    let mut comment: Vec<&str> = comment.collect();
    comment.reverse();
    comment.join(" ")
}

/// What the manual allows for `key`, without what it says in brackets.
pub fn allowed(key: &str) -> Option<String> {
    let comment = about(key);
    let (_, allowed) = comment.split_once("Allowed: ")?;
    let mut depth = 0_usize;
    let plain: String = allowed
        .chars()
        .filter(|letter| {
            depth += usize::from(*letter == '(');
            let outside = depth == 0;
            depth -= usize::from(*letter == ')' && depth > 0);
            outside
        })
        .collect();
    let end = [". ", ";"]
        .iter()
        .filter_map(|end| plain.find(end))
        .min()
        .unwrap_or(plain.len());
    let plain = plain[..end].trim_end_matches('.').replace(" ,", ",");
    Some(plain.replace('`', "").trim().to_owned())
}

/// The one of `words` that was probably meant by `wrong`.
pub fn meant<'a>(wrong: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    words
        .into_iter()
        .map(|word| (strsim::jaro_winkler(wrong, word), word))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, word)| word)
}

/// The key that was probably meant by the unknown `key`: a like one beside it, or one of its name in another section.
pub fn meant_key(key: &str) -> Option<String> {
    let keys = keys();
    let (_, name) = key.rsplit_once('.').unwrap_or(("", key));
    let moved = keys
        .iter()
        .find(|known| known.rsplit_once('.').is_some_and(|(_, last)| last == name));
    let sections = keys.iter().filter_map(|known| known.split('.').next());
    let like = meant(key, keys.iter().map(String::as_str));
    let section = (!key.contains('.')).then(|| meant(key, sections)).flatten();
    moved
        .map(String::as_str)
        .or(section)
        .or(like)
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_is_read_for_messages() {
        for (key, expected) in [
            ("server.port", Some("0 to 65535")),
            ("server.tls", Some("off, self-signed, files, acme")),
            (
                "server.public_url",
                Some("an http or https URL without a path"),
            ),
            (
                "server.trusted_proxies",
                Some("a list of addresses and networks, such as [127.0.0.1, 10.0.0.0/8]"),
            ),
            ("log.format", Some("text for people, json for collectors")),
            ("livekit.external", None),
        ] {
            assert_eq!(allowed(key).as_deref(), expected, "{key}");
        }
        assert!(is_secret("livekit.api_secret") && is_secret("database.url"));
        assert!(!is_secret("livekit.api_key") && !is_secret("server.cert"));
    }

    #[test]
    fn a_slip_of_the_finger_and_a_wrong_section_are_understood() {
        for (wrong, right) in [
            ("server.prot", Some("server.port")),
            ("server.trusted_proxy", Some("server.trusted_proxies")),
            ("sever", Some("server")),
            ("public_url", Some("server.public_url")),
            ("livekit.udp", Some("livekit.ports.udp")),
            ("auth.token_minutes", Some("rooms.token_minutes")),
            ("zzz", None),
        ] {
            assert_eq!(meant_key(wrong).as_deref(), right, "{wrong}");
        }
    }
}
