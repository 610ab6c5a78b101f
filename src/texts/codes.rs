//! What the domain's codes mean, keyed by the names that files and JSON carry.

use super::Lang;

/// What a reason code means, or `None` for an unknown one.
#[must_use]
pub fn reason(code: &str, lang: Lang) -> Option<&'static str> {
    find(REASONS, code, lang)
}

/// What a grade `1` to `5` means (OJK), or `None` for an unknown one.
#[must_use]
pub fn collectibility(grade: &str, lang: Lang) -> Option<&'static str> {
    find(GRADES, grade, lang)
}

/// What an amount band means, or `None` for an unknown one.
#[must_use]
pub fn amount_band(band: &str, lang: Lang) -> Option<&'static str> {
    find(BANDS, band, lang)
}

type Table = &'static [(&'static str, &'static str, &'static str)];

fn find(table: Table, code: &str, lang: Lang) -> Option<&'static str> {
    table
        .iter()
        .find(|(known, _, _)| *known == code)
        .map(|(_, id, en)| lang.pick(*id, *en))
}

const REASONS: Table = &[
    (
        "MACET_POKOK",
        "Pokok pinjaman macet",
        "Principal in default",
    ),
    ("MACET_BUNGA", "Bunga pinjaman macet", "Interest in default"),
    ("KABUR", "Peminjam kabur", "The borrower absconded"),
    ("DOKUMEN_PALSU", "Dokumen palsu", "Forged papers"),
    ("PINJAMAN_GANDA", "Pinjaman ganda", "Double loan"),
    (
        "PENYALAHGUNAAN_AGUNAN",
        "Agunan disalahgunakan",
        "Collateral abused",
    ),
    (
        "KORBAN",
        "Korban pencurian identitas (melindungi, tidak memberatkan)",
        "Victim of identity theft (protects, never counts against)",
    ),
    (
        "ASN",
        "Aparatur sipil negara (program)",
        "Civil servant (programmes)",
    ),
    (
        "TNI",
        "Anggota TNI (program)",
        "Member of the armed forces (programmes)",
    ),
    (
        "POLRI",
        "Anggota Polri (program)",
        "Member of the police (programmes)",
    ),
    (
        "PELAJAR",
        "Pelajar atau mahasiswa (program)",
        "Pupil or student (programmes)",
    ),
    (
        "PENERIMA_BANSOS",
        "Penerima bantuan sosial (program)",
        "Receives social aid (programmes)",
    ),
    (
        "DIREKSI_BUMN",
        "Direksi BUMN (program)",
        "Director of a state enterprise (programmes)",
    ),
    (
        "NIK_TIDAK_VALID",
        "NIK dilaporkan tidak valid (program)",
        "NIK reported invalid (programmes)",
    ),
];

const GRADES: Table = &[
    ("1", "Lancar (0 hari)", "Current (0 days)"),
    (
        "2",
        "Dalam perhatian khusus (1-90 hari)",
        "Special mention (1-90 days)",
    ),
    (
        "3",
        "Kurang lancar (91-120 hari)",
        "Substandard (91-120 days)",
    ),
    ("4", "Diragukan (121-180 hari)", "Doubtful (121-180 days)"),
    ("5", "Macet (lebih dari 180 hari)", "Loss (over 180 days)"),
];

const BANDS: Table = &[
    ("<5", "Di bawah 5 juta rupiah", "Below 5 million rupiah"),
    ("5-25", "5 sampai 25 juta rupiah", "5 to 25 million rupiah"),
    (
        "25-100",
        "25 sampai 100 juta rupiah",
        "25 to 100 million rupiah",
    ),
    (
        ">100",
        "Di atas 100 juta rupiah",
        "Above 100 million rupiah",
    ),
];
