//! One Rust file, read into tokens: which lines hold code, which belong to tests, what it names.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::tree::Tree;

/// A parsed file.
pub(crate) struct Source<'a> {
    text: &'a str,
    tokens: TokenStream,
    file: syn::File,
}

impl<'a> Source<'a> {
    /// # Errors
    /// The parser's message where the file is not Rust.
    pub(crate) fn parse(text: &'a str) -> Result<Self, String> {
        let tokens: TokenStream = text.parse().map_err(|error| format!("{error}"))?;
        let file = syn::parse_file(text).map_err(|error| format!("{error}"))?;
        Ok(Self { text, tokens, file })
    }

    pub(crate) fn tokens(&self) -> &TokenStream {
        &self.tokens
    }

    pub(crate) fn file(&self) -> &syn::File {
        &self.file
    }

    /// The lines of `#[cfg(test)]` items, attributes included.
    pub(crate) fn test_lines(&self) -> Vec<RangeInclusive<usize>> {
        let mut seen = TestItems::default();
        seen.visit_file(&self.file);
        seen.ranges
    }

    /// Lines (from 1) that hold a token and are neither comment nor `#[cfg(test)]` item.
    pub(crate) fn code_lines(&self) -> BTreeSet<usize> {
        let mut lines = BTreeSet::new();
        touch(self.tokens.clone(), &mut lines);
        let text: Vec<&str> = self.text.lines().collect();
        let comment = |line: usize| text[line - 1].trim_start().starts_with("//");
        let tests = self.test_lines();
        lines.retain(|line| !comment(*line) && !tests.iter().any(|range| range.contains(line)));
        lines
    }
}

/// Files that exist for tests only: what a `#[cfg(test)] mod name;` brings in.
pub(crate) fn test_files(tree: &Tree) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, text) in tree.rust() {
        let Ok(source) = Source::parse(text) else {
            continue;
        };
        for item in &source.file.items {
            let syn::Item::Mod(module) = item else {
                continue;
            };
            if module.content.is_some() || !is_for_tests(&module.attrs) {
                continue;
            }
            let stem = match path_attribute(&module.attrs) {
                Some(named) => {
                    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                    format!("{folder}/{}", named.trim_end_matches(".rs"))
                }
                None => format!("{}{}", children_of(path), module.ident),
            };
            let inside = format!("{stem}/");
            let belongs =
                |other: &&str| **other == format!("{stem}.rs") || other.starts_with(&inside);
            found.extend(tree.paths().filter(belongs).map(str::to_owned));
        }
    }
    found
}

/// The folder, with its `/`, where a file's own modules live.
pub(crate) fn children_of(path: &str) -> String {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    match name {
        "mod" | "lib" | "main" => format!("{folder}/"),
        _ => format!("{stem}/"),
    }
}

/// The file that `#[path = "..."]` names.
fn path_attribute(attributes: &[syn::Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let syn::Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        match &pair.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) if pair.path.is_ident("path") => Some(text.value()),
            _ => None,
        }
    })
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let mut test = false;
        if attribute.path().is_ident("cfg") {
            // A parse error here means another form of cfg, which is not `test`.
            let _ = attribute.parse_nested_meta(|meta| {
                test |= meta.path.is_ident("test");
                Ok(())
            });
        }
        test
    })
}

#[derive(Default)]
struct TestItems {
    ranges: Vec<RangeInclusive<usize>>,
}

impl TestItems {
    fn note(&mut self, attributes: &[syn::Attribute], span: Span) -> bool {
        let test = is_for_tests(attributes);
        if test {
            self.ranges.push(span.start().line..=span.end().line);
        }
        test
    }
}

impl<'ast> Visit<'ast> for TestItems {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Const(item) => &item.attrs,
            syn::Item::Enum(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Macro(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Static(item) => &item.attrs,
            syn::Item::Struct(item) => &item.attrs,
            syn::Item::Trait(item) => &item.attrs,
            syn::Item::Type(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !self.note(attributes, item.span()) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !self.note(&item.attrs, item.span()) {
            visit::visit_impl_item_fn(self, item);
        }
    }
}

fn touch(tokens: TokenStream, lines: &mut BTreeSet<usize>) {
    for token in tokens {
        let spans = match &token {
            TokenTree::Group(group) => vec![group.span_open(), group.span_close()],
            other => vec![other.span()],
        };
        for span in spans {
            lines.extend(span.start().line..=span.end().line);
        }
        if let TokenTree::Group(group) = token {
            touch(group.stream(), lines);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"//! Docs.

/// More docs.
#[must_use]
pub fn one() -> u8 {
    // why
    1
}

#[cfg(test)]
mod tests {
    fn long() {}
}

#[cfg(all(test, unix))]
const KEPT: u8 = 1;

const TEXT: &str = "
two lines";
"#;

    #[test]
    fn comments_blanks_and_tests_are_no_code() {
        let source = Source::parse(FILE).unwrap();
        let lines: Vec<usize> = source.code_lines().into_iter().collect();
        assert_eq!(lines, [4, 5, 7, 8, 15, 16, 18, 19]);
    }

    #[test]
    fn files_behind_cfg_test_are_found() {
        let tree = Tree::of(&[
            ("src/nik/mod.rs", "#[cfg(test)] mod tests; mod parse;"),
            (
                "src/nik/date.rs",
                "#[cfg(test)] #[path = \"date_tests.rs\"] mod tests;",
            ),
            ("src/nik/date_tests.rs", ""),
            ("src/nik/tests.rs", ""),
            ("src/nik/tests/deep.rs", ""),
            ("src/nik/parse.rs", "#[cfg(test)] mod tests;"),
            ("src/nik/parse/tests.rs", ""),
        ]);
        let found: Vec<String> = test_files(&tree).into_iter().collect();
        assert_eq!(
            found,
            [
                "src/nik/date_tests.rs",
                "src/nik/parse/tests.rs",
                "src/nik/tests.rs",
                "src/nik/tests/deep.rs"
            ]
        );
    }

    #[test]
    fn what_is_not_rust_is_refused() {
        assert!(Source::parse("fn (").is_err());
    }
}
