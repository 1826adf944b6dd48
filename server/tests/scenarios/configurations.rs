//! Configurations with names, as several people use them.

use crate::fixture::Fixture;
use crate::stream::Page;
use app::Backend;
use app::backend::BackendError;
use model::configuration::{MAX_NAMED_BYTES, MOST_NAMED};
use tempfile::TempDir;

const TEXT: &str = "# Mine.\ngeneral:\n  f: 2 # two\n";

#[tokio::test]
async fn a_configuration_is_saved_renamed_and_deleted_and_every_page_hears_of_it() {
    let server = Fixture::new().await;
    let host = server.host();
    let mut page = Page::open(&server, "?after=x", "").await;
    page.find("reset").await;
    assert_eq!(host.save_configuration(" two faults ".into(), TEXT.into(), false).await.unwrap(), "two faults");
    page.find(r#""all":[{"name":"two faults""#).await;
    assert_eq!(host.configuration("two faults".into()).await.unwrap().text, TEXT);
    assert_eq!(host.overview().await.unwrap().configurations[0].name, "two faults");
    assert_eq!(host.rename_configuration("two faults".into(), "größer".into()).await.unwrap(), "größer");
    page.find("größer").await;
    assert_eq!(host.delete_configuration("größer".into()).await.unwrap().text, TEXT);
    page.find(r#""all":[]"#).await;
    assert!(matches!(host.configuration("größer".into()).await, Err(BackendError::NotFound { .. })));
}

#[tokio::test]
async fn a_taken_name_is_a_conflict_unless_what_is_there_is_to_be_replaced() {
    let server = Fixture::new().await;
    let host = server.host();
    for name in ["one", "two"] {
        host.save_configuration(name.into(), TEXT.into(), false).await.unwrap();
    }
    let again = host.save_configuration("one".into(), "general: {f: 3}\n".into(), false).await.unwrap_err();
    assert!(again.to_string().contains("replace it"), "{again}");
    assert_eq!(host.configuration("one".into()).await.unwrap().text, TEXT);
    host.save_configuration("one".into(), "general: {f: 3}\n".into(), true).await.unwrap();
    assert_eq!(host.configuration("one".into()).await.unwrap().text, "general: {f: 3}\n");
    assert!(matches!(host.rename_configuration("one".into(), "two".into()).await, Err(BackendError::Conflict { .. })));
    assert!(matches!(host.rename_configuration("six".into(), "ten".into()).await, Err(BackendError::NotFound { .. })));
    assert!(matches!(host.delete_configuration("six".into()).await, Err(BackendError::NotFound { .. })));
    assert_eq!(host.rename_configuration("one".into(), "one".into()).await.unwrap(), "one");
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_with_the_reason() {
    let server = Fixture::new().await;
    let host = server.host();
    let long = format!("a: 1\n{}", "#".repeat(MAX_NAMED_BYTES));
    for (name, text, told) in [
        ("", TEXT, "name has 1 to"),
        ("a\nb", TEXT, "line breaks"),
        ("a", "general: [", "line "),
        ("a", long.as_str(), "bytes"),
    ] {
        let refused = host.save_configuration(name.into(), text.into(), false).await.unwrap_err();
        assert!(refused.to_string().contains(told), "{refused}");
    }
    for number in 0..MOST_NAMED {
        host.save_configuration(format!("number {number}"), "a: 1\n".into(), false).await.unwrap();
    }
    let full = host.save_configuration("one more".into(), TEXT.into(), false).await.unwrap_err();
    assert!(full.to_string().contains("delete one first"), "{full}");
    host.save_configuration("number 7".into(), TEXT.into(), true).await.unwrap();
}

#[tokio::test]
async fn configurations_are_there_after_a_restart() {
    let directory = TempDir::new().unwrap();
    let server = Fixture::over(directory.path()).await;
    server.host().save_configuration("kept".into(), TEXT.into(), false).await.unwrap();
    server.service.end().await;
    server.store.close().await;
    let again = Fixture::over(directory.path()).await;
    assert_eq!(again.host().configuration("kept".into()).await.unwrap().text, TEXT);
}
