//! What a person does about a store or a registry that does not start.

use crate::registry::OpenError;
use crate::store::StoreError;
use crate::texts::Lang;

/// What to do about a store that does not open.
pub(super) const fn on_store(error: StoreError, lang: Lang) -> Option<&'static str> {
    let (id, en) = match error {
        StoreError::BelowMark { .. } => (
            "Basis data lebih tua daripada yang sudah dijanjikan (mark). Jangan dipakai apa adanya: \
             pulihkan cadangan terbaru dengan `saring restore`; mark dan jurnal penghapusan tetap \
             di tempatnya.",
            "The database is older than what was acknowledged (the mark). Do not use it as it is: \
             restore the newest backup with `saring restore`; leave mark and removal journal where \
             they are.",
        ),
        StoreError::Mark => (
            "Mark atau jurnal penghapusan hilang, terpotong, atau ditandatangani kunci lain. \
             Periksa folders.mark, folders.journal dan folders.keys; kembalikan berkasnya. Jika \
             benar-benar hilang, `saring restore --accept-loss` mencatat kehilangan itu.",
            "The mark or the removal journal is missing, cut short, or signed by another key. Check \
             folders.mark, folders.journal and folders.keys, and put the files back. If they are \
             lost for good, `saring restore --accept-loss` records the loss.",
        ),
        StoreError::Schema { .. } => (
            "Basis data ditulis oleh versi lain dari program ini; pakai versi itu.",
            "The database was written by another version of this program; use that version.",
        ),
        StoreError::Locked => (
            "Proses lain sedang memakai basis data ini; hentikan dulu.",
            "Another process has this database open; stop it first.",
        ),
        StoreError::Full => (
            "Disk penuh; kosongkan ruang lalu mulai lagi.",
            "The disk is full; make room and start again.",
        ),
        StoreError::Corrupt => (
            "Isi basis data rusak. Pulihkan cadangan terbaru dengan `saring restore`.",
            "The database is damaged. Restore the newest backup with `saring restore`.",
        ),
        StoreError::Unavailable => (
            "Folder basis data, mark atau jurnal tidak dapat dibaca atau ditulis; periksa hak \
             akses dan disknya.",
            "The folders of database, mark or journal cannot be read or written; check their modes \
             and the disk.",
        ),
        _ => return None,
    };
    Some(match lang {
        Lang::Id => id,
        Lang::En => en,
    })
}

/// What to do about a registry that does not open.
pub(super) const fn on_open(error: &OpenError, lang: Lang) -> Option<&'static str> {
    let (id, en) = match error {
        OpenError::Store(error) => return on_store(*error, lang),
        OpenError::Snapshots(_) => (
            "Folder salinan daftar (folders.snapshots) tidak dapat dipakai: periksa mode dan disk.",
            "The folder for snapshots (folders.snapshots) cannot be used: check its mode and disk.",
        ),
        OpenError::OperatorKey => (
            "Basis data mengenal operator dengan kunci lain: periksa operator.public_key dan \
             folders.database.",
            "The database knows the operator under another key: check operator.public_key and \
             folders.database.",
        ),
        OpenError::Keys { .. } => (
            "Kunci sebuah daftar hilang atau bukan miliknya. Kembalikan kunci dari berkas titipan \
             dengan `saring keys import`.",
            "The keys of a list are missing or not its own. Bring them back from their escrow file \
             with `saring keys import`.",
        ),
        OpenError::Replay { .. } => (
            "Sebuah penghapusan di jurnal tidak dapat dijalankan; layanan tidak dimulai supaya tidak \
             ada yang terdaftar kembali. Pulihkan cadangan lain.",
            "A removal in the journal cannot be carried out; nothing is served, so that nobody is \
             listed again. Restore another backup.",
        ),
    };
    Some(match lang {
        Lang::Id => id,
        Lang::En => en,
    })
}
