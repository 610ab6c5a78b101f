//! Guards against workbooks that unpack to more than they should.

use std::io::{self, Read, Seek};

use super::{FileProblem, limits};

/// Inflates every part of the workbook into nothing and counts, because the sizes that an archive
/// declares are only claims.
pub(super) fn check_size(workbook: impl Read + Seek) -> Result<(), FileProblem> {
    let mut archive = zip::ZipArchive::new(workbook).map_err(|_| FileProblem::Damaged)?;
    if archive.len() > limits::MAX_XLSX_PARTS {
        return Err(FileProblem::TooLarge);
    }
    let mut room = limits::MAX_XLSX_INFLATED_BYTES;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| FileProblem::Damaged)?;
        let inflated = io::copy(&mut part.take(room + 1), &mut io::sink())
            .map_err(|_| FileProblem::Damaged)?;
        room = room.checked_sub(inflated).ok_or(FileProblem::TooLarge)?;
    }
    Ok(())
}
