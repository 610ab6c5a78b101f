//! The sentences of commands that succeeded, and their prompts.

use crate::texts::Text;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $en:literal;)+) => {
        $($(#[$doc])* pub const $name: Text = Text::new($id, $en);)+
    };
}

texts! {
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
    /// `init`.
    SET_UP = "✓ Registri siap dijalankan.\n  Konfigurasi       {config}\n  Folder operator   {home}\n  Sidik jari        {registry}\n  Kepercayaan       {trust}\nSelanjutnya: saring serve --config {config}",
        "✓ The registry is set up.\n  Configuration    {config}\n  Operator's home  {home}\n  Fingerprint      {registry}\n  Trust            {trust}\nNext: saring serve --config {config}";
    /// `serve`, once it takes connections.
    SERVING = "Saring melayani di {url} (admin {admin}). Kepercayaan: {trust}. Ctrl-C untuk berhenti.",
        "Saring serves at {url} (admin {admin}). Trust: {trust}. Ctrl-C to stop.";
    /// `config check`.
    CONFIG_VALID = "✓ {file}: konfigurasi sah.", "✓ {file}: the configuration is valid.";
    /// `list create`.
    LIST_CREATED = "✓ Daftar {list} dibuat, epok {epoch}.", "✓ List {list} created, epoch {epoch}.";
    /// One list.
    LIST_LINE = "{list}  {kind}  epok {epoch}  ±{entries} orang  {trust}", "{list}  {kind}  epoch {epoch}  about {entries} people  {trust}";
    /// About keyed-hash lists.
    REVERSIBLE = "Perhatian: siapa pun yang memegang kunci hash ini dapat membalik daftar ini menjadi NIK, tanpa batas. Hanya untuk satu lembaga sendiri dan data lama.",
        "Mind: whoever holds this hash key can turn the list back into NIKs, without a limit. Only for one institution's own use and for legacy data.";
    /// `org invite`, beside the invitation itself.
    INVITED = "Undangan untuk {organisation}: berlaku sekali, 72 jam. Serahkan lewat jalur yang aman; siapa pun yang memegangnya dapat bergabung.",
        "Invitation for {organisation}: serves once, for 72 hours. Hand it over safely; whoever has it can join.";
    /// One organisation.
    ORGANISATION_LINE = "{organisation}  {standing}  {name}", "{organisation}  {standing}  {name}";
    /// A key that nobody checked.
    KEY_OF_REGISTRY = "Kunci diambil dari registri: {fingerprint}. Cocokkan dengan organisasi itu lewat jalur lain, atau sebutkan dengan --key.",
        "The key is the one the registry shows: {fingerprint}. Compare it with the organisation by another way, or give it by --key.";
    /// An administrative act.
    DONE = "✓ Selesai. Perintah {order}", "✓ Done. Order {order}";
    /// `join`, typed without an echo.
    INVITATION_PROMPT = "Tempel undangan (tidak ditampilkan): ", "Paste the invitation (not shown): ";
    /// `join`.
    JOINED = "✓ {organisation} bergabung. Kunci dibuat di {home} dan tidak pernah keluar.\n  Sidik jari kunci Anda  {fingerprint}\n  Sidik jari registri    {registry}",
        "✓ {organisation} joined. Its key was made in {home} and never leaves.\n  Your key's fingerprint    {fingerprint}\n  The registry's            {registry}";
    /// One quota.
    QUOTA_LINE = "{list}: terpakai {used} dari {allowed}; mulai lagi {reset}", "{list}: {used} used of {allowed}; starts again {reset}";
    /// `own verify`.
    OWN_VERIFIED = "{entries} entri sendiri; diperiksa {sampled}, tersaji {served}, bermasalah {faults}; tidak disebut registri {unnamed}.",
        "{entries} own entries; {sampled} verified, {served} served, {faults} at fault; {unnamed} not named by the registry.";
    /// `submit`.
    SUBMITTED = "✓ {rows} baris: {new} baru ({also} juga dilaporkan pihak lain), {updated} diganti, {unchanged} tetap, {repeated} berulang, {file} ditolak karena isinya, {list} ditolak daftar. Tanda terima: {receipts}.",
        "✓ {rows} rows: {new} new ({also} also listed by others), {updated} updated, {unchanged} unchanged, {repeated} repeated, {file} refused for what they hold, {list} refused by the list. Receipts: {receipts}.";
    /// `version stage`.
    VERSION_STAGED = "✓ Versi {version} daftar {list} utuh dan belum berlaku (DRAF). Periksa dengan version diff; petugas lain memberlakukannya dengan version switch.",
        "✓ Version {version} of {list} is whole and does not answer yet (DRAF). Look at version diff; another officer makes it answer with version switch.";
    /// One version.
    VERSION_LINE = "versi {version}  {state}  {people} orang  {listings} baris  berlaku {from} s.d. {until}",
        "version {version}  {state}  {people} people  {listings} rows  holds {from} to {until}";
    /// A version that answers.
    VERSION_ANSWERS = "berlaku", "answers";
    /// A version that takes rows.
    VERSION_IS_STAGING = "disiapkan", "staging";
    /// A version that waits for the switch.
    VERSION_IS_CLOSED = "DRAF, utuh", "closed";
    /// `version diff`.
    VERSION_DIFF = "Versi {staged} menggantikan {answering}: {added} orang masuk, {removed} keluar, {unchanged} tetap, {changed} berganti golongan.",
        "Version {staged} in the place of {answering}: {added} people added, {removed} removed, {unchanged} unchanged, {changed} of another category.";
    /// `version switch`.
    VERSION_SWITCHED = "✓ Versi {version} daftar {list} berlaku mulai sekarang, menggantikan versi {old}.",
        "✓ Version {version} of {list} answers from now on, in the place of {old}.";
    /// `version drop`.
    VERSION_DROPPED = "✓ Versi {version} daftar {list} dibuang.", "✓ Version {version} of {list} discarded.";
    /// `submit --dry-run`.
    TRIED = "Uji coba, tidak ada yang dikirim. {rows} baris: {good} baik, {repeated} berulang, {file} ditolak karena isinya, {list} ditolak daftar.",
        "Dry run, nothing was sent. {rows} rows: {good} good, {repeated} repeated, {file} refused for what they hold, {list} refused by the list.";
    /// Where refused rows are.
    ERROR_FILE = "Baris yang ditolak: {file}", "Refused rows: {file}";
    /// `submit --template`.
    TEMPLATE_WRITTEN = "✓ Templat ditulis: {file}", "✓ Template written: {file}";
    /// `submit --discard`.
    UPLOADS_DISCARDED = "{discarded} unggahan yang belum selesai dilepas: benih dan keadaannya dimusnahkan. {busy} masih dikerjakan proses lain.", "{discarded} unfinished uploads given up: their seeds and state are destroyed. {busy} are worked on by another process.";
    /// `screen --discard`.
    JOB_DISCARDED = "✓ Pekerjaan di {folder} dilepas: benih dan keadaannya dimusnahkan.", "✓ The job in {folder} is given up: its seed and state are destroyed.";
    /// `screen --discard`, with nothing to give up.
    NO_JOB = "Tidak ada pekerjaan yang belum selesai di {folder}.", "There is no unfinished job in {folder}.";
    /// Progress of an upload.
    UPLOADING = "Mengunggah", "Uploading";
    /// One reference of a removal.
    REMOVAL_LINE = "{reference}: {outcome} ({cause})", "{reference}: {outcome} ({cause})";
    /// `check` at a terminal.
    NIK_PROMPT = "NIK (kosong = selesai): ", "NIK (empty = done): ";
    /// A field of an answer.
    NIK = "NIK", "NIK";
    /// A field of an answer.
    LIST = "Daftar", "List";
    /// A field of an answer.
    EPOCH = "epok", "epoch";
    /// A field of an answer.
    REASON = "Sebab", "Reason";
    /// A field of an answer.
    TIME = "Waktu", "Time";
    /// A field of an answer.
    RESPONSE = "Nomor jawaban", "Response id";
    /// A field of an answer.
    TRUST = "Kepercayaan", "Trust";
    /// A field of an answer.
    COUNT = "Jumlah laporan", "Listings";
    /// A field of an answer.
    REASONS = "Alasan", "Reasons";
    /// A field of an answer.
    GRADE = "Kolektibilitas", "Collectibility";
    /// A field of an answer.
    PLAFOND = "Plafon", "Plafond";
    /// A field of an answer.
    VERIFY = "Perhatian", "Mind";
    /// A victim of identity theft.
    VERIFY_IDENTITY = "Pernah menjadi korban pencurian identitas: pastikan pemohon adalah orangnya.", "A victim of identity theft: make sure that the applicant is that person.";
    /// Beneath every answer.
    NOT_ALONE = "Jawaban ini bukan satu-satunya dasar keputusan (UU PDP 27/2022 ps. 10).", "This answer is not the only ground for a decision (UU PDP 27/2022 art. 10).";
    /// `screen`.
    SCREENED = "{rows} baris = {valid} sah + {invalid} tidak sah; {valid} = {unique} orang + {duplicate} berulang.", "{rows} rows = {valid} valid + {invalid} invalid; {valid} = {unique} people + {duplicate} repeated.";
    /// `screen`, one list.
    SCREENED_LIST = "{list} (epok {epoch}): {listed} terdaftar, {previously} pernah, {not_listed} tidak terdaftar, {unavailable} belum diketahui. {trust}", "{list} (epoch {epoch}): {listed} listed, {previously} previously, {not_listed} not listed, {unavailable} unavailable. {trust}";
    /// `screen`.
    RESULTS_IN = "Hasil: {folder}. Bukan dasar tindakan terhadap satu orang; jalankan `saring check` dahulu.", "Results: {folder}. No ground for acting against one person; run `saring check` first.";
    /// Progress of a screening.
    READING = "Membaca", "Reading";
    /// Progress of a screening.
    COMPARING = "Membandingkan", "Comparing";
    /// Progress of a screening.
    VERIFYING = "Mencocokkan berkas", "Verifying the file";
    /// Progress of a screening.
    LOOKING_UP = "Mencari di", "Looking up in";
    /// `screen`, a list whose epoch ended under the job.
    SCREENED_ANEW = "  Epok {list} berganti selama pekerjaan; daftar ini diulang dari awal di epok {epoch}.", "  The epoch of {list} ended during the job; this list was begun anew in epoch {epoch}.";
    /// `screen`, not everything.
    SCREENED_IN_PART = "Belum selesai. Perintah yang sama melanjutkan; bagian yang sudah dinilai tidak dikenai kuota lagi.", "Not finished. The same command goes on; what was evaluated is not charged again.";
    /// Progress of a screening.
    FETCHING = "Mengambil", "Fetching";
    /// Progress of a screening.
    EVALUATING = "Menyaring", "Screening";
    /// Progress of a screening.
    WRITING = "Menulis", "Writing";
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
    /// `keys export`.
    EXPORTED = "✓ {keys} kunci ditulis terenkripsi ke {file}.\n  BLAKE3 {digest}\nSimpan terpisah dari cadangan basis data.", "✓ {keys} keys written encrypted into {file}.\n  BLAKE3 {digest}\nKeep it apart from the database's backups.";
    /// `keys import`.
    IMPORTED = "✓ {restored} kunci dipulihkan, {unchanged} sudah ada.", "✓ {restored} keys restored, {unchanged} were there.";
    /// `keys add-hash`.
    HASH_KEPT = "✓ Kunci hash daftar {list} disimpan.", "✓ The hash key of list {list} is kept.";
    /// The escrow's passphrase.
    PASSPHRASE_PROMPT = "Frasa sandi berkas titipan (tidak ditampilkan): ", "The escrow file's passphrase (not shown): ";
    /// The escrow's passphrase once more.
    PASSPHRASE_AGAIN = "Sekali lagi: ", "Once more: ";
    /// Two different passphrases.
    PASSPHRASES_DIFFER = "Kedua frasa sandi berbeda.", "The two passphrases differ.";
    /// `backup`.
    BACKED_UP = "✓ Cadangan ditulis dan dibaca ulang: {folder} ({people} orang, {files} berkas, sampai {time}). Kunci tidak ada di dalamnya: `saring keys export`.", "✓ Backup written and read back: {folder} ({people} people, {files} files, up to {time}). Keys are not in it: `saring keys export`.";
    /// `restore`.
    RESTORED = "✓ Dipulihkan dari cadangan {time}; {replay} penghapusan akan diulang saat mulai.", "✓ Restored from the backup of {time}; {replay} removals are carried out again at the start.";
    /// `restore --accept-loss`.
    LOSS_ACCEPTED = "Kehilangan diterima dan dicatat: orang yang sudah dihapus mungkin terdaftar lagi.", "The loss was accepted and is recorded: people who were removed may be listed again.";
    /// `selftest`.
    SELFTEST = "Uji diri: {passed} lulus, {failed} gagal.", "Self-test: {passed} passed, {failed} failed.";
    /// One rate; `used` is a mark.
    SPEED_LINE = "{operation} {set} {backend} {rate} /detik/inti {used}", "{operation} {set} {backend} {rate} /second/core {used}";
}

/// An answer as officers know it, by its code.
#[must_use]
pub fn answer(code: &str) -> Text {
    match code {
        "LISTED" => Text::new("TERDAFTAR – perlu ditinjau", "LISTED – to be reviewed"),
        "PREVIOUSLY" => Text::new("PERNAH TERDAFTAR", "PREVIOUSLY LISTED"),
        "NOT_LISTED" => Text::new("TIDAK TERDAFTAR", "NOT LISTED"),
        "INVALID_ID" => Text::new("NIK TIDAK VALID", "NIK NOT VALID"),
        _ => Text::new("BELUM DIKETAHUI", "NOT KNOWN"),
    }
}

/// What became of the listings under one reference, by its code.
#[must_use]
pub fn removal(outcome: &str) -> Text {
    match outcome {
        "done" => Text::new("tercatat", "done"),
        "unchanged" => Text::new("sudah demikian", "already so"),
        "not_found" => Text::new("tidak ada lagi di registri", "no longer at the registry"),
        "not_possible" => Text::new("tidak mungkin pada statusnya", "not possible in its state"),
        _ => Text::new(
            "nomor referensi tidak dikenal di sini",
            "a reference unknown here",
        ),
    }
}

/// Why a list refuses a row, by its code.
#[must_use]
pub fn row_refusal(code: &str) -> Text {
    match code {
        "bad_element" => Text::new("Elemen tidak sah.", "The element is not valid."),
        "conflict" => Text::new(
            "Nomor referensi ini sudah terdaftar untuk orang ini dengan isi lain; kirim dengan --update untuk mengganti.",
            "This reference stands for this person with other content; send with --update to replace it.",
        ),
        "repeated" => Text::new(
            "Nomor referensi ini muncul dua kali untuk orang ini.",
            "This reference comes twice for this person.",
        ),
        "too_many_listings" => Text::new(
            "Orang ini sudah mempunyai terlalu banyak laporan.",
            "The person has too many listings.",
        ),
        "reason" => Text::new(
            "Daftar ini tidak menerima kode alasan itu.",
            "The list does not take this reason.",
        ),
        "collectibility" => Text::new(
            "Kode alasan dan kolektibilitas tidak sesuai.",
            "The reason and the collectibility do not fit.",
        ),
        "below_grade" => Text::new(
            "Kolektibilitas di bawah batas daftar ini.",
            "Below the list's least collectibility.",
        ),
        "plafond" => Text::new(
            "Kode alasan dan plafon tidak sesuai.",
            "The reason and the amount band do not fit.",
        ),
        "below_amount" => Text::new(
            "Plafon di bawah batas daftar ini.",
            "Below the list's least amount.",
        ),
        "defaulted_on" => Text::new(
            "Tanggal macet di masa depan atau terlalu lama.",
            "The day of default is in the future or too long ago.",
        ),
        "withdrawn" => Text::new(
            "Orang ini dicabut dari daftar selagi versi ini disiapkan.",
            "The person was taken off the list while this version was staged.",
        ),
        "expires_on" => Text::new(
            "Masa berlaku sudah lewat atau terlalu jauh.",
            "The listing's end is past or too far away.",
        ),
        _ => Text::new("Daftar ini menolak baris itu.", "The list refuses the row."),
    }
}
