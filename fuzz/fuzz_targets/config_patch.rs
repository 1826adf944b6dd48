#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bftgym_fuzz::config_patch(data));
