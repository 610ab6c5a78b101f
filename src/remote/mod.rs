//! Other parties over HTTP: the agent's door to a registry.

mod registry;

pub use registry::HttpRegistry;
