//! Files in the style of the public framework, written for this test, load unchanged.

use protocol::language::{Severity, check_text, compile};

/// Every quirk that must not stop a file: its errors, its warnings.
fn warnings(text: &str) -> Vec<String> {
    let findings = check_text(text, 1);
    let errors: Vec<String> =
        findings.iter().filter(|found| found.severity == Severity::Error).map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    compile(text, 1).unwrap();
    findings.into_iter().map(|found| found.code).collect()
}

#[test]
fn three_phases_with_the_roles_of_another_protocol() {
    let text = include_str!("foreign/three-phase.yaml");
    let found = warnings(text);
    for code in ["no-view-change", "unused-role", "plugin-without-effect", "ignored-key", "unused-message"] {
        assert!(found.iter().any(|known| known == code), "{code} is missing among {found:?}");
    }
    assert!(!found.iter().any(|code| code == "quorums-do-not-meet"), "{found:?}");
}

#[test]
fn steps_of_leaders_and_a_timeout_without_a_mode() {
    let found = warnings(include_str!("foreign/steps.yaml"));
    assert!(found.iter().any(|code| code == "missing-mode"), "{found:?}");
    let table = compile(include_str!("foreign/steps.yaml"), 1).unwrap();
    assert!(table.rotating);
}

#[test]
fn speculation_with_a_client_that_commits() {
    let found = warnings(include_str!("foreign/speculative.yaml"));
    assert!(found.iter().any(|code| code == "no-view-change"), "{found:?}");
    let table = compile(include_str!("foreign/speculative.yaml"), 1).unwrap();
    assert_eq!(table.commit.map(|rule| rule.replies), Some(3));
}

#[test]
fn quorums_of_a_larger_cluster_and_a_condition_that_nobody_knows() {
    let text = include_str!("foreign/two-steps.yaml");
    let found = warnings(text);
    for code in ["replicas-assumed", "view-condition", "no-view-change"] {
        assert!(found.iter().any(|known| known == code), "{code} is missing among {found:?}");
    }
    assert_eq!(compile(text, 2).unwrap().n, 11);
}
