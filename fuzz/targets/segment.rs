//! Steps tile any text.
#![no_main]

use eightfold_fuzz::checks;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| checks::steps_tile(&String::from_utf8_lossy(input)));
