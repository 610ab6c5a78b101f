//! Export, loss, import.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use proptest::prelude::*;

use super::*;
use crate::keys::{KeyFiles, KeyKind, Sealing};
use crate::protocol::ListId;

fn names() -> Vec<KeyName> {
    let list =
        |epoch| KeyName::of_list(KeyKind::Share, ListId::parse("macet").unwrap(), epoch).unwrap();
    vec![
        list(1),
        list(2),
        KeyName::once(KeyKind::RegistrySigning).unwrap(),
    ]
}

fn passphrase() -> Passphrase {
    let text = Zeroizing::new("brankas notaris lantai dua".to_owned());
    Passphrase::typed(&text).unwrap().with_work(2)
}

fn filled(folder: &Path) -> KeyFiles {
    let keys = KeyFiles::open(folder, Sealing::Plain).unwrap();
    for (byte, name) in (1..).zip(names()) {
        keys.put(&name, &Secret32::from_bytes(&[byte; 32])).unwrap();
    }
    keys
}

fn empty(folder: &Path) -> KeyFiles {
    KeyFiles::open(folder, Sealing::Plain).unwrap()
}

#[test]
fn what_is_exported_comes_back_whole_and_twice_is_once() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let keys = filled(&at("keys"));
    for (form, file) in [
        (EscrowForm::Armored, "a.age"),
        (EscrowForm::Binary, "b.age"),
    ] {
        let exported = export(&keys, &at(file), &passphrase(), form).unwrap();
        assert_eq!(exported.names, names());
        let bytes = fs::read(at(file)).unwrap();
        assert_eq!(exported.file_digest, <[u8; 32]>::from(blake3::hash(&bytes)));
        assert_eq!(
            fs::metadata(at(file)).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(!String::from_utf8_lossy(&bytes).contains("saring-share"));
        assert!(
            export(&keys, &at(file), &passphrase(), form).is_err(),
            "overwrites"
        );

        let restored = empty(&at(&format!("{file}.restored")));
        let imported = import(&restored, &at(file), &passphrase()).unwrap();
        assert_eq!((imported.restored, imported.unchanged), (names(), vec![]));
        let again = import(&restored, &at(file), &passphrase()).unwrap();
        assert_eq!((again.restored, again.unchanged), (vec![], names()));
        for name in names() {
            assert!(
                restored
                    .get(&name)
                    .unwrap()
                    .same_as(&keys.get(&name).unwrap())
            );
        }
    }
}

#[test]
fn one_different_key_and_nothing_is_imported() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("escrow.age");
    let keys = filled(&folder.path().join("keys"));
    export(&keys, &file, &passphrase(), EscrowForm::Armored).unwrap();
    let other = empty(&folder.path().join("other"));
    other
        .put(&names()[2], &Secret32::from_bytes(&[99; 32]))
        .unwrap();
    assert!(matches!(
        import(&other, &file, &passphrase()),
        Err(KeyError::Different(_))
    ));
    assert_eq!(other.names().unwrap(), names()[2..]);
}

/// A provider whose disk is full after some keys.
struct FullAfter(KeyFiles, Cell<u32>);

impl KeyProvider for FullAfter {
    fn get(&self, name: &KeyName) -> Result<Secret32, KeyError> {
        self.0.get(name)
    }

    fn put(&self, name: &KeyName, secret: &Secret32) -> Result<(), KeyError> {
        match self.1.get().checked_sub(1) {
            Some(left) => self.1.set(left),
            None => return Err(KeyError::Encryption),
        }
        self.0.put(name, secret)
    }

    fn names(&self) -> Result<Vec<KeyName>, KeyError> {
        self.0.names()
    }

    fn destroy(&self, name: &KeyName) -> Result<(), KeyError> {
        self.0.destroy(name)
    }
}

#[test]
fn an_import_that_fails_half_way_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("escrow.age");
    let keys = filled(&folder.path().join("keys"));
    export(&keys, &file, &passphrase(), EscrowForm::Binary).unwrap();
    let full = FullAfter(empty(&folder.path().join("full")), Cell::new(2));
    assert!(import(&full, &file, &passphrase()).is_err());
    assert_eq!(full.names().unwrap(), vec![]);
}

#[test]
fn each_broken_rule_of_the_archive_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let keys = filled(folder.path());
    let good = archive(&keys, &names()).unwrap();
    assert_eq!(parse(good.as_bytes()).unwrap().len(), 3);
    let sealed_again = |text: &str| {
        let body = &text[..text.rfind("blake3").unwrap()];
        format!(
            "{body}blake3 {}\n",
            HEXLOWER.encode(blake3::hash(body.as_bytes()).as_bytes())
        )
    };
    let fault = |text: &str| parse(text.as_bytes()).map(|_| ()).unwrap_err();
    assert_eq!(
        fault(&good.replace("macet:1", "macet:3")),
        EscrowFault::Digest
    );
    assert_eq!(
        fault(&sealed_again(&good.replace("escrow-v1", "escrow-v2"))),
        EscrowFault::Header
    );
    assert_eq!(
        fault(&sealed_again(&good.replace("keys 3", "keys 4"))),
        EscrowFault::Count
    );
    assert_eq!(
        fault(&sealed_again(&good.replace("keys 3", "keys x"))),
        EscrowFault::Count
    );
    assert_eq!(
        fault(&sealed_again(&good.replace("macet:1", "macet:3"))),
        EscrowFault::Order
    );
    assert_eq!(
        fault(&sealed_again(&good.replace("macet:1", "macet:2"))),
        EscrowFault::Order
    );
    assert_eq!(
        fault(&sealed_again(&good.replace("share", "saham"))),
        EscrowFault::Key
    );
    assert_eq!(fault(""), EscrowFault::Digest);
}

proptest! {
    #[test]
    fn any_archive_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes);
    }
}
