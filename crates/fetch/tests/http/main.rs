//! The crate against servers on loopback that follow a script. The servers are in `server`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod connections;
mod paging;
mod secrets;
mod server;
