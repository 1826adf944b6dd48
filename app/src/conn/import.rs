//! Hands a file of exported trials to the host. No server function: the file goes there as it is, however large.

use gloo_net::http::Request;
use model::ids::TrialId;
use serde::Deserialize;

/// The largest file that the host takes, bytes.
const LIMIT: f64 = (512_u32 << 20) as f64;

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Imported { trials: Vec<TrialId> },
    Refused { error: String },
}

/// The numbers of the imported trials, or a sentence that says what is wrong with the file.
pub(crate) async fn import_file(file: web_sys::File) -> Result<Vec<TrialId>, String> {
    if file.size() > LIMIT {
        return Err("the file is larger than the 512 MiB that fit".to_owned());
    }
    let unreachable = |_| "The server does not answer. Check that it is running, then try again.".to_owned();
    let request = Request::post("/trials/import?page=1")
        .header("content-type", "application/x-ndjson")
        .body(file)
        .map_err(unreachable)?;
    let text = request.send().await.map_err(unreachable)?.text().await.map_err(unreachable)?;
    match serde_json::from_str(&text) {
        Ok(Answer::Imported { trials }) => Ok(trials),
        Ok(Answer::Refused { error }) => Err(error),
        Err(_) => Err("The server answered in a way this page does not understand. Reload the page.".to_owned()),
    }
}
