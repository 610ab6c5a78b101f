//! Screenings against an answer sheet that is made without the product: every byte of the results
//! follows from who was put on which list.

mod exact;
mod resumed;
mod sheet;

use std::path::{Path, PathBuf};
use std::time::Duration;

use saring::agent::{SubmitOptions, Unwatched, hash_key_digest};
use saring::keys::Secret32;
use saring::nik::Nik;
use saring::protocol::codes::{Reason, RemovalCause};
use saring::protocol::organisation::CreateList;
use saring::protocol::policy::ListPolicy;
use saring::protocol::{Epoch, ListId, ListKind};
use saring::screening::{Manifest, ScreenError, Screening, Silent, screen};
use saring::texts::Lang;

use crate::house::{House, Member, acting, digits, niks, officer};
use sheet::{Debt, Programme, debt, programme};

/// People: one more than a chunk takes.
const PEOPLE: usize = 16_385;
const HASH_KEY: [u8; 32] = [77; 32];

/// A registry with a list of debtors, evaluated, and a programme's list of keyed hashes; people
/// stand on both as the sheet says.
struct Town {
    house: House,
    member: Member,
    people: Vec<Nik>,
    lists: Vec<ListId>,
}

impl Town {
    async fn open() -> Self {
        let house = House::open().await;
        let member = house.member("prakerja").await;
        let programme = ListId::parse("penerima-gaji").expect("an id");
        let wanted = CreateList {
            list: programme.clone(),
            kind: ListKind::HashBlake3,
            hash_key: Some(hash_key_digest(&HASH_KEY)),
            policy: ListPolicy {
                reasons: vec![Reason::Asn, Reason::DireksiBumn],
                ..ListPolicy::default()
            },
            epoch_days: 60,
            daily_cap: 1_000_000,
        };
        house.further_list(wanted, &member).await;
        let key = Secret32::from_bytes(&HASH_KEY);
        let home = member.home();
        home.keep_hash_key(&programme, Epoch(1), &key)
            .expect("kept");
        let town = Self {
            lists: vec![house.list.clone(), programme],
            people: niks(40, PEOPLE),
            house,
            member,
        };
        town.fill().await;
        town
    }

    /// Puts people where the sheet has them.
    async fn fill(&self) {
        let on_debts: Vec<usize> = (0..PEOPLE).filter(|&n| debt(n) != Debt::Never).collect();
        let niks: Vec<Nik> = on_debts.iter().map(|&n| self.people[n].clone()).collect();
        let file = self.house.defaulters("macet.csv", &niks);
        self.upload(&self.lists[0], &file).await;
        for (cause, gone) in [
            (RemovalCause::Lunas, Debt::Paid),
            (RemovalCause::NikSalah, Debt::WrongNik),
            (RemovalCause::Sanggahan, Debt::Disputed),
        ] {
            let of = on_debts.iter().enumerate();
            let references: Vec<String> = of
                .filter(|&(_, &n)| debt(n) == gone)
                .map(|(at, _)| format!("PK-{at}"))
                .collect();
            let references: Vec<&str> = references.iter().map(String::as_str).collect();
            let officer = officer();
            let settled = self
                .member
                .settle(&self.lists[0], &references, cause, &officer);
            settled.await.expect("settles");
        }
        let mut text =
            "nik,kolektibilitas,kode_alasan,plafond_band,tgl_macet,no_ref_internal\n".to_owned();
        for (n, nik) in self.people.iter().enumerate() {
            let reason = match programme(n) {
                Programme::None => continue,
                Programme::Asn => Reason::Asn,
                Programme::Direksi => Reason::DireksiBumn,
            };
            text += &format!("{},,{},,,G-{n}\n", digits(nik), reason.as_str());
        }
        let file = self.path("gaji.csv");
        std::fs::write(&file, text).expect("writes");
        self.upload(&self.lists[1], &file).await;
    }

    async fn upload(&self, list: &ListId, file: &Path) {
        let options = SubmitOptions::default();
        let report = self
            .member
            .submit(list, file, options, &officer(), &mut Unwatched)
            .await
            .expect("uploads");
        assert_eq!(report.new, report.rows, "every row is good");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.house.folder.path().join(name)
    }

    /// Screens `file` into the folder `out`.
    async fn screen(&self, file: &Path, out: &str, keep: bool) -> Result<Manifest, ScreenError> {
        screened(&self.member, &self.lists, file, &self.path(out), keep).await
    }
}

/// Screens as a member, also another one, or one that was opened again.
async fn screened(
    member: &Member,
    lists: &[ListId],
    file: &Path,
    out: &Path,
    keep_columns: bool,
) -> Result<Manifest, ScreenError> {
    let job = Screening {
        file,
        nik_column: None,
        lists,
        out,
        keep_columns,
        acting: &acting(),
        patience: Duration::ZERO,
        lang: Lang::En,
    };
    screen(member, &job, &mut Silent).await
}
