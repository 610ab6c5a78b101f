//! What can be wrong before the first byte moves: addresses, certificates, keys.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a server or a client cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A plain listener beyond loopback was not asked for in so many words.
    #[error(
        "{0} is not a loopback address and has no TLS: give a certificate and key, \
         or set allow_plain_beyond_loopback"
    )]
    PlainBeyondLoopback(SocketAddr),
    /// The listener has no address.
    #[error("the listener is unusable")]
    Listener(#[source] io::Error),
    /// A PEM file cannot be read or holds no usable certificate.
    #[error("no certificate can be read from {path}")]
    Certificate {
        /// The file that was given.
        path: PathBuf,
    },
    /// A PEM file cannot be read or holds no usable private key.
    #[error("no private key can be read from {path}")]
    PrivateKey {
        /// The file that was given.
        path: PathBuf,
    },
    /// A pin must be one certificate, so that there is no doubt which one is meant.
    #[error("{path} holds {count} certificates where exactly one is pinned")]
    PinIsNotOne {
        /// The file that was given.
        path: PathBuf,
        /// How many certificates it holds.
        count: usize,
    },
    /// The certificate and the key do not belong together, or rustls refuses them.
    #[error("TLS refuses this certificate and key")]
    Tls(#[source] rustls::Error),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built")]
    Client(#[source] reqwest::Error),
}
