//! ristretto255 for many elements: batch decode, multiply, encode, multi-scalar.
