//! The room that touches the network: an accept loop with deadlines, TLS, the layers every server
//! wears, problem+json and the HTTP client.
//!
//! | door | for |
//! |---|---|
//! | [`serve`] | one listener, TLS or loopback, until told to stop |
//! | [`layers`] | body limits, shedding by class of route, request ids, one log line a request |
//! | [`Door`] | who is turned away before anything is done for a request |
//! | [`Threads`] | those that listen, and apart from them those that do what requests ask for |
//! | [`Problem`] | every refusal, RFC 9457 |
//! | [`Client`] | calls to another server, with deadlines, bounds and polite retries |
//!
//! Nothing here compresses or decompresses, follows a redirect, reads a proxy from the environment
//! or logs a path, a query or a body. TLS is for confidentiality; who the registry is, signatures
//! tell (docs/PROTOCOL.md).

mod client;
mod error;
pub mod layers;
mod problem;
mod server;
#[cfg(test)]
mod testing;
mod threads;
mod tls;

pub use client::{Call, CallError, Client, ClientOptions, Download, Reply, RetryOptions};
pub use error::SetupError;
pub use problem::{PROBLEM_JSON, Problem};
pub use server::{
    ConnectionCounters, ConnectionCounts, ConnectionLimits, Deadlines, Door, Peer, Security,
    ServeOptions, raise_descriptor_limit, serve,
};
pub use threads::Threads;
pub use tls::{ServerTls, Trust};
