//! Files of every size and every kind of dirt, to the byte.

use std::path::PathBuf;

use saring::agent::hash_key_digest;
use saring::keys::Secret32;
use saring::protocol::organisation::CreateList;
use saring::protocol::policy::ListPolicy;
use saring::protocol::{Epoch, ListId, ListKind};
use saring::screening::{Manifest, Status};

use super::sheet::{Row, Sheet, sheet};
use super::{HASH_KEY, PEOPLE, Town, screened};
use crate::house::digits;

#[track_caller]
fn agrees(town: &Town, manifest: &Manifest, sheet: &Sheet, out: &str) {
    assert_eq!(manifest.status, Status::Complete, "{out}");
    assert_eq!(manifest.counts, sheet.counts, "{out}");
    assert_eq!(manifest.lists[0].counts, sheet.debts, "{out}");
    assert_eq!(manifest.lists[1].counts, sheet.programme, "{out}");
    let results = std::fs::read_to_string(town.path(out).join("results.csv")).expect("reads");
    assert!(results == sheet.results, "{out}: another result");
    let digest = *blake3::hash(results.as_bytes()).as_bytes();
    assert_eq!(manifest.results_blake3.0, digest);
    let chunks = sheet.counts.unique.div_ceil(16_384) as u32;
    let receipts = manifest.lists[0].receipts.as_ref().expect("evaluated");
    assert_eq!((receipts.count, manifest.lists[0].chunks), (chunks, chunks));
    let file = std::fs::read(town.path(out).join(&receipts.file)).expect("reads");
    assert_eq!(receipts.blake3.0, *blake3::hash(&file).as_bytes());
    let lines = file.iter().filter(|&&byte| byte == b'\n').count();
    assert_eq!(lines as u32, chunks);
    assert_eq!(manifest.lists[1].receipts, None, "nobody evaluates for it");
    assert!(!town.path(out).join("job").exists(), "the seed is gone");
}

