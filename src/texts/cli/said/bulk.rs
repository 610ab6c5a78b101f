//! Many people at once: screening, copies of lists, watching.

use crate::texts::text::texts;

texts! {
    /// `screen`.
    SCREENED = "{rows} baris = {valid} sah + {invalid} tidak sah; {valid} = {unique} orang + {duplicate} berulang.", "{rows} rows = {valid} valid + {invalid} invalid; {valid} = {unique} people + {duplicate} repeated.";
    /// `screen`, one list.
    SCREENED_LIST = "{list} (epok {epoch}): {listed} terdaftar, {previously} pernah, {not_listed} tidak terdaftar, {unavailable} belum diketahui. {trust}", "{list} (epoch {epoch}): {listed} listed, {previously} previously, {not_listed} not listed, {unavailable} unavailable. {trust}";
    /// `screen`, a list whose epoch ended under the job.
    SCREENED_ANEW = "  Epok {list} berganti selama pekerjaan; daftar ini diulang dari awal di epok {epoch}.", "  The epoch of {list} ended during the job; this list was begun anew in epoch {epoch}.";
    /// `screen`, not everything.
    SCREENED_IN_PART = "Belum selesai. Perintah yang sama melanjutkan; bagian yang sudah dinilai tidak dikenai kuota lagi.", "Not finished. The same command goes on; what was evaluated is not charged again.";
    /// `screen`.
    RESULTS_IN = "Hasil: {folder}. Bukan dasar tindakan terhadap satu orang; jalankan `saring check` dahulu.", "Results: {folder}. No ground for acting against one person; run `saring check` first.";
    /// Progress of a screening.
    READING = "Membaca", "Reading";
    /// Progress of a screening.
    COMPARING = "Membandingkan", "Comparing";
    /// Progress of a screening.
    VERIFYING = "Mencocokkan berkas", "Verifying the file";
    /// Progress of a screening.
    EVALUATING = "Menyaring", "Screening";
    /// Progress of a screening.
    FETCHING = "Mengambil", "Fetching";
    /// Progress of a screening.
    LOOKING_UP = "Mencari di", "Looking up in";
    /// Progress of a screening.
    WRITING = "Menulis", "Writing";
    /// `screen --discard`.
    JOB_DISCARDED = "✓ Pekerjaan di {folder} dibatalkan: benih dan keadaannya dimusnahkan.", "✓ The job in {folder} is given up: its seed and state are destroyed.";
    /// `screen --discard`, with nothing to give up.
    NO_JOB = "Tidak ada pekerjaan yang belum selesai di {folder}.", "There is no unfinished job in {folder}.";
    /// `sync`, one list.
    SYNCED = "✓ {list} (epok {epoch}): {by}. {keys} kunci, urutan {sequence}, per {as_of}.", "✓ {list} (epoch {epoch}): {by}. {keys} keys, sequence {sequence}, as of {as_of}.";
    /// `sync`, by what.
    SYNCED_NOTHING = "tidak ada perubahan", "nothing had changed";
    /// `sync`, by what.
    SYNCED_DELTA = "perubahan diambil", "what changed was fetched";
    /// `sync`, by what.
    SYNCED_SNAPSHOT = "salinan utuh diambil", "a whole copy was fetched";
    /// `sync --status`, a copy that says who is not listed.
    COPY = "{list} (epok {epoch}): {keys} kunci, {bytes} bita, urutan {sequence}, per {as_of}, umur {minutes} menit.", "{list} (epoch {epoch}): {keys} keys, {bytes} bytes, sequence {sequence}, as of {as_of}, {minutes} minutes old.";
    /// `sync --status`, a copy that does not.
    COPY_SILENT = "✗ {list} (epok {epoch}): {keys} kunci, {bytes} bita, urutan {sequence}, per {as_of}, umur {minutes} menit. Tidak menyatakan siapa yang tidak terdaftar ({reason}).", "✗ {list} (epoch {epoch}): {keys} keys, {bytes} bytes, sequence {sequence}, as of {as_of}, {minutes} minutes old. Does not say who is not listed ({reason}).";
    /// `watch`, one borrower.
    BECAME_LISTED = "TERDAFTAR  {reference}  {nik}  {list} {category}", "LISTED      {reference}  {nik}  {list} {category}";
    /// `watch`, one borrower.
    BECAME_PREVIOUSLY = "PERNAH     {reference}  {nik}  {list} {category}", "PREVIOUSLY  {reference}  {nik}  {list} {category}";
    /// `watch`, one borrower.
    BECAME_CLEAR = "BERSIH     {reference}  {nik}  {list}", "CLEARED     {reference}  {nik}  {list}";
    /// `watch`, all of them.
    WATCHED = "{list}: {people} nasabah dipantau ({evaluated} dievaluasi sekarang); {listed} terdaftar, {previously} pernah, {clear} tidak; {changes} perubahan. Urutan {sequence}, per {as_of}.",
        "{list}: {people} borrowers watched ({evaluated} evaluated now); {listed} listed, {previously} previously, {clear} not; {changes} changes. Sequence {sequence}, as of {as_of}.";
    /// `watch`, while the copy is too old.
    WATCHED_BLIND = "Salinan daftar lebih tua dari 24 jam atau jam komputer ini mundur: tidak seorang pun disebut bersih.",
        "The list's copy is older than 24 hours, or this machine's clock is behind: nobody is called clear.";
    /// `watch --forget`.
    FORGOTTEN = "✓ Semua yang disimpan tentang nasabah pada {list} dimusnahkan.", "✓ Everything kept of borrowers on {list} is destroyed.";
    /// `watch --forget`, with nothing to forget.
    NOTHING_KEPT = "Tidak ada nasabah yang dipantau pada {list}.", "No borrowers are watched on {list}.";
}
