//! Staging a whole version of a list: begun, uploaded as any file is, closed. Killed at any point,
//! the same call goes on where it was; nobody is answered from the version before it is switched in.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::{FileDigests, SubmitOptions, SubmitReport, SubmitWatcher, Target, file};
use super::{UploadJob, pinning};
use crate::agent::administration::administering;
use crate::agent::door::RegistryDoor;
use crate::agent::orders::{self, Acting, Matter};
use crate::agent::{Agent, AgentError};
use crate::protocol::codes::Reason;
use crate::protocol::limits::files::REMEMBERED_ROWS;
use crate::protocol::order::{OrderKind, SignedOrder};
use crate::protocol::version::{
    CloseVersion, OpenVersion, Validity, Version, VersionInfo, VersionState,
};
use crate::protocol::{ContentDigest, Date, Digest32, ErrorCode, ListId, OfficerId};

/// How to stage.
#[derive(Clone, Copy, Debug)]
pub struct StageOptions {
    /// When the version holds.
    pub validity: Validity,
    /// The category of rows that name none.
    pub category: Option<Reason>,
    /// How long a chunk is tried again while the registry is away or busy.
    pub patience: Duration,
}

/// What came of staging.
#[derive(Clone, Debug, Serialize)]
pub struct StageReport {
    /// The version.
    pub version: Version,
    /// What came of the file's rows; none if the version was whole before.
    #[serde(flatten)]
    pub upload: Option<SubmitReport>,
}

impl<D: RegistryDoor> Agent<D> {
    /// Stages a file as a whole version of a list and closes it. The same file with the same options
    /// again, while its version is staged, goes on in that version.
    ///
    /// # Errors
    /// Those of [`Agent::submit`]; [`AgentError::Door`] with `already_exists` while a version of
    /// another file or with other options is staged, and with `not_found` if the version was dropped meanwhile (the same call
    /// then begins another).
    pub async fn stage(
        &self,
        list: &ListId,
        path: &Path,
        options: StageOptions,
        officer: &OfficerId,
        watcher: &mut dyn SubmitWatcher,
    ) -> Result<StageReport, AgentError> {
        let digests = file::digests(path)?;
        let pinned = pinning::refresh(&self.home, &self.door, list, self.now()).await?;
        let how = how(&options);
        let job = UploadJob::open(&self.home, &pinned, &digests, &how, self.now())?;
        let mut staging = Staging {
            list,
            options,
            acting: administering(officer),
            how,
            job,
        };
        let staged = self
            .stage_all(&mut staging, pinned, path, digests, watcher)
            .await;
        match staged {
            // The version is gone, and the job with it: an order that was answered once is not
            // carried out anew.
            Err(error) if error.refusal() == Some(ErrorCode::NotFound) => {
                staging.job.finish(&self.home)?;
                Err(error)
            }
            Ok(report) => {
                staging.job.finish(&self.home)?;
                Ok(report)
            }
            error => error,
        }
    }

    async fn stage_all(
        &self,
        staging: &mut Staging<'_>,
        pinned: pinning::Pinned,
        path: &Path,
        digests: FileDigests,
        watcher: &mut dyn SubmitWatcher,
    ) -> Result<StageReport, AgentError> {
        self.answering_kept(staging.list).await?;
        let begun = self.begin_version(staging, &digests).await?;
        let version = begun.version;
        if begun.state == VersionState::Closed {
            return Ok(StageReport {
                version,
                upload: None,
            });
        }
        let options = SubmitOptions {
            update: false,
            patience: staging.options.patience,
        };
        let target = Target::Staged {
            version,
            validity: staging.options.validity,
            since: begun.since.date(),
            category: staging.options.category,
        };
        let officer = &staging.acting.officer;
        let upload = self.upload_of(staging.list, options, officer, pinned, &staging.job, target);
        let report = self
            .upload(&upload, &mut staging.job, path, digests, watcher)
            .await?;
        let listings = self.listings_made(staging, version, &report).await?;
        self.close_version(staging, version, listings).await?;
        Ok(StageReport {
            version,
            upload: Some(report),
        })
    }

