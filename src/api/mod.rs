//! HTTP routes, one folder per server. What is decided, the rooms below decide; here requests become
//! values and refusals become problem documents.

pub mod registry;
