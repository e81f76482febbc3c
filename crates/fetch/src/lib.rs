//! Reads Kore.ai's conversation exports page by page, as bytes.
//!
//! The exports (Quality AI raw data and score reporting, Agent AI raw data) answer a window of time in pages: an
//! envelope with an array of records, perhaps a total, perhaps a has-more. This crate asks for the pages and splits
//! the envelopes. What is in a record is none of its business: the records leave as one slice of JSON bytes a page,
//! without being built in memory, and whoever decodes them does it once.
//!
//! ```text
//!  Endpoint + Source + Window + Position ─► Request ─► Answer ─► Page ─► Arrival
//!  endpoint.rs  source.rs  window.rs        request.rs   │       page.rs   pages.rs
//!                                                        │
//!      again, as retry.rs decides, in client.rs: auth.rs + budget.rs ─► transport.rs ─► answer.rs
//! ```
//!
//! * An [`Endpoint`] is read from a dataset definition: path, names of parameters, names of the envelope's keys. A
//!   new API is a new definition, not new code.
//! * A [`Client`] owns the [`Credentials`], signs tokens and renews them, keeps to the account's requests a minute,
//!   and follows no redirect, because the token would go along. Clones share all of it. What passes by itself it
//!   sits out, as [`Retry`] says, and tells whoever watches in a [`Notice`].
//! * [`pages`](pages()) reads a window, several requests ahead: it finds out how the server pages, cuts windows that
//!   hold too much, and goes on until neither total nor has-more says that there is more.
//! * An [`Error`] knows whether it is about credentials ([`Error::is_credentials`]), whether it may pass
//!   ([`Error::is_transient`]) and what to do about it ([`Error::hint`]). None of them, and no `Debug`, shows a token or
//!   a secret.
//!
//! ```no_run
//! use futures::TryStreamExt;
//! use korelake_fetch::{
//!     Arrival, Client, ClientOptions, Credentials, Endpoint, Error, PageOptions, Query, Source, Window, pages,
//! };
//!
//! async fn read(endpoint: &Endpoint, window: Window, secret: &str) -> Result<(), Error> {
//!     let options = ClientOptions::new(Credentials::app("cs-1234", secret)).requests_per_minute(Some(60));
//!     let client = Client::new(options)?;
//!     let source = Source {
//!         host: "platform.kore.ai".parse()?,
//!         account_id: "0123456789abcdef01234567".to_owned(),
//!         org_id: Some("o-1234".to_owned()),
//!         stream_id: "st-1234".to_owned(),
//!     };
//!     let query = Query::new(endpoint, &source, window);
//!     let mut arrivals = std::pin::pin!(pages(&client, &query, &PageOptions::default()));
//!     while let Some(arrival) = arrivals.try_next().await? {
//!         if let Arrival::Page { page, .. } = arrival {
//!             println!("{} records in {} bytes, of {:?}", page.count, page.records.len(), page.total);
//!         }
//!     }
//!     println!("in {} requests", query.requests());
//!     Ok(())
//! }
//! ```

mod answer;
mod auth;
mod body;
mod budget;
mod client;
mod date_format;
mod endpoint;
mod error;
mod filter;
mod hint;
mod notice;
mod options;
mod page;
mod pages;
mod query;
mod question;
mod refusal;
mod request;
mod retry;
mod secret;
mod source;
mod throttle;
mod transport;
mod window;

pub use auth::{Algorithm, Credentials, Scheme};
pub use client::Client;
pub use endpoint::{
    Endpoint, IdentityHeader, Method, PagingNames, PagingStyle, ParametersIn, ResponseNames, WindowNames,
};
pub use error::{Cause, Error, Result};
pub use filter::{Filter, FilterType};
pub use notice::Notice;
pub use options::ClientOptions;
pub use page::Page;
pub use pages::{Arrival, Follows, PageOptions, Paging, Readahead, pages};
pub use query::Query;
pub use request::{Position, Request};
pub use retry::Retry;
pub use secret::Secret;
pub use source::{Host, Source};
pub use window::Window;
