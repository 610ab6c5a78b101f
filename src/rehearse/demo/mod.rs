//! The demo: the whole main job on synthetic people, by real processes of this executable.
//!
//! Every step is checked against what is known beforehand; the first that does not hold ends it.

mod asking;
mod cast;
mod crash;
mod evidence;
mod search;
mod setting;
mod uploading;

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::RehearsalError;
use cast::Cast;
use setting::Setting;

use crate::texts::{Lang, demo as texts};

/// How to run the demo.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// This executable.
    pub executable: PathBuf,
    /// A new folder that stays; none: a temporary one.
    pub folder: Option<PathBuf>,
    /// Leave the server running and say what to try.
    pub keep: bool,
    /// The language of what is told.
    pub lang: Lang,
}

/// Something that is told to the audience.
#[derive(Clone, Copy, Debug)]
pub enum Told<'a> {
    /// A step begins.
    Step {
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        of: usize,
        /// What is done.
        title: &'a str,
    },
    /// Something was checked and holds.
    Held(&'a str),
    /// Something to look at.
    Shown(&'a str),
}

/// Whoever watches.
pub type Audience<'a> = &'a mut dyn FnMut(Told<'_>);

/// Runs the whole demo.
///
/// # Errors
/// [`RehearsalError`]: the first step that does not hold, or why it could not be taken. The folder
/// stays then, to be looked at.
pub fn run(options: &DemoOptions, audience: Audience<'_>) -> Result<(), RehearsalError> {
    let (folder, temporary) = folder(options)?;
    let played = play(options, &folder, audience);
    let stays = options.keep || options.folder.is_some() || played.is_err();
    if let Some(temporary) = temporary {
        if stays {
            let _stays = temporary.keep();
        } else {
            temporary.close()?;
        }
    }
    played.map_err(|fault| fault.at(&folder))
}

/// The demo's folder, and its guard if it is temporary.
fn folder(options: &DemoOptions) -> Result<(PathBuf, Option<tempfile::TempDir>), RehearsalError> {
    if let Some(folder) = &options.folder {
        std::fs::create_dir(folder)?;
        return Ok((std::fs::canonicalize(folder)?, None));
    }
    let temporary = tempfile::Builder::new().prefix("saring-demo-").tempdir()?;
    Ok((temporary.path().to_owned(), Some(temporary)))
}

fn play(
    options: &DemoOptions,
    folder: &Path,
    audience: Audience<'_>,
) -> Result<(), RehearsalError> {
    let began = Instant::now();
    let cast = Cast::new();
    let mut setting = Setting::new(options, folder, audience);
    setting.set_up()?;
    setting.everybody_joins()?;
    uploading::everybody_uploads(&mut setting, &cast)?;
    asking::officer_checks(&mut setting, &cast)?;
    asking::debt_is_paid(&mut setting, &cast)?;
    asking::applicants_are_screened(&mut setting, &cast)?;
    crash::registry_is_killed(&mut setting, &cast)?;
    evidence::show_one_person(&mut setting, &cast)?;
    let seconds = began.elapsed().as_secs();
    setting.held(texts::DONE, &[("seconds", &seconds)]);
    if options.keep {
        setting.keep(&cast)?;
    }
    Ok(())
}
