//! A file of applicants against a list: totals that add up, and no NIK left behind.

use std::time::Duration;

use saring::agent::{SubmitOptions, Unwatched};
use saring::protocol::{Clock, Head};
use saring::screening::{Manifest, ScreenError, Screening, Silent, Status, screen};
use saring::texts::Lang;

use crate::cheating::Tricks;
use crate::house::{House, Member, REGISTRY_KEY, acting, digits, niks, officer};

/// 30 listed people; a file with 20 of them, 50 strangers, 7 repeated and 2 broken rows.
async fn set_up() -> (House, Member) {
    let house = House::open().await;
    let member = house.member("prakerja").await;
    let listed = niks(20, 30);
    let file = house.defaulters("macet.csv", &listed);
    let options = SubmitOptions::default();
    let report = member
        .submit(&house.list, &file, options, &officer(), &mut Unwatched)
        .await;
    assert_eq!(report.expect("uploads").new, 30);
    let strangers = niks(21, 50);
    let mut text = "no,nik\n".to_owned();
    let people = listed[..20].iter().chain(&strangers).chain(&strangers[..7]);
    for (at, nik) in people.enumerate() {
        text += &format!("{at},{}\n", digits(nik));
    }
    text += "77,12345\n78,3515144508680000\n";
    std::fs::write(house.folder.path().join("pelamar.csv"), text).expect("writes");
    (house, member)
}

async fn run(house: &House, member: &Member, out: &str) -> Result<Manifest, ScreenError> {
    let (file, out) = (
        house.folder.path().join("pelamar.csv"),
        house.folder.path().join(out),
    );
    let job = Screening {
        file: &file,
        nik_column: None,
        lists: std::slice::from_ref(&house.list),
        out: &out,
        keep_columns: false,
        acting: &acting(),
        patience: Duration::ZERO,
        lang: Lang::Id,
    };
    screen(member, &job, &mut Silent).await
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_add_up_and_no_nik_is_written() {
    let (house, member) = set_up().await;
    let manifest = run(&house, &member, "hasil").await.expect("screens");
    assert_eq!(manifest.status, Status::Complete);
    let counts = manifest.counts;
    assert_eq!((counts.rows, counts.valid, counts.invalid), (79, 77, 2));
    assert_eq!((counts.unique, counts.duplicate), (70, 7));
    let list = manifest.lists[0].counts;
    assert_eq!(
        (
            list.listed,
            list.previously,
            list.not_listed,
            list.unavailable
        ),
        (20, 0, 50, 0)
    );
    let evaluated = house.door.evaluations.lock().expect("whole").clone();
    assert_eq!(
        evaluated.last(),
        Some(&70),
        "repeated people are evaluated once"
    );

    let folder = house.folder.path().join("hasil");
    let results = std::fs::read_to_string(folder.join("results.csv")).expect("reads");
    assert_eq!(results.lines().count(), 78);
    assert_eq!(results.matches(",LISTED,").count(), 20);
    assert_eq!(
        blake3::hash(results.as_bytes()).as_bytes(),
        &manifest.results_blake3.0
    );
    let people: Vec<String> = niks(20, 20)
        .iter()
        .chain(&niks(21, 50))
        .map(digits)
        .collect();
    let shows = |text: &str| people.iter().any(|nik| text.contains(nik.as_str()));
    let mut files = 0;
    for file in std::fs::read_dir(&folder).expect("a folder") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("reads");
        assert!(!shows(&text));
        files += 1;
    }
    assert_eq!(files, 5, "nothing of the job is left");
    let planted = std::fs::read_to_string(house.folder.path().join("pelamar.csv"));
    assert!(
        shows(&planted.expect("reads")),
        "the search finds what is there"
    );
    assert!(matches!(
        run(&house, &member, "hasil").await,
        Err(ScreenError::Exists)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_copy_never_says_clear() {
    let (house, member) = set_up().await;
    let clock = house.clock.clone();
    house.door.play(Tricks {
        delta: Some(Box::new(move |mut served| {
            let as_of = clock.now().plus(-25 * 3_600_000);
            let head = Head {
                as_of,
                ..served.head.head
            };
            served.head = head.sign(&saring::protocol::SigningKey::from_bytes(REGISTRY_KEY));
            served
        })),
        ..Tricks::default()
    });
    let manifest = run(&house, &member, "lama").await.expect("ends");
    assert_eq!(manifest.status, Status::Incomplete);
    let list = &manifest.lists[0];
    assert_eq!(
        (
            list.counts.listed,
            list.counts.not_listed,
            list.counts.unavailable
        ),
        (20, 0, 50)
    );
    assert_eq!(list.reason.as_deref(), Some("head_too_old"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_does_not_verify_says_nothing() {
    let (house, member) = set_up().await;
    house.door.play(Tricks {
        snapshot: Some(Box::new(|mut served| {
            let last = served.body.len() - 1;
            served.body[last] ^= 1;
            served
        })),
        ..Tricks::default()
    });
    let manifest = run(&house, &member, "palsu").await.expect("ends");
    assert_eq!(manifest.status, Status::Incomplete);
    assert_eq!(manifest.lists[0].counts.unavailable, 70);
}
