//! What a program can tell valgrind and ask it: the client requests of valgrind.h and memcheck.h,
//! which do nothing elsewhere.
#![allow(
    unsafe_code,
    reason = "a client request is a sequence of instructions that only valgrind knows"
)]

use crate::secret::Span;

const RUNNING_ON_VALGRIND: u64 = 0x1001;
const COUNT_ERRORS: u64 = 0x1201;
/// `VG_USERREQ_TOOL_BASE('M', 'C')` and its numbers.
const MAKE_MEM_UNDEFINED: u64 = 0x4d43_0001;
const MAKE_MEM_DEFINED: u64 = 0x4d43_0002;

/// Whether this runs under valgrind.
pub(crate) fn under_valgrind() -> bool {
    request(RUNNING_ON_VALGRIND, (0, 0)) > 0
}

/// Reports so far, those that a suppression excuses not counted.
pub(crate) fn reports() -> u64 {
    request(COUNT_ERRORS, (0, 0))
}

/// From now on every branch and address that depends on these bytes is reported.
pub(crate) fn make_undefined(span: Span) {
    request(MAKE_MEM_UNDEFINED, span);
}

/// These bytes may be looked at.
pub(crate) fn make_defined(span: Span) {
    request(MAKE_MEM_DEFINED, span);
}

/// The address inside `value` where `bytes` lie.
pub(crate) fn place_of<T>(value: &T, bytes: &[u8]) -> Option<usize> {
    let start = std::ptr::from_ref(value).cast::<u8>();
    // SAFETY: `value` is borrowed and `size_of::<T>()` bytes long. The types this is used for are
    // integers throughout, so every byte is initialised.
    let inside = unsafe { std::slice::from_raw_parts(start, size_of::<T>()) };
    let offset = inside
        .windows(bytes.len())
        .position(|window| window == bytes)?;
    Some(start.addr() + offset)
}

#[cfg(target_arch = "x86_64")]
fn request(number: u64, (address, length): Span) -> u64 {
    let arguments: [u64; 6] = [number, address as u64, length as u64, 0, 0, 0];
    let mut result = 0;
    // SAFETY: valgrind.h's sequence for amd64. Outside valgrind it rotates rdi by 128 bits in all,
    // which changes nothing, and exchanges rbx with itself; inside, valgrind reads six words at
    // rax and answers in rdx. The requests used here write no memory of the program.
    unsafe {
        std::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") arguments.as_ptr(),
            inout("rdx") 0_u64 => result,
            options(nostack),
        );
    }
    result
}

#[cfg(not(target_arch = "x86_64"))]
fn request(_number: u64, _span: Span) -> u64 {
    0
}
