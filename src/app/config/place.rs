//! Where in a TOML text something stands.

/// The line, from 1, of `section.key`; of the section's header if the key is not there.
pub(super) fn line_of(text: &str, field: &str) -> Option<usize> {
    let (section, key) = field.split_once('.')?;
    let mut current = None;
    let mut header = None;
    for (at, line) in text.lines().enumerate() {
        if let Some(name) = header_of(line) {
            current = Some(name);
            if name == section {
                header = Some(at + 1);
            }
        } else if current == Some(section) && key_of(line) == Some(key) {
            return Some(at + 1);
        }
    }
    header
}

/// The section that byte `at` lies in.
pub(super) fn section_at(text: &str, at: usize) -> Option<String> {
    let end = text[at.min(text.len())..]
        .find('\n')
        .map_or(text.len(), |more| at + more);
    text[..end]
        .lines()
        .rev()
        .find_map(header_of)
        .map(str::to_owned)
}

/// The key on the line of byte `at`.
pub(super) fn key_at(text: &str, at: usize) -> Option<String> {
    let start = text[..at.min(text.len())]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    text[start..]
        .lines()
        .next()
        .and_then(key_of)
        .map(str::to_owned)
}

fn header_of(line: &str) -> Option<&str> {
    let inner = line.trim().strip_prefix('[')?;
    inner.split_once(']').map(|(name, _)| name.trim())
}

fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim();
    (!key.is_empty() && !key.starts_with('#')).then_some(key)
}
