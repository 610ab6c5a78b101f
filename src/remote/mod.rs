//! The evaluator over the network: a registry's view of its custodians.
