//! Trials on other hosts: real OpenSSH servers, each in a network namespace and with a home of its own, behind one bridge.
//! Root is needed for that; without it, each test says that it is skipped.

mod checks;
mod framework;
mod network;
mod server;
mod trials;
