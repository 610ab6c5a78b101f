//! What is said on the wire and kept on disk: ids, orders, records, heads, rows, limits, error codes.
