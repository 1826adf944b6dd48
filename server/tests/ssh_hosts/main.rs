//! Trials on other hosts: real OpenSSH servers, each in a network namespace and with a home of its own, behind one bridge.
//! Root is needed for that; without it, each test says that it is skipped.

mod checks;
mod cloudlab;
mod framework;
mod network;
#[allow(dead_code, reason = "the tests without machines use the rest of it")]
#[path = "../scenarios/portal.rs"]
mod portal;
mod server;
mod trials;
