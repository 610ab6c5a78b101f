//! Keyed hashing of many small messages: safe batch doors over a portable judge.
