//! Each cooperative uploads its file, dirty rows and all.

use std::time::Instant;

use super::cast::{COOPERATIVES, Cast, GOOD, SHARED};
use super::setting::{LIST, Setting};
use crate::rehearse::RehearsalError;
use crate::rehearse::error::hold;
use crate::rehearse::program::{argument, number, text};
use crate::texts::demo as texts;

/// Lines of an error file that are shown, its header included.
const SHOWN_LINES: usize = 5;

pub(super) fn everybody_uploads(
    setting: &mut Setting<'_, '_>,
    cast: &Cast,
) -> Result<(), RehearsalError> {
    setting.step(texts::UPLOAD);
    for (place, name) in COOPERATIVES.into_iter().enumerate() {
        let file = setting.file(&format!("{name}.csv"), &cast.defaulters(place))?;
        let errors = setting.path(&format!("{name}.errors.csv"));
        let arguments = [
            "submit",
            argument(&file)?,
            "--list",
            LIST,
            "--errors",
            argument(&errors)?,
        ];
        let program = setting.program(name);
        let began = Instant::now();
        // 4: rows were refused.
        let report = program.one(&arguments, "", 4)?;
        let milliseconds = began.elapsed().as_millis().max(1);
        let (new, also) = (
            number(&report, "new")?,
            number(&report, "also_listed_by_another")?,
        );
        let refused = number(&report, "refused_by_file")?;
        let shared = if place == 0 { 0 } else { SHARED };
        hold(new == GOOD as u64, "every good row is a new listing")?;
        hold(also == shared as u64, "those listed by another are counted")?;
        hold(refused == 10, "every broken row is refused and no other")?;
        let rate = u128::from(number(&report, "rows")?) * 1000 / milliseconds;
        setting.held(
            texts::UPLOADED,
            &[
                ("name", &name),
                ("new", &new),
                ("also", &also),
                ("refused", &refused),
                ("rate", &rate),
            ],
        );
        if place == 0 {
            show_errors(setting, text(&report, "errors")?)?;
            let again = program.one(&arguments, "", 4)?;
            let unchanged = number(&again, "unchanged")?;
            hold(
                unchanged == GOOD as u64,
                "the same file again changes nothing",
            )?;
            setting.held(texts::AGAIN, &[("name", &name), ("unchanged", &unchanged)]);
        }
    }
    Ok(())
}

fn show_errors(setting: &mut Setting<'_, '_>, file: &str) -> Result<(), RehearsalError> {
    let errors = std::fs::read_to_string(file)?;
    setting.shown(setting.say(texts::ERROR_FILE));
    for line in errors
        .trim_start_matches('\u{feff}')
        .lines()
        .take(SHOWN_LINES)
    {
        setting.shown(&format!("  {line}"));
    }
    setting.shown("  …");
    Ok(())
}
