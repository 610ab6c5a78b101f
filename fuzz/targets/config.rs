//! A configuration is taken, and written and read again the same, or refused with a place: never a
//! panic, never a line that is not there.
#![no_main]

use saring::app::config::Config;

libfuzzer_sys::fuzz_target!(|text: &str| {
    match Config::parse(text) {
        Ok(config) => {
            let written = toml::to_string(&config).expect("a configuration is TOML");
            assert_eq!(Config::parse(&written), Ok(config));
        }
        Err(fault) => {
            assert!(!fault.to_string().is_empty());
            let lines = text.split('\n').count();
            assert!(fault.line.is_none_or(|line| (1..=lines).contains(&line)));
        }
    }
});
