//! Names are domain nouns, and nothing names a folder of one particular machine.

use std::path::Path;

use syn::visit::{self, Visit};

use super::source::Source;
use super::tree::Tree;

/// Names that say nothing of what is inside.
const DRAWERS: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc"];

/// Folders that exist on one machine only. Written in two parts, so that this file passes.
const MACHINE_FOLDERS: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/ho", "me/"),
];

/// Files, folders and inline modules named like a drawer.
pub(crate) fn drawers(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for path in tree.paths() {
        let stem = |part: &str| part.split('.').next().unwrap_or(part).to_lowercase();
        if path
            .split('/')
            .any(|part| DRAWERS.contains(&stem(part).as_str()))
        {
            findings.push(format!("{path}: named like a drawer"));
        }
    }
    for (path, text) in tree.rust() {
        let mut modules = Modules::default();
        match Source::parse(text) {
            Ok(source) => modules.visit_file(source.file()),
            Err(error) => findings.push(format!("{path}: {error}")),
        }
        let bad = modules
            .0
            .iter()
            .filter(|name| DRAWERS.contains(&name.as_str()));
        findings.extend(bad.map(|name| format!("{path}: mod {name}, named like a drawer")));
    }
    findings
}

/// Lines that name an absolute folder of one machine.
pub(crate) fn machine_paths(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| is_written_by_hand(path)) {
        for (index, line) in text.lines().enumerate() {
            if MACHINE_FOLDERS
                .iter()
                .any(|folder| names_absolutely(line, folder))
            {
                findings.push(format!(
                    "{path}:{}: names a folder of one machine",
                    index + 1
                ));
            }
        }
    }
    findings
}

/// Locks and recorded vectors hold digests and addresses, not folders.
fn is_written_by_hand(path: &str) -> bool {
    let extension = Path::new(path)
        .extension()
        .and_then(|extension| extension.to_str());
    !path.starts_with("tests/vectors/")
        && extension != Some("lock")
        && !path.ends_with("package-lock.json")
}

/// Whether `folder` stands in `line` as an absolute path, not as the inside of a longer one.
fn names_absolutely(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || "._-)}>*$/".contains(before))
    })
}

#[derive(Default)]
struct Modules(Vec<String>);

impl<'ast> Visit<'ast> for Modules {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.0.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawers_are_found() {
        for (path, text) in [
            ("src/nik/utils.rs", ""),
            ("tests/common/mod.rs", ""),
            ("tools/helpers.sh", ""),
            ("src/nik/mod.rs", "mod misc { }"),
            ("src/nik/mod.rs", "mod deep { mod util { } }"),
        ] {
            assert_eq!(
                drawers(&Tree::of(&[(path, text)])).len(),
                1,
                "{path} {text}"
            );
        }
        assert!(drawers(&Tree::of(&[("src/nik/commonplace.rs", "mod utilities {}")])).is_empty());
    }

    #[test]
    fn folders_of_one_machine_are_found() {
        for folder in MACHINE_FOLDERS {
            let text = format!("first\npath = \"{folder}saring\"\n");
            let found = machine_paths(&Tree::of(&[("docs/README.md", &text)]));
            assert_eq!(found, ["docs/README.md:2: names a folder of one machine"]);
            let inside = format!("target{folder}x and ${{HOME}}{folder}x");
            assert!(machine_paths(&Tree::of(&[("docs/README.md", &inside)])).is_empty());
        }
    }
}
