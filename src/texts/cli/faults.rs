//! What is said when a command fails, and what to do, keyed by stable codes.

use crate::texts::{Lang, Text};

/// What went wrong, or `None` for a code of another table.
#[must_use]
pub fn what(code: &str, lang: Lang) -> Option<&'static str> {
    find(code).map(|(what, _)| what.say(lang))
}

/// What to do about it, or `None` where nothing better than the message can be said.
#[must_use]
pub fn advice(code: &str, lang: Lang) -> Option<&'static str> {
    let own = find(code).map(|(_, advice)| advice);
    own.or_else(|| refusal(code)).map(|text| text.say(lang))
}

fn find(code: &str) -> Option<(Text, Text)> {
    FAULTS
        .iter()
        .find(|(known, _, _)| *known == code)
        .map(|(_, what, advice)| (*what, *advice))
}

/// What to do about a refusal of the registry's.
fn refusal(code: &str) -> Option<Text> {
    REFUSALS
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, advice)| *advice)
}

const REPORT: Text = Text::new(
    "Jangan lanjutkan. Hubungi operator lewat jalur lain dan simpan bukti ini.",
    "Do not go on. Reach the operator by another way and keep this evidence.",
);
const AGAIN: Text = Text::new(
    "Ulangi perintah yang sama; yang sudah tercatat tidak diulang.",
    "Run the same command again; what is recorded is not repeated.",
);

