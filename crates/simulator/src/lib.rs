//! A Kore.ai server on loopback: seeded conversations behind the vendor's paths, headers, parameters and errors.
//!
//! The demo, the tests and the benches need a server that answers as the vendor's pages say and that anybody can
//! run offline. This one holds data for **any day**: a conversation is a pure function of `(seed, day, index)`, so
//! what a page holds can be compared, record by record, with what a lake holds.
//!
//! ```text
//!  request ─► counted, delayed ─► who asks ─► what is asked ─► rows of the window ─► page ─► envelope
//!             routes              auth        parameters       corpus                corpus   page
//! ```
//!
//! # The server
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! use korelake_simulator::{Options, Simulator};
//!
//! let simulator = Simulator::start(Options::default().seed(7).conversations_per_day(40)).await?;
//! println!("POST {}/qualityai/api/v1/public/qualitymanagement/app/{}/rawdata", simulator.url(),
//!     simulator.options().stream_id);
//! simulator.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! It does what the vendor's pages say. What they do not say, and what servers and networks do on bad days, are its
//! [faults](Fault): `Options::default().fault(Fault::Reset(20))` closes every fifth connection without an answer.
//!
//! # The records alone
//!
//! ```
//! use korelake_simulator::{Shape, conversations};
//!
//! # fn main() {
//! let day = chrono::NaiveDate::default();
//! let records: Vec<String> = conversations(7, Shape::V3, day, 40).collect();
//! assert_eq!(records.len(), 40);
//! # }
//! ```
//!
//! Every key is one that the vendor's pages or sample bodies name; every text is our own. Persons are called
//! `Jane Doe` or `Agent 07` and live at `example.com`.

mod answer;
mod auth;
mod connection;
mod corpus;
mod error;
mod fault;
mod generate;
mod interactions;
mod moment;
mod options;
mod page;
mod parameters;
mod quality;
mod recent;
mod refusal;
mod routes;
mod server;
mod shape;
#[cfg(test)]
mod tests;
mod traffic;
mod words;

pub use error::Error;
pub use fault::{Fault, Known as KnownFault};
pub use options::Options;
pub use server::Simulator;
pub use shape::{RawDataShape, Shape, conversations, write_ndjson};
