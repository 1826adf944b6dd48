//! The server as its callers meet it: real connections, a real store, and, but for the real
//! cluster's, a launcher that starts no processes.

mod access;
mod bftbrain;
mod cloudlab;
mod configurations;
mod control;
mod files;
mod fixture;
mod framework;
mod lifecycle;
mod lines;
mod marked;
mod native;
mod page;
mod portal;
mod queue;
mod real_cluster;
mod startup;
mod stream;
mod sweeps;
mod testbeds;
mod tls;
mod tokens;
