use super::*;
use crate::app::clock::SystemClock;
use crate::app::{InitOptions, init};
use crate::protocol::OrgId;

async fn examined(config_file: &Path) -> Vec<Finding> {
    doctor(config_file, &SystemClock).await
}

fn grade(findings: &[Finding], code: &str) -> Option<Grade> {
    let found = findings.iter().find(|finding| finding.code == code);
    found.map(|finding| finding.grade)
}

#[tokio::test]
async fn a_fresh_installation_has_warnings_and_no_faults() {
    let parent = tempfile::tempdir().expect("a folder");
    let options = InitOptions {
        address: Some(([127, 0, 0, 1], 0).into()),
        admin_address: Some(([127, 0, 0, 1], 0).into()),
        ..InitOptions::new(OrgId::parse("operator").expect("an id"))
    };
    let made = init(&parent.path().join("registry"), &options).expect("sets up");
    let findings = examined(&made.config_file).await;
    assert!(
        findings.iter().all(|found| found.grade < Grade::Fault),
        "{findings:?}"
    );
    assert_eq!(grade(&findings, "keys"), Some(Grade::Ok));
    assert_eq!(grade(&findings, "operator_key"), Some(Grade::Ok));
    assert_eq!(grade(&findings, "journal_disk"), Some(Grade::Warning));
    let trust = findings
        .iter()
        .find(|found| found.code == "trust")
        .expect("said");
    for text in [&trust.text_id, &trust.text_en] {
        assert!(text.starts_with("1 of 1: trusts the operator"), "{text}");
    }
}

#[test]
fn a_processor_that_is_held_back_is_told() {
    let best = processor(InstructionSet::Avx2, InstructionSet::Avx2);
    assert_eq!(best.grade, Grade::Ok);
    let held = processor(InstructionSet::Portable, InstructionSet::Avx512);
    assert_eq!(held.grade, Grade::Warning);
    for text in [&held.text_id, &held.text_en] {
        for name in ["portable", "avx512", VARIABLE] {
            assert!(text.contains(name), "{text}");
        }
    }
}

#[tokio::test]
async fn what_is_broken_is_told() {
    use std::os::unix::fs::PermissionsExt;

    let parent = tempfile::tempdir().expect("a folder");
    let missing = examined(&parent.path().join("saring.toml")).await;
    assert_eq!(grade(&missing, "config"), Some(Grade::Fault));

    let options = InitOptions::new(OrgId::parse("operator").expect("an id"));
    let folder = parent.path().join("registry");
    let made = init(&folder, &options).expect("sets up");
    let key = folder.join("keys/registry-signing.key");
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&key, open).expect("opened");
    let findings = examined(&made.config_file).await;
    assert_eq!(grade(&findings, "keys"), Some(Grade::Fault));

    let config = std::fs::read_to_string(&made.config_file).expect("reads");
    let other = config.replace(&made.operator.to_string(), &"0".repeat(64));
    std::fs::write(&made.config_file, other).expect("writes");
    let findings = examined(&made.config_file).await;
    assert_eq!(grade(&findings, "operator_key"), Some(Grade::Fault));
}
