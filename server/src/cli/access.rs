//! Options that say who may use a server, and how they reach it.

use crate::access::PublicUrl;
use clap::Args;
use std::path::PathBuf;

/// Options of `serve` that say who may use the page.
#[derive(Clone, Debug, Default, Args)]
pub struct AccessArgs {
    /// Asks everybody to sign in; beyond this machine that goes without saying.
    #[arg(long)]
    pub login: bool,
    /// The address that others use, such as https://gym.example.org: that of a reverse proxy, or a name of this machine.
    #[arg(long, value_name = "URL")]
    pub public_url: Option<PublicUrl>,
    /// The file of the TLS certificate and those that vouch for it, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The file of the certificate's private key, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Lets others in without TLS: whoever can listen in on the network between them and this machine can then drive, too.
    #[arg(long)]
    pub plain_http: bool,
}
