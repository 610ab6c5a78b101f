//! Holds the house together: fails when the source breaks a rule that the docs promise.
//!
//! Every rule is a function from a tree of files (path to text) to findings, one line each. The
//! tests here run the rules on this repository; beside each rule, tests feed it small trees that
//! break it, so that a rule which stopped looking would fail too.

mod architecture {
    pub(crate) mod docs;
    pub(crate) mod floors;
    pub(crate) mod names;
    pub(crate) mod size;
    pub(crate) mod source;
    pub(crate) mod tree;
    pub(crate) mod unsafety;
}

use architecture::{docs, floors, names, size, tree::Tree, unsafety};

/// The floors of `src/lib.rs`, lowest first. A module imports only from lower floors.
const FLOORS: &[&[&str]] = &[
    &["machine", "nik", "texts"],
    &["hash", "group"],
    &["oprf"],
    &["protocol"],
    &["store", "keys", "net", "intake", "turns"],
    &["registry", "custodian", "agent"],
    &["api", "remote", "portfolio", "screening"],
    &["app", "rehearse"],
    &["cli"],
];

/// Imports that only a file's `#[cfg(test)]` items may make although the floors forbid them, as
/// (file, module). The list may only shrink.
const TEST_IMPORTS: &[(&str, &str)] = &[];

/// Modules that must not reach, all the way down, what the registry alone may hold.
const CLIENT_SIDE: &[&str] = &["agent", "intake", "portfolio", "screening"];
const REGISTRY_SIDE: &[&str] = &["store", "registry"];

/// The files that may hold `unsafe`: instruction-set backends under `src/hash/` and `src/group/`.
const BACKENDS: &[&str] = &[
    "src/group/avx2/mod.rs",
    "src/group/avx2/rows.rs",
    "src/group/ifma/mod.rs",
    "src/group/ifma/rows.rs",
    "src/group/ifma/vector.rs",
    "src/hash/avx2/mod.rs",
    "src/hash/avx2/words32.rs",
    "src/hash/avx2/words64.rs",
    "src/hash/avx512/mod.rs",
    "src/hash/avx512/pair.rs",
    "src/hash/avx512/words32.rs",
    "src/hash/avx512/words64.rs",
    "src/hash/lanes/prefetch.rs",
    "src/hash/sha_ni.rs",
];

/// The files outside `src/` that may hold `unsafe`: requests to a tool that watches the program.
const INSTRUMENTS: &[&str] = &["timing/src/client_request.rs"];

/// Files over the code-line limit. The list may only shrink.
const LONG_FILES: &[&str] = &[];

/// Functions over the line limit, as (file, function). The list may only shrink.
const LONG_FUNCTIONS: &[(&str, &str)] = &[];

#[track_caller]
fn assert_none(findings: &[String]) {
    assert!(
        findings.is_empty(),
        "{} finding(s):\n  {}",
        findings.len(),
        findings.join("\n  ")
    );
}

#[test]
fn the_repository_is_seen() {
    let tree = Tree::of_repository();
    for path in [
        "Cargo.toml",
        "src/lib.rs",
        "src/nik/mod.rs",
        "tests/architecture.rs",
    ] {
        assert!(tree.text(path).is_some(), "{path} is not in the tree");
    }
    assert!(tree.paths().all(|path| !path.starts_with("target/")));
}

#[test]
fn imports_go_down() {
    assert_none(&floors::imports(
        &Tree::of_repository(),
        FLOORS,
        TEST_IMPORTS,
    ));
}

#[test]
fn the_floor_table_is_the_one_in_the_docs() {
    assert_none(&floors::table(&Tree::of_repository(), FLOORS));
}

#[test]
fn the_client_side_cannot_reach_the_registry() {
    assert_none(&floors::separation(
        &Tree::of_repository(),
        CLIENT_SIDE,
        REGISTRY_SIDE,
    ));
}

#[test]
fn unsafe_stays_in_the_backends() {
    assert_none(&unsafety::outside(
        &Tree::of_repository(),
        BACKENDS,
        INSTRUMENTS,
    ));
}

#[test]
fn files_and_functions_stay_short() {
    let tree = Tree::of_repository();
    assert_none(&size::long_files(&tree, LONG_FILES));
    assert_none(&size::long_functions(&tree, LONG_FUNCTIONS));
}

#[test]
fn names_say_what_is_inside() {
    assert_none(&names::drawers(&Tree::of_repository()));
}

#[test]
fn docs_name_only_what_exists() {
    assert_none(&docs::missing_paths(&Tree::of_repository()));
}

#[test]
fn nothing_depends_on_one_machine() {
    assert_none(&names::machine_paths(&Tree::of_repository()));
}