/// (code, what is wrong, what to do).
const FAULTS: &[(&str, Text, Text)] = &[
    (
        "unreachable",
        Text::new(
            "Registri tidak dapat dihubungi.",
            "The registry cannot be reached.",
        ),
        Text::new(
            "Periksa jaringan dan alamat registri (--url), lalu ulangi.",
            "Check the network and the registry's address (--url), then try again.",
        ),
    ),
    (
        "no_answer",
        Text::new("Registri tidak menjawab.", "The registry did not answer."),
        AGAIN,
    ),
    (
        "address_unusable",
        Text::new(
            "Alamat registri tidak dapat dipakai.",
            "The registry's address cannot be used.",
        ),
        Text::new(
            "Pakai alamat https://..., atau http:// hanya untuk komputer ini sendiri.",
            "Use an https:// address, or http:// for this machine itself only.",
        ),
    ),
    (
        "certificate_untrusted",
        Text::new(
            "Sertifikat registri tidak dipercaya.",
            "The registry's certificate is not trusted.",
        ),
        Text::new(
            "Periksa alamat; untuk otoritas sertifikat sendiri pakai --ca-file.",
            "Check the address; for an authority of your own use --ca-file.",
        ),
    ),
    (
        "malformed_answer",
        Text::new(
            "Jawaban registri tidak dapat dibaca.",
            "The registry's answer does not parse.",
        ),
        Text::new(
            "Periksa apakah alamat itu benar registri Saring dan versinya sesuai.",
            "Check that the address is a Saring registry of a fitting version.",
        ),
    ),
    (
        "home_busy",
        Text::new(
            "Proses lain sedang bekerja di folder kerja ini.",
            "Another process works in this home.",
        ),
        Text::new(
            "Tunggu sampai selesai, atau pakai --home lain.",
            "Wait until it ends, or use another --home.",
        ),
    ),
    (
        "home_unusable",
        Text::new(
            "Folder kerja ini tidak dapat dipakai.",
            "This home cannot be used.",
        ),
        Text::new(
            "Periksa --home; bergabunglah dahulu dengan `saring join`.",
            "Check --home; join first with `saring join`.",
        ),
    ),
    (
        "record_refused",
        Text::new(
            "Catatan epok daftar ini ditolak: palsu, lebih lama, atau bukan penerusnya.",
            "The list's epoch record is refused: forged, older, or no successor.",
        ),
        REPORT,
    ),
    (
        "no_record",
        Text::new(
            "Registri tidak menunjukkan daftar ini kepada organisasi Anda.",
            "The registry shows your organisation no such list.",
        ),
        Text::new(
            "Periksa nama daftar dan mintalah hak kepada operator.",
            "Check the list's name and ask the operator for a grant.",
        ),
    ),
    (
        "epoch_not_in_force",
        Text::new(
            "Epok daftar ini belum mulai atau sudah berakhir menurut jam komputer ini.",
            "The list's epoch has not begun or has ended by this machine's clock.",
        ),
        Text::new(
            "Periksa jam komputer, lalu ulangi.",
            "Check this machine's clock, then try again.",
        ),
    ),
    (
        "wrong_key",
        Text::new(
            "KUNCI SALAH: registri menunjukkan kunci yang berbeda dari yang dijamin undangan.",
            "WRONG KEY: the registry shows other keys than the invitation vouches for.",
        ),
        REPORT,
    ),
    (
        "invitation_unfit",
        Text::new(
            "Undangan ini tidak dapat dibaca atau bukan untuk organisasi ini.",
            "The invitation does not parse or is for another organisation.",
        ),
        Text::new(
            "Salin seluruh baris undangan apa adanya, termasuk awalan saring-invitation-v1:.",
            "Copy the whole line of the invitation as it is, saring-invitation-v1: included.",
        ),
    ),
    (
        "evaluation_refused",
        Text::new(
            "Bukti kriptografi dari registri tidak sah.",
            "The registry's cryptographic proof does not hold.",
        ),
        REPORT,
    ),
    (
        "receipt_refused",
        Text::new(
            "Tanda terima dari registri tidak sah.",
            "The registry's receipt does not hold.",
        ),
        REPORT,
    ),
    (
        "two_bodies",
        Text::new(
            "Registri menandatangani dua isi berbeda untuk hal yang sama.",
            "The registry has signed two bodies for one thing.",
        ),
        REPORT,
    ),
    (
        "head_went_back",
        Text::new(
            "Registri menyajikan keadaan yang lebih lama dari yang sudah terlihat.",
            "The registry serves an older state than was seen before.",
        ),
        REPORT,
    ),
    (
        "head_refused",
        Text::new(
            "Tanda tangan registri atas isi ini tidak cocok.",
            "The registry's signature does not fit this body.",
        ),
        REPORT,
    ),
    (
        "head_too_old",
        Text::new(
            "Jawaban registri sudah terlalu lama.",
            "The registry's answer is too old.",
        ),
        Text::new(
            "Periksa jam komputer ini dan jam server, lalu ulangi.",
            "Check this machine's clock and the server's, then try again.",
        ),
    ),
    (
        "clock_behind",
        Text::new(
            "Jam komputer ini tertinggal.",
            "This machine's clock is behind.",
        ),
        Text::new(
            "Betulkan jam komputer ini, lalu ulangi.",
            "Set this machine's clock right, then try again.",
        ),
    ),
    (
        "bucket_refused",
        Text::new(
            "Isi ember (bucket) dari registri rusak.",
            "The registry's bucket is damaged.",
        ),
        REPORT,
    ),
    (
        "snapshot_refused",
        Text::new(
            "Salinan daftar dari registri rusak.",
            "The registry's snapshot is damaged.",
        ),
        REPORT,
    ),
    (
        "answer_unfit",
        Text::new(
            "Jawaban registri tidak sesuai dengan pertanyaan.",
            "The registry's answer does not fit the question.",
        ),
        REPORT,
    ),
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

/// (a refusal's code, what to do).
const REFUSALS: &[(&str, Text)] = &[
    (
        "stale_order",
        Text::new(
            "Betulkan jam komputer ini; jam server disebut di atas.",
            "Set this machine's clock right; the server's time is named above.",
        ),
    ),
    (
        "organisation_suspended",
        Text::new(
            "Hubungi operator; pelunasan tetap dapat dikirim.",
            "Reach the operator; settling still works.",
        ),
    ),
    (
        "not_granted",
        Text::new(
            "Mintalah hak kepada operator (`saring grant`).",
            "Ask the operator for a grant (`saring grant`).",
        ),
    ),
    (
        "not_on_roll",
        Text::new(
            "Mintalah kustodian menerima organisasi ini (`saring custodian admit`).",
            "Ask the custodian to admit this organisation (`saring custodian admit`).",
        ),
    ),
    (
        "bad_invitation",
        Text::new(
            "Mintalah undangan baru; undangan berlaku sekali dan 72 jam.",
            "Ask for a new invitation; one serves once and for 72 hours.",
        ),
    ),
    (
        "quota_exceeded",
        Text::new(
            "Tunggu sampai kuota terisi lagi, atau minta kuota lebih besar.",
            "Wait until the quota starts again, or ask for a larger one.",
        ),
    ),
    (
        "cap_reached",
        Text::new("Coba lagi besok (UTC).", "Try again tomorrow (UTC)."),
    ),
    (
        "already_exists",
        Text::new("Pilih nama lain.", "Choose another name."),
    ),
    ("overloaded", AGAIN),
    ("unavailable", AGAIN),
    (
        "storage_full",
        Text::new(
            "Hubungi operator; ulangi setelah ada ruang.",
            "Reach the operator; try again when there is space.",
        ),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once() {
        let mut codes: Vec<_> = FAULTS.iter().map(|(code, ..)| *code).collect();
        codes.extend(REFUSALS.iter().map(|(code, _)| *code));
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }
}
