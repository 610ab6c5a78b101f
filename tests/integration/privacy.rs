//! No NIK, no element and no key is written down where it does not belong: canaries go through
//! every command and route with the server's log at `trace`, then everything is searched.
//!
//! 100 canaries; `SARING_FULL=1` takes 1,000.

use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use saring::nik::Nik;
use saring::protocol::paths;

use crate::command::Cli;
use crate::installation::Installation;
use crate::member::{Member, row};
use crate::needles::Needles;
use crate::wire;
use crate::world::{COOPERATIVE, World, people};

const LIST: &str = "peminjam-macet";

/// A registry through which canaries have gone, stopped, and everything it said.
struct Passed {
    installation: Installation,
    niks: Vec<Nik>,
    elements: Vec<[u8; 32]>,
    log: Vec<u8>,
    said: Vec<u8>,
    homes: Vec<PathBuf>,
}

impl Passed {
    async fn new() -> Self {
        let installation = Installation::new();
        installation.configure("log", "filter", "trace");
        let world = World::of(installation);
        let list = world.list(LIST).await;
        let niks = people(77, crate::count(100, 1_000));
        let member = world
            .member("ksp-maju", &list, COOPERATIVE, 1_000_000)
            .await;
        let elements = through_the_library(&world, &member, &niks).await;
        let mut said = Vec::new();
        refusals(&world, &niks, &mut said).await;
        let World {
            server,
            operator,
            installation,
        } = world;
        // The executable needs the operator's home for itself.
        drop(operator);
        let homes = through_the_executable(&installation, &niks, &mut said);
        said.extend(installation.metrics().await);
        Self {
            log: server.stop(),
            installation,
            niks,
            elements,
            said,
            homes,
        }
    }

    /// Everything that must hold no NIK and no key: said, logged or kept, but the key files.
    fn search(&self, needles: &Needles) -> Vec<String> {
        let mut found = Vec::new();
        needles.find(&self.log, "the log", &mut found);
        needles.find(&self.said, "an answer or an output", &mut found);
        needles.find_in(&self.installation.registry(), &["keys"], &mut found);
        needles.find_in(&self.installation.folder().join("tmp"), &[], &mut found);
        for home in &self.homes {
            needles.find_in(home, &["keys"], &mut found);
        }
        found
    }

    fn niks(&self) -> Needles {
        let mut needles = Needles::default();
        for (number, nik) in self.niks.iter().enumerate() {
            needles.add_nik(nik.expose(), &format!("NIK {number}"));
        }
        needles
    }
}

/// One of each: evaluated, listed, looked up.
async fn through_the_library(world: &World, member: &Member, niks: &[Nik]) -> Vec<[u8; 32]> {
    let door = world.door();
    let list = saring::protocol::ListId::parse(LIST).unwrap();
    let view = member.view(&door, &list).await.unwrap();
    let (elements, _) = member.evaluate(&door, &view, niks).await.unwrap();
    let rows = elements.iter().zip(0..).take(niks.len() / 2);
    let rows = rows.map(|(element, n)| row(*element, n)).collect();
    member.submit(&door, &view, rows).await.unwrap();
    member.look_up(&door, &view, &elements).await.unwrap();
    member.own(&door, &list).await.unwrap();
    elements
}

/// NIKs where they have no business: none may be echoed or logged.
async fn refusals(world: &World, niks: &[Nik], said: &mut Vec<u8>) {
    let address = world.installation.address;
    for (number, nik) in niks.iter().enumerate() {
        let digits = std::str::from_utf8(nik.expose()).unwrap();
        let body = format!("{{\"nik\":\"{digits}\",\"rows\":[{digits}]}}");
        let lines = [
            format!("GET /v1/check?nik={digits}"),
            format!("GET /v1/nik/{digits}"),
            format!("GET {}", paths::fill(paths::OWN, &[digits])),
            format!("POST {}", paths::fill(paths::SUBMISSIONS, &[LIST])),
            format!("POST {}", paths::JOIN),
        ];
        let line = &lines[number % lines.len()];
        let headers = [
            ("saring-order", digits),
            ("saring-read", digits),
            ("x-request-id", digits),
            ("authorization", digits),
            ("content-type", "application/json"),
        ];
        let answer = wire::request(address, line, &headers, body.as_bytes()).await;
        let answer = answer.unwrap();
        assert!((400..500).contains(&answer.status), "{answer:?}");
        said.extend(answer.head.as_bytes());
        said.extend(answer.body);
    }
}

