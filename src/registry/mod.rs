//! The matching service's decisions: enrol, evaluate, submit, remove, look up, quota, expiry.
