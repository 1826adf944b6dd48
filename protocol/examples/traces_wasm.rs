//! The cases of `traces` for a WebAssembly host that has nothing: no bindings, no imports.

// A host finds functions by their names, which is all that is unsafe here.
#![allow(unsafe_code, missing_docs)]

#[path = "traces/cases.rs"]
mod cases;

use std::sync::Mutex;

static TRACE: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Runs a case; answers with the length of its name and trace, 0 when there is no such case.
#[unsafe(no_mangle)]
pub extern "C" fn run(case: usize) -> usize {
    let text = cases::trace(case).map(|(name, trace)| format!("{name}\n{trace}")).unwrap_or_default();
    let Ok(mut kept) = TRACE.lock() else { return 0 };
    *kept = text.into_bytes();
    kept.len()
}

/// Where they are.
#[unsafe(no_mangle)]
pub extern "C" fn bytes() -> *const u8 {
    TRACE.lock().map_or(std::ptr::null(), |kept| kept.as_ptr())
}
