//! What each exit code means.

use crate::texts::Text;

/// Everything that was asked for was done.
pub const OK: Text = Text::new(
    "Semua yang diminta selesai.",
    "Everything asked for was done.",
);
/// A fault of no other kind.
pub const GENERAL: Text = Text::new(
    "Gagal karena sebab lain; pesannya menjelaskan.",
    "Failed for another reason; the message says which.",
);
/// The command line does not parse.
pub const USAGE: Text = Text::new("Perintah atau pilihan salah.", "The command line is wrong.");
/// No answer was to be had.
pub const UNAVAILABLE: Text = Text::new(
    "Tidak ada jawaban: registri tidak tersedia, atau ada jawaban BELUM DIKETAHUI (UNAVAILABLE).",
    "No answer: the registry is not available, or some answer is UNAVAILABLE.",
);
/// Not everything was done.
pub const INCOMPLETE: Text = Text::new(
    "Belum semua: ada baris yang ditolak, atau pekerjaan terputus dan dapat dilanjutkan.",
    "Not everything: rows were refused, or the work stopped and can be resumed.",
);
/// The registry refused.
pub const REFUSED: Text = Text::new(
    "Registri menolak: hak, kuota, undangan, atau bentrokan.",
    "The registry refused: rights, quota, invitation or conflict.",
);
/// What was handed in is not valid.
pub const INVALID_INPUT: Text = Text::new(
    "Berkas, konfigurasi, atau isian tidak sah.",
    "A file, the configuration or an input is not valid.",
);
/// The other side cannot be believed.
pub const UNTRUSTED: Text = Text::new(
    "Registri tidak dapat dipercaya: kunci, catatan, atau bukti tidak cocok. Laporkan.",
    "The registry cannot be believed: a key, a record or a proof does not match. Report it.",
);
/// A check was made and does not hold.
pub const NOT_HELD: Text = Text::new(
    "Pemeriksaan selesai dan ada yang tidak terpenuhi.",
    "A verification was made and does not hold.",
);
/// The home or a key cannot be used.
pub const HOME: Text = Text::new(
    "Folder kerja (home) atau kunci tidak dapat dipakai.",
    "The home or a key cannot be used.",
);
/// Stopped from the keyboard.
pub const INTERRUPTED: Text = Text::new(
    "Dihentikan dari papan ketik; pekerjaan panjang dapat dilanjutkan dengan perintah yang sama.",
    "Stopped from the keyboard; long work goes on with the same command.",
);
