//! Several runs of a level become one of the next, while others look up and learn.

use super::run::{self, Named, Run, RunWriter};
use super::shelf::{Contents, Place};
use crate::agent::home::{HomeError, files};

const LOCK: &str = "merge.lock";
const PART: &str = "merge.part";

/// Merges a shelf's runs.
pub(super) struct Merging {
    pub(super) place: Place,
    pub(super) fan_in: usize,
}

impl Merging {
    /// Whether there is something to merge.
    pub(super) fn is_due(&self, contents: &Contents) -> bool {
        self.due(contents).is_some()
    }

    /// The runs of the lowest level that has enough of them.
    fn due<'a>(&self, contents: &'a Contents) -> Option<&'a [Named]> {
        let mut levels = contents.runs.chunk_by(|a, b| a.level == b.level).rev();
        levels.find(|runs| runs.len() >= self.fan_in)
    }

    /// Merges as long as there is something to merge, unless another process is at it.
    ///
    /// # Errors
    /// [`HomeError::Damaged`], [`HomeError::Io`], [`HomeError::Randomness`].
    pub(super) fn run(&self) -> Result<(), HomeError> {
        let _merging = match files::lock(&self.place.folder.join(LOCK)) {
            Err(HomeError::Busy) => return Ok(()),
            lock => lock?,
        };
        while self.once()? {}
        Ok(())
    }

    fn once(&self) -> Result<bool, HomeError> {
        let contents = {
            let _nobody_changes = self.place.to_read()?;
            self.place.contents()?.0
        };
        let Some(due) = self.due(&contents) else {
            return Ok(false);
        };
        let merged = self.merge(due)?;
        // Only who merges takes runs away: those that were merged still stand there, side by side.
        let _alone = self.place.alone()?;
        let (mut contents, _) = self.place.contents()?;
        let first = contents.runs.iter().position(|run| *run == due[0]);
        let first = first.ok_or(HomeError::Damaged)?;
        let range = first..first + due.len();
        if contents.runs.get(range.clone()) != Some(due) {
            return Err(HomeError::Damaged);
        }
        run::name(&self.place.folder, &self.place.folder.join(PART), &merged)?;
        contents.runs.splice(range, [merged]);
        self.place.write(&contents)?;
        self.place.tidy(&contents)?;
        Ok(true)
    }

    fn merge(&self, due: &[Named]) -> Result<Named, HomeError> {
        let Place { folder, sealer } = &self.place;
        let open = due.iter().map(|named| Run::open(folder, sealer, named));
        let runs: Vec<Run> = open.collect::<Result<_, _>>()?;
        let mut writer = RunWriter::begin(&folder.join(PART), sealer)?;
        run::merge(&runs, &mut |row| writer.push(row))?;
        writer.finish(due[0].level.saturating_add(1))
    }
}
