//! `unsafe` lives in the named backends of `src/hash/` and `src/group/`, in named instruments that
//! are no part of the product, and nowhere else.

use proc_macro2::{TokenStream, TokenTree};

use super::source::Source;
use super::tree::Tree;

/// Files outside `backends` and `instruments` with the keyword (attributes and macros included),
/// `backends` that are in no instruction-set room, `instruments` that are in the product, and
/// entries of either that hold no `unsafe`.
pub(crate) fn outside(tree: &Tree, backends: &[&str], instruments: &[&str]) -> Vec<String> {
    let mut findings = Vec::new();
    for (path, text) in tree.rust() {
        match Source::parse(text) {
            Ok(source) if !backends.contains(&path) && !instruments.contains(&path) => {
                let lines = keyword_lines(source.tokens().clone());
                findings.extend(lines.iter().map(|line| format!("{path}:{line}: unsafe")));
            }
            Ok(_) => {}
            Err(error) => findings.push(format!("{path}: {error}")),
        }
    }
    for backend in backends {
        if !backend.starts_with("src/hash/") && !backend.starts_with("src/group/") {
            findings.push(format!("{backend}: no backend of hash/ or group/"));
        }
    }
    for instrument in instruments {
        if instrument.starts_with("src/") {
            findings.push(format!("{instrument}: an instrument inside the product"));
        }
    }
    for listed in backends.iter().chain(instruments) {
        let source = Source::parse(tree.text(listed).unwrap_or_default());
        if source.is_ok_and(|source| keyword_lines(source.tokens().clone()).is_empty()) {
            findings.push(format!("{listed}: holds no unsafe, take it off the list"));
        }
    }
    findings
}

fn keyword_lines(tokens: TokenStream) -> Vec<usize> {
    let mut lines = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(name) if name == "unsafe" => lines.push(name.span().start().line),
            TokenTree::Group(group) => lines.extend(keyword_lines(group.stream())),
            _ => {}
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKEND: &str = "src/hash/avx2.rs";

    #[test]
    fn the_keyword_is_found_wherever_it_stands() {
        for text in [
            "unsafe fn f() {}",
            "fn f() { unsafe { g() } }",
            "unsafe impl Send for X {}",
            "#[unsafe(no_mangle)] fn f() {}",
            "macro_rules! m { () => { unsafe { g() } }; }",
            "#[cfg(test)] mod tests { fn f() { unsafe { g() } } }",
        ] {
            let tree = Tree::of(&[("src/nik/mod.rs", text)]);
            assert_eq!(
                outside(&tree, &[], &[]),
                ["src/nik/mod.rs:1: unsafe"],
                "{text}"
            );
        }
    }

    #[test]
    fn comments_strings_and_lints_are_not_the_keyword() {
        let text = "//! unsafe\n#![deny(unsafe_code)]\n/* unsafe */ const S: &str = \"unsafe\";";
        assert!(outside(&Tree::of(&[("src/nik/mod.rs", text)]), &[], &[]).is_empty());
    }

    #[test]
    fn the_list_of_backends_is_kept_honest() {
        let good = Tree::of(&[(BACKEND, "unsafe fn f() {}")]);
        assert!(outside(&good, &[BACKEND], &[]).is_empty());
        assert_eq!(
            outside(&Tree::of(&[(BACKEND, "fn f() {}")]), &[BACKEND], &[]).len(),
            1
        );
        assert_eq!(outside(&Tree::of(&[]), &[BACKEND], &[]).len(), 1);
        let elsewhere = Tree::of(&[("src/net/mod.rs", "unsafe fn f() {}")]);
        assert_eq!(outside(&elsewhere, &["src/net/mod.rs"], &[]).len(), 1);
        assert_eq!(outside(&elsewhere, &[], &["src/net/mod.rs"]).len(), 1);
        let tool = Tree::of(&[("timing/src/tool.rs", "unsafe fn f() {}")]);
        assert!(outside(&tool, &[], &["timing/src/tool.rs"]).is_empty());
        assert_eq!(outside(&tool, &["timing/src/tool.rs"], &[]).len(), 1);
    }
}
