//! What each argument is for, by its command's path and its name.

const LIST: &str = "Daftar (bawaan: satu-satunya yang ada)";
const ORGANISATION: &str = "Id organisasi";
const REFERENCES: &str = "Nomor referensi sendiri (no_ref_internal), seperti saat diunggah";
const REFERENCE_FILE: &str =
    "Baca nomor referensi dari berkas ini, satu per baris; - untuk masukan standar";
const CONFIG: &str = "Berkas konfigurasi";
const DAY: &str = "TTTT-BB-HH";
const QUOTA: &str = "Elemen yang boleh dievaluasi per hari UTC";
const VERSION: &str = "Nomor versi (bawaan: yang disiapkan)";
const PATIENCE: &str = "Detik untuk mencoba lagi selama registri tidak ada atau sibuk";
const ESCROW_FILE: &str = "Berkas titipan";
const ESCROW_CONFIG: &str = "Kunci registri menurut konfigurasinya, bukan kunci folder kerja";
const ESCROW_PASSPHRASE: &str =
    "Berkas (mode 0600) berisi frasa sandi titipan, alih-alih ditanyakan";

/// (path and name, text).
pub(super) const ARGUMENT: &[(&str, &str)] = &[
    ("--json", "Jawab dalam JSON, satu objek per baris"),
    ("--lang", "Bahasa semua keluaran: id atau en"),
    (
        "--home",
        "Folder kerja: kunci dan ingatan organisasi ini (bawaan: ~/.saring)",
    ),
    (
        "--url",
        "Alamat registri, alih-alih yang disebut saat bergabung",
    ),
    (
        "--officer",
        "Siapa yang bertindak: nomor pegawai atau nama layanan, bukan NIK",
    ),
    (
        "--passphrase_file",
        "Berkas (mode 0600) berisi frasa sandi kunci folder kerja",
    ),
    (
        "--ca_file",
        "Hanya percaya otoritas sertifikat dalam berkas PEM ini",
    ),
    (
        "--allow_plain",
        "Izinkan http:// ke luar komputer ini: sesuatu di antaranya menambahkan TLS",
    ),
    ("--jobs", "Utas untuk perhitungan; 0: satu per inti"),
    ("--help", "Tampilkan bantuan"),
    ("--version", "Tampilkan versi"),
    (
        "init --folder",
        "Folder untuk registri; dibuat bila belum ada",
    ),
    ("init --organisation", "Id organisasi operator"),
    (
        "init --listen",
        "Alamat bagi anggota (bawaan: 127.0.0.1:8443)",
    ),
    (
        "init --admin_listen",
        "Alamat metrik dan kesehatan bagi operator (bawaan: 127.0.0.1:9443)",
    ),
    (
        "init --keys_passphrase_file",
        "Berkas (mode 0600) berisi frasa sandi kunci registri",
    ),
    ("serve --config", CONFIG),
    (
        "serve --listen",
        "Alamat bagi anggota, alih-alih yang dikonfigurasi; port 0: sembarang yang bebas",
    ),
    (
        "serve --admin_listen",
        "Alamat metrik dan kesehatan, alih-alih yang dikonfigurasi",
    ),
    ("config check --config", CONFIG),
    ("doctor --config", CONFIG),
    ("backup --config", CONFIG),
    ("backup --folder", "Folder baru untuk cadangan"),
    ("restore --config", CONFIG),
    ("restore --folder", "Folder cadangan"),
    (
        "restore --accept_loss",
        "Jurnal penghapusan atau tandanya hilang: terima bahwa orang yang dihapus mungkin terdaftar lagi; dicatat",
    ),
    (
        "list create --list",
        "Id daftar: 3 sampai 48 karakter a-z, 0-9, dan -",
    ),
    (
        "list create --kind",
        "oprf/nik, oprf/keyed, hash/hmac-sha256, atau hash/blake3",
    ),
    (
        "list create --hash_key_file",
        "Berkas kunci anggota untuk daftar berkunci; dibuat bila belum ada",
    ),
    (
        "list create --reasons",
        "Kode alasan yang diterima; ulangi untuk tiap kode (bawaan: semua utang dan KORBAN)",
    ),
    (
        "list create --least_collectibility",
        "Kolektibilitas terendah suatu utang, 1 sampai 5",
    ),
    (
        "list create --four_grades",
        "Kolektibilitas 2 tidak dipakai, seperti empat tingkat koperasi",
    ),
    (
        "list create --least_plafond",
        "Plafon terendah: <5, 5-25, 25-100, atau >100 (juta rupiah)",
    ),
    (
        "list create --listed_days",
        "Hari suatu laporan berlaku bila tidak menyebut akhirnya",
    ),
    (
        "list create --look_back_days",
        "Hari suatu laporan lunas atau kedaluwarsa terhitung PERNAH TERDAFTAR",
    ),
    (
        "list create --owner",
        "Organisasi yang satu-satunya melapor dan menyerahkan daftar sebagai versi utuh",
    ),
    ("list create --epoch_days", "Hari suatu epok"),
    (
        "list create --daily_cap",
        "Batas keras kustodian: elemen per hari UTC, di atas semua kuota",
    ),
    (
        "org invite --organisation",
        "Id anggota baru: 3 sampai 48 karakter a-z, 0-9, dan -",
    ),
    ("org invite --name", "Nama resmi"),
    ("org invite --badan_hukum", "Nomor badan hukum"),
    ("org invite --nib", "Nomor induk berusaha (NIB)"),
    ("org invite --pse_number", "Nomor pendaftaran PSE"),
    (
        "org invite --iso27001_certificate",
        "Nomor sertifikat ISO 27001",
    ),
    (
        "org invite --iso27001_expires",
        "Hari berakhirnya sertifikat itu, TTTT-BB-HH",
    ),
    ("org invite --idxcoop", "Pendaftaran di idxcoop"),
    ("org invite --contract_from", DAY),
    ("org invite --contract_until", DAY),
    ("org suspend --organisation", ORGANISATION),
    ("org reinstate --organisation", ORGANISATION),
    ("grant --organisation", ORGANISATION),
    ("grant --list", "Daftar"),
    (
        "grant --roles",
        "contribute, check, screen, watch, atau administer; ulangi untuk tiap hak; tanpa hak: dicabut",
    ),
    ("grant --daily_quota", QUOTA),
    ("custodian admit --organisation", ORGANISATION),
    ("custodian admit --list", "Daftar"),
    (
        "custodian admit --daily_quota",
        "Elemen yang boleh dievaluasi per hari UTC; 0 mencoretnya",
    ),
    (
        "custodian admit --key",
        "Kunci publiknya yang sudah Anda cocokkan; tanpa ini dipakai kunci yang ditunjukkan registri",
    ),
    ("custodian admit --custodian", "Nomor kustodian, mulai 1"),
    (
        "join --file",
        "Baca undangan dari berkas ini, alih-alih masukan standar",
    ),
    ("own verify --list", LIST),
    ("own verify --sample", "Entri yang diperiksa paling banyak"),
    (
        "version stage --file",
        "Berkas: CSV atau XLSX dengan kolom nik; kode_alasan, no_ref_internal, berlaku_dari, dan berlaku_sampai bila ada",
    ),
    ("version stage --list", LIST),
    (
        "version stage --category",
        "Golongan untuk baris yang tidak menyebutnya: ASN, TNI, POLRI, PELAJAR, PENERIMA_BANSOS, DIREKSI_BUMN, atau NIK_TIDAK_VALID",
    ),
    (
        "version stage --berlaku_dari",
        "Hari pertama versi ini berlaku",
    ),
    (
        "version stage --berlaku_sampai",
        "Hari terakhir versi ini berlaku",
    ),
    (
        "version stage --errors",
        "Ke mana baris yang ditolak ditulis (bawaan: nama berkas ditambah .kesalahan.csv)",
    ),
    ("version stage --patience", PATIENCE),
    ("version show --list", LIST),
    ("version diff --list", LIST),
    ("version diff --number", VERSION),
    ("version switch --list", LIST),
    ("version switch --number", VERSION),
    (
        "version switch --handover_number",
        "Nomor berita acara serah terima",
    ),
    (
        "version switch --handover_date",
        "Tanggal berita acara serah terima",
    ),
    (
        "version switch --handed_over_by",
        "Penanda tangan pihak instansi",
    ),
    (
        "version switch --received_by",
        "Penanda tangan pihak program",
    ),
    (
        "version switch --clauses",
        "Klausul penggunaan; ulangi untuk setiap klausul",
    ),
    ("version drop --list", LIST),
    ("version drop --number", VERSION),
    (
        "submit --file",
        "Berkas: CSV atau XLSX, dengan kolom seperti templat",
    ),
    ("submit --list", LIST),
    (
        "submit --dry_run",
        "Baca dan nilai berkas tanpa mengunggah apa pun",
    ),
    (
        "submit --update",
        "Ganti isi lain di bawah orang dan nomor referensi yang sama",
    ),
    (
        "submit --errors",
        "Tempat baris yang ditolak (bawaan: BERKAS dengan akhiran .kesalahan.csv)",
    ),
    ("submit --patience", PATIENCE),
    (
        "submit --template",
        "Tulis templat XLSX kosong ke berkas ini lalu selesai",
    ),
    (
        "submit --discard",
        "Batalkan unggahan BERKAS yang belum selesai ke daftar mana pun, atau semuanya: benih dan keadaannya dimusnahkan",
    ),
    ("settle --references", REFERENCES),
    ("settle --file", REFERENCE_FILE),
    ("settle --list", LIST),
    ("withdraw --references", REFERENCES),
    ("withdraw --file", REFERENCE_FILE),
    ("withdraw --list", LIST),
    (
        "withdraw --cause",
        "NIK_SALAH, PUTUSAN_PENGADILAN, MENINGGAL, DICABUT_PELAPOR, atau PERSETUJUAN_DICABUT",
    ),
    ("suspend --references", REFERENCES),
    ("suspend --file", REFERENCE_FILE),
    ("suspend --list", LIST),
    ("reinstate --references", REFERENCES),
    ("reinstate --file", REFERENCE_FILE),
    ("reinstate --list", LIST),
    (
        "check --lists",
        "Daftar yang ditanya; ulangi untuk tiap daftar (bawaan: satu-satunya yang ada)",
    ),
    (
        "check --file",
        "Baca NIK dari berkas ini, satu per baris, alih-alih masukan standar",
    ),
    (
        "check --purpose",
        "credit-application, credit-renewal, programme-screening, atau dispute",
    ),
    (
        "check --receipts",
        "Tambahkan tanda terima bertanda tangan ke berkas ini, satu objek JSON per baris",
    ),
    ("screen --file", "Para pemohon: CSV atau XLSX"),
    (
        "screen --lists",
        "Daftar penyaring; ulangi untuk tiap daftar (bawaan: satu-satunya yang ada)",
    ),
    ("screen --out", "Folder hasil; dibuat bila belum ada"),
    ("screen --nik_column", "Nama kolom NIK bila tidak lazim"),
    (
        "screen --keep_columns",
        "Pertahankan kolom lain dari berkas masukan dalam hasil",
    ),
    ("screen --patience", PATIENCE),
    (
        "screen --discard",
        "Batalkan pekerjaan yang belum selesai di folder itu: benih dan keadaannya dimusnahkan",
    ),
    (
        "sync --lists",
        "Daftar yang disalin; ulangi untuk tiap daftar (bawaan: satu-satunya yang ada)",
    ),
    (
        "sync --every",
        "Ulangi dengan selang waktu ini sampai dihentikan: 30s, 15m, 6h",
    ),
    (
        "sync --status",
        "Tampilkan salinan yang ada, tanpa bertanya kepada siapa pun",
    ),
    ("keys export --file", ESCROW_FILE),
    ("keys export --config", ESCROW_CONFIG),
    ("keys export --escrow_passphrase_file", ESCROW_PASSPHRASE),
    ("keys import --file", ESCROW_FILE),
    ("keys import --config", ESCROW_CONFIG),
    ("keys import --escrow_passphrase_file", ESCROW_PASSPHRASE),
    (
        "keys add-hash --file",
        "Berkas kunci, seperti dibuat `saring list create --hash-key-file`",
    ),
    ("nik synth --count", "Berapa banyak"),
    (
        "nik synth --seed",
        "Benih yang sama memberi NIK yang sama di setiap komputer",
    ),
    (
        "demo --folder",
        "Folder baru untuk peragaan; tetap ada sesudahnya (bawaan: folder sementara)",
    ),
    (
        "demo --keep",
        "Biarkan server berjalan dan tampilkan perintah untuk dicoba",
    ),
    (
        "demo --folder",
        "Folder baru yang tetap ada sesudahnya (bawaan: folder sementara)",
    ),
    (
        "demo --keep",
        "Biarkan server berjalan dan tampilkan perintah untuk dicoba",
    ),
    ("watch --list", LIST),
    (
        "watch --file",
        "Nasabah sendiri, CSV atau XLSX: pertama kali, bila berubah, dan setelah kunci daftar diganti",
    ),
    (
        "watch --nik_column",
        "Judul kolom NIK, bila namanya tidak biasa",
    ),
    (
        "watch --every",
        "Teruskan dengan selang ini sampai dihentikan: 30s, 15m, 6h",
    ),
    (
        "watch --forget",
        "Musnahkan yang disimpan tentang nasabah dan berhenti memantau",
    ),
    ("rehearse screening --applicants", "Pemohon yang disaring"),
    ("rehearse screening --listed", "Orang yang didaftarkan"),
    (
        "rehearse screening --registry",
        "Folder untuk registri yang tetap ada, dan dipakai apa adanya lain kali",
    ),
    (
        "rehearse screening --keep",
        "Biarkan folder sementara tetap ada",
    ),
    (
        "rehearse screening --events",
        "Tulis waktu, tahap, kemajuan, dan memori ke berkas ini, satu objek JSON per detik",
    ),
    (
        "rehearse officers --seconds",
        "Detik untuk tiap tahap dari kedelapan tahap",
    ),
    (
        "rehearse officers --screenings",
        "Penyaringan yang berjalan di samping petugas",
    ),
    (
        "rehearse officers --applicants",
        "Pemohon tiap penyaringan; bila selesai, dimulai lagi",
    ),
    (
        "rehearse officers --slow",
        "Koneksi lambat pada saat yang sama",
    ),
    (
        "selftest --vectors",
        "Jawaban yang diketahui dalam format saring-v1.json, alih-alih yang bawaan",
    ),
    (
        "completions --shell",
        "bash, zsh, fish, elvish, atau powershell",
    ),
];
