//! Keyed hashing of a whole population: 10^8 NIKs from a file, one to a line, into tokens, on one
//! core and on all, without an allocation per message.
//!
//! `cargo bench --no-default-features --bench stream -- [MILLIONS]`, 100 unless told otherwise,
//! each of them 17 MB in the temporary folder while it runs. The file is written once, and read
//! from memory where the system's cache has room for it.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use rand_core::Rng;
use rayon::prelude::*;
use saring::hash::{HashKey, SeededStream, hmac_sha256, keyed_blake3};
use saring::machine::InstructionSet;

/// A line: sixteen digits and a line feed.
const LINE: usize = 17;
/// Lines that a core takes at once: their bytes, messages and tokens stay in its cache.
const AT_ONCE: usize = 4096;
/// What is hashed of a line.
type Message = [u8; 30];
const EMPTY: Message = *b"saring/v1/nik/0000000000000000";
/// What is kept of a hash.
type Token = [u8; 16];
type Hash = fn(&HashKey, &[Message], &mut [[u8; 32]]);

/// A core's buffers, made once.
struct Buffers {
    lines: Vec<[u8; LINE]>,
    messages: Vec<Message>,
    hashes: Vec<[u8; 32]>,
}

impl Buffers {
    fn new() -> Self {
        Self {
            lines: vec![[0; LINE]; AT_ONCE],
            messages: vec![EMPTY; AT_ONCE],
            hashes: vec![[0; 32]; AT_ONCE],
        }
    }

    /// Reads and hashes the lines of piece `number` and keeps their tokens.
    fn work(&mut self, file: &File, number: usize, hash: Hash, key: &HashKey, kept: &mut [Token]) {
        let lines = &mut self.lines[..kept.len()];
        let place = (number * AT_ONCE * LINE) as u64;
        let read = file.read_exact_at(lines.as_flattened_mut(), place);
        read.expect("the file is as long as it was made");
        for (line, message) in lines.iter().zip(&mut self.messages) {
            message[14..].copy_from_slice(&line[..16]);
        }
        let hashes = &mut self.hashes[..kept.len()];
        hash(key, &self.messages[..kept.len()], hashes);
        for (hash, token) in hashes.iter().zip(kept) {
            token.copy_from_slice(&hash[..16]);
        }
    }
}

/// Writes `count` lines of seeded digits: no real person's.
fn write_lines(file: &File, count: usize) -> std::io::Result<()> {
    let mut stream = SeededStream::new(b"stream bench");
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let mut lines = vec![*b"0000000000000000\n"; AT_ONCE];
    for first in (0..count).step_by(AT_ONCE) {
        let lines = &mut lines[..AT_ONCE.min(count - first)];
        for line in lines.iter_mut() {
            let mut digits = [0; 16];
            stream.fill_bytes(&mut digits);
            for (digit, byte) in line.iter_mut().zip(digits) {
                *digit = b'0' + byte % 10;
            }
        }
        out.write_all(lines.as_flattened())?;
    }
    out.flush()
}

/// How long every line of the file takes to become a token, the best of three.
fn measure(file: &File, tokens: &mut [Token], hash: Hash) -> Duration {
    let key = HashKey::new([0x5a; 32]);
    let once = |tokens: &mut [Token]| {
        let began = Instant::now();
        tokens
            .par_chunks_mut(AT_ONCE)
            .enumerate()
            .for_each_init(Buffers::new, |buffers, piece| {
                buffers.work(file, piece.0, hash, &key, piece.1);
            });
        began.elapsed()
    };
    (0..3).map(|_| once(tokens)).min().unwrap_or_default()
}

fn main() -> Result<(), Box<dyn Error>> {
    let asked = std::env::args()
        .skip(1)
        .find_map(|word| word.parse::<usize>().ok());
    let count = asked.unwrap_or(100) * 1_000_000;
    let file = tempfile::tempfile()?;
    write_lines(&file, count)?;
    let mut tokens = vec![[1; 16]; count];
    let cores = std::thread::available_parallelism()?.get();
    let hashes: [(&str, Hash); 2] = [
        ("keyed BLAKE3", keyed_blake3::<30>),
        ("HMAC-SHA256", hmac_sha256::<30>),
    ];
    let mut out = std::io::stdout().lock();
    writeln!(out, "{count} lines, {}", InstructionSet::chosen().name())?;
    for (name, hash) in hashes {
        for threads in [1, cores] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()?;
            let took = pool
                .install(|| measure(&file, &mut tokens, hash))
                .as_secs_f64();
            let millions = count as f64 / took / 1e6;
            let gigabytes = (count * (LINE + 16)) as f64 / took / 1e9;
            writeln!(
                out,
                "{name}, {threads} thread(s): {took:.2} s, {millions:.1} M/s, {gigabytes:.2} GB/s in and out"
            )?;
        }
    }
    Ok(())
}
