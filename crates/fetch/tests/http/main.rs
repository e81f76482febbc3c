//! The crate against servers on loopback that follow a script. The servers are in `server`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod bodies;
mod connections;
mod doubts;
mod paging;
mod parts;
mod retries;
mod secrets;
mod server;
mod styles;
mod throttling;
mod tls;
mod tokens;
