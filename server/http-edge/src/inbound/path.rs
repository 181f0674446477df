//! Paths as they are meant: clients put addresses together that end and begin with a slash.

/// The path without empty segments and dots, when it has any.
pub fn clean_path(path: &str) -> Option<String> {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    // To a browser a backslash is a slash: `/\host/` would lead to another site.
    let mut clean = format!("/{}", segments.join("/")).replace('\\', "%5C");
    if path.ends_with('/') && clean.len() > 1 {
        clean.push('/');
    }
    (clean != path).then_some(clean)
}
