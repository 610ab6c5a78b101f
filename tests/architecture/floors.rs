//! Imports go down the floors, and the client's side never reaches the registry's.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use super::source::{Source, children_of, test_files};
use super::tree::Tree;

/// One name under the crate's root that a file's code mentions.
struct Mention {
    module: String,
    line: usize,
}

/// Imports of a module on the same floor or above, and paths that go round the floors through a
/// name at the crate's root. `excused` lists (file, module) pairs that test items may import.
pub(crate) fn imports(tree: &Tree, floors: &[&[&str]], excused: &[(&str, &str)]) -> Vec<String> {
    let floor_of = |module: &str| floors.iter().position(|floor| floor.contains(&module));
    let tests = test_files(tree);
    let mut findings = Vec::new();
    let mut used = BTreeSet::new();
    for (path, text) in sources(tree) {
        let source = match Source::parse(text) {
            Ok(source) => source,
            Err(error) => {
                findings.push(format!("{path}: {error}"));
                continue;
            }
        };
        let home = home_of(path);
        let test_lines = source.test_lines();
        for Mention { module, line } in mentions(path, source.tokens()) {
            let from = if home == "main" {
                Some(floors.len())
            } else {
                floor_of(home)
            };
            let Some(to) = floor_of(&module) else {
                findings.push(format!(
                    "{path}:{line}: `{module}` is no module of the floors"
                ));
                continue;
            };
            if module == home || from.is_some_and(|from| to < from) {
                continue;
            }
            let in_test =
                tests.contains(path) || test_lines.iter().any(|range| range.contains(&line));
            let excuse = excused
                .iter()
                .find(|(file, name)| *file == path && *name == module);
            match excuse {
                Some(excuse) if in_test => {
                    used.insert(*excuse);
                }
                _ => findings.push(format!("{path}:{line}: {home} may not import {module}")),
            }
        }
    }
    let idle = excused.iter().filter(|excuse| !used.contains(*excuse));
    findings.extend(idle.map(|(file, module)| format!("{file}: no excuse is needed for {module}")));
    findings
}

/// Differences between `floors`, the table in the docs of `src/lib.rs`, its module declarations
/// and the folders under `src/`.
pub(crate) fn table(tree: &Tree, floors: &[&[&str]]) -> Vec<String> {
    let text = tree.text("src/lib.rs").unwrap_or_default();
    let mut findings = Vec::new();
    let documented: Vec<Vec<&str>> = text.lines().filter_map(table_row).collect();
    if documented != floors {
        findings.push(format!(
            "src/lib.rs: its table says {documented:?}, the test {floors:?}"
        ));
    }
    let known: BTreeSet<&str> = floors
        .iter()
        .flat_map(|floor| floor.iter().copied())
        .collect();
    let items = Source::parse(text)
        .map(|source| source.file().items.clone())
        .unwrap_or_default();
    let mut declared = BTreeSet::new();
    for item in items {
        match item {
            syn::Item::Mod(module) if module.content.is_none() => {
                declared.insert(module.ident.to_string());
            }
            _ => findings.push("src/lib.rs: holds something other than module declarations".into()),
        }
    }
    if !declared
        .iter()
        .map(String::as_str)
        .eq(known.iter().copied())
    {
        findings.push(format!(
            "src/lib.rs: declares {declared:?}, the floors have {known:?}"
        ));
    }
    let rooms: BTreeSet<&str> = sources(tree).map(|(path, _)| home_of(path)).collect();
    let strays = rooms
        .iter()
        .filter(|room| !known.contains(*room) && !["lib", "main"].contains(room));
    findings.extend(strays.map(|room| format!("src/{room}: on no floor")));
    findings
}

/// Modules of `clients` from which imports lead, all the way down, to a module of `forbidden`.
pub(crate) fn separation(tree: &Tree, clients: &[&str], forbidden: &[&str]) -> Vec<String> {
    let mut graph: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources(tree) {
        let Ok(source) = Source::parse(text) else {
            continue;
        };
        let names = mentions(path, source.tokens())
            .into_iter()
            .map(|mention| mention.module);
        graph.entry(home_of(path)).or_default().extend(names);
    }
    let mut findings = Vec::new();
    for client in clients {
        let mut reached = BTreeSet::new();
        let mut open = vec![*client];
        while let Some(module) = open.pop() {
            if reached.insert(module) {
                open.extend(graph.get(module).into_iter().flatten().map(String::as_str));
            }
        }
        let met = forbidden.iter().filter(|name| reached.contains(*name));
        findings.extend(met.map(|name| format!("{client} reaches {name}")));
    }
    findings
}

