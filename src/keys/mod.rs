//! Key files, encryption at rest, escrow.
