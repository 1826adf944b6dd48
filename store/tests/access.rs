//! Tokens and sessions: what is refused, what goes with what, and how many there are at most.

use model::access::Role;
use store::{AccessSession, AccessStore, MAX_SESSIONS, NewToken, START_TOKEN, Store, StoreError, Used};
use tempfile::TempDir;

fn token(name: &str, hash: u8, expires_ms: Option<i64>) -> NewToken {
    NewToken { name: name.into(), hash: [hash; 32], role: Role::Driver, created_ms: 1_000, expires_ms }
}

fn session(number: u32, token: i64, now_ms: i64) -> AccessSession {
    let mut hash = [0; 32];
    hash[..4].copy_from_slice(&number.to_be_bytes());
    AccessSession {
        hash,
        token: Some(token),
        role: Role::Audience,
        created_ms: now_ms,
        expires_ms: now_ms + 1_000,
        last_used_ms: now_ms,
    }
}

async fn is_there(access: &AccessStore, number: u32, now_ms: i64) -> bool {
    access.session(session(number, 0, 0).hash, now_ms).await.unwrap().is_some()
}

#[tokio::test]
async fn a_token_is_found_until_it_expires_beside_a_server_that_holds_the_directory() {
    let directory = TempDir::new().unwrap();
    let server = Store::open(directory.path(), 0).unwrap();
    let access = AccessStore::open(directory.path()).unwrap();
    let id = access.add_token(token("a", 1, Some(5_000))).await.unwrap();
    let beside = AccessStore::open(directory.path()).unwrap();
    assert_eq!(beside.token([1; 32], 4_999).await.unwrap().unwrap().id, id);
    assert_eq!(beside.token([1; 32], 5_000).await.unwrap(), None);
    assert_eq!(beside.token([2; 32], 0).await.unwrap(), None);
    beside.used(Used::Token(id), 4_000).await.unwrap();
    assert_eq!(access.tokens().await.unwrap()[0].last_used_ms, Some(4_000));
    server.close().await;
}

#[tokio::test]
async fn two_tokens_cannot_have_one_name() {
    let directory = TempDir::new().unwrap();
    let access = AccessStore::open(directory.path()).unwrap();
    access.add_token(token("a", 1, None)).await.unwrap();
    let error = access.add_token(token("a", 2, None)).await.unwrap_err();
    assert!(matches!(error, StoreError::TokenName { .. }) && error.to_string().contains("\"a\""), "{error}");
    assert_eq!(access.tokens().await.unwrap().len(), 1);
}

#[tokio::test]
async fn sessions_outlive_the_start_link_but_not_a_token_that_is_revoked() {
    let directory = TempDir::new().unwrap();
    let access = AccessStore::open(directory.path()).unwrap();
    let link = access.replace_token(token(START_TOKEN, 1, None)).await.unwrap();
    let other = access.add_token(token("42", 2, None)).await.unwrap();
    assert!(access.begin_session(session(1, link, 1_000)).await.unwrap());
    assert!(access.begin_session(session(2, other, 1_000)).await.unwrap());
    access.replace_token(token(START_TOKEN, 3, None)).await.unwrap();
    assert_eq!(access.token([1; 32], 0).await.unwrap(), None);
    assert!(is_there(&access, 1, 1_500).await);
    // A name comes before a number.
    let revoked = access.revoke("42".into()).await.unwrap().unwrap();
    assert_eq!((revoked.id, revoked.sessions), (other, 1));
    assert!(!is_there(&access, 2, 1_500).await && is_there(&access, 1, 1_500).await);
    assert!(!access.begin_session(session(3, other, 1_000)).await.unwrap());
    assert_eq!(access.revoke("42".into()).await.unwrap(), None);
    // The name of the link stands for every link before it.
    let start = access.revoke(START_TOKEN.into()).await.unwrap().unwrap();
    assert_eq!((start.id, start.sessions), (link, 1));
    assert!(!is_there(&access, 1, 1_500).await);
    let last = access.add_token(token("last", 4, None)).await.unwrap();
    assert!(access.begin_session(session(4, last, 1_000)).await.unwrap());
    assert_eq!(access.revoke_all().await.unwrap(), (1, 1));
    assert!(!is_there(&access, 4, 1_500).await);
}

#[tokio::test]
async fn the_session_that_was_idle_longest_makes_room_and_expired_ones_are_forgotten() {
    let directory = TempDir::new().unwrap();
    let access = AccessStore::open(directory.path()).unwrap();
    let id = access.add_token(token("a", 1, None)).await.unwrap();
    for number in 0..=MAX_SESSIONS {
        assert!(access.begin_session(session(number, id, 1_000 + i64::from(number))).await.unwrap());
    }
    assert!(!is_there(&access, 0, 1_100).await);
    assert!(is_there(&access, 1, 1_100).await && is_there(&access, MAX_SESSIONS, 1_100).await);
    assert_eq!(access.tokens().await.unwrap()[0].sessions, MAX_SESSIONS);
    assert!(access.begin_session(session(9_999, id, 100_000)).await.unwrap());
    assert_eq!(access.tokens().await.unwrap()[0].sessions, 1);
}
