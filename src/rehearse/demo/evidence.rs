//! What the registry and its database hold about one listed person, and that no NIK is in it.

#[cfg(feature = "rocks")]
use std::path::PathBuf;

#[cfg(feature = "rocks")]
use data_encoding::HEXLOWER;

use super::cast::{Cast, OFFICER};
use super::crash::{ids, runtime};
use super::search::{Found, Search};
use super::setting::Setting;
use crate::agent::Acting;
use crate::nik::Nik;
use crate::protocol::codes::Purpose;
use crate::rehearse::RehearsalError;
use crate::rehearse::error::hold;
use crate::texts::demo as texts;

/// Bytes of a key or value that are shown.
#[cfg(feature = "rocks")]
const SHOWN_BYTES: usize = 40;

pub(super) fn show_one_person(
    setting: &mut Setting<'_, '_>,
    cast: &Cast,
) -> Result<(), RehearsalError> {
    setting.step(texts::HELD);
    let person = &cast.everybody()[Cast::listed_twice()];
    let filter_key = filter_key(setting, person)?;
    setting.take_server()?.stop()?;
    let search = Search::new(person, cast.everybody());
    let mut found = Found::default();
    show_rows(setting, person, filter_key, &search, &mut found)?;
    for folder in ["registry", "homes", "results"] {
        search.folder(&setting.path(folder), &mut found)?;
    }
    hold(
        found.niks == 0,
        "no NIK stands anywhere in the registry's data, logs or homes",
    )?;
    let mib = found.bytes >> 20;
    setting.held(
        texts::SEARCHED,
        &[
            ("files", &found.files),
            ("mib", &mib),
            ("pairs", &found.pairs),
        ],
    );
    planted_is_found(setting, person, &search)?;
    setting.start()
}

/// The person's filter key, by which every row about that person is found in the database. Only
/// whoever may have the NIK evaluated can know it.
fn filter_key(setting: &Setting<'_, '_>, person: &Nik) -> Result<u64, RehearsalError> {
    let agent = setting.agent(OFFICER)?;
    let (list, officer) = ids()?;
    let acting = Acting {
        officer,
        purpose: Purpose::ProgrammeScreening,
    };
    let keys = runtime()?.block_on(async {
        let mut job = agent.begin(&list, &acting).await?;
        agent
            .filter_keys(&mut job, 0, std::slice::from_ref(person))
            .await
    })?;
    keys.keys.first().copied().ok_or(RehearsalError::Answer)
}

#[cfg(feature = "rocks")]
fn show_rows(
    setting: &mut Setting<'_, '_>,
    person: &Nik,
    filter_key: u64,
    search: &Search<'_>,
    found: &mut Found,
) -> Result<(), RehearsalError> {
    let holds = |bytes: &[u8]| {
        let (little, big) = (filter_key.to_le_bytes(), filter_key.to_be_bytes());
        bytes
            .windows(8)
            .any(|eight| eight == little || eight == big)
    };
    let mut rows = Vec::new();
    let database: PathBuf = setting.path("registry/database");
    crate::store::rocks::every_pair(&database, |table, key, value| {
        search.pair(key, value, found);
        if holds(key) || holds(value) {
            let (key, value) = (shortened(key), shortened(value));
            rows.push(format!("  {table:<12} {key}\n  {:<12} = {value}", ""));
        }
    })?;
    hold(
        !rows.is_empty(),
        "the person's rows are found by their locator",
    )?;
    let nik = person.masked();
    setting.held(texts::HELD_ROWS, &[("rows", &rows.len()), ("nik", &nik)]);
    for row in rows {
        setting.shown(&row);
    }
    Ok(())
}

#[cfg(not(feature = "rocks"))]
fn show_rows(
    _: &mut Setting<'_, '_>,
    _: &Nik,
    _: u64,
    _: &Search<'_>,
    _: &mut Found,
) -> Result<(), RehearsalError> {
    Err(RehearsalError::NotHeld(
        "this program was built with the durable store",
    ))
}

/// The first bytes, in hexadecimal, and how many there are.
#[cfg(feature = "rocks")]
fn shortened(bytes: &[u8]) -> String {
    let start = HEXLOWER.encode(&bytes[..bytes.len().min(SHOWN_BYTES)]);
    if bytes.len() > SHOWN_BYTES {
        format!("{start}… ({} B)", bytes.len())
    } else {
        start
    }
}

/// The positive control: a search that finds nothing must be able to find something.
fn planted_is_found(
    setting: &mut Setting<'_, '_>,
    person: &Nik,
    search: &Search<'_>,
) -> Result<(), RehearsalError> {
    let folder = setting.path("registry/planted");
    std::fs::create_dir(&folder)?;
    let forms = super::search::forms(person);
    for (number, form) in forms.iter().enumerate() {
        let around = [b"<", form.as_slice(), b">"].concat();
        std::fs::write(folder.join(number.to_string()), around)?;
    }
    let mut found = Found::default();
    search.folder(&folder, &mut found)?;
    std::fs::remove_dir_all(&folder)?;
    hold(
        found.niks == forms.len() as u64,
        "a planted NIK is found in every form",
    )?;
    setting.held(texts::CONTROL, &[("forms", &forms.len())]);
    Ok(())
}
