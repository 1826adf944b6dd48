//! Options of `serve` about CloudLab. The token itself is none: a command line is there for everybody to read.

use clap::Args;
use lab::cloudlab::{DEFAULT_PORTAL, TOKEN_FILE_VARIABLE};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

const PORTAL_VARIABLE: &str = "BFTGYM_CLOUDLAB_PORTAL";
const AUTHORITIES_VARIABLE: &str = "BFTGYM_CLOUDLAB_AUTHORITIES";
const POLL: &str = "15s";

/// Where CloudLab's portal is, and how it is asked.
#[derive(Clone, Debug, Args)]
pub struct CloudlabArgs {
    /// The address of CloudLab's portal.
    #[arg(long, env = PORTAL_VARIABLE, default_value = DEFAULT_PORTAL)]
    pub cloudlab_portal: String,
    /// A file with the portal's token, readable by you alone [default: the token in BFTGYM_CLOUDLAB_TOKEN, or the page asks].
    #[arg(long, env = TOKEN_FILE_VARIABLE)]
    pub cloudlab_token_file: Option<PathBuf>,
    /// A PEM file with certificates to trust for the portal, besides the system's.
    #[arg(long, env = AUTHORITIES_VARIABLE)]
    pub cloudlab_authorities: Option<PathBuf>,
    /// The private key's file for CloudLab's machines, such as ~/.ssh/id_ed25519 [default: the SSH agent is asked].
    #[arg(long)]
    pub cloudlab_ssh_key: Option<String>,
    /// How often the portal is asked about an experiment that comes up; one that is up is asked about four times less often.
    #[arg(long, default_value = POLL, value_parser = model::duration::parse_duration)]
    pub cloudlab_poll: Duration,
}

impl Default for CloudlabArgs {
    /// As when nothing is said on the command line.
    fn default() -> Self {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let path = |name: &str| variable(name).map(PathBuf::from);
        let portal = variable(PORTAL_VARIABLE).map(OsString::into_string);
        Self {
            cloudlab_portal: portal.map_or_else(|| DEFAULT_PORTAL.to_owned(), |text| text.unwrap_or_default()),
            cloudlab_token_file: path(TOKEN_FILE_VARIABLE),
            cloudlab_authorities: path(AUTHORITIES_VARIABLE),
            cloudlab_ssh_key: None,
            cloudlab_poll: Duration::from_secs(15),
        }
    }
}