fn sources(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.rust().filter(|(path, _)| path.starts_with("src/"))
}

/// The top-level module a file belongs to; `lib` and `main` for the two roots.
fn home_of(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let first = inside.split('/').next().unwrap_or(inside);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// `//! | 3 | [`store`], [`keys`] | ... |` gives the names of the row.
fn table_row(line: &str) -> Option<Vec<&str>> {
    let mut cells = line.strip_prefix("//! |")?.split('|');
    cells.next()?.trim().parse::<u8>().ok()?;
    let names = cells.next()?.split(',');
    Some(
        names
            .map(|name| name.trim().trim_matches(['[', ']', '`']))
            .collect(),
    )
}

/// Every name directly under the crate's root that the tokens reach by `crate::`, `saring::` or a
/// chain of `super::`; macros and groups of imports included.
fn mentions(path: &str, tokens: &TokenStream) -> Vec<Mention> {
    let stem = children_of(path);
    let depth = stem
        .trim_start_matches("src/")
        .split('/')
        .filter(|part| !part.is_empty())
        .count();
    let mut found = Vec::new();
    walk(tokens.clone(), depth, &mut found);
    found
}

/// `depth` is how many modules deep the tokens are: 0 at the crate's root.
fn walk(tokens: TokenStream, depth: usize, found: &mut Vec<Mention>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(name) if name == "mod" => {
                if let Some(TokenTree::Group(body)) = tokens.get(at + 2) {
                    walk(body.stream(), depth + 1, found);
                    at += 2;
                }
            }
            TokenTree::Ident(name) => {
                at = root_path(name, &tokens, at, depth, found);
            }
            TokenTree::Group(group) => walk(group.stream(), depth, found),
            _ => {}
        }
        at += 1;
    }
}

/// Follows a path that starts with the identifier at `at`; answers the last token it used.
fn root_path(
    first: &Ident,
    tokens: &[TokenTree],
    mut at: usize,
    depth: usize,
    found: &mut Vec<Mention>,
) -> usize {
    let first = if first == "self" && is_ident(tokens.get(at + 3), "super") {
        at += 3;
        "super".to_owned()
    } else {
        first.to_string()
    };
    if first == "super" {
        let mut climbed = 1;
        while is_ident(tokens.get(at + 3), "super") && is_path_mark(tokens, at + 1) {
            climbed += 1;
            at += 3;
        }
        if climbed < depth {
            return at;
        }
    } else if first != "crate" && first != "saring" && !(depth == 0 && first == "self") {
        return at;
    }
    if !is_path_mark(tokens, at + 1) {
        return at;
    }
    match tokens.get(at + 3) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            for part in group
                .stream()
                .into_iter()
                .collect::<Vec<_>>()
                .split(is_comma)
            {
                found.extend(part.first().map(mention));
            }
        }
        Some(next) => found.push(mention(next)),
        None => return at,
    }
    at + 3
}

fn mention(token: &TokenTree) -> Mention {
    Mention {
        module: token.to_string(),
        line: token.span().start().line,
    }
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',')
}

fn is_ident(token: Option<&TokenTree>, name: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == name)
}

