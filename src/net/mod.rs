//! Accept loop with deadlines, TLS, HTTP client, problem+json.
