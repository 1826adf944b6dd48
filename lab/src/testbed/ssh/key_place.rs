//! Where keys are put and named: what a person is told when a host does not let them in.

/// Where a person puts a public key so that hosts let them in, and names the private one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// On each host, and in the testbed's description.
    Host,
    /// In an account of CloudLab, which puts it onto the machines that it lends, and among the options of the server.
    Cloudlab,
}

impl KeyPlace {
    /// How a public key gets there.
    pub(super) fn add_the_key(self) -> &'static str {
        match self {
            Self::Host => "add the public key to ~/.ssh/authorized_keys there",
            Self::Cloudlab => "add the public key to your CloudLab account, which hands it to your machines",
        }
    }

    /// How a private key is named.
    pub(super) fn name_a_file(self) -> &'static str {
        match self {
            Self::Host => "name a key's file",
            Self::Cloudlab => "name a key's file with --cloudlab-ssh-key when the server starts",
        }
    }
}
