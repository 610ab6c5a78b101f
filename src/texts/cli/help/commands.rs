//! What each command does, by its path.

/// (path, text).
pub(super) const ABOUT: &[(&str, &str)] = &[
    (
        "",
        "Saring sebelum sharing: daftar hitam peminjam bersama, dan layanannya tidak pernah melihat identitas.",
    ),
    (
        "init",
        "Menyiapkan registri: folder, kunci, konfigurasi, dan folder kerja operator",
    ),
    (
        "serve",
        "Menjalankan registri dengan kustodian di dalamnya sampai dihentikan",
    ),
    ("config", "Memeriksa konfigurasi"),
    (
        "config check",
        "Menyebut apa yang salah: berkas, baris, isian, dan yang mungkin dimaksud",
    ),
    (
        "doctor",
        "Memeriksa pemasangan: yang benar, meragukan, atau salah, dan apa yang harus dilakukan",
    ),
    (
        "backup",
        "Menulis cadangan basis data registri yang berhenti ke folder baru dan membacanya ulang",
    ),
    ("restore", "Memulihkan basis data dari cadangan"),
    ("list", "Daftar: membuat dan menampilkan"),
    ("list create", "Membuat daftar"),
    (
        "list show",
        "Menampilkan daftar yang menjadi hak organisasi ini",
    ),
    (
        "org",
        "Organisasi: mengundang, menangguhkan, memulihkan, menampilkan",
    ),
    (
        "org invite",
        "Mengundang organisasi: undangan ditampilkan sekali",
    ),
    (
        "org suspend",
        "Menangguhkan organisasi: ia hanya dapat menghapus laporannya sendiri",
    ),
    (
        "org reinstate",
        "Mengizinkan organisasi yang ditangguhkan bertindak lagi",
    ),
    ("org show", "Menampilkan semua organisasi"),
    (
        "grant",
        "Menentukan hak organisasi atas suatu daftar dan kuota hariannya",
    ),
    ("custodian", "Daftar anggota milik kustodian sendiri"),
    (
        "custodian admit",
        "Memasukkan organisasi ke daftar kustodian; kuota 0 mencoretnya",
    ),
    ("clock", "Jam server"),
    (
        "clock accept",
        "Membenarkan waktu sekarang setelah jam server melompat",
    ),
    (
        "join",
        "Bergabung dengan undangan; undangan ditanyakan dan tidak pernah menjadi argumen",
    ),
    ("quota", "Menampilkan pemakaian kuota hari ini"),
    ("own", "Entri organisasi sendiri"),
    (
        "own verify",
        "Memeriksa dengan sampel bahwa entri sendiri benar-benar disajikan",
    ),
    ("submit", "Mengunggah berkas penunggak (CSV atau XLSX)"),
    (
        "version",
        "Daftar program sebagai versi utuh: menyiapkan, menampilkan, membandingkan, memberlakukan, membuang",
    ),
    (
        "version stage",
        "Mengunggah berkas sebagai versi baru yang utuh dan belum berlaku",
    ),
    (
        "version show",
        "Menampilkan versi yang berlaku dan yang disiapkan",
    ),
    (
        "version diff",
        "Menghitung apa yang berubah bila versi yang disiapkan diberlakukan",
    ),
    (
        "version switch",
        "Memberlakukan versi yang disiapkan, seketika dan untuk semua",
    ),
    ("version drop", "Membuang versi yang disiapkan"),
    (
        "settle",
        "Menandai utang LUNAS, dengan nomor referensi sendiri",
    ),
    (
        "withdraw",
        "Menghapus laporan tanpa bekas karena suatu sebab, dengan nomor referensi sendiri",
    ),
    (
        "suspend",
        "Menangguhkan laporan yang disanggah, dengan nomor referensi sendiri",
    ),
    ("reinstate", "Mengakhiri penangguhan: sanggahan ditolak"),
    (
        "check",
        "Mengecek pemohon: NIK ditanyakan atau dibaca per baris, tidak pernah menjadi argumen",
    ),
    (
        "screen",
        "Menyaring berkas pemohon terhadap daftar, di komputer ini",
    ),
    (
        "sync",
        "Menyimpan salinan daftar di komputer ini, untuk penyaringan",
    ),
    (
        "watch",
        "Memantau nasabah sendiri: siapa yang menjadi terdaftar, pernah terdaftar, atau bersih sejak terakhir kali",
    ),
    (
        "keys",
        "Kunci: berkas titipan terenkripsi, kunci daftar berhash",
    ),
    (
        "keys export",
        "Menulis semua kunci ke satu berkas titipan terenkripsi",
    ),
    (
        "keys import",
        "Mengembalikan kunci dari berkas titipan; yang sudah ada tidak pernah diganti",
    ),
    (
        "keys add-hash",
        "Memasukkan kunci hash suatu daftar ke folder kerja",
    ),
    ("nik", "NIK bukan milik siapa pun, untuk uji coba"),
    (
        "nik synth",
        "Menampilkan NIK sah yang bukan milik siapa pun, satu per baris",
    ),
    (
        "demo",
        "Memperagakan seluruh pekerjaan dengan orang rekaan: server sungguhan, tiga koperasi, satu kecelakaan",
    ),
    (
        "demo",
        "Memperagakan seluruh pekerjaan dengan orang rekaan: server sungguhan, tiga koperasi, satu kecelakaan",
    ),
    (
        "rehearse",
        "Gladi dengan orang rekaan, untuk menentukan ukuran pemasangan",
    ),
    (
        "rehearse screening",
        "Mendaftarkan dan menyaring orang rekaan sebanyak apa pun, dan membandingkan temuan dengan yang seharusnya",
    ),
    (
        "rehearse officers",
        "Membiarkan banyak petugas bertanya di samping penyaringan dan melebihi kapasitas, dan memeriksa yang dijanjikan",
    ),
    (
        "selftest",
        "Memeriksa jawaban yang sudah diketahui pada setiap mesin hitung komputer ini",
    ),
    ("speed", "Mengukur kecepatan komputer ini pada satu inti"),
    (
        "completions",
        "Menulis pelengkapan perintah untuk suatu shell",
    ),
];
