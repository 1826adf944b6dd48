#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bftgym_fuzz::snapshot(data));
