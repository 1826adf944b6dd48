//! Checking a testbed: every host is looked at, all at the same time.

use super::Access;
use super::examine::{Examined, examine};
use futures::future::join_all;
use model::hosts::{HostCheck, SshTestbed, TestbedCheck};

/// Looks at every host; copies the program where it is missing, so that a start after this is quick.
pub async fn check(access: &Access, testbed: &SshTestbed) -> TestbedCheck {
    let hosts = testbed.hosts.iter().map(|host| async {
        let Examined { findings, ready } = examine(access, testbed.backend.as_deref(), host, &|_, _| {}).await;
        if let Some(ready) = ready {
            ready.host.close().await;
        }
        HostCheck { host: host.label(), findings }
    });
    TestbedCheck { hosts: join_all(hosts).await }
}
