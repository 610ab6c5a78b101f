//! Faults on this machine: homes, keys, files, input.

use super::{AGAIN, REPORT};
use crate::texts::Text;

/// (code, what is wrong, what to do).
pub(super) const FAULTS: &[(&str, Text, Text)] = &[
    (
        "no_hash_key",
        Text::new(
            "Folder kerja ini tidak memegang kunci hash daftar ini.",
            "This home does not hold the list's hash key.",
        ),
        Text::new(
            "Masukkan dengan `saring keys add-hash`.",
            "Put it in with `saring keys add-hash`.",
        ),
    ),
    (
        "too_many",
        Text::new("Terlalu banyak sekaligus.", "Too many at once."),
        Text::new(
            "Bagi menjadi beberapa kali, atau pakai `saring screen`.",
            "Split it, or use `saring screen`.",
        ),
    ),
    (
        "results_unwritable",
        Text::new(
            "Hasil tidak dapat ditulis.",
            "The results cannot be written.",
        ),
        Text::new(
            "Periksa folder tujuan dan ruang disk, lalu ulangi.",
            "Check the folder and the disk's space, then try again.",
        ),
    ),
    (
        "content_unfit",
        Text::new(
            "Isi tidak dapat ditulis sebagai JSON.",
            "The content cannot be written as JSON.",
        ),
        AGAIN,
    ),
    (
        "interrupted",
        Text::new("Pekerjaan terputus.", "The work was interrupted."),
        AGAIN,
    ),
    (
        "other_job",
        Text::new(
            "Folder hasil berisi pekerjaan yang belum selesai, dengan daftar atau pilihan lain.",
            "The folder holds an unfinished job with other lists or options.",
        ),
        Text::new(
            "Lanjutkan dengan pilihan yang sama, pakai folder lain, atau hapus foldernya.",
            "Go on with the same options, use another folder, or delete this one.",
        ),
    ),
    (
        "input_changed",
        Text::new(
            "Berkas ini bukan berkas yang dipakai saat pekerjaan dimulai.",
            "The file is not the one this job began with.",
        ),
        Text::new(
            "Kembalikan berkas semula, atau saring berkas ini ke folder lain.",
            "Put the first file back, or screen this one into another folder.",
        ),
    ),
    (
        "job_damaged",
        Text::new(
            "Berkas pekerjaan rusak atau milik folder kerja lain.",
            "The job's own files are damaged, or another home's.",
        ),
        Text::new(
            "Hapus folder hasil dan mulai lagi.",
            "Delete the results' folder and begin again.",
        ),
    ),
    (
        "no_randomness",
        Text::new(
            "Sistem tidak memberi bilangan acak.",
            "The system gives no randomness.",
        ),
        AGAIN,
    ),
    (
        "invalid_input",
        Text::new("Isian tidak sah.", "The input is not valid."),
        Text::new(
            "Lihat `--help` perintah ini.",
            "See this command's `--help`.",
        ),
    ),
    (
        "unknown_instruction_set",
        Text::new(
            "SARING_INSTRUCTION_SET menyebut set instruksi yang tidak dikenal.",
            "SARING_INSTRUCTION_SET names no known instruction set.",
        ),
        Text::new(
            "Hapus variabel itu, atau isi salah satu nama tersebut.",
            "Unset that variable, or give it one of those names.",
        ),
    ),
    (
        "missing_instruction_set",
        Text::new(
            "Komputer ini tidak memiliki set instruksi yang diminta SARING_INSTRUCTION_SET.",
            "This machine lacks the instruction set that SARING_INSTRUCTION_SET asks for.",
        ),
        Text::new(
            "Hapus variabel itu: yang terbaik dipilih sendiri.",
            "Unset that variable: the best one is chosen by itself.",
        ),
    ),
    (
        "usage",
        Text::new(
            "Perintah tidak dapat dibaca.",
            "The command line does not parse.",
        ),
        Text::new("Lihat `saring --help`.", "See `saring --help`."),
    ),
    (
        "config",
        Text::new("Konfigurasi salah.", "The configuration is wrong."),
        Text::new(
            "Betulkan baris itu, lalu periksa dengan `saring config check`.",
            "Correct that line, then check with `saring config check`.",
        ),
    ),
    (
        "key_unusable",
        Text::new("Kunci tidak dapat dipakai.", "A key cannot be used."),
        Text::new(
            "Pesan di atas menyebut berkas dan perbaikannya.",
            "The message names the file and the remedy.",
        ),
    ),
    (
        "which_list",
        Text::new(
            "Ada beberapa daftar atau tidak ada satu pun.",
            "There are several lists, or none.",
        ),
        Text::new("Sebutkan dengan --list.", "Name one with --list."),
    ),
    (
        "no_version",
        Text::new("Tidak ada versi yang disiapkan.", "No version is staged."),
        Text::new(
            "Siapkan dengan version stage.",
            "Stage one with version stage.",
        ),
    ),
    (
        "file_exists",
        Text::new(
            "Berkas tujuan sudah ada dan tidak ditimpa.",
            "The file is there already and is not overwritten.",
        ),
        Text::new(
            "Pilih nama lain, atau pindahkan berkas itu.",
            "Choose another name, or move that file.",
        ),
    ),
    (
        "file_unusable",
        Text::new(
            "Berkas atau folder tidak dapat dipakai.",
            "A file or folder cannot be used.",
        ),
        Text::new(
            "Periksa nama, hak akses, dan ruang disk.",
            "Check its name, its rights and the disk's space.",
        ),
    ),
    (
        "not_held",
        Text::new(
            "Pemeriksaan tidak terpenuhi.",
            "The verification does not hold.",
        ),
        REPORT,
    ),
    (
        "incomplete",
        Text::new("Belum semua baris diterima.", "Not every row was taken."),
        Text::new(
            "Perbaiki baris dalam berkas kesalahan, lalu kirim lagi berkas itu.",
            "Correct the rows in the error file, then send the file again.",
        ),
    ),
    (
        "server",
        Text::new("Server tidak dapat berjalan.", "The server cannot run."),
        Text::new(
            "Periksa dengan `saring doctor`.",
            "Examine it with `saring doctor`.",
        ),
    ),
    (
        "demo",
        Text::new(
            "Peragaan berhenti: satu langkah tidak terpenuhi.",
            "The demo ended: a step does not hold.",
        ),
        Text::new(
            "Lihat server.log di folder peragaan; jalankan `saring selftest`.",
            "See server.log in the demo's folder; run `saring selftest`.",
        ),
    ),
    (
        "portfolio_file_needed",
        Text::new(
            "Berkas nasabah diperlukan: untuk pertama kali, atau karena kunci daftar sudah diganti.",
            "The file of borrowers is needed: for the first time, or because the list's key was rotated.",
        ),
        Text::new("Ulangi dengan --file BERKAS.", "Repeat with --file FILE."),
    ),
    (
        "portfolio_damaged",
        Text::new(
            "Yang disimpan tentang nasabah rusak.",
            "What is kept of the borrowers is damaged.",
        ),
        Text::new(
            "Musnahkan dengan `saring watch --forget`, lalu berikan berkasnya lagi.",
            "Destroy it with `saring watch --forget`, then give the file again.",
        ),
    ),
    (
        "rehearsal",
        Text::new(
            "Gladi berhenti: satu langkah tidak dapat dijalankan.",
            "The rehearsal ended: a step could not be taken.",
        ),
        Text::new(
            "Lihat registry/server.log di folder gladi.",
            "See registry/server.log in the rehearsal's folder.",
        ),
    ),
    (
        "hardening",
        Text::new(
            "Proses tidak dapat diamankan, jadi tidak ada kunci yang dibaca.",
            "The process cannot be hardened, so no key is read.",
        ),
        Text::new(
            "Jalankan pada sistem yang mengizinkan setrlimit dan prctl.",
            "Run it on a system that allows setrlimit and prctl.",
        ),
    ),
    (
        "internal",
        Text::new("Kesalahan di dalam program.", "A fault inside the program."),
        Text::new(
            "Laporkan baris di atas; tidak ada NIK atau kunci di dalamnya.",
            "Report the line above; it holds no NIK and no key.",
        ),
    ),
];
