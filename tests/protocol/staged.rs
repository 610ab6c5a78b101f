//! A version staged through an agent: the same file goes on in it, whatever became of the home's
//! job, and nothing that is known of it goes because of an answer that cannot be.

use std::path::PathBuf;
use std::time::Duration;

use saring::agent::{AgentError, DoorError, StageOptions, StageReport, Unwatched, discard_uploads};
use saring::protocol::codes::{Reason, RemovalCause};
use saring::protocol::organisation::CreateList;
use saring::protocol::policy::ListPolicy;
use saring::protocol::time::HOUR;
use saring::protocol::version::{Validity, Version, VersionState};
use saring::protocol::{Date, ErrorCode, ListId, ListKind};

use crate::cheating::Tricks;
use crate::house::{House, Member, digits, niks, officer, org};

const PEOPLE: usize = 5;

struct Programme {
    house: House,
    owner: Member,
    list: ListId,
    file: PathBuf,
}

impl Programme {
    async fn new() -> Self {
        let house = House::open().await;
        let owner = house.member("bkn").await;
        let list = ListId::parse("asn").expect("an id");
        let wanted = CreateList {
            list: list.clone(),
            kind: ListKind::OprfNik,
            hash_key: None,
            policy: ListPolicy {
                reasons: vec![Reason::Asn],
                owner: Some(org("bkn")),
                ..ListPolicy::default()
            },
            epoch_days: 60,
            daily_cap: 1_000_000,
        };
        house.further_list(wanted, &owner).await;
        let rows = niks(4, PEOPLE).into_iter().enumerate();
        let rows = rows.map(|(at, nik)| format!("{},NIP-{at}\n", digits(&nik)));
        let file = house.folder.path().join("asn.csv");
        let text = format!("nik,no_ref_internal\n{}", rows.collect::<String>());
        std::fs::write(&file, text).expect("writes");
        Self {
            house,
            owner,
            list,
            file,
        }
    }

    async fn stage(&self, last: Option<Date>) -> Result<StageReport, AgentError> {
        let options = StageOptions {
            validity: Validity {
                berlaku_dari: None,
                berlaku_sampai: last,
            },
            category: Some(Reason::Asn),
            patience: Duration::ZERO,
        };
        self.owner
            .stage(&self.list, &self.file, options, &officer(), &mut Unwatched)
            .await
    }

    /// Every row arrives, and no answer comes back.
    async fn stage_in_part(&self) {
        self.house.door.play(Tricks {
            submission_lost: Some(Box::new(|| true)),
            ..Tricks::default()
        });
        let lost = self.stage(None).await;
        assert!(matches!(lost, Err(AgentError::Door(DoorError::NoAnswer))));
        self.house.door.play(Tricks::default());
    }

    async fn is_whole(&self) {
        let versions = self.owner.versions(&self.list).await.expect("versions");
        let staged = versions.last().expect("two");
        let all = PEOPLE as u64;
        assert_eq!(
            (staged.state, staged.listings, staged.people),
            (VersionState::Closed, all, all)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_goes_on_in_a_new_job_on_another_day() {
    let programme = Programme::new().await;
    programme.stage_in_part().await;
    let home = programme.owner.home();
    let discarded = discard_uploads(home, Some(&programme.file)).expect("discards");
    assert_eq!((discarded.discarded, discarded.busy), (1, 0));
    let began = programme.house.today();
    programme.house.clock.pass(20 * HOUR);
    assert!(programme.house.today() > began, "the control");
    let staged = programme.stage(None).await.expect("goes on");
    let report = staged.upload.expect("uploads");
    assert_eq!(
        (report.unchanged, report.refused_by_list),
        (PEOPLE as u64, 0),
        "the same rows"
    );
    programme.is_whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_for_other_days_is_another_version() {
    let programme = Programme::new().await;
    programme.stage_in_part().await;
    let later = Some(Date(programme.house.today().0 + 30));
    let refused = programme.stage(later).await.expect_err("one at a time");
    assert_eq!(refused.refusal(), Some(ErrorCode::AlreadyExists));
    programme.stage(None).await.expect("the control");
    programme.is_whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reference_goes_because_no_version_is_said_to_answer() {
    let programme = Programme::new().await;
    programme.stage(None).await.expect("stages");
    let kept = programme.house.home("bkn").join("references/asn/2");
    assert!(kept.exists());
    let settle = || {
        let cause = RemovalCause::NikSalah;
        let (owner, list) = (&programme.owner, &programme.list);
        async move { owner.settle(list, &["NIP-1"], cause, &officer()).await }
    };
    programme.house.door.play(Tricks {
        versions: Some(Box::new(|_| Vec::new())),
        ..Tricks::default()
    });
    let told = settle().await;
    assert!(matches!(told, Err(AgentError::Answer)), "{told:?}");
    assert!(kept.exists());
    programme.house.door.play(Tricks::default());
    settle().await.expect("the control");
    let (owner, list) = (&programme.owner, &programme.list);
    let dropped = owner.drop_version(list, Version(2), &officer()).await;
    dropped.expect("dropped");
    assert!(!kept.exists(), "the control");
}
