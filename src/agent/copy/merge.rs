//! A copy and a delta make the next copy, in one pass over both.

use std::fs::File;
use std::io::{self, Write};

use super::LocalCopy;
use crate::agent::AgentError;
use crate::protocol::snapshot::{SnapshotIndex, SnapshotWriter};
use crate::protocol::{Delta, Section};

/// Keys that are handed on together.
const TOGETHER: usize = 16_384;

/// Writes the keys that `delta` makes of `copy`; their index. The file is on the disk then.
///
/// # Errors
/// [`AgentError::DeltaUnfit`] if a key leaves a section that does not have it,
/// [`AgentError::CopyDamaged`], [`AgentError::Output`].
pub(in crate::agent) fn apply(
    copy: &LocalCopy,
    delta: &Delta,
    into: File,
) -> Result<SnapshotIndex, AgentError> {
    let mut writer = SnapshotWriter::new(into);
    let held = copy.sections().iter().map(|section| section.section);
    let comes = delta.groups().iter().filter_map(|group| group.after);
    let leaves = delta.groups().iter().filter_map(|group| group.before);
    let mut sections: Vec<Section> = held.chain(comes).chain(leaves).collect();
    sections.sort_unstable();
    sections.dedup();
    for section in sections {
        apply_section(copy, delta, section, &mut writer)?;
    }
    let (index, file) = writer.finish()?;
    file.sync_all()?;
    Ok(index)
}

fn apply_section<W: Write>(
    copy: &LocalCopy,
    delta: &Delta,
    section: Section,
    writer: &mut SnapshotWriter<W>,
) -> Result<(), AgentError> {
    let place = copy
        .sections()
        .iter()
        .position(|held| held.section == section);
    let mut old = copy.keys(place.unwrap_or(usize::MAX));
    let (left, came) = delta.of_section(section);
    let (mut left, mut came) = (left.into_iter().peekable(), came.into_iter().peekable());
    let mut next = Vec::with_capacity(TOGETHER);
    while let Some(block) = old.block()? {
        for &key in block {
            if left.next_if_eq(&key).is_some() {
                continue;
            }
            while let Some(new) = came.next_if(|new| *new <= key) {
                hand_on(section, new, &mut next, writer)?;
            }
            hand_on(section, key, &mut next, writer)?;
        }
    }
    for new in came {
        hand_on(section, new, &mut next, writer)?;
    }
    writer.add(section, &next)?;
    // Keys ascend: one that stayed behind was not there to leave.
    match left.next() {
        None => Ok(()),
        Some(_) => Err(AgentError::DeltaUnfit),
    }
}

fn hand_on<W: Write>(
    section: Section,
    key: u64,
    next: &mut Vec<u64>,
    writer: &mut SnapshotWriter<W>,
) -> io::Result<()> {
    next.push(key);
    if next.len() == TOGETHER {
        writer.add(section, next)?;
        next.clear();
    }
    Ok(())
}
