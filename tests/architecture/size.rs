//! A file tells one story, and a function fits on a screen.

use std::collections::BTreeSet;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::source::{Source, test_files};
use super::tree::Tree;

/// Lines of a file that are code: neither blank, nor comment, nor in a `#[cfg(test)]` item.
const FILE_LINES: usize = 400;

/// Lines of a function from its `fn` to its closing brace.
const FUNCTION_LINES: usize = 60;

/// Files over the limit that are not in `excused`, and excuses that are not needed. Files brought
/// in by `#[cfg(test)] mod name;` are not counted.
pub(crate) fn long_files(tree: &Tree, excused: &[&str]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut long = BTreeSet::new();
    for (path, source) in counted(tree, &mut findings) {
        let lines = source.code_lines().len();
        if lines > FILE_LINES {
            long.insert(path);
            if !excused.contains(&path) {
                findings.push(format!("{path}: {lines} code lines, at most {FILE_LINES}"));
            }
        }
    }
    let idle = excused.iter().filter(|path| !long.contains(*path));
    findings.extend(idle.map(|path| format!("{path}: no excuse for its length is needed")));
    findings
}

/// Functions over the limit that are not in `excused` as (file, function), and excuses that are
/// not needed. Functions in `#[cfg(test)]` items and files are not counted.
pub(crate) fn long_functions(tree: &Tree, excused: &[(&str, &str)]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut used = BTreeSet::new();
    for (path, source) in counted(tree, &mut findings) {
        let tests = source.test_lines();
        let mut functions = Functions::default();
        functions.visit_file(source.file());
        for Function { name, line, lines } in functions.0 {
            if lines <= FUNCTION_LINES || tests.iter().any(|range| range.contains(&line)) {
                continue;
            }
            match excused
                .iter()
                .find(|(file, function)| *file == path && *function == name)
            {
                Some(excuse) => {
                    used.insert(*excuse);
                }
                None => findings.push(format!(
                    "{path}:{line}: fn {name} has {lines} lines, at most {FUNCTION_LINES}"
                )),
            }
        }
    }
    let idle = excused.iter().filter(|excuse| !used.contains(*excuse));
    findings.extend(idle.map(|(path, name)| format!("{path}: no excuse is needed for {name}")));
    findings
}

fn counted<'a>(tree: &'a Tree, findings: &mut Vec<String>) -> Vec<(&'a str, Source<'a>)> {
    let tests = test_files(tree);
    let mut sources = Vec::new();
    for (path, text) in tree.rust().filter(|(path, _)| !tests.contains(*path)) {
        match Source::parse(text) {
            Ok(source) => sources.push((path, source)),
            Err(error) => findings.push(format!("{path}: {error}")),
        }
    }
    sources
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
}

#[derive(Default)]
struct Functions(Vec<Function>);

impl Functions {
    fn note(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let line = signature.span().start().line;
        let lines = body.span().end().line + 1 - line;
        self.0.push(Function {
            name: signature.ident.to_string(),
            line,
            lines,
        });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.note(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(body) = &item.default {
            self.note(&item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "src/nik/mod.rs";

    fn constants(count: usize) -> String {
        "// why\n\nconst A: u8 = 1;\n".repeat(count)
    }

    fn function(lines: usize) -> String {
        format!(
            "/// Docs.\n#[inline]\nfn f() {{\n{}}}\n",
            "g();\n".repeat(lines - 2)
        )
    }

    #[test]
    fn a_long_file_is_found() {
        let run = |text: &str, excused: &[&str]| long_files(&Tree::of(&[(PATH, text)]), excused);
        assert!(run(&constants(FILE_LINES), &[]).is_empty());
        let long = constants(FILE_LINES + 1);
        assert_eq!(run(&long, &[]).len(), 1);
        assert!(run(&long, &[PATH]).is_empty());
        assert_eq!(run("", &[PATH]).len(), 1, "an idle excuse is a finding");
        let tested = format!("#[cfg(test)]\nmod tests {{\n{long}}}\n");
        assert!(run(&tested, &[]).is_empty());
    }

    #[test]
    fn a_long_function_is_found() {
        let run = |text: &str, excused: &[(&str, &str)]| {
            long_functions(&Tree::of(&[(PATH, text)]), excused)
        };
        assert!(run(&function(FUNCTION_LINES), &[]).is_empty());
        let long = function(FUNCTION_LINES + 1);
        assert_eq!(run(&long, &[]).len(), 1);
        assert_eq!(run(&format!("impl X {{ {long} }}"), &[]).len(), 1);
        assert_eq!(run(&format!("trait X {{ {long} }}"), &[]).len(), 1);
        assert_eq!(run(&format!("fn outer() {{ {long} }}"), &[]).len(), 2);
        assert!(run(&format!("#[cfg(test)] mod tests {{ {long} }}"), &[]).is_empty());
        assert!(run(&long, &[(PATH, "f")]).is_empty());
        assert_eq!(
            run("", &[(PATH, "f")]).len(),
            1,
            "an idle excuse is a finding"
        );
    }
}
