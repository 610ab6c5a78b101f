//! The files a rule looks at: a map from path to text, from the disk or from a test.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Built or downloaded things, wherever they are (`.git` is a file in a linked work tree).
const NOT_OURS: &[&str] = &[
    ".git",
    ".saring",
    "artifacts",
    "corpus",
    "node_modules",
    "target",
];

/// Longer files are data; they are known by path only.
const LONGEST_TEXT: u64 = 2 * 1024 * 1024;

/// Paths relative to the repository's root, `/` between parts, each with its text (empty where the
/// file is not UTF-8 or very long).
pub(crate) struct Tree(BTreeMap<String, String>);

impl Tree {
    /// The repository this test was built from.
    pub(crate) fn of_repository() -> Self {
        let mut files = BTreeMap::new();
        collect(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut files);
        Self(files)
    }

    /// A made-up tree.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let owned = |&(path, text): &(&str, &str)| (path.to_owned(), text.to_owned());
        Self(files.iter().map(owned).collect())
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Files ending in `.rs`.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(|(path, _)| path.ends_with(".rs"))
    }

    /// Whether `path` is a file or a folder with files in it.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.0.contains_key(path) || self.starts(&format!("{path}/"))
    }

    /// Whether any path starts with `prefix`.
    pub(crate) fn starts(&self, prefix: &str) -> bool {
        let mut from = self.0.range(prefix.to_owned()..);
        from.next()
            .is_some_and(|(path, _)| path.starts_with(prefix))
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("the repository can be read") {
        let entry = entry.expect("the repository can be read");
        let name = entry
            .file_name()
            .into_string()
            .expect("file names are UTF-8");
        let kind = entry.file_type().expect("the repository can be read");
        let path = format!("{prefix}{name}");
        if NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        if kind.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else if kind.is_file() {
            let short = entry
                .metadata()
                .is_ok_and(|data| data.len() <= LONGEST_TEXT);
            let bytes = if short {
                fs::read(entry.path()).unwrap_or_default()
            } else {
                Vec::new()
            };
            files.insert(path, String::from_utf8(bytes).unwrap_or_default());
        }
    }
}
