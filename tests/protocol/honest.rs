//! The main job against an honest registry: what every catch is a control of.

use std::time::Duration;

use saring::agent::{AgentError, DoorError, OwnVerdict, Settled, SubmitOptions, Unwatched};
use saring::nik::Nik;
use saring::protocol::codes::RemovalCause;
use saring::protocol::submission::RemovalOutcome;
use saring::protocol::{Answer, ErrorCode};

use crate::cheating::Tricks;
use crate::house::{House, STALE, acting, niks, officer};

fn once() -> SubmitOptions {
    SubmitOptions {
        patience: Duration::ZERO,
        ..SubmitOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn listed_asked_paid_and_verified() {
    let house = House::open().await;
    let lender = house.member("ksp-maju").await;
    let asker = house.member("ksp-jaya").await;
    let people = niks(1, 12);
    let file = house.defaulters("macet.csv", &people[..10]);
    let report = lender
        .submit(&house.list, &file, once(), &officer(), &mut Unwatched)
        .await;
    let report = report.expect("uploads");
    assert!(report.reconciles());
    assert_eq!((report.rows, report.new), (10, 10));

    let listed = house.check(&asker, &people[3]).await;
    assert_eq!((listed.answer, listed.reason), (Answer::Listed, None));
    assert!(listed.summary.is_some());
    let receipt = listed.receipt.expect("a receipt");
    let registry = asker.home().profile().trust.registry;
    assert_eq!(
        receipt.verify(&registry, &asker.home().public_key()),
        Ok(())
    );
    assert_eq!(house.answer(&asker, &people[11]).await, Answer::NotListed);

    let own = lender.own_verify(&house.list, 5).await.expect("verifies");
    assert!(own.holds() && own.sampled == 5 && own.served == 5 && own.unnamed == 0);

    let used = asker.quota().await.expect("a quota")[0].quota.used;
    let lunas = RemovalCause::Lunas;
    let settled = lender
        .settle(&house.list, &["PK-3", "PK-99"], lunas, &officer())
        .await;
    let settled = settled.expect("settles").references;
    assert_eq!(settled[0], Settled::Outcomes(vec![RemovalOutcome::Done]));
    assert_eq!(settled[1], Settled::Unknown);
    assert_eq!(
        asker.quota().await.expect("a quota")[0].quota.used,
        used,
        "no quota is used"
    );
    assert_eq!(house.answer(&asker, &people[3]).await, Answer::Previously);
    let own = lender.own_verify(&house.list, 100).await.expect("verifies");
    assert!(own.holds() && own.sampled == 10, "{own:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistyped_nik_contacts_nobody_and_a_check_is_one_charge() {
    let house = House::open().await;
    let asker = house.member("ksp-jaya").await;
    let bad = [Nik::parse("3515144508680000"), Nik::parse("abc")];
    let lists = [house.list.clone()];
    let results = asker.check(&bad, &lists, &acting()).await.expect("answers");
    assert!(
        results
            .iter()
            .all(|result| result.answer == Answer::InvalidId)
    );
    assert_eq!(results[0].invalid, Some("nik_serial"));
    assert!(house.door.evaluations.lock().expect("whole").is_empty());
    assert!(house.door.served.lock().expect("whole").is_empty());

    let mut mixed: Vec<_> = niks(2, 3).into_iter().map(Ok).collect();
    mixed.insert(1, Nik::parse("1"));
    let results = asker
        .check(&mixed, &lists, &acting())
        .await
        .expect("answers");
    let answers: Vec<_> = results.iter().map(|result| result.answer).collect();
    let none = Answer::NotListed;
    assert_eq!(answers, [none, Answer::InvalidId, none, none]);
    assert_eq!(*house.door.evaluations.lock().expect("whole"), [3]);
    let served = house.door.served.lock().expect("whole");
    assert_eq!(served.len(), 3, "one bucket a person, hit or miss");
    assert!(served.iter().all(|served| served.body.len() == 65_536));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_twice_changes_nothing_and_a_lost_reply_charges_nothing_twice() {
    let house = House::open().await;
    let lender = house.member("ksp-maju").await;
    let people = niks(3, 40);
    let file = house.defaulters("macet.csv", &people);
    house.door.play(Tricks {
        submission_lost: Some(Box::new(|| true)),
        ..Tricks::default()
    });
    let lost = lender
        .submit(&house.list, &file, once(), &officer(), &mut Unwatched)
        .await;
    assert!(matches!(lost, Err(AgentError::Door(DoorError::NoAnswer))));
    // Killed here, and taken up after a restart, so late that the first order is stale.
    drop(lender);
    house.door.play(Tricks::default());
    house.clock.pass(STALE);
    let lender = house.reopen("ksp-maju");
    let report = lender
        .submit(&house.list, &file, once(), &officer(), &mut Unwatched)
        .await;
    let report = report.expect("goes on");
    assert_eq!(
        (report.new, report.unchanged),
        (40, 0),
        "the first answer, repeated"
    );
    let used = lender.quota().await.expect("a quota")[0].quota.used;
    assert_eq!(used, 40, "charged once");
    let jobs = std::fs::read_dir(house.home("ksp-maju").join("jobs")).expect("a folder");
    assert_eq!(jobs.count(), 0, "the seed is gone with the job");

    let again = lender
        .submit(&house.list, &file, once(), &officer(), &mut Unwatched)
        .await;
    let again = again.expect("uploads");
    assert_eq!((again.new, again.unchanged), (0, 40));
    let own = lender.own_entries(&house.list).await.expect("pages");
    assert_eq!(own.len(), 40);

    let other = house.member("ksp-jaya").await;
    let theirs = house.defaulters("lain.csv", &people[..5]);
    let report = other
        .submit(&house.list, &theirs, once(), &officer(), &mut Unwatched)
        .await;
    assert_eq!(report.expect("uploads").also_listed_by_another, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dirty_file_loses_only_its_dirty_rows() {
    let house = House::open().await;
    let lender = house.member("ksp-maju").await;
    let people = niks(4, 3);
    let path = house.defaulters("macet.csv", &people);
    let mut text = std::fs::read_to_string(&path).expect("reads");
    text += "123,5,MACET_POKOK,5-25,2026-05-01,PK-8\n";
    text += &format!(
        "{},5,MACET_POKOK,5-25,2026-05-01,PK-0\n",
        crate::house::digits(&people[0])
    );
    text += &format!(
        "{},1,MACET_POKOK,5-25,2026-05-01,PK-9\n",
        crate::house::digits(&people[1])
    );
    std::fs::write(&path, text).expect("writes");
    let dry = lender
        .dry_run(&house.list, &path, &mut Unwatched)
        .await
        .expect("reads");
    let expected = (6, 3, 1, 1, 1);
    let counts = (
        dry.rows,
        dry.good,
        dry.repeated,
        dry.refused_by_file,
        dry.refused_by_list,
    );
    assert_eq!(counts, expected);
    assert!(house.door.evaluations.lock().expect("whole").is_empty());
    let report = lender
        .submit(&house.list, &path, once(), &officer(), &mut Unwatched)
        .await;
    let report = report.expect("uploads");
    let counts = (
        report.rows,
        report.new,
        report.repeated,
        report.refused_by_file,
        report.refused_by_list,
    );
    assert_eq!(counts, expected);
    assert!(report.reconciles());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_told_and_never_adopted() {
    let house = House::open().await;
    let asker = house.member("ksp-jaya").await;
    let nik = &niks(5, 1)[0];
    assert_eq!(house.answer(&asker, nik).await, Answer::NotListed);
    let late = crate::house::SetClock::new();
    late.pass(STALE);
    let at = house.home("ksp-jaya");
    drop(asker);
    let home = saring::agent::Home::open(&at, crate::house::provider(&at)).expect("opens");
    let asker = saring::agent::Agent::new(home, house.door.clone(), late);
    let result = house.check(&asker, nik).await;
    assert_eq!(result.answer, Answer::Unavailable);
    assert_eq!(result.reason, Some(ErrorCode::StaleOrder.as_str()));
}

#[test]
fn verdicts_have_their_words() {
    let json = serde_json::to_string(&OwnVerdict::Missing).expect("serialises");
    assert_eq!(json, "\"missing\"");
}
