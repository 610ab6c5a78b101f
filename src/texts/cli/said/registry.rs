//! Running a registry and administering it, keys, and the machine's own tests.

use crate::texts::text::texts;

texts! {
    /// `init`.
    SET_UP = "✓ Registri siap dijalankan.\n  Konfigurasi       {config}\n  Folder operator   {home}\n  Sidik jari        {registry}\n  Kepercayaan       {trust}\nSelanjutnya: saring serve --config {config}",
        "✓ The registry is set up.\n  Configuration    {config}\n  Operator's home  {home}\n  Fingerprint      {registry}\n  Trust            {trust}\nNext: saring serve --config {config}";
    /// `serve`, once it takes connections.
    SERVING = "Saring melayani di {url} (admin {admin}). Kepercayaan: {trust}. Ctrl-C untuk berhenti.",
        "Saring serves at {url} (admin {admin}). Trust: {trust}. Ctrl-C to stop.";
    /// `config check`.
    CONFIG_VALID = "✓ {file}: konfigurasi sah.", "✓ {file}: the configuration is valid.";
    /// `backup`.
    BACKED_UP = "✓ Cadangan ditulis dan dibaca ulang: {folder} ({people} orang, {files} berkas, sampai {time}). Kunci tidak ada di dalamnya: `saring keys export`.", "✓ Backup written and read back: {folder} ({people} people, {files} files, up to {time}). Keys are not in it: `saring keys export`.";
    /// `restore`.
    RESTORED = "✓ Dipulihkan dari cadangan {time}; {replay} penghapusan akan diulang saat mulai.", "✓ Restored from the backup of {time}; {replay} removals are carried out again at the start.";
    /// `restore --accept-loss`.
    LOSS_ACCEPTED = "Kehilangan diterima dan dicatat: orang yang sudah dihapus mungkin terdaftar lagi.", "The loss was accepted and is recorded: people who were removed may be listed again.";
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
    /// `selftest`.
    SELFTEST = "Uji diri: {passed} lulus, {failed} gagal.", "Self-test: {passed} passed, {failed} failed.";
    /// One rate; `used` is a mark.
    SPEED_LINE = "{operation} {set} {backend} {rate} /detik/inti {used}", "{operation} {set} {backend} {rate} /second/core {used}";
}
