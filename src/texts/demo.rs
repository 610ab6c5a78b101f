//! What the demo says.

use super::text::texts;

texts! {
    /// A step.
    SET_UP = "Registri disiapkan dan dijalankan sebagai proses sendiri", "A registry is set up and runs as a process of its own";
    /// A fact.
    SERVING = "melayani di {url}, proses {process}, RocksDB, kustodian di dalamnya: {trust}", "serves at {url}, process {process}, RocksDB, embedded custodian: {trust}";
    /// A step.
    JOIN = "Tiga koperasi dan satu lembaga pemeriksa bergabung dengan undangan", "Three cooperatives and an officer's organisation join by invitation";
    /// A fact.
    JOINED = "{name} bergabung; kuncinya dibuat di folder kerjanya sendiri", "{name} joined; its key was made in its own home";
    /// A step.
    UPLOAD = "Tiap koperasi mengunggah CSV berisi 10.000 penunggak rekaan", "Each cooperative uploads a CSV of 10,000 synthetic defaulters";
    /// A fact.
    UPLOADED = "{name}: {new} baru ({also} juga dilaporkan koperasi lain), {refused} baris rusak ditolak, {rate} baris/detik", "{name}: {new} new ({also} also listed by another), {refused} broken rows refused, {rate} rows a second";
    /// Above the first lines of an error file.
    ERROR_FILE = "berkas kesalahan yang dapat diunduh, NIK tersamar:", "the error file to download, NIKs masked:";
    /// A fact.
    AGAIN = "{name}: berkas yang sama sekali lagi tidak mengubah apa pun ({unchanged} tetap)", "{name}: the same file again changes nothing ({unchanged} unchanged)";
    /// A step.
    CHECK = "Petugas kredit mengecek pemohon", "A loan officer checks applicants";
    /// A fact.
    ANSWERED = "{who}: {answer}", "{who}: {answer}";
    /// A person.
    LISTED_BY_ONE = "dilaporkan satu koperasi", "listed by one cooperative";
    /// A person.
    LISTED_BY_TWO = "dilaporkan dua koperasi", "listed by two cooperatives";
    /// A person.
    NEVER_LISTED = "tidak pernah dilaporkan", "never listed";
    /// A person.
    MISTYPED = "NIK salah ketik", "a mistyped NIK";
    /// A person.
    PAID = "sudah lunas", "paid";
    /// A fact.
    LATENCY = "satu pengecekan lengkap, dari perintah sampai jawaban: {ms} ms", "one whole check, from the command to the answer: {ms} ms";
    /// A step.
    SETTLE = "Satu utang dilunasi (LUNAS) dan jawabannya berubah saat itu juga", "One debt is paid (LUNAS) and the answer changes at once";
    /// A step.
    SCREEN = "100.000 pemohon disaring di komputer ini", "100,000 applicants are screened on this machine";
    /// A fact.
    SCREENED = "{rows} baris = {unique} orang + {duplicate} berulang + {invalid} tidak sah; {listed} terdaftar, {previously} pernah, {clear} tidak: persis seperti yang sudah diketahui; {rate} orang/detik", "{rows} rows = {unique} people + {duplicate} repeated + {invalid} invalid; {listed} listed, {previously} previously, {clear} not: exactly as known beforehand; {rate} people a second";
    /// A step.
    CRASH = "Registri dibunuh (SIGKILL) di tengah unggahan, lalu dijalankan lagi", "The registry is killed (SIGKILL) in the middle of an upload, and started again";
    /// A fact.
    KILLED = "dibunuh setelah {acknowledged} dari {rows} baris diakui, sementara potongan lain masih berjalan", "killed after {acknowledged} of {rows} rows were acknowledged, with other chunks under way";
    /// A fact.
    RESTARTED = "melayani lagi setelah {ms} ms", "serves again after {ms} ms";
    /// A fact.
    NOTHING_LOST = "{entries} entri di registri, tidak satu pun yang diakui hilang; {checked} di antaranya dicek petugas: semua TERDAFTAR", "{entries} entries at the registry, none of the acknowledged is missing; {checked} of them checked by the officer: all LISTED";
    /// A fact.
    RESUMED = "unggahan dilanjutkan dengan perintah yang sama dan selesai: {new} baru, {entries} entri, tidak ada yang ganda", "the upload goes on with the same command and ends: {new} new, {entries} entries, none twice";
    /// A fact.
    OWN_VERIFIED = "{sampled} entri sendiri diambil kembali dari embernya dan terbuka seperti dikirim", "{sampled} own entries fetched back from their buckets open as they were sent";
    /// A step.
    HELD = "Apa yang disimpan registri tentang satu orang yang terdaftar", "What the registry holds about one listed person";
    /// A fact.
    HELD_ROWS = "{rows} baris di basis data menyangkut {nik}: daftar, pelapor, kode dan tanggal terbaca; orangnya hanya nilai buram:", "{rows} rows of the database concern {nik}: list, contributor, codes and days can be read; the person is nothing but opaque values:";
    /// A fact.
    SEARCHED = "{files} berkas ({mib} MiB) dan {pairs} pasangan basis data dicari: NIK itu (mentah, hex, base64, UTF-16) dan NIK lain mana pun dalam peragaan ini tidak ada", "{files} files ({mib} MiB) and {pairs} pairs of the database were searched: neither that NIK (raw, hex, base64, UTF-16) nor any other of this demo is there";
    /// A fact.
    CONTROL = "pembanding: NIK yang sengaja ditanam ditemukan dalam semua {forms} bentuk, lalu dibuang", "the control: a NIK planted on purpose is found in all {forms} forms, then taken away";
    /// The end.
    DONE = "Semua langkah terpenuhi dalam {seconds} detik. Semua orang di sini rekaan; profil ini bukan profil rilis.", "Every step held, in {seconds} seconds. Everybody here is made up; this profile is not the release profile.";
    /// The end, kept.
    KEPT = "Server tetap berjalan (hentikan: kill {process}). Cobalah:", "The server goes on (stop it: kill {process}). Try:";
}
