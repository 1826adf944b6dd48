//! Options of `token`.

use super::DATA_DIR_VARIABLE;
use clap::{Args, Subcommand};
use model::access::{Role, check_token_name};
use std::path::PathBuf;

/// Tokens that let scripts and people in.
#[derive(Clone, Debug, Args)]
pub struct TokenArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: TokenCommand,
    /// Where trials are kept, and tokens with them [default: bftgym in the user's data directory].
    #[arg(long, env = DATA_DIR_VARIABLE, global = true)]
    pub data_dir: Option<PathBuf>,
}

/// What can be done with tokens.
#[derive(Clone, Debug, Subcommand)]
pub enum TokenCommand {
    /// Makes a token and prints it, this once.
    New {
        /// What to call it, such as "nightly runs".
        #[arg(value_parser = check_token_name)]
        name: String,
        /// What its holder may do: `driver` everything, `audience` only look.
        #[arg(long, default_value = "driver", value_parser = parse_role)]
        role: Role,
        /// How long it works, such as 12h, 30d or never.
        #[arg(long, default_value = "90d", value_parser = parse_lifetime)]
        expires: Lifetime,
    },
    /// Lists the tokens: never themselves, but what they are called, what they allow and when they were used.
    List {
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Makes a token worthless and signs out everybody who signed in with it.
    Revoke {
        /// Its name, or its number in the list.
        #[arg(required_unless_present = "all")]
        name: Option<String>,
        /// All tokens, and everybody who is signed in.
        #[arg(long, conflicts_with = "name")]
        all: bool,
    },
}

/// How long a token works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// For so many ms.
    Ms(i64),
    /// Until it is revoked.
    Unlimited,
}

fn parse_role(word: &str) -> Result<Role, String> {
    Role::of_word(word).ok_or_else(|| format!("{word:?} is no role; choose driver or audience"))
}

fn parse_lifetime(text: &str) -> Result<Lifetime, String> {
    const LONGEST_MS: i64 = 3650 * 24 * 3_600_000;
    let wrong = || format!("{text:?} is no lifetime from 1m to 3650d; write it as 12h, 30d or never");
    if text == "never" {
        return Ok(Lifetime::Unlimited);
    }
    let unit_ms = match text.chars().last() {
        Some('m') => 60_000,
        Some('h') => 3_600_000,
        Some('d') => 24 * 3_600_000,
        _ => return Err(wrong()),
    };
    let number = text[..text.len() - 1].parse::<u32>().map_err(|_| wrong())?;
    match i64::from(number).checked_mul(unit_ms) {
        Some(ms @ 1..=LONGEST_MS) => Ok(Lifetime::Ms(ms)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_has_a_unit_and_an_end_unless_it_is_never() {
        assert_eq!(parse_lifetime("12h"), Ok(Lifetime::Ms(43_200_000)));
        assert_eq!(parse_lifetime("30d"), Ok(Lifetime::Ms(2_592_000_000)));
        assert_eq!(parse_lifetime("never"), Ok(Lifetime::Unlimited));
        for text in ["", "0d", "d", "12", "-1h", "4000d", "99999999999d", "1w", "5µ", "ä"] {
            assert!(parse_lifetime(text).unwrap_err().contains("30d"), "{text}");
        }
    }
}
