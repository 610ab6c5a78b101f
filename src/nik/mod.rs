//! The person's number: parse (normalise and validate), districts, masking, synthetic NIKs.
