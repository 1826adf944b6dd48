//! Work that goes on to its end, also when the page that asked for it is gone.

use app::backend::BackendError;

/// Does something to its end, also when the one who asked is gone.
///
/// # Errors
/// Those of the work, and a failure where it broke off.
pub(crate) async fn in_full<T: Send + 'static>(
    work: impl Future<Output = Result<T, BackendError>> + Send + 'static,
) -> Result<T, BackendError> {
    let broke_off = |error| Err(BackendError::Failed { message: format!("what was asked for broke off: {error}") });
    tokio::spawn(work).await.unwrap_or_else(broke_off)
}
