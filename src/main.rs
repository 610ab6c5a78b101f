//! Parse, run, exit code.

use std::process::ExitCode;

/// RocksDB's too: under the system's allocator what many threads freed stayed with the process, and
/// a registry that lists millions passed its bound of memory.
#[cfg(feature = "rocks")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    saring::cli::main()
}
