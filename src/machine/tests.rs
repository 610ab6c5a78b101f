//! The override, as a function of its value and of what was detected.

use super::*;

fn says(value: &str, detected: InstructionSet) -> Result<InstructionSet, InstructionSetError> {
    capped(Some(OsStr::new(value)), detected)
}

#[test]
fn every_level_up_to_the_detected_one_can_be_forced() {
    for detected in InstructionSet::ALL {
        assert_eq!(capped(None, detected), Ok(detected));
        for named in InstructionSet::ALL {
            let expected = if named <= detected {
                Ok(named)
            } else {
                Err(InstructionSetError::Missing {
                    named: named.name(),
                    detected: detected.name(),
                })
            };
            assert_eq!(says(named.name(), detected), expected);
        }
    }
}

#[test]
fn what_names_no_level_is_refused_loudly() {
    for value in ["", "AVX2", "avx2 ", "avx-512", "auto", "0"] {
        let refused = says(value, InstructionSet::Avx512Ifma).unwrap_err();
        assert!(refused.to_string().contains(&format!("\"{value}\"")));
        assert!(refused.to_string().contains(VARIABLE));
    }
}

#[test]
fn what_is_available_ends_with_what_was_detected() {
    let available = InstructionSet::available();
    assert_eq!(available.first(), Some(&InstructionSet::Portable));
    assert_eq!(available.last(), Some(&InstructionSet::detected()));
    assert!(available.is_sorted());
    for set in available {
        set.assert_available();
    }
    assert!(available.contains(&InstructionSet::chosen()));
}

/// tools/instruction-sets runs this binary once for each level and reads what this test prints.
#[test]
fn the_chosen_level_is_the_forced_one() {
    let chosen = InstructionSet::chosen().name();
    if let Some(forced) = std::env::var_os(VARIABLE) {
        assert_eq!(forced, chosen);
    }
    println!("instruction set in use: {chosen}");
}

#[test]
fn levels_hold_what_the_processor_says() {
    // A second witness for the detection: what the kernel lists.
    let Ok(info) = std::fs::read_to_string("/proc/cpuinfo") else {
        return;
    };
    let Some(flags) = info.lines().find(|line| line.starts_with("flags")) else {
        return;
    };
    let has = |flag: &str| flags.split_whitespace().any(|word| word == flag);
    let wide = ["avx512f", "avx512bw", "avx512vl", "avx512dq"];
    let expected = match (has("avx2"), wide.into_iter().all(has), has("avx512ifma")) {
        (false, ..) => InstructionSet::Portable,
        (true, false, _) => InstructionSet::Avx2,
        (true, true, false) => InstructionSet::Avx512,
        (true, true, true) => InstructionSet::Avx512Ifma,
    };
    assert_eq!(InstructionSet::detected(), expected);
    assert_eq!(has_sha_ni(), has("sha_ni") && has("sse4_1"));
}
