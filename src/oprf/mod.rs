//! RFC 9497 over ristretto255-SHA512: blind, evaluate, proofs, element mode, thresholds, key update.
