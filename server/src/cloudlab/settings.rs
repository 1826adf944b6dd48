//! What the server is started with.

use crate::cli::CloudlabArgs;
use crate::error::ServerError;
use lab::cloudlab::lifecycle::Pace;
use lab::cloudlab::{ApiToken, PortalUrl, TOKEN_VARIABLE};
use std::path::PathBuf;

/// Where the portal is, and the token that came with the start.
#[derive(Clone, Debug)]
pub struct CloudlabSettings {
    /// The portal's address.
    pub portal: PortalUrl,
    /// The token from file or environment.
    pub token: Option<ApiToken>,
    /// Certificates to trust besides the system's.
    pub authorities: Option<PathBuf>,
    /// The private key's file for the machines.
    pub ssh_key: Option<String>,
    /// How often the portal is asked.
    pub pace: Pace,
}

impl CloudlabSettings {
    /// Reads options, the token's file and the token's variable. The file goes first.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub fn read(args: &CloudlabArgs) -> Result<Self, ServerError> {
        let failed = |option| move |reason| ServerError::Cloudlab { option, reason };
        let portal = PortalUrl::parse(&args.cloudlab_portal).map_err(failed("--cloudlab-portal"))?;
        let token = match (&args.cloudlab_token_file, std::env::var(TOKEN_VARIABLE)) {
            (Some(path), _) => Some(ApiToken::from_file(path).map_err(failed("--cloudlab-token-file"))?),
            (None, Ok(text)) if !text.is_empty() => Some(ApiToken::new(text).map_err(failed(TOKEN_VARIABLE))?),
            _ => None,
        };
        let changing_ms = i64::try_from(args.cloudlab_poll.as_millis()).unwrap_or(i64::MAX / 8).max(100);
        let pace = Pace { changing_ms, steady_ms: changing_ms * 4 };
        Ok(Self {
            portal,
            token,
            authorities: args.cloudlab_authorities.clone(),
            ssh_key: args.cloudlab_ssh_key.clone(),
            pace,
        })
    }
}
