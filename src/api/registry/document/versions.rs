//! The operations on whole versions of a list.

use super::operations::{ORDER, Operation, READ};
use super::shape::{Body, Shape};
use crate::protocol::ErrorCode::{
    self, AlreadyExists, InvalidField, NotGranted, OrganisationSuspended,
};
use crate::protocol::paths;
use crate::protocol::version::{
    CloseVersion, DropVersion, OpenVersion, SwitchVersion, VersionDiff, VersionInfo,
};

const VERSION_REFUSES: &[ErrorCode] = &[
    NotGranted,
    OrganisationSuspended,
    InvalidField,
    AlreadyExists,
];

pub(super) const SHOW: Operation = Operation {
    path: paths::VERSIONS,
    id: "versions",
    tag: "versions",
    title_id: "Versi daftar",
    title_en: "A list's versions",
    about: "For the list's owner and its administrators.",
    answer: "The version that answers and, after it, the one that is staged",
    gives: &[Body::Json(Shape::many::<VersionInfo>())],
    refuses: &[NotGranted, InvalidField],
    ..READ
};
pub(super) const OPEN: Operation = Operation {
    path: paths::VERSIONS,
    id: "open_version",
    tag: "versions",
    title_id: "Memulai versi",
    title_en: "Begin a version",
    about: "For the list's owner. Its rows are submitted with the version's number by orders of \
            the kind `stage`; nobody is answered from it before it is switched in.",
    takes: &[Body::Json(Shape::one::<OpenVersion>())],
    answer: "The version; the same one while the same source is staged",
    gives: &[Body::Json(Shape::one::<VersionInfo>())],
    refuses: VERSION_REFUSES,
    ..ORDER
};
pub(super) const CLOSE: Operation = Operation {
    path: paths::VERSION_CLOSE,
    id: "close_version",
    tag: "versions",
    title_id: "Menutup versi: utuh",
    title_en: "Close a version: it is whole",
    takes: &[Body::Json(Shape::one::<CloseVersion>())],
    refuses: VERSION_REFUSES,
    ..ORDER
};
pub(super) const SWITCH: Operation = Operation {
    path: paths::VERSION_SWITCH,
    id: "switch_version",
    tag: "versions",
    title_id: "Memberlakukan versi",
    title_en: "Make a version answer",
    about: "For the list's owner, by another officer than the one who staged it, with the \
            agency's handing over. It takes effect at once and for everybody.",
    takes: &[Body::Json(Shape::one::<SwitchVersion>())],
    refuses: VERSION_REFUSES,
    ..ORDER
};
pub(super) const DROP: Operation = Operation {
    path: paths::VERSION_DROP,
    id: "drop_version",
    tag: "versions",
    title_id: "Membuang versi yang disiapkan",
    title_en: "Discard a staged version",
    takes: &[Body::Json(Shape::one::<DropVersion>())],
    refuses: VERSION_REFUSES,
    ..ORDER
};
pub(super) const DIFF: Operation = Operation {
    path: paths::VERSION_DIFF,
    id: "version_diff",
    tag: "versions",
    title_id: "Perbedaan versi",
    title_en: "What a switch would change",
    about: "Counted in people who are answered about.",
    answer: "The counts",
    gives: &[Body::Json(Shape::one::<VersionDiff>())],
    refuses: &[NotGranted, InvalidField],
    ..READ
};
