//! Evaluation under a share: roll, ledger, quota, hard cap.
