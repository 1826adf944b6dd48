//! `bftgym token`: tokens that let scripts and people in, also while a server runs.

use super::headless::table;
use super::{data_dir, print_json, say};
use crate::access::token_hash;
use crate::cli::{Lifetime, TokenArgs, TokenCommand};
use crate::clock::Clock;
use crate::error::ServerError;
use crate::trials::random_hex;
use model::access::Role;
use serde::Serialize;
use store::{AccessStore, NewToken, Token};

/// A token in the list, as JSON; times are ms since the epoch.
#[derive(Serialize)]
struct Listed {
    id: i64,
    name: String,
    role: Role,
    created_ms: i64,
    expires_ms: Option<i64>,
    last_used_ms: Option<i64>,
    sessions: u32,
}

/// Does it.
pub(super) async fn run(args: TokenArgs) -> Result<(), ServerError> {
    let directory = data_dir::choose(args.data_dir)?;
    let store = AccessStore::open(&directory)?;
    let now_ms = Clock::system().now_ms();
    match args.command {
        TokenCommand::New { name, role, expires } => new(&store, name, role, expires, now_ms).await,
        TokenCommand::List { json: true } => {
            print_json(&store.tokens().await?.into_iter().map(listed).collect::<Vec<_>>())
        }
        TokenCommand::List { json: false } => {
            let tokens = store.tokens().await?;
            if tokens.is_empty() {
                eprintln!("There are no tokens in {}. bftgym token new NAME makes one.", directory.display());
            } else {
                table(&rows(&tokens, now_ms)).iter().try_for_each(say)?;
            }
            Ok(())
        }
        TokenCommand::Revoke { name: Some(name), .. } => match store.revoke(name.clone()).await? {
            Some(token) => {
                eprintln!("The token {:?} is revoked; {} signed out.", token.name, sessions(token.sessions as usize));
                Ok(())
            }
            None => Err(ServerError::UnknownToken { name }),
        },
        TokenCommand::Revoke { name: None, .. } => {
            let (tokens, ended) = store.revoke_all().await?;
            let tokens = if tokens == 1 { "1 token is".to_owned() } else { format!("{tokens} tokens are") };
            eprintln!("{tokens} revoked; {} signed out.", sessions(ended));
            Ok(())
        }
    }
}

async fn new(store: &AccessStore, name: String, role: Role, expires: Lifetime, now_ms: i64) -> Result<(), ServerError> {
    let token = random_hex::<32>()?;
    let expires_ms = match expires {
        Lifetime::Ms(ms) => Some(now_ms + ms),
        Lifetime::Unlimited => None,
    };
    let hash = token_hash(&token);
    store.add_token(NewToken { name: name.clone(), hash, role, created_ms: now_ms, expires_ms }).await?;
    // Alone on its stream, so that a script can take it.
    say(token)?;
    let end = expires_ms
        .map_or_else(|| "works until it is revoked".to_owned(), |ms| format!("works for {}", span(ms - now_ms)));
    eprintln!(
        "The token {name:?} of a {} {end}. It is not shown again. Programs send it as \"Authorization: Bearer TOKEN\"; \
         people paste it where they sign in, or open the server's address with /login#token=TOKEN behind it.",
        match role {
            Role::Driver => "driver",
            Role::Audience => "watcher",
        }
    );
    Ok(())
}

fn sessions(count: usize) -> String {
    match count {
        0 => "nobody was".to_owned(),
        1 => "1 browser is".to_owned(),
        count => format!("{count} browsers are"),
    }
}

fn rows(tokens: &[Token], now_ms: i64) -> Vec<Vec<String>> {
    let head = ["id", "role", "expires", "last used", "browsers", "name"].map(str::to_owned).to_vec();
    let row = |token: &Token| {
        let expires = match token.expires_ms {
            None => "never".to_owned(),
            Some(ms) if ms <= now_ms => "expired".to_owned(),
            Some(ms) => format!("in {}", span(ms - now_ms)),
        };
        let used = token.last_used_ms.map_or_else(|| "never".to_owned(), |ms| format!("{} ago", span(now_ms - ms)));
        vec![
            token.id.to_string(),
            token.role.word().to_owned(),
            expires,
            used,
            token.sessions.to_string(),
            token.name.clone(),
        ]
    };
    std::iter::once(head).chain(tokens.iter().map(row)).collect()
}

fn listed(token: Token) -> Listed {
    let Token { id, name, role, created_ms, expires_ms, last_used_ms, sessions } = token;
    Listed { id, name, role, created_ms, expires_ms, last_used_ms, sessions }
}

/// A span of time in its largest unit, rounded: "3 days".
fn span(ms: i64) -> String {
    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;
    let (unit_ms, unit) = match ms {
        ms if ms < MINUTE => return "less than a minute".to_owned(),
        ms if ms < 2 * HOUR => (MINUTE, "minute"),
        ms if ms < 48 * HOUR => (HOUR, "hour"),
        _ => (24 * HOUR, "day"),
    };
    let number = (ms + unit_ms / 2) / unit_ms;
    model::words::numbered(number.unsigned_abs(), unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_a_unit_that_people_think_in() {
        let minute = 60_000;
        for (ms, text) in [
            (0, "less than a minute"),
            (minute, "1 minute"),
            (119 * minute, "119 minutes"),
            (120 * minute, "2 hours"),
            (90 * 24 * 60 * minute - 1, "90 days"),
        ] {
            assert_eq!(span(ms), text);
        }
    }
}
