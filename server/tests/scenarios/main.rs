//! The server as its callers meet it: real connections, a real store, and, but for the real
//! cluster's, a launcher that starts no processes.

mod access;
mod control;
mod fixture;
mod framework;
mod lifecycle;
mod native;
mod queue;
mod real_cluster;
mod startup;
mod stream;
mod tls;
mod tokens;