fn file(town: &Town, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = town.path(name);
    std::fs::write(&path, text).expect("writes");
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_awkward_sizes_give_exact_answers() {
    let town = Town::open().await;
    for size in [0, 1, 2, 5, 16_383, 16_384, PEOPLE] {
        let text: String = town.people[..size]
            .iter()
            .map(|nik| digits(nik) + "\n")
            .collect();
        let file = file(&town, "pelamar.csv", format!("nik\n{text}"));
        let rows: Vec<_> = (0..size)
            .map(|n| (n as u64 + 2, Row::Valid(n), ""))
            .collect();
        let out = format!("hasil-{size}");
        let manifest = town.screen(&file, &out, false).await.expect("screens");
        agrees(&town, &manifest, &sheet(&town.people, &rows, ""), &out);
    }
}

/// A line, and the kind and other cells of the row that it ends, if it does.
type Line = (String, Option<(Row, &'static str)>);

/// Every kind of dirt.
fn lines(town: &Town) -> Vec<Line> {
    let nik = |n: usize| digits(&town.people[n]);
    let spread = |n: usize| {
        let digits = nik(n);
        format!(
            "{}.{}-{} {}",
            &digits[..4],
            &digits[4..8],
            &digits[8..12],
            &digits[12..]
        )
    };
    let bad = Row::Invalid;
    vec![
        (format!("a;{};x", nik(0)), Some((Row::Valid(0), ",a,x"))),
        (String::new(), None),
        (";;".to_owned(), None),
        (format!("b;{};y", spread(1)), Some((Row::Valid(1), ",b,y"))),
        (
            format!("c;\"{}\";\"q,\"\"w\"\"\"", nik(7)),
            Some((Row::Valid(7), ",c,\"q,\"\"w\"\"\"")),
        ),
        ("d;;z".to_owned(), Some((bad, ""))),
        ("e;12345;z".to_owned(), Some((bad, ""))),
        ("f;3,51514E+15;z".to_owned(), Some((bad, ""))),
        ("g;3515144508680000;z".to_owned(), Some((bad, ""))),
        ("h;9915144508680002;z".to_owned(), Some((bad, ""))),
        ("i;1111111111111111;z".to_owned(), Some((bad, ""))),
        (format!("j;{}", nik(4)), Some((Row::Valid(4), ",j,"))),
        (
            format!("k;{};again", nik(0)),
            Some((Row::Valid(0), ",k,again")),
        ),
        (format!("l;{};\"two", nik(20)), None),
        (
            "lines\"".to_owned(),
            Some((Row::Valid(20), ",l,\"two\nlines\"")),
        ),
        (format!("m;{};\"stray", nik(21)), Some((bad, ""))),
        (
            format!("n;{};caf\u{e9}", nik(11)),
            Some((Row::Valid(11), ",n,caf\u{e9}")),
        ),
        (
            format!("=1+1;{};z", nik(93)),
            Some((Row::Valid(93), ",=1+1,z")),
        ),
        (
            format!("o;{};z;{}", nik(9), "w".repeat(70_000)),
            Some((bad, "")),
        ),
        (format!("p;{};z", nik(1)), Some((Row::Valid(1), ",p,z"))),
        (
            format!("q;{};3515144508680002", nik(22)),
            Some((Row::Valid(22), ",q,351514******0002")),
        ),
    ]
}

/// A dirty file: its text, and each filled row's number, kind and other cells as they are kept.
fn dirty(town: &Town) -> (Vec<u8>, Vec<(u64, Row, &'static str)>) {
    let mut text = b"\xef\xbb\xbfno;NIK;nama\r\n".to_vec();
    let mut rows = Vec::new();
    let mut number = 1;
    for (line, row) in lines(town) {
        text.extend_from_slice(line.as_bytes());
        text.extend_from_slice(b"\r\n");
        // A row over two lines has one number, as in a spreadsheet.
        number += u64::from(line != "lines\"");
        if let Some((kind, others)) = row {
            rows.push((number, kind, others));
        }
    }
    (text, rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_dirt_costs_its_own_row_and_no_other() {
    let town = Town::open().await;
    let (text, rows) = dirty(&town);
    let file = file(&town, "kotor.csv", text);
    let manifest = town.screen(&file, "kotor", false).await.expect("screens");
    let plain: Vec<_> = rows
        .iter()
        .map(|&(number, row, _)| (number, row, ""))
        .collect();
    agrees(&town, &manifest, &sheet(&town.people, &plain, ""), "kotor");
    let errors = std::fs::read_to_string(town.path("kotor/errors.csv")).expect("reads");
    let counted = errors.lines().count() as u64 - 1;
    assert_eq!(counted, manifest.counts.invalid, "a line for each bad row");

    let manifest = town.screen(&file, "kolom", true).await.expect("screens");
    agrees(
        &town,
        &manifest,
        &sheet(&town.people, &rows, ",no,nama"),
        "kolom",
    );
}

/// The same people again and again, in every order: repetitions within a range of rows and across
/// ranges, of people who were found and of people who were not.
#[tokio::test(flavor = "multi_thread")]
async fn repetitions_have_their_first_row_s_answer() {
    let town = Town::open().await;
    let mut rows: Vec<usize> = (0..3_000).collect();
    rows.extend((0..3_000).rev());
    rows.extend((0..20_000).map(|n| n * 7 % 600));
    rows.extend([0; 500]);
    let text: String = rows
        .iter()
        .map(|&n| digits(&town.people[n]) + "\n")
        .collect();
    let file = file(&town, "ulang.csv", format!("nik\n{text}"));
    let manifest = town.screen(&file, "ulang", false).await.expect("screens");
    let rows: Vec<_> = (2..)
        .zip(&rows)
        .map(|(at, &n)| (at, Row::Valid(n), ""))
        .collect();
    let sheet = sheet(&town.people, &rows, "");
    assert_eq!(
        (sheet.counts.unique, sheet.counts.duplicate),
        (3_000, 23_500)
    );
    agrees(&town, &manifest, &sheet, "ulang");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_is_screened_as_a_text_is() {
    let town = Town::open().await;
    let mut book = rust_xlsxwriter::Workbook::new();
    let page = book.add_worksheet();
    page.write_string(0, 0, "nama").expect("writes");
    page.write_string(0, 1, "nik").expect("writes");
    let mut rows = Vec::new();
    for n in 0..120 {
        page.write_string(n + 1, 0, format!("orang {n}"))
            .expect("writes");
        match n {
            50 => drop(page.write_number(n + 1, 1, 3_515_144_508_680_002.0)),
            _ => drop(page.write_string(n + 1, 1, digits(&town.people[n as usize]))),
        }
        let row = if n == 50 {
            Row::Invalid
        } else {
            Row::Valid(n as usize)
        };
        rows.push((u64::from(n) + 2, row, ""));
    }
    let file = file(
        &town,
        "pelamar.xlsx",
        book.save_to_buffer().expect("a workbook"),
    );
    let manifest = town.screen(&file, "buku", false).await.expect("screens");
    agrees(&town, &manifest, &sheet(&town.people, &rows, ""), "buku");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_every_keyed_kind_are_screened() {
    let town = Town::open().await;
    let text: String = town.people[..60]
        .iter()
        .map(|nik| digits(nik) + "\n")
        .collect();
    let file = file(&town, "pelamar.csv", format!("nik\n{text}"));
    let debtors = town.house.defaulters("kunci.csv", &town.people[..20]);
    for (name, kind) in [
        ("daftar-hmac", ListKind::HashHmacSha256),
        ("daftar-kunci", ListKind::OprfKeyed),
    ] {
        let list = ListId::parse(name).expect("an id");
        let wanted = CreateList {
            list: list.clone(),
            kind,
            hash_key: Some(hash_key_digest(&HASH_KEY)),
            policy: ListPolicy::default(),
            epoch_days: 60,
            daily_cap: 1_000_000,
        };
        town.house.further_list(wanted, &town.member).await;
        let job = |out: &'static str| (town.path(name).join(out), vec![list.clone()]);
        let (out, lists) = job("tanpa-kunci");
        let manifest = screened(&town.member, &lists, &file, &out, false).await;
        let without = &manifest.expect("ends").lists[0];
        assert_eq!(without.reason.as_deref(), Some("no_hash_key"), "{name}");
        assert_eq!(without.counts.unavailable, 60);
        let key = Secret32::from_bytes(&HASH_KEY);
        let home = town.member.home();
        home.keep_hash_key(&list, Epoch(1), &key).expect("kept");
        town.upload(&list, &debtors).await;
        let (out, lists) = job("hasil");
        let manifest = screened(&town.member, &lists, &file, &out, false).await;
        let manifest = manifest.expect("screens");
        assert_eq!(manifest.status, Status::Complete, "{name}");
        let of = &manifest.lists[0];
        assert_eq!((of.counts.listed, of.counts.not_listed), (20, 40));
        let receipts = of.receipts.as_ref().map(|receipts| receipts.count);
        assert_eq!(receipts, kind.is_oprf().then_some(1));
    }
}

/// The control: the sheet would see one person who stands elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_answer_would_be_seen() {
    let town = Town::open().await;
    let text: String = town.people[..9]
        .iter()
        .map(|nik| digits(nik) + "\n")
        .collect();
    let file = file(&town, "pelamar.csv", format!("nik\n{text}"));
    let manifest = town.screen(&file, "hasil", false).await.expect("screens");
    let mut rows: Vec<_> = (0..9).map(|n| (n as u64 + 2, Row::Valid(n), "")).collect();
    rows.swap(6, 7);
    let wrong = sheet(&town.people, &rows, "");
    assert_eq!(manifest.counts, wrong.counts);
    let results = std::fs::read_to_string(town.path("hasil/results.csv")).expect("reads");
    assert_ne!(results, wrong.results);
}
