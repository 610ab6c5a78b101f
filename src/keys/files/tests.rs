//! Key files on a real file system.

use std::os::unix::fs::{PermissionsExt, symlink};

use zeroize::Zeroizing;

use super::*;
use crate::keys::{KeyKind, LineFault, Passphrase};
use crate::protocol::ListId;

fn name(epoch: u32) -> KeyName {
    KeyName::of_list(KeyKind::Factor, ListId::parse("macet").unwrap(), epoch).unwrap()
}

fn secret(byte: u8) -> Secret32 {
    Secret32::from_bytes(&[byte; 32])
}

fn sealing() -> Sealing {
    let text = Zeroizing::new("kunci untuk uji coba".to_owned());
    Sealing::Age(Passphrase::typed(&text).unwrap().with_work(2))
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn keys_are_kept_closed_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    for (inner, sealing) in [("plain", Sealing::Plain), ("sealed", sealing())] {
        let folder = folder.path().join(inner);
        let keys = KeyFiles::open(&folder, sealing).unwrap();
        assert_eq!(mode_of(&folder), 0o700);
        assert!(matches!(keys.get(&name(1)), Err(KeyError::Missing(_))));
        keys.put(&name(1), &secret(7)).unwrap();
        keys.put(&name(1), &secret(7)).unwrap();
        assert!(matches!(
            keys.put(&name(1), &secret(8)),
            Err(KeyError::Different(_))
        ));
        assert!(keys.get(&name(1)).unwrap().same_as(&secret(7)));
        let once = KeyName::once(KeyKind::OperatorSigning).unwrap();
        keys.put(&once, &secret(9)).unwrap();
        assert_eq!(keys.names().unwrap(), vec![name(1), once]);
        for file in fs::read_dir(&folder).unwrap() {
            assert_eq!(mode_of(&file.unwrap().path()), 0o600);
        }
        let hex = "07".repeat(32);
        let seen = fs::read_dir(&folder).unwrap().any(|file| {
            String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap()).contains(&hex)
        });
        assert_eq!(seen, inner == "plain");
        keys.destroy(&name(1)).unwrap();
        keys.destroy(&name(1)).unwrap();
        assert!(matches!(keys.get(&name(1)), Err(KeyError::Missing(_))));
    }
}

#[test]
fn what_others_can_read_or_change_is_refused_with_the_command_to_run() {
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyFiles::open(folder.path(), Sealing::Plain).unwrap();
    keys.put(&name(1), &secret(7)).unwrap();
    let path = folder.path().join("factor.macet.1.key");
    for looser in [0o640, 0o604, 0o620, 0o601, 0o666] {
        mode(&path, looser);
        let refused = keys.get(&name(1)).map(|_| ()).unwrap_err();
        assert!(matches!(refused, KeyError::Open { .. }), "{looser:o}");
        assert!(
            refused
                .to_string()
                .contains(&format!("chmod 600 {}", path.display()))
        );
    }
    mode(&path, 0o400);
    assert!(keys.get(&name(1)).is_ok());
    mode(folder.path(), 0o770);
    let refused = KeyFiles::open(folder.path(), Sealing::Plain)
        .map(|_| ())
        .unwrap_err();
    assert!(refused.to_string().contains("chmod 700"), "{refused}");
    mode(folder.path(), 0o700);
}

#[test]
fn a_file_that_is_not_the_key_it_is_named_after_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyFiles::open(folder.path(), Sealing::Plain).unwrap();
    keys.put(&name(1), &secret(7)).unwrap();
    let (first, second) = (
        folder.path().join("factor.macet.1.key"),
        folder.path().join("factor.macet.2.key"),
    );
    fs::copy(&first, &second).unwrap();
    assert!(matches!(keys.get(&name(2)), Err(KeyError::Renamed { .. })));
    fs::remove_file(&second).unwrap();
    symlink(&first, &second).unwrap();
    assert!(matches!(keys.get(&name(2)), Err(KeyError::NotAFile { .. })));
    fs::remove_file(&second).unwrap();
    fs::write(&second, "saring-factor-v1:macet:2:77").unwrap();
    mode(&second, 0o600);
    let broken = keys.get(&name(2)).map(|_| ()).unwrap_err();
    assert!(matches!(
        broken,
        KeyError::Line {
            fault: LineFault::Hex,
            ..
        }
    ));
    assert!(!broken.to_string().contains("77"));
    fs::write(&second, vec![b'x'; 20_000]).unwrap();
    assert!(matches!(keys.get(&name(2)), Err(KeyError::TooLarge { .. })));
    fs::write(folder.path().join("notes.txt"), "x").unwrap();
    assert!(matches!(keys.names(), Err(KeyError::Stranger { .. })));
}

#[test]
fn encrypted_keys_need_their_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyFiles::open(folder.path(), sealing()).unwrap();
    keys.put(&name(1), &secret(7)).unwrap();
    let without = KeyFiles::open(folder.path(), Sealing::Plain).unwrap();
    assert!(matches!(
        without.get(&name(1)),
        Err(KeyError::PassphraseNeeded { .. })
    ));
    assert!(without.put(&name(1), &secret(8)).is_err());
    let text = Zeroizing::new("bukan kunci yang benar".to_owned());
    let other = Sealing::Age(Passphrase::typed(&text).unwrap());
    let wrong = KeyFiles::open(folder.path(), other).unwrap();
    assert!(matches!(
        wrong.get(&name(1)),
        Err(KeyError::WrongPassphrase { .. })
    ));
}

#[test]
fn what_an_interrupted_write_left_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyFiles::open(folder.path(), Sealing::Plain).unwrap();
    keys.put(&name(1), &secret(7)).unwrap();
    let left = folder.path().join(".tmp-0123456789abcdef");
    fs::hard_link(folder.path().join("factor.macet.1.key"), &left).unwrap();
    assert_eq!(keys.names().unwrap(), vec![name(1)]);
    let again = KeyFiles::open(folder.path(), Sealing::Plain).unwrap();
    assert!(!left.exists());
    assert!(again.get(&name(1)).unwrap().same_as(&secret(7)));
}
