//! What rehearsals say.

use super::Text;
use super::text::texts;

texts! {
    /// What listing took.
    LISTED = "{listed} orang didaftarkan dalam {seconds} detik: {rate} per detik.",
        "{listed} people listed in {seconds} s: {rate} a second.";
    /// What screening took and found.
    SCREENED = "{applicants} pemohon disaring dalam {seconds} detik: {rate} per detik.\n  TERDAFTAR {listed}, seharusnya {expected_listed}\n  PERNAH    {previously}, seharusnya {expected_previously}\n  Memori puncak: penyaring {client} MiB, registri {server} MiB",
        "{applicants} applicants screened in {seconds} s: {rate} a second.\n  LISTED     {listed}, must be {expected_listed}\n  PREVIOUSLY {previously}, must be {expected_previously}\n  Peak memory: screener {client} MiB, registry {server} MiB";
    /// Everything is as it must be.
    HELD = "✓ Semua sesuai.", "✓ Everything is as it must be.";
    /// Something is not.
    NOT_HELD = "✗ Ada yang tidak sesuai.", "✗ Something is not as it must be.";
    /// Where the registry is for the next time.
    STAYS = "Folder tetap ada: {folder}", "The folder stays: {folder}";
    /// Above the phases of officers.
    PHASES = "tahap          datang/dtk  terjawab/dtk   median ms   90 % ms   99 % ms   diminta datang lagi, 99 % ms   salah  hilang   penanya terlambat, 99 % ms",
        "phase          come/s    answered/s   median ms   90 % ms   99 % ms   told to come back, 99 % ms   wrong  lost   askers late, 99 % ms";
    /// One phase of officers.
    PHASE = "{phase}  {offered}  {answered}  {median}  {p90}  {p99}  {shed} {shed_p99}  {wrong}  {lost}  {late}",
        "{phase}  {offered}  {answered}  {median}  {p90}  {p99}  {shed} {shed_p99}  {wrong}  {lost}  {late}";
    /// What was measured beside.
    CAPACITY = "Kapasitas {capacity} pengecekan per detik; di samping petugas, penyaringan mengevaluasi {bulk} pemohon per detik; {cores}.",
        "Capacity {capacity} checks a second; beside the officers the screenings had {bulk} applicants a second evaluated; {cores}.";
    /// How the machine was shared.
    CORES_APART = "registri dan petugas memakai inti masing-masing", "registry and officers had cores of their own";
    /// How the machine was shared.
    CORES_SHARED = "registri dan petugas berbagi inti", "registry and officers shared the cores";
    /// Why some marks are question marks.
    DISTURBED = "? Mesin sibuk dengan hal lain, atau para penanya sendiri terlambat: yang bertanda ? tidak dapat dinilai. Ulangi saat mesin sepi.",
        "? The machine was busy with something else, or those who ask were late themselves: what is marked ? cannot be told. Repeat it on a quiet machine.";
    /// Whose bound the capacity is.
    CAPACITY_NOT_ITS_OWN = "Kapasitas ini bukan batas registri: intinya tidak terpakai penuh, atau inti para penanya penuh.",
        "This capacity is not the registry's own bound: its cores were not fully used, or those of the askers were.";
    /// One promise.
    BAR = "{mark} {bar}: {value} (batas {limit})", "{mark} {bar}: {value} (limit {limit})";
}

/// What a promise is about.
#[must_use]
pub fn bar(name: &str) -> Text {
    match name {
        "kept_latency" => Text::new(
            "waktu 99 % di samping penyaringan, berbanding waktu tenang",
            "99 % time beside screenings, against quiet times",
        ),
        "kept_beside_slow" => Text::new(
            "waktu 99 % di samping koneksi lambat, berbanding waktu tenang",
            "99 % time beside slow connections, against quiet times",
        ),
        "slow_cut_within" => Text::new(
            "detik sampai koneksi lambat diputus",
            "seconds until slow connections were cut",
        ),
        "slow_not_cut" => Text::new(
            "koneksi lambat yang tidak diputus",
            "slow connections that were not cut",
        ),
        "goodput_3x" => Text::new(
            "jawaban pada beban 3x, berbanding kapasitas",
            "answers at 3x load, against capacity",
        ),
        "goodput_10x" => Text::new(
            "jawaban pada beban 10x, berbanding kapasitas",
            "answers at 10x load, against capacity",
        ),
        "recovered_3x" => Text::new(
            "detik sampai pulih sesudah beban 3x",
            "seconds to recover after 3x load",
        ),
        "recovered_10x" => Text::new(
            "detik sampai pulih sesudah beban 10x",
            "seconds to recover after 10x load",
        ),
        "shed_within_3x" => Text::new(
            "milidetik sampai diminta datang lagi pada beban 3x, 99 %",
            "milliseconds until told to come back at 3x load, 99 %",
        ),
        "shed_within_10x" => Text::new(
            "milidetik sampai diminta datang lagi pada beban 10x, 99 %",
            "milliseconds until told to come back at 10x load, 99 %",
        ),
        "shed_says_when" => Text::new(
            "diminta datang lagi tanpa waktu",
            "told to come back without a time",
        ),
        "right_answers" => Text::new("jawaban salah", "wrong answers"),
        "none_lost" => Text::new("tidak dijawab sama sekali", "not answered at all"),
        _ => Text::new("lain", "other"),
    }
}
