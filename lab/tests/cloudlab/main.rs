//! The client of CloudLab's portal over real connections, judged by the portal's own OpenAPI document. `README.md` says
//! what stands for the portal, which no test can reach.

mod calls;
mod contract;
mod manifests;
mod portal;
mod tls;
mod trouble;