/// Upload, check, screen, settle: what the commands say, and the homes they keep.
fn through_the_executable(
    installation: &Installation,
    niks: &[Nik],
    said: &mut Vec<u8>,
) -> Vec<PathBuf> {
    let folder = installation.folder();
    let operator = Cli::new(installation.registry().join("operator"));
    let cli = Cli::new(folder.join("home")).with("RUST_LOG", "trace");
    let invited = operator.one("org invite ksp-jaya", "", 0);
    let invitation = invited["invitation"].as_str().unwrap();
    let mut call = |cli: &Cli, arguments: &str, input: &str| {
        let ended = cli.call(arguments, input);
        said.extend(ended.out.as_bytes());
        said.extend(ended.err.as_bytes());
        ended
    };
    assert_eq!(call(&cli, "join", invitation).code, Some(0));
    let roles = "--role contribute --role check --role screen --daily-quota 100000";
    call(
        &operator,
        &format!("grant ksp-jaya --list {LIST} {roles}"),
        "",
    );
    let admit = format!("custodian admit ksp-jaya --list {LIST} --daily-quota 100000");
    assert_eq!(call(&operator, &admit, "").code, Some(0));

    let digits: Vec<_> = niks
        .iter()
        .map(|nik| std::str::from_utf8(nik.expose()).unwrap())
        .collect();
    let file = folder.join("macet.csv");
    std::fs::write(&file, upload(&digits)).unwrap();
    let submitted = call(&cli, &format!("submit {}", file.display()), "");
    assert_eq!(submitted.code, Some(4), "{submitted:?}");
    let checked = call(&cli, "check", &digits.join("\n"));
    assert_eq!(checked.code, Some(0), "{checked:?}");
    call(&cli, "--json check", &digits.join("\n"));
    call(&cli, "check", &format!("{}7\n{}x\n", digits[0], digits[1]));
    call(&cli, &format!("check {}", digits[0]), "");
    call(&cli, "settle R-1 R-2", "");
    call(&cli, "own verify", "");
    let applicants = folder.join("pelamar.csv");
    std::fs::write(&applicants, format!("nik\n{}\n", digits.join("\n"))).unwrap();
    let out = folder.join("hasil");
    let screened = call(
        &cli,
        &format!("screen {} --out {}", applicants.display(), out.display()),
        "",
    );
    assert_eq!(screened.code, Some(0), "{screened:?}");
    let mut errors = file.into_os_string();
    errors.push(".kesalahan.csv");
    vec![cli.home().to_owned(), errors.into(), out]
}

/// Good rows and some that are refused, each naming a canary.
fn upload(digits: &[&str]) -> String {
    let mut text =
        "nik,kolektibilitas,kode_alasan,plafond_band,tgl_macet,no_ref_internal\n".to_owned();
    for (number, nik) in digits.iter().enumerate() {
        let row = match number % 10 {
            7 => format!("{nik},9,MACET_POKOK,5-25,2026-01-15,R-{number}\n"),
            8 => format!("{nik}0,5,MACET_POKOK,5-25,2026-01-15,R-{number}\n"),
            9 => format!("{nik},5,{nik},5-25,2026-01-15,R-{number}\n"),
            _ => format!("{nik},5,MACET_POKOK,5-25,2026-01-15,R-{number}\n"),
        };
        text.push_str(&row);
    }
    text
}

