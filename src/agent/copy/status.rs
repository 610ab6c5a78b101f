//! What copies a home has, and what they are still good for.

use serde::Serialize;

use crate::agent::door::RegistryDoor;
use crate::agent::{Agent, AgentError};
use crate::protocol::{Epoch, ListId, Timestamp};

/// One copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CopyStatus {
    /// The list.
    pub list: ListId,
    /// The epoch whose filter keys it holds.
    pub epoch: Epoch,
    /// The list's last change that it knows.
    pub sequence: u64,
    /// When it was the newest, as the registry signed it.
    pub as_of: Timestamp,
    /// Milliseconds since then, by the local clock.
    #[serde(skip)]
    pub age: i64,
    /// Keys in all sections.
    pub keys: u64,
    /// Bytes of the copy.
    pub bytes: u64,
    /// Why it does not say that somebody is not listed; none where it does.
    pub reason: Option<&'static str>,
}

impl<D: RegistryDoor> Agent<D> {
    /// Every copy of the home, in order of list and epoch; nobody is asked. One that does not read
    /// is passed over.
    ///
    /// # Errors
    /// [`AgentError::Home`] if the folder of copies does not read.
    pub fn copies(&self) -> Result<Vec<CopyStatus>, AgentError> {
        let now = self.now();
        let found = self.home.copies()?;
        let status = found.into_iter().filter_map(|(list, epoch)| {
            let copy = self.copy(&list, epoch).ok()?;
            Some(CopyStatus {
                sequence: copy.sequence(),
                as_of: copy.as_of(),
                age: now.since(copy.as_of()),
                keys: copy.sections().iter().map(|section| section.keys).sum(),
                bytes: copy.bytes(),
                reason: self.may_clear(copy.head()).err().map(|fault| fault.code()),
                list,
                epoch,
            })
        });
        Ok(status.collect())
    }
}
