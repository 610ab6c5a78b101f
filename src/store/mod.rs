//! What the registry keeps: a small trait of domain verbs, its backends and one conformance suite.
