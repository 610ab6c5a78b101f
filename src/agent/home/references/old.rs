//! Homes of the form before this one: all lists' references in one log, `references.log`, which was
//! read whole. It is taken over into shelves, and goes once all of it is there; a process that ends
//! on the way begins again, which changes nothing.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::row::{Row, row};
use super::shelf::{Shelf, Sizes};
use super::{FOLDER, Known, Of};
use crate::agent::home::{Home, HomeError, SealedLog, Sealer, files};
use crate::protocol::{Digest32, ListId};

const NAME: &str = "references.log";
/// Rows of a list that are learnt together.
const TOGETHER: usize = 10_000;

#[derive(Deserialize)]
struct Learnt {
    list: ListId,
    reference: Digest32,
    known: Known,
}

impl Home {
    /// Takes over an old home's references.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], [`HomeError::Io`], [`HomeError::Randomness`].
    pub(super) fn take_over_old_references(&self) -> Result<(), HomeError> {
        let path = self.folder().join(NAME);
        if !path.exists() {
            return Ok(());
        }
        let folder = self.folder().join(FOLDER);
        files::private_folder(&folder).map_err(HomeError::of_folder)?;
        let _alone = files::wait_for_lock(&folder.join("lock"))?;
        if !path.exists() {
            return Ok(());
        }
        let mut log = SealedLog::open(&path, Sealer::new(self.keys.at_rest(), NAME))?;
        let mut lists: BTreeMap<ListId, (Shelf, Vec<Row>)> = BTreeMap::new();
        log.read_on(&mut |record| {
            let batch: Vec<Learnt> =
                postcard::from_bytes(&record).map_err(|_| HomeError::Damaged)?;
            for learnt in batch {
                let (shelf, rows) = match lists.entry(learnt.list.clone()) {
                    std::collections::btree_map::Entry::Occupied(list) => list.into_mut(),
                    std::collections::btree_map::Entry::Vacant(place) => {
                        let of = Of {
                            list: learnt.list,
                            version: None,
                        };
                        let shelf = self.open_shelf(&of, Sizes::DEFAULT)?;
                        place.insert((shelf, Vec::new()))
                    }
                };
                rows.push(row(&learnt.reference, &learnt.known));
                if rows.len() == TOGETHER {
                    shelf.learn(rows)?;
                    rows.clear();
                }
            }
            Ok(())
        })?;
        for (shelf, rows) in lists.values_mut() {
            shelf.learn(rows)?;
            shelf.merged()?;
        }
        files::remove(&self.folder().join("lock"))?;
        Ok(files::remove(&path)?)
    }
}
