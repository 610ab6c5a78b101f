//! What the documentation names exists.
//!
//! Looked at: the Markdown files at the root and under `docs/`. A relative link must lead to a
//! file or folder. A word in backticks is taken for a path when its first part is a folder of this
//! repository (`src/nik/mod.rs`), or when it ends in `.rs`, `.md` or `.sh`; it is then looked up
//! from the root, from the document's folder and under `src/`. Blocks of code are not looked at:
//! they show what a reader types or sees.

use super::tree::Tree;

/// Folders that the repository has or may have: a word that starts with one of them is a path.
const ROOTS: &[&str] = &[
    ".ci", "benches", "deploy", "docs", "fuzz", "src", "tests", "timing", "tools", "web",
];

/// Endings of files that people read in the repository and that the program never writes.
const ENDINGS: &[&str] = &[".rs", ".md", ".sh"];

/// Paths named in the documents that do not exist.
pub(crate) fn missing_paths(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    let is_document =
        |path: &str| path.ends_with(".md") && (path.starts_with("docs/") || !path.contains('/'));
    for (path, text) in tree.files().filter(|(path, _)| is_document(path)) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (line, prose) in prose_lines(text) {
            let links = links(prose).filter(|link| !resolves(tree, folder, link));
            findings.extend(links.map(|link| format!("{path}:{line}: link to {link}")));
            let words = quoted(prose)
                .flat_map(str::split_whitespace)
                .filter_map(as_path);
            let missing = words.filter(|word| !named(tree, folder, word));
            findings.extend(missing.map(|word| format!("{path}:{line}: names {word}")));
        }
    }
    findings
}

/// Lines, from 1, outside fenced blocks.
fn prose_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fence && !fenced).then_some((index + 1, line))
    })
}

/// What stands between pairs of backticks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Targets of `[text](target)` that are relative, without their `#part`.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ']).next());
    let targets = targets.filter_map(|target| target.split('#').next());
    targets.filter(|target| !target.is_empty() && !target.contains(':') && !target.starts_with('/'))
}

/// The word as a path, without the part from a placeholder or a line number on.
fn as_path(word: &str) -> Option<&str> {
    let word = word.trim_matches([',', ';', '.', '(', ')', '"', '\'']);
    let word = word.strip_prefix("./").unwrap_or(word);
    let word = word.split(':').next().unwrap_or(word);
    let rooted = word
        .split_once('/')
        .is_some_and(|(first, _)| ROOTS.contains(&first));
    let ending = ENDINGS.iter().any(|ending| word.ends_with(ending));
    let foreign = word.starts_with(['/', '~', '$', '-', '<']);
    ((rooted || ending) && !foreign).then_some(word)
}

/// Whether a link leads somewhere from the document's folder.
fn resolves(tree: &Tree, folder: &str, link: &str) -> bool {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return false,
            ".." => {}
            part => parts.push(part),
        }
    }
    parts.is_empty() || tree.has(&parts.join("/"))
}

/// Whether a quoted path exists; a path with a placeholder (`*`, `<name>`, `{a,b}`) does when
/// something starts like it.
fn named(tree: &Tree, folder: &str, word: &str) -> bool {
    let fixed = word.split(['*', '<', '{']).next().unwrap_or(word);
    let exists = |path: &str| {
        if fixed == word {
            tree.has(path)
        } else {
            tree.starts(path)
        }
    };
    exists(fixed) || exists(&format!("{folder}/{fixed}")) || exists(&format!("src/{fixed}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(document: &str) -> Vec<String> {
        missing_paths(&Tree::of(&[
            ("docs/GUIDE.md", document),
            ("docs/more/DEEP.md", ""),
            ("README.md", ""),
            ("src/nik/mod.rs", ""),
            ("fuzz/seeds/nik/a", ""),
        ]))
    }

    #[test]
    fn what_does_not_exist_is_found() {
        for document in [
            "see `src/nik/gone.rs`",
            "see `docs/GONE.md`, please",
            "see `GONE.md`",
            "run `tools/gone nik 10`",
            "see `tests/gone.rs:12`",
            "seeds in `fuzz/seeds/gone<n>/`",
            "[here](GONE.md)",
            "[here](../src/gone/mod.rs#L1)",
            "[out](../../elsewhere.md)",
            "```\n`src/ok.rs`\n```\n`src/gone.rs`",
        ] {
            assert_eq!(run(document).len(), 1, "{document}");
        }
        assert_eq!(
            missing_paths(&Tree::of(&[("README.md", "`src/gone.rs`")])).len(),
            1
        );
    }

    #[test]
    fn what_exists_or_is_no_path_passes() {
        for document in [
            "`src/nik/mod.rs:10` `./README.md` `nik/mod.rs` `src/nik/` `fuzz/seeds/<target>/`",
            "[a](more/DEEP.md) [b](../README.md#part) [c](#here) [d](https://example.org/x.md)",
            "`oprf/nik` `application/octet-stream` `/v1/openapi.json` `saring/v1/row` `N/2`",
            "`errors.csv` `/etc/saring/config.toml` `~/notes.md`",
            "```\nsrc/gone.rs `src/gone.rs`\n```",
        ] {
            assert!(run(document).is_empty(), "{document}: {:?}", run(document));
        }
    }
}
