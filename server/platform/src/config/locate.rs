//! Finds the line of a key in a YAML text, because the parser forgets lines once it has values.

/// The 1-based line of the dotted `path`, or of its nearest ancestor written in block style.
pub fn line_of(yaml: &str, path: &str) -> Option<usize> {
    let wanted: Vec<&str> = path.split('.').collect();
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut best: Option<(usize, usize)> = None;
    for (index, line) in yaml.lines().enumerate() {
        let text = line.trim_start();
        let Some((key, _)) = text.split_once(':').filter(|_| !text.starts_with('#')) else {
            continue;
        };
        let indent = line.len() - text.len();
        open.retain(|(outer, _)| *outer < indent);
        open.push((indent, key.trim().trim_matches(['"', '\''])));
        let depth = open.len();
        let matches = depth <= wanted.len()
            && open
                .iter()
                .map(|(_, key)| *key)
                .eq(wanted[..depth].iter().copied());
        if matches && best.is_none_or(|(deepest, _)| depth > deepest) {
            best = Some((depth, index + 1));
        }
    }
    best.map(|(_, line)| line)
}

#[cfg(test)]
mod tests {
    use super::line_of;

    const YAML: &str = "# server: no\nserver:\n  port: 1\nlivekit:\n  ports:\n    udp: 2\n  turn: {enabled: true}\n";

    #[test]
    fn a_nested_key_is_found_on_its_line() {
        assert_eq!(line_of(YAML, "server.port"), Some(3));
        assert_eq!(line_of(YAML, "livekit.ports.udp"), Some(6));
    }

    #[test]
    fn a_key_in_flow_style_is_placed_at_its_parent() {
        assert_eq!(line_of(YAML, "livekit.turn.enabled"), Some(7));
    }

    #[test]
    fn a_key_that_is_not_there_has_no_line() {
        assert_eq!(line_of(YAML, "rooms.token_minutes"), None);
    }
}