    async fn begin_version(
        &self,
        staging: &Staging<'_>,
        digests: &FileDigests,
    ) -> Result<VersionInfo, AgentError> {
        let open = OpenVersion {
            source: self.source(digests, &staging.how),
            validity: staging.options.validity,
        };
        let order = (OrderKind::OpenVersion, "open");
        let (order, content) = self.order_of(staging, order, &open)?;
        let begun = self.door.open_version(&order, &content).await?;
        match begun.list == *staging.list && begun.state != VersionState::Answering {
            true => Ok(begun),
            false => Err(AgentError::Answer),
        }
    }

    async fn close_version(
        &self,
        staging: &Staging<'_>,
        version: Version,
        listings: u64,
    ) -> Result<(), AgentError> {
        let close = CloseVersion { version, listings };
        let order = (OrderKind::CloseVersion, "close");
        let (order, content) = self.order_of(staging, order, &close)?;
        self.door.administer(&order, &content).await?;
        Ok(())
    }

    /// How many listings a whole file made. A row that repeats one so far before it that the file's
    /// reader forgot it is `unchanged`, and so is one that an earlier upload brought: only the
    /// registry can tell them apart.
    async fn listings_made(
        &self,
        staging: &Staging<'_>,
        version: Version,
        report: &SubmitReport,
    ) -> Result<u64, AgentError> {
        if report.unchanged == 0 || report.rows <= REMEMBERED_ROWS as u64 {
            return Ok(report.new + report.unchanged);
        }
        let versions = self.versions(staging.list).await?;
        let staged = versions.iter().find(|info| info.version == version);
        Ok(admitted(report, staged.map(|info| info.listings)))
    }

    /// The file and how it is staged, under the organisation's own salt: the registry can tell that
    /// it is the same again, and nothing else.
    fn source(&self, digests: &FileDigests, how: &str) -> Digest32 {
        self.home
            .reference_digest(&format!("saring/v1/source/{} {how}", digests.blake3))
    }

    fn order_of(
        &self,
        staging: &Staging<'_>,
        (kind, act): (OrderKind, &str),
        content: &impl Serialize,
    ) -> Result<(SignedOrder, Vec<u8>), AgentError> {
        let content = serde_json::to_vec(content).map_err(|_| AgentError::Content)?;
        let fixed = staging.job.fixed();
        let matter = Matter {
            kind,
            list: Some(staging.list),
            record: Digest32([0; 32]),
            job: fixed.evaluation.id,
            chunk: 0,
            count: 1,
            content: ContentDigest::of(&content),
            id: fixed.act_id(act),
        };
        let order = orders::order(&self.home, &staging.acting, matter, self.now());
        Ok((order, content))
    }
}

/// A version being staged.
struct Staging<'a> {
    list: &'a ListId,
    options: StageOptions,
    acting: Acting,
    /// What makes the same file another upload.
    how: String,
    job: UploadJob,
}

/// What makes the same file another upload.
fn how(options: &StageOptions) -> String {
    let category = options.category.map_or("", Reason::as_str);
    let Validity {
        berlaku_dari,
        berlaku_sampai,
    } = options.validity;
    let day = |day: Option<Date>| day.map_or(i32::MIN, |day| day.0);
    let (from, until) = (day(berlaku_dari), day(berlaku_sampai));
    format!("version {from} {until} {category}")
}

/// What the registry says of its version's listings, if the file's rows admit it; else as many as
/// they would make without repetitions, which the registry then refuses.
fn admitted(report: &SubmitReport, held: Option<u64>) -> u64 {
    let most = report.new + report.unchanged;
    held.filter(|held| (report.new..=most).contains(held))
        .unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_closes_with_what_its_rows_admit() {
        let digest = Digest32([0; 32]);
        let digests = FileDigests {
            blake3: digest,
            sha256: digest,
        };
        let list = ListId::parse("asn").expect("an id");
        let report = SubmitReport {
            new: 5,
            unchanged: 3,
            ..SubmitReport::empty(list, crate::protocol::Epoch(1), digests)
        };
        for held in 5..=8 {
            assert_eq!(admitted(&report, Some(held)), held);
        }
        for held in [None, Some(4), Some(9)] {
            assert_eq!(admitted(&report, held), 8, "refused by the registry");
        }
    }
}
