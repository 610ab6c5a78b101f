//! The one bit of a secret that an operation tells.

/// Makes a bit public: whether a scalar is zero or not reduced, or a result the identity. Honest
/// secrets are none of this but once in 2^252, and whoever asked learns it from the refusal. This is the only
/// branch of the room on anything secret, and a function of its own, so that the check for
/// constant time (`timing/`) can excuse it by its name.
#[inline(never)]
pub(super) fn told(bit: bool) -> bool {
    if bit { yes() } else { no() }
}

// Two calls, or the compiler would make the branch a copy of the bit.
#[inline(never)]
fn yes() -> bool {
    std::hint::black_box(true)
}

#[inline(never)]
fn no() -> bool {
    std::hint::black_box(false)
}
