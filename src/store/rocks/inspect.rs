//! Everything a stopped store holds, byte for byte: to show what an operator or a thief would see.

use std::path::Path;

use rocksdb::{DB, IteratorMode};

use super::database::whole;
use crate::store::StoreError;

/// Shows every key and value of the database in `folder`, with the table it stands in. Nothing is
/// written, and the write-ahead log is read too.
///
/// # Errors
/// [`StoreError::Unavailable`] if the database does not open or read.
pub fn every_pair(
    folder: &Path,
    mut see: impl FnMut(&str, &[u8], &[u8]),
) -> Result<(), StoreError> {
    let unavailable = |_| StoreError::Unavailable;
    let options = whole()?;
    let tables = DB::list_cf(&options, folder).map_err(unavailable)?;
    let database =
        DB::open_cf_for_read_only(&options, folder, &tables, false).map_err(unavailable)?;
    for table in &tables {
        let family = database.cf_handle(table).ok_or(StoreError::Unavailable)?;
        for pair in database.iterator_cf(family, IteratorMode::Start) {
            let (key, value) = pair.map_err(unavailable)?;
            see(table, &key, &value);
        }
    }
    Ok(())
}
