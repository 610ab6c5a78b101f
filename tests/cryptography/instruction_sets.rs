//! Which instruction set this binary runs on: tools/instruction-sets runs it once for each that the
//! machine has, reads the lines printed here, and fails when one is missing.

use saring::group::Elements;
use saring::machine::{InstructionSet, VARIABLE};

#[test]
fn the_forced_instruction_set_is_in_use() {
    let chosen = InstructionSet::chosen();
    if let Some(forced) = std::env::var_os(VARIABLE) {
        assert_eq!(forced, chosen.name());
    }
    assert_eq!(Elements::default().instruction_set(), chosen);
    println!("instruction set in use: {}", chosen.name());
    let available = InstructionSet::available().iter().map(|set| set.name());
    let available: Vec<_> = available.collect();
    println!("instruction sets available: {}", available.join(" "));
}