/// Whether `::` stands at `at`.
fn is_path_mark(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
    colon(tokens.get(at)) && colon(tokens.get(at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOORS: &[&[&str]] = &[&["nik", "hash"], &["store"], &["agent", "registry"]];

    fn broken(path: &str, text: &str) -> Vec<String> {
        imports(&Tree::of(&[(path, text)]), FLOORS, &[])
    }

    #[test]
    fn every_way_of_importing_upward_is_seen() {
        for text in [
            "use crate::store::Entry;",
            "use crate::{hash as _, store};",
            "use ::saring::store;",
            "use crate::{nik::Nik, store::{A, B}};",
            "fn f() { let x = crate::store::open(); }",
            "fn f(x: &crate::store::Entry) {}",
            "fn f() { println!(\"{}\", crate::store::NAME); }",
            "macro_rules! m { () => { $crate::store::open() }; }",
            "pub use super::store;",
            "pub use self::super::store;",
            "mod deep { use super::super::store::Entry; }",
            "#[cfg(test)] mod tests { use crate::store::Entry; }",
            "impl crate::store::Entry for u8 {}",
            "fn f() -> Vec<crate::store::Entry> { Vec::new() }",
        ] {
            let found = broken("src/nik/mod.rs", text);
            assert!(
                found
                    .iter()
                    .any(|line| line.ends_with("import store") || line.ends_with("import hash")),
                "not seen: {text}: {found:?}"
            );
        }
    }

    #[test]
    fn depth_is_the_files_own() {
        assert_eq!(
            broken("src/nik/parse.rs", "use super::super::store;").len(),
            1
        );
        assert_eq!(
            broken("src/nik/a/b.rs", "use super::super::super::store;").len(),
            1
        );
        assert_eq!(
            broken("src/nik/a/b.rs", "use super::super::store;").len(),
            0
        );
    }

    #[test]
    fn neighbours_on_a_floor_are_refused() {
        assert_eq!(
            broken("src/agent/mod.rs", "use crate::registry::Registry;"),
            ["src/agent/mod.rs:1: agent may not import registry"]
        );
    }

    #[test]
    fn a_name_at_the_root_is_refused() {
        assert_eq!(broken("src/store/mod.rs", "use crate::Nik;").len(), 1);
        assert_eq!(broken("src/store/mod.rs", "use crate::*;").len(), 1);
    }

    #[test]
    fn what_goes_down_is_allowed() {
        for text in [
            "use crate::nik::Nik;",
            "use crate::store::rocks;",
            "use self::rocks; use super::store::rocks;",
            "use other::store; use other::crate_name::store;",
            "/// [`crate::agent`]\nconst S: &str = \"crate::agent\";",
            "pub(crate) fn f() {} mod m { pub(super) fn g() {} }",
        ] {
            assert_none(&broken("src/store/mod.rs", text));
        }
        assert_none(&broken(
            "src/main.rs",
            "fn main() { saring::agent::main() }",
        ));
    }

    #[test]
    fn an_excuse_covers_tests_only_and_must_be_needed() {
        let excuse = &[("src/nik/mod.rs", "store")];
        let run = |text| imports(&Tree::of(&[("src/nik/mod.rs", text)]), FLOORS, excuse);
        assert_none(&run("#[cfg(test)] mod tests { use crate::store::E; }"));
        assert_eq!(run("use crate::store::E;").len(), 2);
        assert_eq!(run("").len(), 1);
    }

    #[test]
    fn the_table_must_match() {
        let lib = "//! | 0 | [`nik`], [`hash`] | ground |\n//! | 1 | [`store`] | x |\n\
                   //! | 2 | [`agent`], [`registry`] | y |\n\
                   pub mod agent; pub mod hash; pub mod nik; pub mod registry; pub mod store;";
        assert_none(&table(&Tree::of(&[("src/lib.rs", lib)]), FLOORS));
        for (from, to) in [
            ("| 1 | [`store`]", "| 1 | [`rooms`]"),
            ("pub mod nik;", ""),
            ("pub mod nik;", "pub mod nik; pub use nik::Nik;"),
            ("pub mod nik;", "pub mod nik; pub mod attic;"),
        ] {
            let changed = lib.replace(from, to);
            assert_ne!(
                table(&Tree::of(&[("src/lib.rs", &changed)]), FLOORS),
                [""; 0],
                "{to}"
            );
        }
        let stray = Tree::of(&[("src/lib.rs", lib), ("src/attic/mod.rs", "")]);
        assert_eq!(table(&stray, FLOORS), ["src/attic: on no floor"]);
    }

    #[test]
    fn separation_is_followed_all_the_way_down() {
        let tree = Tree::of(&[
            ("src/agent/mod.rs", "use crate::hash::H;"),
            ("src/hash/mod.rs", "mod deep;"),
            (
                "src/hash/deep.rs",
                "fn f() { crate::nik::g(crate::store::open()) }",
            ),
        ]);
        assert_eq!(
            separation(&tree, &["agent"], &["store", "registry"]),
            ["agent reaches store"]
        );
        assert_none(&separation(&tree, &["agent"], &["registry"]));
    }

    #[track_caller]
    fn assert_none(findings: &[String]) {
        assert!(findings.is_empty(), "{findings:?}");
    }
}
