//! Bulk jobs over an agent.
