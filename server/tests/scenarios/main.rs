//! The server as its callers meet it: real connections, a real store, and, but for the real
//! cluster's, a launcher that starts no processes.

<<<<<<< HEAD
mod cloudlab;
mod configurations;
=======
mod access;
>>>>>>> w-login
mod control;
mod files;
mod fixture;
mod framework;
mod lifecycle;
mod lines;
mod native;
mod portal;
mod queue;
mod real_cluster;
mod startup;
mod stream;
<<<<<<< HEAD
mod sweeps;
=======
mod tls;
mod tokens;
>>>>>>> w-login
