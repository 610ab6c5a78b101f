//! The cooperative's side: blind, verify, unblind, check, submit, settle.
