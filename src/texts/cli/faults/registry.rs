//! Faults of the registry, or of reaching it.

use super::{AGAIN, REPORT};
use crate::texts::Text;

/// (code, what is wrong, what to do).
pub(super) const FAULTS: &[(&str, Text, Text)] = &[
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
            "Proses lain sedang mengerjakan hal yang sama dari folder kerja ini.",
            "Another process is doing the same work from this home.",
        ),
        Text::new(
            "Tunggu sampai selesai; pekerjaan lain dari folder ini jalan terus.",
            "Wait until it ends; other work from this home goes on meanwhile.",
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
        "no_copy",
        Text::new(
            "Daftar ini belum disalin ke komputer ini.",
            "There is no copy of this list on this machine.",
        ),
        Text::new(
            "Jalankan `saring sync --list DAFTAR`, lalu ulangi.",
            "Run `saring sync --list LIST`, then try again.",
        ),
    ),
    (
        "copy_damaged",
        Text::new(
            "Salinan daftar di komputer ini berubah atau terpotong.",
            "The list's copy on this machine was changed or cut short.",
        ),
        Text::new(
            "Periksa disk komputer ini, lalu jalankan `saring sync --list DAFTAR`: salinan diambil ulang.",
            "Check this machine's disk, then run `saring sync --list LIST`: the copy is fetched anew.",
        ),
    ),
    (
        "delta_unfit",
        Text::new(
            "Perubahan (delta) dari registri tidak cocok dengan salinan di komputer ini.",
            "The registry's delta does not fit the copy on this machine.",
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
];