/// The secrets of key files, by their lines.
fn keys(folders: &[PathBuf]) -> Needles {
    let mut needles = Needles::default();
    let mut count = 0;
    for folder in folders {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let line = std::fs::read_to_string(&path).unwrap_or_default();
            let Some(hex) = line
                .trim_end()
                .rsplit(':')
                .next()
                .filter(|hex| hex.len() == 64)
            else {
                continue;
            };
            let secret = HEXLOWER.decode(hex.as_bytes()).unwrap();
            needles.add_bytes(&secret, &path.display().to_string());
            count += 1;
        }
    }
    assert!(count >= 8, "only {count} keys were found to look for");
    needles
}

#[tokio::test(flavor = "multi_thread")]
async fn privacy_nothing_secret_is_written_down() {
    let passed = Passed::new().await;
    assert!(
        passed.log.len() > 10_000,
        "the log at trace says too little"
    );
    assert_eq!(passed.search(&passed.niks()), Vec::<String>::new());

    let registry = passed.installation.registry();
    let home = passed.homes[0].clone();
    let key_folders = [
        registry.join("keys"),
        registry.join("operator/keys"),
        home.join("keys"),
    ];
    assert_eq!(passed.search(&keys(&key_folders)), Vec::<String>::new());

    // Elements are what the database keeps; they are in nothing else.
    let mut elements = Needles::default();
    for (number, element) in passed.elements.iter().enumerate() {
        elements.add_bytes(element, &format!("element {number}"));
    }
    let mut found = Vec::new();
    elements.find(&passed.log, "the log", &mut found);
    elements.find(&passed.said, "an answer or an output", &mut found);
    for folder in ["mark", "journal", "ledger"] {
        elements.find_in(&registry.join(folder), &[], &mut found);
    }
    elements.find_in(&home, &["keys"], &mut found);
    assert_eq!(found, Vec::<String>::new());
    let mut kept = Vec::new();
    elements.find_in(&registry.join("database"), &[], &mut kept);
    assert!(
        !kept.is_empty(),
        "the search does not see into the database"
    );

    planted(&passed);
}

/// The control: a NIK in any form, in any place, is found.
fn planted(passed: &Passed) {
    let needles = passed.niks();
    let digits = *passed.niks[3].expose();
    let text = String::from_utf8(digits.to_vec()).unwrap();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let number: u64 = text.parse().unwrap();
    let forms = [
        digits.to_vec(),
        HEXLOWER.encode(&digits).into_bytes(),
        data_encoding::BASE64.encode(&digits).into_bytes(),
        data_encoding::BASE64
            .encode(format!("n={text}&").as_bytes())
            .into_bytes(),
        data_encoding::BASE64URL_NOPAD
            .encode(format!("{{\"a\":{text}").as_bytes())
            .into_bytes(),
        utf16,
        number.to_le_bytes().to_vec(),
        number.to_be_bytes().to_vec(),
    ];
    let places = [
        "registry/database",
        "registry/journal",
        "tmp",
        "home",
        "registry/operator",
    ];
    for (number, form) in forms.iter().enumerate() {
        let place = places[number % places.len()];
        let leak = passed.installation.folder().join(place).join("leak");
        leaks(&leak, form);
        let found = passed.search(&needles);
        assert!(!found.is_empty(), "form {number} in {place} is not found");
        std::fs::remove_file(&leak).unwrap();
    }
    let named = passed.installation.registry().join(text);
    leaks(&named, b"nothing");
    assert!(
        !passed.search(&needles).is_empty(),
        "a file's name is not searched"
    );
    std::fs::remove_file(named).unwrap();
    assert!(passed.search(&needles).is_empty());
}

fn leaks(path: &Path, form: &[u8]) {
    let text = [b"some text before ".as_slice(), form, b" and after"].concat();
    std::fs::write(path, text).unwrap();
}
