//! HTTP routes of the servers.
