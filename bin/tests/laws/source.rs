//! One source file as the laws see it: the paths it names and the texts it holds, without comments and tests.

use std::iter::Peekable;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree, token_stream::IntoIter};

pub struct Source {
    /// From the workspace's root, with `/`.
    pub path: String,
    /// The first line.
    pub opening: String,
    /// Lines outside `#[cfg(test)]`.
    pub lines: usize,
    /// Every `a::b::c` outside tests, each branch of a `use` by itself; `crate`, `self` and `super` are resolved.
    pub names: Vec<Vec<String>>,
    /// Every string literal outside tests.
    pub texts: Vec<String>,
}

impl Source {
    pub fn parse(path: &str, text: &str) -> Source {
        let tokens: TokenStream = text
            .parse()
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut source = Source {
            path: path.to_owned(),
            opening: text.lines().next().unwrap_or_default().to_owned(),
            lines: text
                .split("#[cfg(test)]\nmod tests {")
                .next()
                .unwrap_or_default()
                .lines()
                .count(),
            names: Vec::new(),
            texts: Vec::new(),
        };
        let module = module_of(path);
        source.read(tokens, &module);
        source
    }

    /// Whether the file is built for tests only.
    pub fn is_test(&self) -> bool {
        let below_src = self.path.split_once("/src/").map(|(_, below)| below);
        below_src.is_none_or(|below| {
            below.starts_with("testing/")
                || below
                    .split('/')
                    .any(|part| matches!(part, "tests" | "tests.rs"))
        })
    }

    fn read(&mut self, tokens: TokenStream, module: &[String]) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    self.attribute(&mut tokens, module);
                }
                TokenTree::Ident(first) => {
                    let mut name = vec![first.to_string()];
                    self.name(&mut name, &mut tokens, module);
                }
                TokenTree::Literal(literal) => {
                    let literal = literal.to_string();
                    if literal.contains('"') {
                        self.texts.push(literal);
                    }
                }
                TokenTree::Group(group) => self.read(group.stream(), module),
                TokenTree::Punct(_) => {}
            }
        }
    }

    /// Past `#`: documentation is skipped, and so is what only tests see.
    fn attribute(&mut self, tokens: &mut Peekable<IntoIter>, module: &[String]) {
        // `#![…]`
        if matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '!') {
            tokens.next();
        }
        let Some(TokenTree::Group(group)) = tokens.next() else {
            return;
        };
        let text = group.stream().to_string();
        if text.replace(' ', "") == "cfg(test)" {
            skip_item(tokens);
        } else if !text.starts_with("doc") {
            self.read(group.stream(), module);
        }
    }

    /// Past the first word of a path.
    fn name(&mut self, name: &mut Vec<String>, tokens: &mut Peekable<IntoIter>, module: &[String]) {
        while two_colons(tokens) {
            match tokens.peek() {
                Some(TokenTree::Ident(part)) => {
                    name.push(part.to_string());
                    tokens.next();
                }
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let branches = group.stream();
                    tokens.next();
                    self.branches(name, branches, module);
                    return;
                }
                // `::<T>` or `::*`
                _ => break,
            }
        }
        self.names.push(resolved(name, module));
    }

    fn branches(&mut self, stem: &[String], branches: TokenStream, module: &[String]) {
        let mut tokens = branches.into_iter().peekable();
        while let Some(token) = tokens.next() {
            if let TokenTree::Ident(first) = token {
                let mut name = stem.to_vec();
                if first != "self" {
                    name.push(first.to_string());
                }
                self.name(&mut name, &mut tokens, module);
            }
        }
    }
}

/// Takes `::` if it comes next.
fn two_colons(tokens: &mut Peekable<IntoIter>) -> bool {
    let first = matches!(tokens.peek(), Some(TokenTree::Punct(punct))
        if punct.as_char() == ':' && punct.spacing() == Spacing::Joint);
    if first {
        tokens.next();
        tokens.next();
    }
    first
}

/// An item ends with its first braces, or with `;`.
fn skip_item(tokens: &mut Peekable<IntoIter>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            TokenTree::Punct(punct) if punct.as_char() == ';' => return,
            _ => {}
        }
    }
}

/// `server/platform/src/rooms/join.rs` is `rooms::join`.
fn module_of(path: &str) -> Vec<String> {
    let below = path.split_once("/src/").map_or(path, |(_, below)| below);
    let mut module: Vec<String> = below
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if matches!(
        module.last().map(String::as_str),
        Some("mod" | "lib" | "main")
    ) {
        module.pop();
    }
    module
}

/// A path from the crate's root begins with `crate`; others stay as they are.
fn resolved(name: &[String], module: &[String]) -> Vec<String> {
    let mut at: Option<Vec<String>> = None;
    let mut rest = name;
    while let Some((first, others)) = rest.split_first() {
        at = match (first.as_str(), at) {
            ("crate", _) => Some(Vec::new()),
            ("self", None) => Some(module.to_vec()),
            ("super", at) => {
                let mut at = at.unwrap_or_else(|| module.to_vec());
                at.pop();
                Some(at)
            }
            (_, Some(at)) => {
                return ["crate".to_owned()]
                    .into_iter()
                    .chain(at)
                    .chain(rest.iter().cloned())
                    .collect();
            }
            (_, None) => return name.to_vec(),
        };
        rest = others;
    }
    ["crate".to_owned()]
        .into_iter()
        .chain(at.unwrap_or_default())
        .collect()
}
