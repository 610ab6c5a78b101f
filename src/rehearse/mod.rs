//! The demo: starts this executable as real processes and drives them.
