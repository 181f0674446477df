//! `NAME=VALUE` lines for a program's environment, as systemd reads them: one a line, `#` begins a comment, quotes around a
//! value and an `export` before a name are left out.

use std::{fs, io, path::Path};

/// The variables in this file.
pub fn read(path: &Path) -> io::Result<Vec<(String, String)>> {
    let text = fs::read_to_string(path)
        .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
    let lines = text.lines().enumerate();
    let variables = lines.filter_map(|(index, line)| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        // What stands there may be a secret, so only where is told.
        let malformed = || {
            let place = format!("{} line {}", path.display(), index + 1);
            io::Error::other(format!("{place}: NAME=VALUE is missing"))
        };
        Some(variable(line).ok_or_else(malformed))
    });
    variables.collect()
}

fn variable(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let starts_well = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    let goes_on_well = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if !name.starts_with(starts_well) || !name.chars().all(goes_on_well) || value.contains('\0') {
        return None;
    }
    let value = value.trim();
    let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    let plain = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
    Some((name.to_owned(), plain.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> io::Result<Vec<(String, String)>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("env");
        fs::write(&path, text)?;
        read(&path)
    }

    #[test]
    fn variables_are_read_as_others_read_them() {
        let text = "# keys\nOPENAI_API_KEY=sk-1=2\n\nexport A = \"with blanks \"\nB='x'\nEMPTY=\n";
        let expected = [
            ("OPENAI_API_KEY", "sk-1=2"),
            ("A", "with blanks "),
            ("B", "x"),
            ("EMPTY", ""),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(of(text).unwrap(), expected);
    }

    #[test]
    fn a_line_that_is_none_is_told_by_its_number_alone() {
        for text in ["A=1\nsecret words\n", "A=1\n1B=hidden\n"] {
            let said = of(text).unwrap_err().to_string();
            assert!(said.ends_with("line 2: NAME=VALUE is missing"), "{said}");
            assert!(!said.contains("secret") && !said.contains("hidden"));
        }
        let missing = read(Path::new("/nowhere/env")).unwrap_err().to_string();
        assert!(missing.starts_with("/nowhere/env: "), "{missing}");
    }
}
