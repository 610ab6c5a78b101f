//! What a stopped server keeps: the store against its mark and journal, the clock, past restores.

use super::Finding;
use crate::app::config::Config;
use crate::app::own_keys::OwnKeys;
use crate::protocol::Clock;

/// Examines the store, which nobody should have open.
#[cfg(feature = "rocks")]
pub(super) async fn examine(
    config: &Config,
    own: Option<OwnKeys>,
    clock: &dyn Clock,
) -> Vec<Finding> {
    use crate::app::store_files;
    use crate::store::Store;

    let Some(own) = own else {
        return Vec::new();
    };
    if !store_files::holds_database(config) {
        return vec![Finding::ok(
            "store",
            "Belum ada basis data; server membuatnya saat pertama dijalankan.",
            "There is no database yet; the server makes it when it first runs.",
        )];
    }
    let config = config.clone();
    let opened = tokio::task::spawn_blocking(move || store_files::open(&config, &own)).await;
    let store = match opened {
        Ok(Ok(store)) => store,
        Ok(Err(error)) => return vec![told::store_fault(error)],
        Err(_) => return vec![told::store_fault(crate::store::StoreError::Unavailable)],
    };
    let mut findings = vec![told::store(&store.opened())];
    if let Ok(last) = store.last_committed_time().await {
        findings.push(told::clock(last, clock.now()));
    }
    if let Ok(notes) = store.restores().await {
        findings.extend(notes.iter().map(told::restore));
    }
    // Closing waits for the store's thread.
    let _closed = tokio::task::spawn_blocking(move || drop(store)).await;
    findings
}

/// Without the durable store there is nothing to examine.
#[cfg(not(feature = "rocks"))]
#[allow(
    clippy::unused_async,
    reason = "the same door as with the durable store"
)]
pub(super) async fn examine(_: &Config, _: Option<OwnKeys>, _: &dyn Clock) -> Vec<Finding> {
    Vec::new()
}

/// The findings' words.
#[cfg(feature = "rocks")]
mod told {
    use super::Finding;
    use crate::app::advice;
    use crate::protocol::Timestamp;
    use crate::protocol::limits::{MAX_CLOCK_LEAP, ORDER_WINDOW};
    use crate::store::rocks::RestoreNote;
    use crate::store::{Opened, StoreError};
    use crate::texts::Lang;

    pub(super) fn store(opened: &Opened) -> Finding {
        let (commits, replay) = (opened.counter, opened.removals_to_replay);
        Finding::ok(
            "store",
            format!(
                "Basis data cocok dengan mark dan jurnal: {commits} transaksi; penghapusan yang \
                 akan diulang saat mulai: {replay}."
            ),
            format!(
                "The database agrees with mark and journal: {commits} commits; removals to replay \
                 at start: {replay}."
            ),
        )
    }

    pub(super) fn store_fault(error: StoreError) -> Finding {
        let advice = |lang| advice::on_store(error, lang).unwrap_or_default();
        Finding::fault(
            "store",
            format!(
                "Basis data tidak dapat dibuka: {error}. {}",
                advice(Lang::Id)
            ),
            format!("The store does not open: {error}. {}", advice(Lang::En)),
        )
    }

    pub(super) fn clock(last: Timestamp, now: Timestamp) -> Finding {
        let ahead = now.since(last);
        if last == Timestamp::default() || (0..=MAX_CLOCK_LEAP).contains(&ahead) {
            return Finding::ok(
                "clock",
                "Jam sesuai dengan transaksi terakhir.",
                "The clock agrees with the last commit.",
            );
        }
        if ahead < 0 {
            let seconds = ahead.unsigned_abs() / 1_000;
            let (id, en) = (
                format!("Jam {seconds} detik di belakang transaksi terakhir; setel jam."),
                format!("The clock is {seconds} s behind the last commit; set it right."),
            );
            return if ahead < -ORDER_WINDOW {
                Finding::fault("clock", id, en)
            } else {
                Finding::warning("clock", id, en)
            };
        }
        let hours = ahead / 3_600_000;
        Finding::warning(
            "clock",
            format!(
                "Jam {hours} jam di depan transaksi terakhir: jika jam benar, operator \
                 menegaskannya setelah server berjalan; sampai itu tidak ada yang kedaluwarsa."
            ),
            format!(
                "The clock is {hours} h ahead of the last commit: if it is right, the operator \
                 confirms it once the server runs; until then nothing expires."
            ),
        )
    }

    pub(super) fn restore(note: &RestoreNote) -> Finding {
        let day = |time: Timestamp| {
            let day = time.date().civil();
            day.map_or_else(|| "?".to_owned(), |day| day.to_string())
        };
        let (at, from) = (day(note.at), day(note.backup_time));
        if note.loss_accepted {
            return Finding::warning(
                "restore",
                format!(
                    "Dipulihkan {at} dari cadangan {from} dengan --accept-loss: penghapusan sesudah \
                     cadangan itu mungkin hilang; tanyakan kepada anggota."
                ),
                format!(
                    "Restored on {at} from a backup of {from} with --accept-loss: removals after \
                     that backup may be lost; ask the members."
                ),
            );
        }
        Finding::ok(
            "restore",
            format!("Dipulihkan {at} dari cadangan {from}; tidak ada penghapusan yang hilang."),
            format!("Restored on {at} from a backup of {from}; no removal was lost."),
        )
    }
}
